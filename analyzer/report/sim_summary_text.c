/* sim_summary_text.c: the default report, for the author of a simulation.
 *
 * Sections come in the order of the questions: what ran and how it went, where a step's time goes,
 * what to look at first, who allocates, what grows, how memory moved, slow steps, counters, what
 * not to believe, what to type next. */
#include "report/sections.h"

void sim_summary_text(const struct profile *p, const struct report_options *options,
                      struct text *out)
{
	static void (*const sections[])(struct view *) = {
	        section_head,        section_phases,        section_unaccounted, section_workers,
	        section_bottlenecks, section_own_functions, section_components,  section_allocating,
	        section_held,        section_sure_growth,   section_memory,      section_beside,
	        section_slowest,     section_counters,      section_warnings,    section_next,
	};
	struct view v = view_of(p, options, out);
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		sections[i](&v);
}
