/* section_sites.c: call-sites, by allocations, by bytes, at the peak, and live at exit. */
#include "report/sections.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/lists.h"

struct site_list {
	enum site_order order;
	const char *title, *note;
	const char *optional; /* columns to leave out where there is no room, see grid.h */
	/* column headings after the site, with steps and without; NULL ends them */
	const char *with_steps[6], *without[6];
};

static const struct site_list site_lists[] = {
        {BY_ALLOCATIONS,
         "CALL-SITES BY ALLOCATIONS",
         "lifetime: the median block's",
         "h",
         {"allocs/step", "%", "bytes/step", "lifetime", "temporary %"},
         {"allocations", "%", "bytes", "lifetime", "temporary %"}},
        {BY_BYTES,
         "CALL-SITES BY BYTES ALLOCATED",
         "",
         "g",
         {"bytes/step", "%", "allocs/step", "mean size"},
         {"bytes", "%", "allocations", "mean size"}},
        {AT_PEAK, "CALL-SITES AT THE PEAK", "", NULL, {"at peak", "%"}, {"at peak", "%"}},
        {LIVE_AT_EXIT,
         "CALL-SITES LIVE AT EXIT",
         "",
         "g",
         {"live", "%", "blocks", "allocations"},
         {"live", "%", "blocks", "allocations"}},
};

/* One site, or the sum of several. */
struct site_figures {
	double allocations, bytes, temporaries, peak, live, blocks;
	double steps[TRACE_LIFE_STEPS], time[TRACE_LIFE_TIME]; /* freed blocks by lifetime */
};

static void add_site(struct site_figures *sum, const struct call_site *site)
{
	sum->allocations += (double)site->fields[TRACE_CELL_ALLOCATIONS];
	sum->bytes += (double)site->fields[TRACE_CELL_ALLOCATED_BYTES];
	sum->temporaries += (double)site->fields[TRACE_CELL_TEMPORARIES];
	sum->peak += (double)site->fields[TRACE_CELL_PEAK_BYTES];
	sum->live += (double)site->live_bytes;
	sum->blocks += (double)site->live_blocks;
	for (int i = 0; i < TRACE_LIFE_STEPS; i++)
		sum->steps[i] += (double)site->fields[TRACE_CELL_LIFE_STEPS_0 + i];
	for (int i = 0; i < TRACE_LIFE_TIME; i++)
		sum->time[i] += (double)site->fields[TRACE_CELL_LIFE_TIME_0 + i];
}

/* The bucket that half of all blocks, those still live included, do not outlive; `count` if that
 * half is live; −1 if no lifetimes were recorded. */
static int median_bucket(const double *freed, int count, double live)
{
	double all = 0, sum = 0;
	for (int i = 0; i < count; i++)
		all += freed[i];
	if (all <= 0)
		return live > 0 ? count : -1;
	all += live > 0 ? live : 0;
	for (int i = 0; i < count; i++)
		if ((sum += freed[i]) * 2 >= all)
			return i;
	return count;
}

static const char *lifetime(const struct view *v, const struct site_figures *f)
{
	/* The buckets of TRACE_FORMAT.md, and what outlives them all. */
	static const char *const steps[TRACE_LIFE_STEPS + 1] = {
	        "in step",      "1 step",        "2–3 steps",    "4–7 steps",     "8–15 steps",
	        "16–31 steps",  "32–63 steps",   "64–127 steps", "128–255 steps", "256–511 steps",
	        "512–1k steps", "over 1k steps", "to the end"};
	static const char *const time[TRACE_LIFE_TIME + 1] = {
	        "<10 ms",  "10–40 ms", "40–160 ms", "160–640 ms", "0.6–2.6 s",   "2.6–10 s",
	        "10–41 s", "41–164 s", "3–11 min",  "11–44 min",  "over 44 min", "to the end"};
	int bucket = v->steps ? median_bucket(f->steps, TRACE_LIFE_STEPS, f->blocks)
	                      : median_bucket(f->time, TRACE_LIFE_TIME, f->blocks);
	return bucket < 0 ? "—" : v->steps ? steps[bucket] : time[bucket];
}

