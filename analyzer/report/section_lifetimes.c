/* section_lifetimes.c: how long blocks lived, in steps and in time. */
#include <stdlib.h>

#include "model/estimate.h"
#include "report/bars.h"
#include "report/lifetimes.h"
#include "report/lists.h"
#include "report/sections.h"

static double all_blocks(const struct lifetimes *l, const struct call_site *site)
{
	double all = 0;
	for (int i = 0; i <= l->count; i++)
		all += lifetimes_in(l, site, i);
	return all;
}

static struct variance all_variance(const struct lifetimes *l, const struct call_site *site)
{
	struct variance all = {0};
	for (int i = 0; i <= l->count; i++)
		variance_add(&all, lifetimes_variance(l, site, i));
	return all;
}

/* One row a bucket, from the first to the last that has blocks. */
static void histogram(struct view *v, const struct lifetimes *l, const struct call_site *total,
                      const char *title)
{
	struct grid g;
	double all = all_blocks(l, total);
	int last = l->count;
	if (all <= 0)
		return;
	while (lifetimes_in(l, total, last) == 0)
		last--;
	view_heading(v, "all blocks, those live at the end included", "%s", title);
	grid_begin(&g, "lrrl");
	grid_cell(&g, "lived");
	grid_cell(&g, "blocks");
	grid_cell(&g, "%");
	grid_end_row(&g);
	for (int i = 0; i <= last; i++) {
		double blocks = lifetimes_in(l, total, i);
		struct text text = {0};
		bars_long(&text, blocks / all);
		grid_cell(&g, l->names[i]);
		struct variance variance = lifetimes_variance(l, total, i);
		grid_cell(&g, view_estimate(v, unit_count((int64_t)blocks), blocks, variance).text);
		grid_cell(&g, view_share(v, blocks, variance, all, all_variance(l, total)).text);
		grid_cell(&g, text.bytes ? text.bytes : "");
		text_free(&text);
	}
	grid_write(&g, 2, &v->options->terminal, v->out);
}

/* A character a bucket, as high as its share; a dot where there is none. */
static void spark(struct text *out, const struct lifetimes *l, const struct call_site *site)
{
	double all = all_blocks(l, site);
	for (int i = 0; i <= l->count; i++)
		bars_high(out, all > 0 ? lifetimes_in(l, site, i) / all : 0);
}

static void spark_cell(struct grid *g, const struct lifetimes *l, const struct call_site *site)
{
	struct text text = {0};
	spark(&text, l, site);
	grid_cell(g, text.bytes);
	text_free(&text);
}

static void site_row(struct view *v, struct grid *g, const struct call_site *site)
{
	if (v->steps) {
		spark_cell(g, &lifetimes_steps, site);
		grid_cell(g, lifetimes_median(&lifetimes_steps, site));
	}
	spark_cell(g, &lifetimes_time, site);
	grid_cell(g, lifetimes_median(&lifetimes_time, site));
	grid_end_row(g);
}

static void sites(struct view *v, const struct call_site *total)
{
	const struct call_site **sorted = sites_sorted(v->p, BY_ALLOCATIONS);
	struct grid g;
	view_heading(v, "a character a bucket, the last: live at the end; the median beside",
	             "LIFETIMES OF %sCALL-SITES BY ALLOCATIONS", view_top(v).text);
	grid_begin(&g, v->steps ? "rlpllll" : "rlpll");
	g.optional = v->steps ? "g" : NULL;
	grid_cell(&g, "");
	grid_cell(&g, "call-site");
	grid_cell(&g, v->p->trace->phases_count > 1 ? "phase" : "");
	if (v->steps) {
		grid_cell(&g, "in steps");
		grid_cell(&g, "");
	}
	grid_cell(&g, "in time");
	grid_end_row(&g);
	for (size_t i = 0; i < v->p->sites.count && i < v->top; i++) {
		if (site_figure(sorted[i], BY_ALLOCATIONS) <= 0)
			break;
		grid_format(&g, "%zu", i + 1);
		grid_cell(&g, sorted[i]->label);
		grid_cell(&g, view_phase(v, sorted[i]->phase));
		site_row(v, &g, sorted[i]);
	}
	grid_cell(&g, "");
	grid_cell(&g, "all");
	grid_cell(&g, "");
	site_row(v, &g, total);
	grid_write(&g, 1, &v->options->terminal, v->out);
	free(sorted);
}

void section_lifetimes(struct view *v)
{
	struct call_site total = sites_total(v->p);
	if (all_blocks(&lifetimes_time, &total) <= 0)
		return;
	if (v->steps)
		histogram(v, &lifetimes_steps, &total, "LIFETIMES IN STEPS");
	histogram(v, &lifetimes_time, &total, "LIFETIMES IN TIME");
	sites(v, &total);
}
