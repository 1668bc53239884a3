/* callsites.c: see callsites.h.
 *
 * A parent's id is lower than its child's, so one pass over the stacks in order finds the site of
 * each from its own frame or its parent's: linear in the number of stacks.
 */
#include "model/callsites.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#include "model/estimate.h"

/* A place in code: a frame and which of its functions. How good a site it is, best first: */
enum rank {
	RANK_OWN,
	RANK_MAIN,     /* in the main executable, but not the user's */
	RANK_PROFILER, /* in the profiler's library */
	RANK_LIBRARY,  /* in a library */
	RANK_FRAME,    /* code made at run time, or a fixed id */
	RANK_NONE,
};

struct place {
	uint32_t frame, function;
	enum rank rank;
	uint32_t callee; /* the frame it called; 0: none */
};

/* The best place within one frame. */
static struct place place_in_frame(const struct code *code, uint32_t id)
{
	struct place place = {id, 0, id ? RANK_FRAME : RANK_NONE, 0};
	if (id < TRACE_FRAME_FIRST)
		return place;
	const struct code_frame *frame = &code->frames[id];
	const struct code_module *module = &code->modules[frame->module];
	if (module->profiler)
		return (struct place){id, frame->count ? frame->count - 1 : 0, RANK_PROFILER, 0};
	for (uint32_t i = 0; i < frame->count; i++)
		if (frame->functions[i].own)
			return (struct place){id, i, RANK_OWN, 0};
	/* An inlined library function is less telling than what it was inlined in. */
	uint32_t outer = frame->count ? frame->count - 1 : 0;
	if (module->main)
		return (struct place){id, outer, RANK_MAIN, 0};
	if (*module->path)
		return (struct place){id, outer, RANK_LIBRARY, 0};
	return place;
}

static struct place *place_stacks(const struct trace *t, const struct code *code)
{
	struct place *places = mem_zero(t->stacks_count * sizeof(*places));
	places[0].rank = RANK_NONE;
	for (size_t i = 1; i < t->stacks_count; i++) {
		struct place inner = place_in_frame(code, t->stacks[i].frame);
		struct place outer = places[t->stacks[i].parent];
		/* Of equals the innermost; and the recorder's fixed ids only where nothing else is.
		 */
		places[i] = outer.rank < inner.rank ? outer : inner;
	}
	return places;
}

/* What makes two stacks the same site. Pooled strings compare by address. Without a name or a
 * line the frame is what there is. */
struct key {
	const char *function, *file, *module;
	uint32_t line, phase, frame, memory;
};

