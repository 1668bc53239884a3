/* parts.c: see parts.h. */
#include "scaling/parts.h"

#include <math.h>

static bool is_part(const struct study_row *row)
{
	return row->subject == SUBJECT_CALL_SITE && row->kind == METRIC_PEAK && !row->trouble;
}

static double value_of(const struct study_row *row, double n)
{
	return fit_value(&row->fit, n);
}

void parts_decide(struct study *study)
{
	const struct study_row *whole = study_find(study, SUBJECT_RUN, "run", METRIC_PEAK);
	study->by_parts = false;
	if (!whole || whole->trouble || whole->fit.exact)
		return;
	double known = 0, peak = whole->series.points[whole->series.count - 1].reduced;
	for (size_t i = 0; i < study->rows_count; i++) {
		const struct study_row *row = &study->rows[i];
		if (is_part(row) && row->fit.verdict != VERDICT_CANNOT_TELL)
			known += row->series.points[row->series.count - 1].reduced;
	}
	double sum = parts_value(study, study_row_largest(whole));
	study->by_parts = known >= PARTS_SHARE * peak && fabs(sum / peak - 1) <= PARTS_NEAR;
}

bool parts_tell(const struct study *study, const struct study_row *row)
{
	return study->by_parts && row->subject == SUBJECT_RUN && row->kind == METRIC_PEAK;
}

double parts_value(const struct study *study, double n)
{
	double sum = 0;
	for (size_t i = 0; i < study->rows_count; i++)
		if (is_part(&study->rows[i]))
			sum += value_of(&study->rows[i], n);
	return sum;
}

struct fit_prediction parts_predict(const struct study *study, double n)
{
	struct fit_prediction sum = {n, 0, {0, 0}};
	for (size_t i = 0; i < study->rows_count; i++) {
		if (!is_part(&study->rows[i]))
			continue;
		struct fit_prediction p = fit_predict(&study->rows[i].fit, n);
		sum.value += p.value;
		sum.interval.low += p.interval.low;
		sum.interval.high += p.interval.high;
	}
	return sum;
}
