/* scaling_section_within.c: of one run: what grows with its agents, and what with its age. */
#include "report/scaling_view.h"

#include <math.h>

#include "base/units.h"

void scaling_section_within(const struct scaling_report *r, struct scaling_writer *w)
{
	const struct within *within = r->within;
	size_t top = r->top ? r->top : 10, shown = 0;
	scaling_heading(w, "from one run: windows fitted on both population and age",
	                "GROWS WITH AGENTS OR WITH AGE");
	scaling_line(w, "%s: %zu windows, %s to %s agents", within->source, within->windows,
	             SIZE(within->least), SIZE(within->most));
	scaling_table(w, "pllrrl");
	const char *heading[] = {"", "", "grows", "% by agents", "% by age", "law of agents"};
	for (size_t k = 0; k < 6; k++)
		scaling_cell(w, "%s", heading[k]);
	for (size_t i = 0; i < within->count && shown < top + 2; i++, shown++) {
		const struct within_row *row = &within->rows[i];
		bool told = row->cause != WITHIN_CANNOT_TELL;
		bool agents = row->cause == WITHIN_AGENTS || row->cause == WITHIN_BOTH;
		scaling_cell(w, "%s", row->path);
		scaling_cell(w, "%s", row->metric);
		scaling_cell(w, "%s", within_cause_name(row->cause));
		scaling_cell(w, "%s", told ? unit_percent(row->agents_share).text : "—");
		scaling_cell(w, "%s", told ? unit_percent(row->age_share).text : "—");
		scaling_cell(w, "%s%s", agents ? row->law->name : "",
		             agents && !row->law_sure ? " ??" : "");
	}
	scaling_table_end(w);
	for (size_t i = 0; i < within->count; i++)
		if (within->rows[i].cause == WITHIN_CANNOT_TELL) {
			scaling_line(
			        w,
			        "cannot tell: population and age move together (R² %.2f); a run "
			        "whose population goes up and down would decide",
			        within->rows[i].shared);
			break;
		}
}
