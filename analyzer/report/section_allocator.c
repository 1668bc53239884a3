/* section_allocator.c: the allocator inside: its sums, the way from live bytes to resident memory,
 * its size classes, its arenas. */
#include "report/sections.h"

#include <math.h>
#include <stdlib.h>

#include "model/allocator.h"

static void fact(struct grid *g, const char *name, struct unit value, const char *meaning)
{
	grid_cell(g, name);
	grid_cell(g, value.text);
	grid_cell(g, meaning);
}

static void bytes_fact(struct grid *g, const char *name, int64_t value, const char *meaning)
{
	if (value != TRACE_UNKNOWN)
		fact(g, name, unit_bytes((double)value), meaning);
}

static double ticks_of(int64_t ticks)
{
	return ticks == TRACE_UNKNOWN ? NAN : (double)ticks;
}

static void begin_facts(struct grid *g, const char *what)
{
	grid_begin(g, "lrl");
	grid_cell(g, what);
	grid_end_row(g);
}

void section_allocator(struct view *v)
{
	const struct trace_allocator *a = &v->p->trace->allocator;
	const struct trace_heap *heap = &v->p->trace->heap;
	struct grid g;
	if (!a->known)
		return;
	view_heading(v, "its own statistics, when they were last taken", "ALLOCATOR");
	begin_facts(&g, v->p->trace->header.allocator);
	fact(&g, "taken at", unit_seconds(ticks_of(a->taken) / v->p->hz), "since the start");
	if (heap->known)
		bytes_fact(&g, "live", heap->live_bytes, "at the end, as the program asked for it");
	bytes_fact(&g, "allocated", a->allocated, "in blocks, rounded up to size classes");
	bytes_fact(&g, "active", a->active, "in pages that hold at least one block");
	bytes_fact(&g, "metadata", a->metadata, "the allocator's own");
	bytes_fact(&g, "resident", a->resident, "in memory, at most");
	bytes_fact(&g, "mapped", a->mapped, "of address space in use");
	bytes_fact(&g, "retained", a->retained, "of address space kept, without memory");
	if (a->active > 0 && a->allocated != TRACE_UNKNOWN)
		fact(&g, "fragmentation %",
		     unit_percent(1 - (double)a->allocated / (double)a->active),
		     "of active pages is between blocks");
	if (a->resident > 0 && a->active != TRACE_UNKNOWN)
		fact(&g, "kept %", unit_percent(1 - (double)a->active / (double)a->resident),
		     "of resident memory is unused pages and metadata");
	grid_write(&g, 2, &v->options->terminal, v->out);
}

static void way_row(struct grid *g, const char *name, double bytes, const struct allocator_way *way,
                    const char *meaning)
{
	grid_cell(g, name);
	grid_cell(g, BYTES(bytes));
	grid_cell(g, PERCENT(bytes / way->resident));
	grid_cell(g, meaning);
}

void section_fragmentation(struct view *v)
{
	struct allocator_way way;
	struct grid g;
	if (!allocator_way_find(v->p, &way))
		return;
	view_heading(v, "at the end; adds up to what is resident", "FROM LIVE TO RESIDENT");
	grid_begin(&g, "lrrl");
	grid_cell(&g, "");
	grid_cell(&g, "bytes");
	grid_cell(&g, "%");
	grid_end_row(&g);
	way_row(&g, "live", way.live, &way, "as the program asked for it");
	way_row(&g, "rounding", way.rounding, &way, "up to size classes");
	way_row(&g, "beside", way.beside, &way, "not recorded, or in threads' caches");
	way_row(&g, "spare", way.spare, &way, "free regions of slabs, padding of large blocks");
	way_row(&g, "unused", way.unused, &way, "free pages not given back yet");
	way_row(&g, "metadata", way.metadata, &way, "the allocator's own");
	way_row(&g, "resident", way.resident, &way, "in memory, at most");
	grid_write(&g, 2, &v->options->terminal, v->out);
}

/* ---- size classes ------------------------------------------------------------------------ */

static void figures_cells(struct grid *g, struct class_figures figures, double all)
{
	grid_cell(g, BYTES(figures.held_bytes));
	grid_cell(g, PERCENT(all > 0 ? figures.held_bytes / all : NAN));
	grid_cell(g, PERCENT(figures.used));
	grid_cell(g, BYTES(figures.spare));
}

static void class_row(struct grid *g, const struct trace_allocator_class *c, double all)
{
	bool small = c->slab_bytes > 0;
	grid_cell(g, COUNT(c->size));
	grid_cell(g, COUNT(c->held));
	figures_cells(g, class_figures_of(c), all);
	grid_cell(g, small ? COUNT(c->slabs) : "");
	grid_cell(g, small ? BYTES(c->slab_bytes) : "");
	grid_cell(g, COUNT(c->allocated));
	grid_cell(g, COUNT(c->requests));
	grid_end_row(g);
}

static void classes_heading(struct grid *g)
{
	static const char *const names[] = {"class", "held",  "bytes", "%",         "used %",
	                                    "spare", "slabs", "of",    "allocated", "requests"};
	grid_begin(g, "rrrrrrrrrr");
	g->optional = "hg";
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		grid_cell(g, names[i]);
}