static void site_cells(struct view *v, struct grid *g, enum site_order order,
                       const struct site_figures *f, const struct site_figures *all)
{
	double per = v->steps ? (double)v->p->steps.count : 1;
	switch (order) {
	case BY_ALLOCATIONS:
		view_count(v, g, f->allocations);
		grid_cell(g, PERCENT(f->allocations / all->allocations));
		grid_cell(g, BYTES(f->bytes / per));
		grid_cell(g, lifetime(v, f));
		grid_cell(g, PERCENT(f->allocations > 0 ? f->temporaries / f->allocations : NAN));
		break;
	case BY_BYTES:
		grid_cell(g, BYTES(f->bytes / per));
		grid_cell(g, PERCENT(f->bytes / all->bytes));
		view_count(v, g, f->allocations);
		grid_cell(g, BYTES(f->allocations > 0 ? f->bytes / f->allocations : NAN));
		break;
	case AT_PEAK:
		grid_cell(g, BYTES(f->peak));
		grid_cell(g, PERCENT(f->peak / all->peak));
		break;
	case LIVE_AT_EXIT:
		grid_cell(g, BYTES(f->live));
		grid_cell(g, PERCENT(f->live / all->live));
		grid_cell(g, COUNT((int64_t)f->blocks));
		grid_cell(g, COUNT((int64_t)f->allocations));
		break;
	}
	grid_end_row(g);
}

static void begin_list(struct view *v, struct grid *g, const struct site_list *list)
{
	const char *const *columns = v->steps ? list->with_steps : list->without;
	bool cut_off = list->order == LIVE_AT_EXIT && !v->p->run.complete;
	char align[GRID_COLUMNS_MAX] = "rll";
	view_heading(v, list->note, "TOP %zu %s", v->top,
	             cut_off ? "CALL-SITES LIVE AT THE END OF THE TRACE" : list->title);
	for (size_t i = 0; columns[i]; i++)
		strcat(align, "r");
	grid_begin(g, align);
	g->optional = list->optional;
	grid_cell(g, "");
	grid_cell(g, "call-site");
	grid_cell(g, v->p->trace->phases_count > 1 ? "phase" : "");
	for (size_t i = 0; columns[i]; i++)
		grid_cell(g, columns[i]);
}

/* The sites from `first` on that have any of the figure, as one row. */
static void other_sites(struct view *v, struct grid *g, const struct call_site **sorted,
                        enum site_order order, size_t first, const struct site_figures *all)
{
	struct site_figures others = {0};
	int64_t count = 0;
	for (size_t i = first; i < v->p->sites.count; i++) {
		if (site_figure(sorted[i], order) == 0)
			continue;
		add_site(&others, sorted[i]);
		count++;
	}
	if (!count)
		return;
	grid_cell(g, "");
	grid_format(g, "%s others", COUNT(count));
	grid_cell(g, "");
	site_cells(v, g, order, &others, all);
}

static void list_rows(struct view *v, const struct site_list *list, const struct call_site **sorted)
{
	struct site_figures all = {0};
	struct grid g;
	size_t i = 0;
	for (size_t k = 0; k < v->p->sites.count; k++)
		add_site(&all, sorted[k]);
	begin_list(v, &g, list);
	for (; i < v->p->sites.count && i < v->top; i++) {
		struct site_figures one = {0};
		if (site_figure(sorted[i], list->order) <= 0)
			break;
		grid_format(&g, "%zu", i + 1);
		grid_cell(&g, sorted[i]->label);
		grid_cell(&g, profile_phase_path(v->p, sorted[i]->phase));
		add_site(&one, sorted[i]);
		site_cells(v, &g, list->order, &one, &all);
	}
	other_sites(v, &g, sorted, list->order, i, &all);
	grid_write(&g, 1, &v->options->terminal, v->out);
}

void section_sites(struct view *v)
{
	if (!v->p->sites.count)
		return;
	for (size_t i = 0; i < sizeof(site_lists) / sizeof(site_lists[0]); i++) {
		const struct call_site **sorted = sites_sorted(v->p, site_lists[i].order);
		if (site_figure(sorted[0], site_lists[i].order) > 0)
			list_rows(v, &site_lists[i], sorted);
		free(sorted);
	}
}
