/* scaling_section_phases.c: step and phases: the laws of their time, and of what they allocate and
 * hold; what the published classifier calls them. */
#include "report/scaling_view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "scaling/outlook.h"

static void phase_heading(const struct scaling_view *v)
{
	bool agents = strcmp(v->study->against, "agents") == 0;
	const char *per = agents ? "per agent" : "per unit";
	char target[64];
	snprintf(target, sizeof(target), "at %s [95 %%]", SIZE(v->target));
	const char *cells[] = {"phase", "clock", "law",    "",    "verdict",
	                       per,     target,  "allocs", "live"};
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++)
		scaling_cell(v->w, "%s", cells[i]);
}

static void phase_row(const struct scaling_view *v, const struct study_row *time)
{
	const struct study_row *allocations = scaling_row_like(v, time, METRIC_ALLOCATIONS);
	const struct study_row *live = scaling_row_like(v, time, METRIC_PEAK);
	double largest = study_row_largest(time);
	scaling_cell(v->w, "%s", time->path);
	scaling_cell(v->w, "%s", time->kind == METRIC_CPU ? "CPU" : "wall");
	scaling_cell(v->w, "%s", scaling_law_name(time));
	scaling_cell(v->w, "%s", scaling_class(time));
	scaling_cell(v->w, "%s", scaling_verdict(time));
	if (time->trouble)
		scaling_cell(v->w, "—");
	else
		scaling_cell(v->w, "%s", VALUE(time, scaling_value_at(time, largest) / largest));
	scaling_cell(v->w, "%s", scaling_predicted(v, time, v->target).text);
	scaling_cell(v->w, "%s", scaling_law_cell(allocations).text);
	scaling_cell(v->w, "%s", scaling_law_cell(live).text);
}

void scaling_section_phases(const struct scaling_view *v)
{
	bool any = false;
	for (size_t i = 0; i < v->study->rows_count; i++)
		any = any || scaling_is_time(v, &v->study->rows[i]);
	if (!any)
		return;
	scaling_heading(v->w,
	                "with their children; CPU time where it was measured at every size, else "
	                "wall time; per agent at the largest size; allocs: law of allocations per "
	                "step, live: of bytes at the heap's peak (? likely, ?? cannot tell)",
	                "LAWS BY PHASE, time per step");
	scaling_table(v->w, "pllllrrll");
	v->w->grid.optional = "gbd";
	phase_heading(v);
	for (int phases = 0; phases < 2; phases++)
		for (size_t i = 0; i < v->study->rows_count; i++) {
			const struct study_row *row = &v->study->rows[i];
			if (scaling_is_time(v, row) && (row->subject == SUBJECT_PHASE) == phases)
				phase_row(v, row);
		}
	scaling_table_end(v->w);
}

/* What the published classifier calls phases and step, a line a verdict. */
void scaling_section_published(const struct scaling_view *v)
{
	const char *const verdicts[] = {OUTLOOK_NEAR_LINEAR, OUTLOOK_SUB_QUADRATIC,
	                                OUTLOOK_QUADRATIC};
	bool any = false;
	for (size_t k = 0; k < 3; k++) {
		struct text names = {0};
		for (size_t i = 0; i < v->study->rows_count; i++) {
			const struct study_row *row = &v->study->rows[i];
			if (!scaling_is_time(v, row) || row->trouble ||
			    strcmp(outlook_published(row), verdicts[k]) != 0)
				continue;
			text_printf(&names, "%s%s", names.length ? ", " : "", row->path);
		}
		if (names.length && !any)
			scaling_heading(v->w,
			                "ratio of times by ratio of counts: below 1.5, below 2.5, "
			                "above; knows neither noise nor doubt",
			                "THE PUBLISHED CLASSIFIER");
		if (names.length)
			scaling_line(v->w, "%s: %s", verdicts[k], names.bytes);
		any = any || names.length;
		text_free(&names);
	}
}
