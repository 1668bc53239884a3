/* scaling_section_lists.c: phases, functions and call-sites by what their laws say at the target,
 * not by what they are today. */
#include "report/scaling_view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"

struct ranked {
	const struct study_row *row;
	double value;
};

static int by_value(const void *a, const void *b)
{
	double x = ((const struct ranked *)a)->value, y = ((const struct ranked *)b)->value;
	return (x < y) - (x > y);
}

/* "phase: call-site" as two cells; what is no call-site as one. */
static void name_cells(const struct scaling_view *v, const struct study_row *row)
{
	const char *colon = row->subject == SUBJECT_CALL_SITE ? strstr(row->path, ": ") : NULL;
	scaling_cell(v->w, "%s", colon ? colon + 2 : row->path);
	scaling_cell(v->w, "%.*s", colon ? (int)(colon - row->path) : 0, row->path);
}

static void ranked_row(const struct scaling_view *v, const struct ranked *one, double total)
{
	const struct study_row *row = one->row;
	name_cells(v, row);
	scaling_cell(v->w, "%s", scaling_law_name(row));
	scaling_cell(v->w, "%s", scaling_verdict(row));
	scaling_cell(v->w, "%s", VALUE(row, scaling_value_at(row, study_row_largest(row))));
	scaling_cell(v->w, "%s", scaling_predicted(v, row, v->target).text);
	scaling_cell(v->w, "%s", unit_percent(one->value / total).text);
}

static void ranked_table(const struct scaling_view *v, const struct ranked *list, size_t count,
                         double total)
{
	const char *heading[] = {"", "", "law", "verdict", "", "predicted [95 %]", "%"};
	double largest = 0;
	for (size_t i = 0; i < count; i++)
		largest = fmax(largest, study_row_largest(list[i].row));
	bool sites = list->row->subject == SUBJECT_CALL_SITE;
	scaling_table(v->w, "ppllrrr");
	v->w->grid.optional = "geb";
	for (size_t i = 0; i < 7; i++)
		if (i == 4)
			scaling_cell(v->w, "at %s", SIZE(largest));
		else
			scaling_cell(v->w, "%s",
			             i == 0 && sites   ? "call-site"
			             : i == 1 && sites ? "phase"
			                               : heading[i]);
	for (size_t i = 0; i < count && i < v->top; i++)
		ranked_row(v, &list[i], total);
	scaling_table_end(v->w);
}

/* The largest rows of one kind at the target, by what their laws say there. */
static void section_ranked(const struct scaling_view *v, enum subject subject, enum metric kind,
                           const char *title, const char *note)
{
	struct ranked *list = mem_zero((v->study->rows_count + 1) * sizeof(*list));
	size_t count = 0;
	double total = 0;
	for (size_t i = 0; i < v->study->rows_count; i++) {
		const struct study_row *row = &v->study->rows[i];
		if (row->subject != subject || row->kind != kind || row->trouble)
			continue;
		list[count] = (struct ranked){row, scaling_value_at(row, v->target)};
		total += list[count++].value;
	}
	if (count) {
		qsort(list, count, sizeof(*list), by_value);
		scaling_heading(v->w, note, "TOP %zu %s AT %s", count < v->top ? count : v->top,
		                title, SIZE(v->target));
		ranked_table(v, list, count, total);
	}
	free(list);
}

void scaling_section_lists(const struct scaling_view *v)
{
	section_ranked(v, SUBJECT_PHASE, METRIC_SELF, "PHASES BY PREDICTED TIME",
	               "self wall time per step: these add up");
	section_ranked(v, SUBJECT_FUNCTION, METRIC_CPU, "FUNCTIONS BY PREDICTED TIME",
	               "self CPU time per step, from samples");
	section_ranked(v, SUBJECT_CALL_SITE, METRIC_ALLOCATIONS,
	               "CALL-SITES BY PREDICTED ALLOCATIONS", "per step");
	section_ranked(v, SUBJECT_CALL_SITE, METRIC_PEAK, "CALL-SITES BY PREDICTED MEMORY",
	               "held at the heap's peak");
}
