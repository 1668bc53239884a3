/* section_usage.c: what the kernel counted in phases: page faults, switches, storage. */
#include "report/sections.h"

#include <math.h>

static void usage_cells(struct grid *g, const struct usage *u)
{
	if (!u->known) {
		grid_end_row(g);
		return;
	}
	grid_cell(g, COUNT(u->minor_faults));
	grid_cell(g, COUNT(u->major_faults));
	grid_cell(g, COUNT(u->waits));
	grid_cell(g, COUNT(u->preempted));
	grid_cell(g, SECONDS(u->system));
	grid_cell(g, BYTES(u->read_bytes));
	grid_cell(g, BYTES(u->written_bytes));
	grid_cell(g, COUNT(u->calls));
}

void section_usage_of_others(struct view *v)
{
	if (v->p->trace->threads_count > 1)
		text_string(
		        v->out,
		        "  " MARK_FAINT "faults, switches, disk and time in the kernel are the "
		        "stepping thread's own: what other threads did for it meanwhile is not in "
		        "them" MARK_END "\n");
}

static bool any_known(const struct profile *p)
{
	for (size_t i = 0; i < p->phases_count; i++)
		if (p->phases[i].usage.known)
			return true;
	return false;
}

void section_usage(struct view *v)
{
	static const char *const names[] = {"phase",  "faults", "from disk", "waits",      "pushed",
	                                    "kernel", "read",   "written",   "calls asked"};
	const struct profile *p = v->p;
	struct grid g;
	if (!any_known(p))
		return;
	view_heading(v, "by the stepping thread, phases in it included", "FAULTS, SWITCHES, DISK");
	grid_begin(&g, "lrrrrrrrr");
	g.optional = "i";
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		grid_cell(&g, names[i]);
	for (size_t i = 0; i < p->phases_count; i++) {
		const struct profile_phase *row = &p->phases[i];
		if (!row->calls)
			continue;
		grid_format(&g, "%*s%s", (int)(2 * row->depth), "", row->name);
		usage_cells(&g, &row->usage);
	}
	if (p->unaccounted_usage.known) {
		grid_cell(&g, p->unaccounted_usage.with_short ? "in none, or in short ones"
		                                              : "in no phase");
		usage_cells(&g, &p->unaccounted_usage);
	}
	grid_write(&g, 2, &v->options->terminal, v->out);
	text_string(v->out, "  " MARK_FAINT "of phases without figures most calls are too short to "
	                    "be asked (below some 0.2 ms)" MARK_END "\n");
	section_usage_of_others(v);
}
