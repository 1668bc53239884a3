/* scaling_view.c: cells that several sections write; see scaling_view.h. */
#include "report/scaling_view.h"

#include <math.h>
#include <stdio.h>

#include "base/units.h"

double scaling_value_at(const struct study_row *row, double n)
{
	return fit_value(&row->fit, n);
}

const char *scaling_law_name(const struct study_row *row)
{
	return !row ? "" : row->trouble ? "—" : fit_law(&row->fit)->name;
}

/* A law in a table, with a sign of doubt. */
struct unit scaling_law_cell(const struct study_row *row)
{
	struct unit cell = {""};
	const char *doubt = "";
	if (row && !row->trouble)
		doubt = row->fit.verdict == VERDICT_SURE     ? ""
		        : row->fit.verdict == VERDICT_LIKELY ? " ?"
		                                             : " ??";
	snprintf(cell.text, sizeof(cell.text), "%s%s", scaling_law_name(row), doubt);
	return cell;
}

const char *scaling_verdict(const struct study_row *row)
{
	return row->trouble ? "cannot tell" : fit_verdict_name(row->fit.verdict);
}

const char *scaling_class(const struct study_row *row)
{
	return row->trouble ? "" : fit_law(&row->fit)->words;
}

/* "1.23 s [1.10–1.40]" */
struct unit scaling_predicted(const struct scaling_view *v, const struct study_row *row, double n)
{
	struct unit text = {"—"};
	if (row->trouble)
		return text;
	struct fit_prediction p = study_predict(v->study, row, n);
	enum metric_unit unit = metric_info(row->kind)->unit;
	bool exact = p.interval.low >= p.interval.high;
	snprintf(text.text, sizeof(text.text), "%.14s%s%.31s", VALUE(row, p.value),
	         exact ? "" : " ", exact ? "" : scaling_interval(unit, &p).text);
	return text;
}

const struct study_row *scaling_row_like(const struct scaling_view *v, const struct study_row *like,
                                         enum metric kind)
{
	return study_find(v->study, like->subject, like->path, kind);
}

bool scaling_is_time(const struct scaling_view *v, const struct study_row *row)
{
	return row->kind == study_time(v->study, row) &&
	       (row->subject == SUBJECT_STEP || row->subject == SUBJECT_PHASE);
}

struct unit scaling_size(double n)
{
	bool whole = fabs(n) >= 100 || fabs(n - round(n)) < 1e-9;
	return whole ? unit_count((int64_t)llround(n)) : unit_number(n);
}

double scaling_rounded(double n)
{
	double unit = pow(10, floor(log10(n)) - 2);
	return n > 0 && isfinite(n) && unit > 1 ? round(n / unit) * unit : n;
}
