/* outlook.c: see outlook.h. */
#include "scaling/outlook.h"

#include <math.h>
#include <stdlib.h>

/* ---- plan --------------------------------------------------------------------------------- */

static struct interval of_law(const struct fit *fit, int law, double n)
{
	double low = evidence_quantile(&fit->evidence, EVIDENCE_VALUE, n, law, 0.025);
	double high = evidence_quantile(&fit->evidence, EVIDENCE_VALUE, n, law, 0.975);
	return (struct interval){low * (1 - fit->noise), high * (1 + fit->noise)};
}

static double median_of_law(const struct fit *fit, int law, double n)
{
	return evidence_quantile(&fit->evidence, EVIDENCE_VALUE, n, law, 0.5);
}

static bool decides(const struct fit *fit, double n)
{
	struct interval one = of_law(fit, fit->law, n), other = of_law(fit, fit->runner_up, n);
	return one.low > other.high || other.low > one.high;
}

struct outlook_plan outlook_plan(const struct study_row *row)
{
	struct outlook_plan plan = {.n = NAN, .one = NAN, .other = NAN};
	const struct fit *fit = &row->fit;
	plan.needed = !row->trouble && fit->verdict != VERDICT_SURE && fit->runner_up >= 0;
	if (!plan.needed)
		return plan;
	const struct series *series = &row->series;
	double least = series->points[0].n, largest = series->points[series->count - 1].n;
	for (double factor = 2; factor <= 16 && isnan(plan.n); factor *= 2) {
		double below = ceil(least / factor), above = ceil(largest * factor);
		if (below >= 2 && decides(fit, below))
			plan.n = below;
		else if (decides(fit, above))
			plan.n = above;
	}
	plan.repetitions = series->measurements / series->count;
	if (isnan(plan.n))
		return plan;
	plan.one = median_of_law(fit, fit->law, plan.n);
	plan.other = median_of_law(fit, fit->runner_up, plan.n);
	return plan;
}

/* ---- crossings ---------------------------------------------------------------------------- */

static double value_at(const struct study_row *row, double n)
{
	return least_value(&row->fit.least, fit_law(&row->fit), n);
}

static bool is_phase_time(const struct study_row *row)
{
	return row->subject == SUBJECT_PHASE && row->kind == METRIC_SELF && !row->trouble;
}

static double total_at(const struct study *study, double n)
{
	double total = 0;
	for (size_t i = 0; i < study->rows_count; i++)
		if (is_phase_time(&study->rows[i]))
			total += value_at(&study->rows[i], n);
	return total;
}

/* Where b, smaller at `low`, becomes as large as a. */
static double meeting(const struct study_row *a, const struct study_row *b, double low, double high)
{
	for (int i = 0; i < 60; i++) {
		double middle = sqrt(low * high);
		if (value_at(b, middle) < value_at(a, middle))
			low = middle;
		else
			high = middle;
	}
	return high;
}

static int by_size(const void *a, const void *b)
{
	double x = ((const struct outlook_crossing *)a)->n,
	       y = ((const struct outlook_crossing *)b)->n;
	return (x > y) - (x < y);
}

size_t outlook_crossings(const struct study *study, double target,
                         struct outlook_crossing *crossings, size_t capacity)
{
	double from = study_largest(study), least_now = total_at(study, from) / 100;
	double least_then = total_at(study, target) / 100;
	size_t count = 0;
	for (size_t i = 0; i < study->rows_count; i++)
		for (size_t j = 0; j < study->rows_count && count < capacity; j++) {
			const struct study_row *a = &study->rows[i], *b = &study->rows[j];
			if (i == j || !is_phase_time(a) || !is_phase_time(b))
				continue;
			if (value_at(a, from) > value_at(b, from) &&
			    value_at(a, target) < value_at(b, target) &&
			    value_at(a, from) > least_now && value_at(b, target) > least_then)
				crossings[count++] = (struct outlook_crossing){
				        b, a, meeting(a, b, from, target)};
		}
	if (count)
		qsort(crossings, count, sizeof(*crossings), by_size);
	return count;
}

/* ---- memory ------------------------------------------------------------------------------- */

/* No simulation has more agents. */
#define AGENTS_MAX 1e15

enum side { SIDE_LOW, SIDE_VALUE, SIDE_HIGH };

static double predicted(const struct fit *fit, double n, enum side side)
{
	if (side == SIDE_VALUE)
		return least_value(&fit->least, fit_law(fit), n);
	struct fit_prediction p = fit_predict(fit, n);
	return side == SIDE_LOW ? p.interval.low : p.interval.high;
}

