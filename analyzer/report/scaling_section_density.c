/* scaling_section_density.c: the time of a query beside the density of agents. */
#include "report/scaling_view.h"

#include <math.h>
#include <string.h>

#include "base/units.h"

static double density_at(const struct study *s, double asked)
{
	for (size_t i = 0; i < s->runs_count; i++)
		if (s->runs[i].asked == asked && !s->runs[i].left_out)
			return s->runs[i].density;
	return NAN;
}

static bool is_query(const struct study_row *row)
{
	return row->subject == SUBJECT_PHASE && row->kind == METRIC_CALL &&
	       strstr(row->path, "query") && !row->trouble;
}

static void query_rows(const struct scaling_view *v, const struct study_row *row)
{
	for (size_t k = 0; k < row->series.count; k++) {
		const struct series_point *p = &row->series.points[k];
		scaling_cell(v->w, "%s", row->path);
		scaling_cell(v->w, "%s", unit_number(p->n).text);
		scaling_cell(v->w, "%.4g", density_at(v->study, p->asked));
		scaling_cell(v->w, "%s", VALUE(row, p->reduced));
	}
}

void scaling_section_density(const struct scaling_view *v)
{
	const char *heading[] = {"phase", v->study->against, "density", "per query"};
	bool any = false;
	for (size_t i = 0; i < v->study->rows_count; i++) {
		const struct study_row *row = &v->study->rows[i];
		if (!is_query(row) || isnan(density_at(v->study, row->series.points[0].asked)))
			continue;
		if (!any) {
			scaling_heading(v->w,
			                "agents by area, of the recorded world_side; wall "
			                "time per call",
			                "QUERY TIME AGAINST DENSITY");
			scaling_table(v->w, "prrr");
			for (size_t k = 0; k < 4; k++)
				scaling_cell(v->w, "%s", heading[k]);
		}
		any = true;
		query_rows(v, row);
	}
	if (any)
		scaling_table_end(v->w);
}
