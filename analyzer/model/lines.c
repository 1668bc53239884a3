/* lines.c: see lines.h. As functions.c, but what is counted are pairs of function and line. A
 * frame's chain of functions and its chain of lines run side by side; `entries` has, for each of
 * the former, the number of its line, or NONE. */
#include "model/lines.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

struct line_key {
	const char *file;
	uint64_t function, line;
};

struct listing {
	struct lines *lines;
	const struct profile *p;
	struct table keys;
	size_t capacity;
	uint32_t *entries; /* beside functions.chains */
	uint32_t *on_the_way;
};

static uint32_t entry_of(struct listing *l, uint32_t function, const struct code_function *from)
{
	struct lines *lines = l->lines;
	struct line_key key;
	memset(&key, 0, sizeof(key));
	key.file = from->file;
	key.function = function;
	key.line = from->line;
	uint32_t number = table_add(&l->keys, &key);
	if (number == lines->count) {
		lines->list =
		        mem_grow(lines->list, &l->capacity, lines->count + 1, sizeof(*lines->list));
		lines->list[lines->count++] = (struct source_line){
		        .function = function, .file = from->file, .line = from->line};
	}
	return number;
}

static void list_lines(struct listing *l,
                       bool (*wanted)(const struct profile_function *, const void *),
                       const void *data)
{
	const struct functions *f = &l->p->functions;
	size_t frames = l->p->trace->frames_count;
	l->entries = mem_zero((f->chain_starts[frames] + 1) * sizeof(*l->entries));
	table_init(&l->keys, sizeof(struct line_key));
	for (uint32_t id = 0; id < frames; id++) {
		const struct code_frame *frame = &l->p->code.frames[id];
		for (uint32_t i = f->chain_starts[id]; i < f->chain_starts[id + 1]; i++) {
			uint32_t k = i - f->chain_starts[id];
			bool known = id >= TRACE_FRAME_FIRST && k < frame->count &&
			             wanted(&f->list[f->chains[i]], data);
			l->entries[i] =
			        known ? entry_of(l, f->chains[i], &frame->functions[k]) : NONE;
		}
	}
	table_free(&l->keys);
}

/* ---- figures ----------------------------------------------------------------------------- */

static const uint32_t *entries_of(const struct listing *l, uint32_t stack, size_t *count)
{
	const struct functions *f = &l->p->functions;
	uint32_t frame = stack ? l->p->trace->stacks[stack].frame : TRACE_FRAME_ROOT;
	functions_of_frame(f, frame, count);
	return &l->entries[f->chain_starts[frame]];
}

/* Where the memory of a stack belongs: a place in the chains, or NONE. */
static uint32_t memory_place(const struct listing *l, uint32_t stack, uint32_t callers, bool own)
{
	const struct functions *f = &l->p->functions;
	size_t count;
	uint32_t frame = stack ? l->p->trace->stacks[stack].frame : TRACE_FRAME_ROOT;
	const uint32_t *chain = functions_of_frame(f, frame, &count);
	for (uint32_t i = 0; i < count; i++)
		if (own ? f->list[chain[i]].own : !f->list[chain[i]].passes_on)
			return f->chain_starts[frame] + i;
	return callers;
}

static void add_own_figures(struct listing *l, size_t stacks)
{
	uint32_t *sites = mem_zero(2 * stacks * sizeof(*sites)), *inner = sites + stacks;
	for (uint32_t id = 0; id < stacks; id++) {
		uint32_t parent = l->p->trace->stacks[id].parent;
		sites[id] = memory_place(l, id, id ? sites[parent] : NONE, true);
		inner[id] = memory_place(l, id, id ? inner[parent] : NONE, false);
	}
	for (size_t i = 0; i < l->p->stacks.count; i++) {
		uint32_t id = l->p->stacks.rows[i].stack;
		struct measured at = measured_of_row(&l->p->stacks, i);
		size_t count;
		const uint32_t *entries = entries_of(l, id, &count);
		uint32_t place = sites[id] != NONE ? sites[id] : inner[id];
		uint32_t site = place == NONE ? NONE : l->entries[place];
		if (entries[0] != NONE)
			figures_add_measured(&l->lines->list[entries[0]].self, &at);
		if (site != NONE)
			figures_add_measured(&l->lines->list[site].site, &at);
	}
	free(sites);
}

static void enter(void *data, uint32_t stack, const struct measured *below)
{
	struct listing *l = data;
	size_t count;
	const uint32_t *entries = entries_of(l, stack, &count);
	for (size_t i = 0; i < count; i++)
		if (entries[i] != NONE && l->on_the_way[entries[i]]++ == 0)
			figures_add_measured(&l->lines->list[entries[i]].inclusive, below);
}

static void leave(void *data, uint32_t stack)
{
	struct listing *l = data;
	size_t count;
	const uint32_t *entries = entries_of(l, stack, &count);
	for (size_t i = 0; i < count; i++)
		if (entries[i] != NONE)
			l->on_the_way[entries[i]]--;
}

static int compare(const void *a, const void *b)
{
	const struct source_line *x = a, *y = b;
	if (x->function != y->function)
		return x->function < y->function ? -1 : 1;
	int files = strcmp(x->file, y->file);
	return files ? files : (x->line > y->line) - (x->line < y->line);
}

void lines_build(struct lines *lines, const struct profile *p,
                 bool (*wanted)(const struct profile_function *, const void *), const void *data)
{
	struct listing l = {.lines = lines, .p = p};
	struct stack_tree tree;
	*lines = (struct lines){0};
	list_lines(&l, wanted, data);
	stack_tree_build(&tree, p);
	l.on_the_way = mem_zero(lines->count * sizeof(*l.on_the_way));
	add_own_figures(&l, tree.count);
	stack_tree_walk(&tree, &(struct stack_visit){enter, leave, &l});
	if (lines->count)
		qsort(lines->list, lines->count, sizeof(*lines->list), compare);
	stack_tree_free(&tree);
	free(l.entries);
	free(l.on_the_way);
}

void lines_free(struct lines *lines)
{
	free(lines->list);
	*lines = (struct lines){0};
}