/* The size at which a curve reaches the limit; INFINITY: at none. */
static double reaches(const struct fit *fit, double from, double limit, enum side side)
{
	double low = from, high = from;
	while (predicted(fit, high, side) < limit) {
		low = high;
		high *= 4;
		if (high > AGENTS_MAX)
			return INFINITY;
	}
	for (int i = 0; i < 24; i++) {
		double middle = sqrt(low * high);
		if (predicted(fit, middle, side) < limit)
			low = middle;
		else
			high = middle;
	}
	return high;
}

double outlook_reaches(const struct fit *fit, double from, double value)
{
	return reaches(fit, from, value, SIDE_VALUE);
}

static bool is_known(const struct study_row *row)
{
	return row && !row->trouble;
}

/* RSS by heap at one of the largest sizes, `back` from the last. */
static double rss_by_heap(const struct study_row *rss, const struct study_row *heap, size_t back)
{
	if (!is_known(rss) || rss->series.count != heap->series.count)
		return 1;
	size_t at = rss->series.count - 1 - back;
	return fmax(1, rss->series.points[at].reduced / heap->series.points[at].reduced);
}

/* By the heap: its exact law, times a ratio that is known less well. */
static void tell_by_heap(struct outlook_memory *m, const struct study_row *rss, double target)
{
	const struct study_row *heap = m->row;
	m->by_heap = rss_by_heap(rss, heap, 0);
	double most = fmax(m->by_heap, rss_by_heap(rss, heap, 1));
	m->at = fit_predict(&heap->fit, target);
	m->at.value *= m->by_heap;
	m->at.interval.high *= most;
	if (m->verdict == VERDICT_SURE && most > 1)
		m->verdict = VERDICT_LIKELY;
}

static void find_row(struct outlook_memory *m, const struct study *study, double target)
{
	const struct study_row *rss = study_find(study, SUBJECT_RUN, "run", METRIC_RSS);
	const struct study_row *heap = study_find(study, SUBJECT_RUN, "run", METRIC_PEAK);
	bool fit = is_known(rss) && rss->fit.verdict != VERDICT_CANNOT_TELL;
	if (fit && is_known(heap))
		fit = value_at(rss, target) > value_at(heap, target);
	m->row = fit || !is_known(heap) ? rss : heap;
	m->row = is_known(m->row) ? m->row : NULL;
	m->by_heap = 1;
	if (!m->row)
		return;
	m->verdict = m->row->fit.verdict;
	m->at = fit_predict(&m->row->fit, target);
	if (m->row == heap)
		tell_by_heap(m, rss, target);
}

struct outlook_memory outlook_memory(const struct study *study, double target)
{
	struct outlook_memory m = {.limit = study->limit_kind ? study->limit : 0};
	find_row(&m, study, target);
	if (!m.row)
		return m;
	double least = m.row->series.points[0].n;
	m.beyond = target / study_row_largest(m.row);
	m.within = m.at.value < m.limit;
	bool apart = m.at.interval.high < m.limit || m.at.interval.low > m.limit;
	m.fits = apart ? m.verdict : VERDICT_CANNOT_TELL;
	if (m.limit > 0) {
		const struct fit *fit = &m.row->fit;
		double high = m.at.interval.high / fit_predict(fit, target).interval.high;
		m.reached = reaches(fit, least, m.limit / m.by_heap, SIDE_VALUE);
		m.reached_within.low = reaches(fit, least, m.limit / high, SIDE_HIGH);
		m.reached_within.high = reaches(fit, least, m.limit, SIDE_LOW);
	}
	return m;
}

/* ---- other verdicts ----------------------------------------------------------------------- */

const char *outlook_published(const struct study_row *row)
{
	const struct series *series = &row->series;
	if (series->count < 2)
		return NULL;
	const struct series_point *first = &series->points[0];
	const struct series_point *last = &series->points[series->count - 1];
	double ratio = last->mean / first->mean / (last->n / first->n);
	return ratio < 1.5   ? OUTLOOK_NEAR_LINEAR
	       : ratio < 2.5 ? OUTLOOK_SUB_QUADRATIC
	                     : OUTLOOK_QUADRATIC;
}

double outlook_above(const struct study_row *row, const struct law *law)
{
	const struct fit *fit = &row->fit;
	double sum = 0;
	if (fit->exact)
		return law_compare(fit_law(fit), law) > 0;
	for (size_t i = 0; i < fit->set.count; i++)
		if (law_compare(&fit->set.laws[i], law) > 0)
			sum += fit->evidence.law[i];
	return sum;
}
