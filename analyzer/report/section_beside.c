/* section_beside.c: what the program maps by itself, and what its own pools hand out. */
#include "report/beside.h"
#include "report/lists.h"
#include "report/sections.h"

static void write_figures(struct grid *g, const struct call_site *one)
{
	grid_cell(g, BYTES(one->live_bytes));
	grid_cell(g, COUNT(one->live_blocks));
	grid_cell(g, COUNT(one->fields[TRACE_CELL_ALLOCATIONS]));
	grid_cell(g, BYTES(one->fields[TRACE_CELL_ALLOCATED_BYTES]));
	grid_end_row(g);
}

static void write_rest(struct view *v, struct grid *g, const struct beside_kind *kind)
{
	struct call_site rest = {0};
	for (size_t i = v->top; i < kind->count; i++)
		site_add(&rest, kind->sites[i]);
	grid_format(g, "  %zu others", kind->count - v->top);
	grid_cell(g, "");
	write_figures(g, &rest);
}

static void write_kind(struct view *v, struct grid *g, const struct beside_kind *kind)
{
	if (kind->pool)
		grid_format(g, "pool %s", kind->pool);
	else
		grid_cell(g, "mapped directly");
	grid_cell(g, "");
	write_figures(g, &kind->total);
	for (size_t i = 0; i < kind->count && i < v->top; i++) {
		grid_format(g, "  %s", kind->sites[i]->label);
		grid_cell(g, profile_phase_path(v->p, kind->sites[i]->phase));
		write_figures(g, kind->sites[i]);
	}
	if (kind->count > v->top)
		write_rest(v, g, kind);
}

void section_beside(struct view *v)
{
	struct beside beside = beside_of(v->p);
	struct grid g;
	if (beside.count) {
		view_heading(v, "in no figure above; what is mapped need not be resident",
		             "BESIDE THE HEAP BY BYTES LIVE AT THE END");
		grid_begin(&g, "llrrrr");
		grid_cell(&g, "memory, call-site");
		grid_cell(&g, v->p->trace->phases_count > 1 ? "phase" : "");
		grid_cell(&g, "live");
		grid_cell(&g, "blocks");
		grid_cell(&g, "taken");
		grid_cell(&g, "bytes taken");
		for (size_t i = 0; i < beside.count; i++)
			write_kind(v, &g, &beside.kinds[i]);
		grid_write(&g, 2, &v->options->terminal, v->out);
	}
	beside_free(&beside);
}