static struct key key_of(const struct code *code, struct place place, uint32_t phase)
{
	struct key key;
	memset(&key, 0, sizeof(key));
	key.phase = phase;
	const struct code_frame *frame = &code->frames[place.frame];
	if (place.frame >= TRACE_FRAME_FIRST)
		key.module = code->modules[frame->module].name;
	if (frame->count) {
		const struct code_function *f = &frame->functions[place.function];
		key.function = *f->function ? f->function : NULL;
		key.file = place.rank == RANK_OWN ? f->file : NULL;
		key.line = place.rank == RANK_OWN ? f->line : 0;
	}
	/* Of a library without names all addresses are one site, of a program each its own. */
	if (!key.function && !key.line && place.rank != RANK_LIBRARY)
		key.frame = place.frame;
	return key;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* The function that a frame is in; "" if it has no name. */
static const char *name_of(const struct code *code, uint32_t frame)
{
	const struct code_frame *f = &code->frames[frame];
	return f->count ? f->functions[f->count - 1].function : "";
}

static const char *own_label(struct arena *arena, const struct call_site *site)
{
	struct text label = {0};
	text_string(&label, base_name(site->file));
	text_printf(&label, site->line ? ":%u " : " ", site->line);
	text_without(&label, site->function, CODE_ANONYMOUS);
	const char *kept = arena_text(arena, label.bytes, label.length);
	text_free(&label);
	return kept;
}

/* A place without a name is told by what it calls. */
static const char *label_of(struct arena *arena, const struct code *code, struct place place,
                            const struct call_site *site)
{
	if (place.frame < TRACE_FRAME_FIRST)
		return code_special_name(place.frame);
	if (site->own && *site->file)
		return own_label(arena, site);
	const char *module = *site->module ? site->module : "[code made at run time]";
	if (*site->function)
		return arena_printf(arena, "%s %s", module, site->function);
	if (place.rank == RANK_LIBRARY)
		return arena_printf(arena, "%s (stripped)", module);
	const char *callee = name_of(code, place.callee);
	return arena_printf(arena, "%s+0x%" PRIx64 "%s%s", module,
	                    code->trace->frames[place.frame].address, *callee ? " calling " : "",
	                    callee);
}

static void name_site(struct call_sites *sites, const struct code *code, struct place place,
                      struct call_site *site)
{
	const struct code_frame *frame = &code->frames[place.frame];
	site->function = site->file = site->module = "";
	site->own = place.rank == RANK_OWN;
	if (place.frame >= TRACE_FRAME_FIRST) {
		site->module = code->modules[frame->module].name;
		if (frame->count)
			site->function = frame->functions[place.function].function;
		if (frame->count && site->own) {
			site->file = frame->functions[place.function].file;
			site->line = frame->functions[place.function].line;
		}
	}
	site->label = label_of(&sites->arena, code, place, site);
}

/* Sums over some cells cannot overflow where those over all do not (trace.h). */
static void add_cell(struct call_site *site, const struct trace_cell *cell)
{
	trace_cell_add_to(cell, site->fields);
	int64_t bytes = trace_cell_field(cell, TRACE_CELL_ALLOCATED_BYTES) +
	                trace_cell_field(cell, TRACE_CELL_MOVED_IN_BYTES);
	if (!site->stack || bytes > site->stack_bytes) {
		site->stack = cell->stack;
		site->stack_bytes = bytes;
	}
}

static void finish_site(struct call_site *site)
{
	const int64_t *f = site->fields;
	site->live_bytes = f[TRACE_CELL_ALLOCATED_BYTES] - f[TRACE_CELL_FREED_BYTES] +
	                   f[TRACE_CELL_MOVED_IN_BYTES] - f[TRACE_CELL_MOVED_OUT_BYTES];
	site->live_blocks = f[TRACE_CELL_ALLOCATIONS] - f[TRACE_CELL_FREES] +
	                    f[TRACE_CELL_MOVED_IN] - f[TRACE_CELL_MOVED_OUT];
}

static void add_variances(struct call_site *site, const struct trace_variances *variances)
{
	if (variances)
		variances_add(&site->variances, variances);
}

void call_sites_build(struct call_sites *sites, const struct trace *t, const struct code *code,
                      const struct trace_cell *cells, size_t cells_count)
{
	*sites = (struct call_sites){0};
	struct place *places = place_stacks(t, code);
	struct table keys;
	size_t capacity = 0;
	table_init(&keys, sizeof(struct key));
	sites->of_cell = mem_zero(cells_count * sizeof(*sites->of_cell));
	for (size_t i = 1; i < cells_count; i++) {
		const struct trace_cell *cell = &cells[i];
		struct place place = places[cell->stack];
		struct key key = key_of(code, place, cell->phase);
		key.memory = cell->memory;
		uint32_t number = table_add(&keys, &key);
		if (number == sites->count) {
			sites->sites = mem_grow(sites->sites, &capacity, sites->count + 1,
			                        sizeof(*sites->sites));
			struct call_site *site = &sites->sites[sites->count++];
			site->phase = cell->phase;
			site->memory = cell->memory;
			site->estimated = cells == t->cells && t->variances_count;
			name_site(sites, code, place, site);
		}
		add_cell(&sites->sites[number], cell);
		if (cells == t->cells)
			add_variances(&sites->sites[number], trace_variances_of(t, i));
		sites->of_cell[i] = number;
	}
	for (size_t i = 0; i < sites->count; i++)
		finish_site(&sites->sites[i]);
	table_free(&keys);
	free(places);
}

void call_sites_free(struct call_sites *sites)
{
	free(sites->sites);
	free(sites->of_cell);
	arena_free(&sites->arena);
	*sites = (struct call_sites){0};
}
