/* memory_text.c: where memory goes, for whoever wants less of it.
 *
 * Sections come in the order of the questions: how memory moved over the run, who makes it grow,
 * who holds it, who makes work of it, how large blocks are and how long they live, what not to
 * believe. */
#include "report/sections.h"

void memory_text(const struct profile *p, const struct report_options *options, struct text *out)
{
	static void (*const sections[])(struct view *) = {
	        section_head,  section_resident, section_growth,    section_held,
	        section_churn, section_sizes,    section_lifetimes, section_warnings,
	};
	struct view v = view_of(p, options, out);
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		sections[i](&v);
}
