/* section_course.c: how the run went over time: memory, slow steps, counters. */
#include "report/sections.h"

#include <math.h>

#include "report/plot.h"

/* Windows that a plot needs: of fewer, figures say all. */
#define PLOT_WINDOWS_MIN 4

static void plot_line(struct view *v, const char *name, size_t offset, double max, size_t width)
{
	if (isnan(max) || max <= 0)
		return;
	text_printf(v->out, "  %-9s 0 ", name);
	plot_series(v->p, offset, max, width, v->out);
	text_printf(v->out, " %s\n", BYTES(max));
}

/* Each window has a column at most. RSS is seen when a window ends, its peak by the kernel. */
void section_memory(struct view *v)
{
	size_t heap = offsetof(struct profile_point, live),
	       rss = offsetof(struct profile_point, rss), windows = v->p->trace->windows_count;
	double heap_max = plot_max(v->p, heap), rss_max = plot_max(v->p, rss);
	if (windows < PLOT_WINDOWS_MIN || (!(heap_max > 0) && !(rss_max > 0)))
		return;
	if (v->p->totals.peak_rss != PROFILE_UNKNOWN)
		rss_max = fmax(rss_max, (double)v->p->totals.peak_rss);
	size_t width = v->options->terminal.width - 30;
	width = width > 80 ? 80 : width;
	width = width > windows ? windows : width;
	view_heading(v, "each line from 0 to its own peak", "MEMORY OVER THE RUN");
	plot_line(v, "live heap", heap, heap_max, width);
	plot_line(v, "RSS", rss, rss_max, width);
	struct unit end = unit_seconds(v->p->points[v->p->points_count - 1].time);
	size_t used = 3 + text_columns(end.text);
	text_printf(v->out, "  %-9s   0 s%*s%s\n", "", width > used ? (int)(width - used) : 1, "",
	            end.text);
}

/* ---- slow steps, counters ----------------------------------------------------------------- */

void section_slowest(struct view *v)
{
	const struct profile *p = v->p;
	enum { SHOWN = 5 };
	struct grid g;
	if (!p->slowest_count || p->steps.count < 2)
		return;
	bool started = false;
	for (size_t i = 0; i < p->slowest_count; i++)
		started = started || p->slowest[i].started > 0;
	view_heading(v, "", "SLOWEST STEPS");
	grid_begin(&g, "rrrrrrr");
	grid_cell(&g, "step");
	grid_cell(&g, "took");
	grid_cell(&g, "× p50");
	grid_cell(&g, started ? "at" : "");
	grid_cell(&g, v->p->sampled ? "" : view_if_heap(v, "allocations"));
	grid_cell(&g, v->p->sampled ? "" : view_if_heap(v, "bytes"));
	grid_cell(&g, p->agents.known ? "agents" : "");
	for (size_t i = 0; i < p->slowest_count && i < SHOWN; i++) {
		const struct profile_slow_step *s = &p->slowest[i];
		grid_cell(&g, COUNT(s->step));
		grid_cell(&g, SECONDS(s->seconds));
		grid_cell(&g, NUMBER(s->seconds / p->steps.p50));
		grid_cell(&g, started ? SECONDS(s->started) : "");
		bool told = p->heap && !p->sampled;
		grid_cell(&g, told ? COUNT(s->allocations) : "");
		grid_cell(&g, told ? BYTES(s->bytes) : "");
		grid_cell(&g, p->agents.known ? COUNT(s->agents) : "");
	}
	grid_write(&g, 2, &v->options->terminal, v->out);
}

void section_counters(struct view *v)
{
	const struct trace *t = v->p->trace;
	struct grid g;
	if (!t->counters_count)
		return;
	view_heading(v, "", "COUNTERS");
	grid_begin(&g, v->steps ? "lrr" : "lr");
	grid_cell(&g, "name");
	grid_cell(&g, "total");
	if (v->steps)
		grid_cell(&g, "per step");
	for (size_t i = 0; i < t->counters_count; i++) {
		grid_cell(&g, t->strings[t->counters[i].name]);
		grid_cell(&g, COUNT(t->counters[i].value));
		if (v->steps)
			grid_cell(&g,
			          NUMBER((double)t->counters[i].value / (double)v->p->steps.count));
	}
	grid_write(&g, 2, &v->options->terminal, v->out);
}
