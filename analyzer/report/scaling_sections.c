/* scaling_sections.c: laws for people, as text and as Markdown: the sections in their order.
 *
 * Each section is a file of its own (scaling_section_*.c): it writes a heading and what belongs
 * under it, or nothing where there is no data for it. Sizes are those that came of the runs;
 * figures at a size to come have their 95 % intervals.
 */
#include <stdint.h>

#include "report/marks.h"
#include "report/scaling.h"
#include "report/scaling_plot.h"
#include "report/scaling_view.h"
#include "report/scaling_writer.h"

static void study_sections(const struct scaling_report *r, struct scaling_writer *w)
{
	struct scaling_view v = {.r = r,
	                         .study = r->study,
	                         .w = w,
	                         .target = study_target(r->study),
	                         .top = r->top ? r->top : 10};
	scaling_section_sizes(&v);
	scaling_section_phases(&v);
	scaling_section_published(&v);
	scaling_section_measurements(&v);
	scaling_section_breaks(&v);
	scaling_section_sums(&v);
	scaling_section_lists(&v);
	scaling_section_step(&v);
	scaling_section_crossings(&v);
	scaling_section_memory(&v);
	scaling_section_caches(&v);
	scaling_section_density(&v);
	scaling_plot(r->study, v.target, w);
	scaling_section_doubts(&v);
	scaling_section_gates(&v);
	scaling_section_notes(&v);
}

static void sections(const struct scaling_report *r, bool markdown, struct text *out)
{
	struct text marked = {0};
	struct scaling_writer w = {.markdown = markdown, .terminal = &r->terminal, .out = &marked};
	/* In Markdown lines end where they end: a row of a table that goes on in the next is none.
	 */
	struct terminal plain = {.width = SIZE_MAX, .utf8 = true};
	if (r->study)
		study_sections(r, &w);
	else
		scaling_section_within(r, &w);
	marks_render(&marked, markdown ? &plain : &r->terminal, out);
	text_free(&marked);
}

void scaling_text(const struct scaling_report *r, struct text *out)
{
	sections(r, false, out);
}

void scaling_markdown(const struct scaling_report *r, struct text *out)
{
	sections(r, true, out);
}
