/* section_sizes.c: how large blocks were asked for, over the run and by call-site. */
#include <stdlib.h>

#include "model/estimate.h"
#include "report/bars.h"
#include "report/lists.h"
#include "report/sections.h"

static const char *const names[TRACE_SIZES] = {
        "up to 16 B",  "17–32 B",    "33–64 B",     "65–128 B",    "129–256 B", "257–512 B",
        "513 B–1 KiB", "1–2 KiB",    "2–4 KiB",     "4–8 KiB",     "8–16 KiB",  "16–32 KiB",
        "32–64 KiB",   "64–128 KiB", "128–256 KiB", "over 256 KiB"};

static const int64_t *sizes_of(const struct call_site *site)
{
	return &site->fields[TRACE_CELL_SIZE_0];
}

static double all_of(const struct call_site *site)
{
	double all = 0;
	for (int i = 0; i < TRACE_SIZES; i++)
		all += (double)sizes_of(site)[i];
	return all;
}

static struct variance all_variance(const struct call_site *site)
{
	struct variance all = {0};
	for (int i = 0; i < TRACE_SIZES; i++)
		variance_add(&all, site->variances.fields[TRACE_CELL_SIZE_0 + i]);
	return all;
}

/* The bucket that holds the median. */
static const char *median(const struct call_site *site)
{
	double all = all_of(site), sum = 0;
	for (int i = 0; i < TRACE_SIZES; i++)
		if ((sum += (double)sizes_of(site)[i]) * 2 >= all)
			return names[i];
	return "—";
}

/* One row a bucket, from the first that has any to the last. */
static void histogram(struct view *v, const struct call_site *total)
{
	struct grid g;
	double all = all_of(total);
	struct variance all_error = all_variance(total);
	int first = 0, last = TRACE_SIZES - 1;
	while (sizes_of(total)[first] == 0)
		first++;
	while (sizes_of(total)[last] == 0)
		last--;
	view_heading(v, "allocations by what was asked for; reallocations are not in it", "SIZES");
	grid_begin(&g, "lrrl");
	grid_cell(&g, "size");
	grid_cell(&g, "allocations");
	grid_cell(&g, "%");
	grid_end_row(&g);
	for (int i = first; i <= last; i++) {
		int64_t count = sizes_of(total)[i];
		struct variance variance = total->variances.fields[TRACE_CELL_SIZE_0 + i];
		struct text bar = {0};
		bars_long(&bar, (double)count / all);
		grid_cell(&g, names[i]);
		grid_cell(&g, view_estimate(v, unit_count(count), (double)count, variance).text);
		grid_cell(&g, view_share(v, (double)count, variance, all, all_error).text);
		grid_cell(&g, bar.bytes ? bar.bytes : "");
		text_free(&bar);
	}
	grid_write(&g, 2, &v->options->terminal, v->out);
}

static void site_row(struct grid *g, const struct call_site *site)
{
	struct text sparks = {0};
	double all = all_of(site);
	for (int i = 0; i < TRACE_SIZES; i++)
		bars_high(&sparks, all > 0 ? (double)sizes_of(site)[i] / all : 0);
	grid_cell(g, sparks.bytes);
	grid_cell(g, median(site));
	grid_end_row(g);
	text_free(&sparks);
}

static void sites(struct view *v, const struct call_site *total)
{
	const struct call_site **sorted = sites_sorted(v->p, BY_ALLOCATIONS);
	struct grid g;
	view_heading(v, "a character a bucket, up to 16 bytes to over 256 KiB; the median beside",
	             "SIZES OF %sCALL-SITES BY ALLOCATIONS", view_top(v).text);
	grid_begin(&g, "rlpll");
	grid_cell(&g, "");
	grid_cell(&g, "call-site");
	grid_cell(&g, v->p->trace->phases_count > 1 ? "phase" : "");
	grid_cell(&g, "sizes");
	grid_end_row(&g);
	for (size_t i = 0; i < v->p->sites.count && i < v->top; i++) {
		if (site_figure(sorted[i], BY_ALLOCATIONS) <= 0)
			break;
		grid_format(&g, "%zu", i + 1);
		grid_cell(&g, sorted[i]->label);
		grid_cell(&g, view_phase(v, sorted[i]->phase));
		site_row(&g, sorted[i]);
	}
	grid_cell(&g, "");
	grid_cell(&g, "all");
	grid_cell(&g, "");
	site_row(&g, total);
	grid_write(&g, 1, &v->options->terminal, v->out);
	free(sorted);
}

void section_sizes(struct view *v)
{
	struct call_site total = sites_total(v->p);
	if (all_of(&total) <= 0) /* or recorded before there were sizes */
		return;
	histogram(v, &total);
	sites(v, &total);
}
