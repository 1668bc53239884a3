/* site_list.c: see site_list.h. */
#include "report/site_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/lifetimes.h"

struct unit cell_allocations(const struct view *v, const struct call_site *one,
                             const struct call_site *all)
{
	(void)all;
	return view_count(v, one->phase, SITE_BOTH(one, ALLOCATIONS));
}

struct unit cell_bytes(const struct view *v, const struct call_site *one,
                       const struct call_site *all)
{
	(void)all;
	return view_bytes(v, one->phase, SITE_BOTH(one, ALLOCATED_BYTES));
}

struct unit cell_lifetime(const struct view *v, const struct call_site *one,
                          const struct call_site *all)
{
	struct unit word;
	(void)all;
	const char *median = lifetimes_median(v->steps ? &lifetimes_steps : &lifetimes_time, one);
	/* What no step made was not freed in the step that made it. */
	if (v->steps && v->p->places[one->phase] == PLACE_OUTSIDE &&
	    median == lifetimes_steps.names[0])
		median = "no step";
	snprintf(word.text, sizeof(word.text), "%s", median);
	return word;
}

/* ---- the list ----------------------------------------------------------------------------- */

static const char *heading(const struct view *v, const struct site_column *column)
{
	return v->steps ? column->with_steps : column->without;
}

static size_t columns_of(const struct view *v, const struct site_list *list)
{
	size_t count = 0;
	while (count < SITE_LIST_COLUMNS_MAX && heading(v, &list->columns[count]))
		count++;
	return count;
}

static void begin_list(struct view *v, struct grid *g, const struct site_list *list)
{
	bool cut_off = list->order == LIVE_AT_EXIT && !v->p->run.complete;
	char align[GRID_COLUMNS_MAX] = "rlp";
	size_t columns = columns_of(v, list);
	view_heading(v, list->note, "%s%s", view_top(v).text,
	             cut_off ? "CALL-SITES LIVE AT THE END OF THE TRACE" : list->title);
	memset(align + 3, 'r', columns);
	grid_begin(g, align);
	g->optional = list->optional;
	grid_cell(g, "");
	grid_cell(g, "call-site");
	grid_cell(g, v->p->trace->phases_count > 1 || v->steps ? "phase" : "");
	for (size_t i = 0; i < columns; i++)
		grid_cell(g, heading(v, &list->columns[i]));
}

static void write_cells(struct view *v, struct grid *g, const struct site_list *list,
                        const struct call_site *one, const struct call_site *all)
{
	size_t columns = columns_of(v, list);
	for (size_t i = 0; i < columns; i++)
		grid_cell(g, list->columns[i].cell(v, one, all).text);
	grid_end_row(g);
}

/* Of the sites from `first` on that have any of the figure, those outside of steps, or those not,
 * as one row. */
static void other_sites(struct view *v, struct grid *g, const struct site_list *list,
                        const struct call_site **sorted, size_t first, const struct call_site *all,
                        bool outside)
{
	struct call_site others = {0};
	int64_t count = 0;
	for (size_t i = first; i < v->p->sites.count; i++) {
		enum profile_place place = v->p->places[sorted[i]->phase];
		if (site_figure(sorted[i], list->order) == 0 ||
		    (v->steps && place == PLACE_OUTSIDE) != outside)
			continue;
		site_add(&others, sorted[i]);
		/* The sum is as sure as the least sure of them. */
		if (!count || place == PLACE_BOTH)
			others.phase = sorted[i]->phase;
		count++;
	}
	if (!count)
		return;
	grid_cell(g, "");
	grid_format(g, "%s others", COUNT(count));
	grid_cell(g, outside ? "outside of steps" : "");
	write_cells(v, g, list, &others, all);
}

static bool is_per_step(const struct site_list *list)
{
	const char *first = list->columns[0].with_steps;
	return first && strstr(first, "/step");
}

static void places_note(struct view *v, const struct site_list *list,
                        const struct call_site **sorted)
{
	bool places[3] = {false};
	for (size_t i = 0; i < v->p->sites.count; i++)
		if (site_figure(sorted[i], list->order) != 0)
			places[v->p->places[sorted[i]->phase]] = true;
	view_places_note(v, places[PLACE_OUTSIDE], places[PLACE_BOTH]);
}

static void list_rows(struct view *v, const struct site_list *list, const struct call_site **sorted)
{
	struct call_site all = sites_total(v->p);
	struct grid g;
	size_t i = 0;
	begin_list(v, &g, list);
	for (; i < v->p->sites.count && i < v->top; i++) {
		if (site_figure(sorted[i], list->order) <= 0)
			break;
		grid_format(&g, "%zu", i + 1);
		grid_cell(&g, sorted[i]->label);
		grid_cell(&g, view_phase(v, sorted[i]->phase));
		write_cells(v, &g, list, sorted[i], &all);
	}
	other_sites(v, &g, list, sorted, i, &all, false);
	other_sites(v, &g, list, sorted, i, &all, true);
	grid_write(&g, 1, &v->options->terminal, v->out);
	if (is_per_step(list))
		places_note(v, list, sorted);
}

void site_list_write(struct view *v, const struct site_list *list)
{
	if (!v->p->heap || !v->p->sites.count)
		return;
	const struct call_site **sorted = sites_sorted(v->p, list->order);
	if (site_figure(sorted[0], list->order) > 0)
		list_rows(v, list, sorted);
	free(sorted);
}
