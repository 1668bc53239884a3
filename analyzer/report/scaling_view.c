/* scaling_view.c: cells that several sections write; see scaling_view.h. */
#include "report/scaling_view.h"

#include <stdio.h>

#include "base/units.h"

double scaling_value_at(const struct study_row *row, double n)
{
	return least_value(&row->fit.least, fit_law(&row->fit), n);
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

/* "1.23 s [1.1 s – 1.4 s]" */
void scaling_predicted_cell(const struct scaling_view *v, const struct study_row *row, double n)
{
	if (row->trouble) {
		scaling_cell(v->w, "—");
		return;
	}
	struct fit_prediction p = fit_predict(&row->fit, n);
	if (row->fit.exact)
		scaling_cell(v->w, "%s", VALUE(row, p.value));
	else
		scaling_cell(v->w, "%s [%s–%s]", VALUE(row, p.value), VALUE(row, p.interval.low),
		             VALUE(row, p.interval.high));
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