static void sum_row(struct grid *g, const char *name, const struct trace_allocator_details *details,
                    double all)
{
	double held = 0;
	for (size_t i = 0; i < details->classes_count; i++)
		held += (double)details->classes[i].held;
	grid_cell(g, name);
	grid_cell(g, COUNT((int64_t)fmin(held, 1e18))); /* hostile ones add up to more */
	figures_cells(g, class_figures_sum(details->classes, details->classes_count), all);
	grid_end_row(g);
}

/* The trace has the bytes asked for by call-site and in all, by size class only their number. */
static void rounding_note(struct view *v)
{
	const struct profile_totals *t = &v->p->totals;
	const struct variance *variances = t->variances.fields;
	double asked = (double)t->fields[TRACE_CELL_ALLOCATED_BYTES];
	double rounding = (double)t->fields[TRACE_CELL_ALLOCATED_USABLE] - asked;
	if (!v->p->heap || asked <= 0)
		return;
	struct unit asked_cell =
	        view_estimate(v, unit_bytes(asked), asked, variances[TRACE_CELL_ALLOCATED_BYTES]);
	struct unit rounding_cell = view_estimate(v, unit_bytes(rounding), rounding,
	                                          variances[TRACE_CELL_ALLOCATED_USABLE]);
	text_printf(v->out,
	            "  " MARK_FAINT "what was asked for is not recorded by class; in all %s were, "
	            "so far, and rounding to classes added %s, %s %% (--report memory has it by "
	            "call-site)" MARK_END "\n",
	            asked_cell.text, rounding_cell.text, PERCENT(rounding / asked));
}

static void classes_note(struct view *v, const struct trace_allocator_details *details)
{
	text_printf(v->out,
	            "  " MARK_FAINT "taken %s after the start%s; what lies in %s caches is held;\n",
	            SECONDS(ticks_of(details->taken) / v->p->hz),
	            details->at_end ? ", at the end" : "",
	            details->at_end ? "other threads'" : "threads'");
	text_string(v->out,
	            "  used: the part of slabs that is held; allocated: regions, so far;\n"
	            "  requests: by the program, those that a cache served come late" MARK_END
	            "\n");
}

void section_classes(struct view *v)
{
	const struct trace_allocator_details *details = &v->p->trace->allocator_details;
	struct grid g;
	if (!details->known || !details->classes_count)
		return;
	const struct trace_allocator_class **sorted = classes_by_room(details);
	double all = class_figures_sum(details->classes, details->classes_count).held_bytes;
	view_heading(v, "jemalloc's, by the memory that they take; bytes of a region",
	             "%sSIZE CLASSES", view_top(v).text);
	classes_heading(&g);
	for (size_t i = 0; i < details->classes_count && i < v->top; i++)
		class_row(&g, sorted[i], all);
	sum_row(&g, "all", details, all);
	grid_write(&g, 2, &v->options->terminal, v->out);
	free(sorted);
	classes_note(v, details);
	rounding_note(v);
}

/* ---- arenas ------------------------------------------------------------------------------ */

static void arena_row(struct grid *g, const struct trace_allocator_arena *a)
{
	grid_cell(g, COUNT(a->arena));
	grid_cell(g, COUNT(a->threads));
	grid_cell(g, BYTES(a->held));
	grid_cell(g, BYTES(a->active));
	grid_cell(g, BYTES((double)a->dirty + (double)a->muzzy));
	grid_cell(g, BYTES(a->purged));
	grid_cell(g, BYTES(a->retained));
	grid_cell(g, BYTES(a->metadata));
	grid_cell(g, BYTES(a->resident));
	grid_cell(g, BYTES(a->cached));
}

/* Of a time after which pages are given back. */
static void decay(struct view *v, const char *name, int64_t ms)
{
	if (ms == TRACE_UNKNOWN)
		return;
	text_printf(v->out, ", %s ones ", name);
	if (ms < 0)
		text_string(v->out, "never");
	else if (ms == 0)
		text_string(v->out, "at once");
	else
		text_printf(v->out, "within %s", SECONDS((double)ms / 1e3));
}

void section_arenas(struct view *v)
{
	static const char *const names[] = {"arena",    "threads",    "held",     "active",
	                                    "unused",   "given back", "retained", "metadata",
	                                    "resident", "cached"};
	const struct trace_allocator_details *details = &v->p->trace->allocator_details;
	struct grid g;
	if (!details->known || !details->arenas_count)
		return;
	view_heading(v, "", "ARENAS");
	grid_begin(&g, "rrrrrrrrrr");
	g.optional = "gfh";
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		grid_cell(&g, names[i]);
	for (size_t i = 0; i < details->arenas_count; i++)
		arena_row(&g, &details->arenas[i]);
	grid_write(&g, 2, &v->options->terminal, v->out);
	text_printf(v->out,
	            "  " MARK_FAINT
	            "%s of %s arenas are in use; unused pages are given back to the "
	            "kernel",
	            COUNT((int64_t)details->arenas_count), COUNT(details->arenas_all));
	decay(v, "dirty", details->dirty_decay_ms);
	decay(v, "muzzy", details->muzzy_decay_ms);
	text_string(v->out, MARK_END "\n");
}
