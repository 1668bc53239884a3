/* section_resident.c: memory over the run: what was live, what the allocator held for it, what of
 * that was resident, and what else was. */
#include <math.h>
#include <stdlib.h>

#include "report/moments.h"
#include "report/plot.h"
#include "report/sections.h"

/* Where hardly anything is live, resident ÷ live says nothing. */
#define LIVE_SHARE_MIN 0.05

struct series {
	const char *name;
	size_t offset;
	bool bytes; /* else a factor */
};

static void plot_line(struct view *v, const struct profile *p, const struct series *s, size_t width)
{
	double max = plot_max(p, s->offset);
	if (isnan(max) || max <= 0)
		return;
	text_printf(v->out, "  %-14s 0 ", s->name);
	plot_series(p, s->offset, max, width, v->out);
	if (s->bytes)
		text_printf(v->out, " %s\n", BYTES(max));
	else
		text_printf(v->out, " × %s\n", NUMBER(max));
}

/* The same points, without the factors that say nothing. */
static struct profile_point *telling_points(const struct profile *p)
{
	struct profile_point *points = mem_zero(p->points_count * sizeof(*points));
	double peak = plot_max(p, offsetof(struct profile_point, live));
	for (size_t i = 0; i < p->points_count; i++) {
		points[i] = p->points[i];
		if (!(points[i].resident / points[i].fragmentation >= peak * LIVE_SHARE_MIN))
			points[i].fragmentation = NAN;
	}
	return points;
}

#define SERIES(name, member, bytes)                                                                \
	{                                                                                          \
		name, offsetof(struct profile_point, member), bytes                                \
	}

static void plots(struct view *v)
{
	static const struct series shown[] = {
	        SERIES("live heap", live, true),
	        SERIES("heap resident", resident, true),
	        SERIES("resident/live", fragmentation, false),
	        SERIES("RSS", rss, true),
	        SERIES("swap", swap, true),
	};
	size_t width = v->options->terminal.width - 34;
	width = width > 80 ? 80 : width;
	struct profile telling = *v->p;
	telling.points = telling_points(v->p);
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		plot_line(v, &telling, &shown[i], width);
	free(telling.points);
	struct unit end = unit_seconds(v->p->points[v->p->points_count - 1].time);
	text_printf(v->out, "  %-14s   0 s%*s%s\n", "", (int)(width - 3 - text_columns(end.text)),
	            "", end.text);
}

/* ---- tables -------------------------------------------------------------------------------- */

static void begin_table(struct view *v, struct grid *g, const char *const *columns, size_t count)
{
	char align[GRID_COLUMNS_MAX] = "lrr";
	for (size_t i = 0; i < count; i++)
		align[3 + i] = 'r';
	grid_begin(g, align);
	grid_cell(g, "moment");
	grid_cell(g, "at");
	grid_cell(g, v->steps ? "step" : "");
	for (size_t i = 0; i < count; i++)
		grid_cell(g, columns[i]);
}

static void begin_moment(struct view *v, struct grid *g, const struct moment *m)
{
	grid_cell(g, m->name);
	grid_cell(g, SECONDS(m->point->time));
	grid_cell(g, v->steps && !isnan(m->point->steps) ? COUNT((int64_t)m->point->steps) : "");
}

static void heap_table(struct view *v, const struct moment *moments, size_t count)
{
	const char *const columns[] = {view_if_heap(v, "live"),
	                               "allocated",
	                               "active",
	                               "resident",
	                               "metadata",
	                               "retained",
	                               view_if_heap(v, "resident/live")};
	struct grid g;
	text_string(v->out, "\n");
	begin_table(v, &g, columns, sizeof(columns) / sizeof(columns[0]));
	g.optional = "fih";
	for (size_t i = 0; i < count; i++) {
		const struct profile_point *p = moments[i].point;
		begin_moment(v, &g, &moments[i]);
		grid_cell(&g, view_if_heap(v, BYTES(p->live)));
		grid_cell(&g, BYTES(p->allocated));
		grid_cell(&g, BYTES(p->active));
		grid_cell(&g, BYTES(p->resident));
		grid_cell(&g, BYTES(p->metadata));
		grid_cell(&g, BYTES(p->retained));
		grid_cell(&g, view_if_heap(v, NUMBER(p->fragmentation)));
	}
	grid_write(&g, 2, &v->options->terminal, v->out);
}

static void rss_table(struct view *v, const struct moment *moments, size_t count)
{
	static const char *const columns[] = {"RSS",  "anonymous",     "file",     "shared",
	                                      "swap", "of anon: heap", "profiler", "unexplained"};
	struct grid g;
	text_string(v->out, "\n");
	begin_table(v, &g, columns, sizeof(columns) / sizeof(columns[0]));
	g.optional = "hgcf";
	for (size_t i = 0; i < count; i++) {
		const struct profile_point *p = moments[i].point;
		begin_moment(v, &g, &moments[i]);
		grid_cell(&g, BYTES(p->rss));
		grid_cell(&g, BYTES(p->anon));
		grid_cell(&g, BYTES(p->file));
		grid_cell(&g, BYTES(p->shmem));
		grid_cell(&g, BYTES(p->swap));
		grid_cell(&g, BYTES(p->resident));
		grid_cell(&g, BYTES(p->profiler));
		grid_cell(&g, BYTES(p->unexplained));
	}
	grid_write(&g, 2, &v->options->terminal, v->out);
}

void section_resident(struct view *v)
{
	struct moment moments[MOMENTS_MAX];
	size_t count = moments_find(v->p, moments);
	if (v->p->points_count < 2 || !count)
		return;
	view_heading(v, "each line from 0 to its own largest", "MEMORY OVER THE RUN");
	plots(v);
	heap_table(v, moments, count);
	rss_table(v, moments, count);
	text_string(
	        v->out, MARK_FAINT
	        "  heap figures are the allocator's, as it last told them; "
	        "unexplained:\n  anonymous less heap less profiler, both upper bounds, so it may "
	        "be negative" MARK_END "\n");
}
