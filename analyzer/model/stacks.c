/* stacks.c: see stacks.h. Rows come from the cells of the heap, of which a pair of stack and phase
 * has one, and from samples, of which it has one for each role of threads. */
#include "model/stacks.h"

#include <stdlib.h>

#include "model/estimate.h"
#include "model/profile.h"

struct building {
	struct stacks *stacks;
	struct table pairs; /* of stack and phase, by row */
	size_t capacity, variances_capacity;
};

static struct stack_row *row_of(struct building *b, uint32_t stack, uint32_t phase)
{
	const uint32_t pair[2] = {stack, phase};
	struct stacks *stacks = b->stacks;
	uint32_t number = table_add(&b->pairs, pair);
	if (number == stacks->count) {
		stacks->rows = mem_room(stacks->rows, &b->capacity, stacks->count + 1,
		                        sizeof(*stacks->rows));
		stacks->rows[stacks->count++] = (struct stack_row){.stack = stack, .phase = phase};
	}
	return &stacks->rows[number];
}

static void add_cell(struct stack_row *row, const struct trace_cell *cell)
{
	row->values[STACK_ALLOCATIONS] += (double)trace_cell_field(cell, TRACE_CELL_ALLOCATIONS);
	row->values[STACK_BYTES] += (double)trace_cell_field(cell, TRACE_CELL_ALLOCATED_BYTES);
	row->values[STACK_PEAK] += (double)trace_cell_field(cell, TRACE_CELL_PEAK_BYTES);
	row->values[STACK_LIVE] += (double)trace_cell_live_bytes(cell);
}

static void add_variances(struct building *b, const struct stack_row *row,
                          const struct trace_variances *v)
{
	struct stacks *stacks = b->stacks;
	if (!v)
		return;
	stacks->variances = mem_grow(stacks->variances, &b->variances_capacity, b->capacity,
	                             sizeof(*stacks->variances));
	struct variance *of = stacks->variances[row - stacks->rows].of;
	variance_add(&of[STACK_ALLOCATIONS], v->fields[TRACE_CELL_ALLOCATIONS]);
	variance_add(&of[STACK_BYTES], v->fields[TRACE_CELL_ALLOCATED_BYTES]);
	variance_add(&of[STACK_PEAK], v->fields[TRACE_CELL_PEAK_BYTES]);
	variance_add(&of[STACK_LIVE], variance_live_bytes(v));
}

/* Rows of samples alone come after those of cells. */
static void end_variances(struct building *b)
{
	if (b->stacks->variances)
		b->stacks->variances = mem_grow(b->stacks->variances, &b->variances_capacity,
		                                b->capacity, sizeof(*b->stacks->variances));
}

static void add_sample(struct stack_row *row, const struct trace_sample *sample)
{
	double seconds = (double)sample->cpu_ns / 1e9, samples = (double)sample->samples;
	row->values[STACK_TIME] += seconds;
	row->samples += samples;
	if (sample->role != TRACE_ROLE_STEPPING) {
		row->workers_time += seconds;
		row->workers_samples += samples;
	}
}

void stacks_build(struct stacks *stacks, const struct profile *p)
{
	const struct trace *t = p->trace;
	struct building b = {.stacks = stacks};
	*stacks = (struct stacks){0};
	table_init(&b.pairs, 2 * sizeof(uint32_t));
	table_expect(&b.pairs, t->cells_count);
	for (size_t i = 1; i < t->cells_count; i++) {
		struct stack_row *row = row_of(&b, t->cells[i].stack, t->cells[i].phase);
		add_cell(row, &t->cells[i]);
		add_variances(&b, row, trace_variances_of(t, i));
	}
	for (size_t i = 0; i < t->samples_count; i++)
		add_sample(row_of(&b, t->samples[i].stack, t->samples[i].phase), &t->samples[i]);
	end_variances(&b);
	table_free(&b.pairs);
	stacks->known[STACK_TIME] = t->header.sampling_hz != TRACE_UNKNOWN;
	for (int metric = STACK_ALLOCATIONS; metric <= STACK_LIVE; metric++)
		stacks->known[metric] = p->heap;
}

void stacks_free(struct stacks *stacks)
{
	free(stacks->rows);
	free(stacks->variances);
	*stacks = (struct stacks){0};
}

/* ---- frames ------------------------------------------------------------------------------ */

static struct stack_frame *next_frame(struct stack_frame **frames, size_t *capacity, size_t count)
{
	*frames = mem_grow(*frames, capacity, count + 1, sizeof(**frames));
	return &(*frames)[count];
}

/* The functions of one frame, from frames[count] on; returns the new count. */
static size_t add_functions(const struct code *code, uint32_t id, struct stack_frame **frames,
                            size_t *capacity, size_t count)
{
	const struct code_frame *frame = &code->frames[id];
	const struct code_module *module = &code->modules[frame->module];
	struct stack_frame common = {.module = module->name,
	                             .frame = id,
	                             .address = code->trace->frames[id].address,
	                             .file = ""};
	for (uint32_t i = 0; i < frame->count; i++) {
		const struct code_function *f = &frame->functions[i];
		struct stack_frame *out = next_frame(frames, capacity, count++);
		*out = common;
		out->named = *f->function;
		out->function = *f->function ? f->function : code_nameless(code, frame->module);
		out->file = f->file;
		out->line = f->line;
		out->function_line = f->function_line;
		out->inlined = i + 1 < frame->count;
		out->own = f->own;
	}
	if (!frame->count) {
		struct stack_frame *out = next_frame(frames, capacity, count++);
		*out = common;
		out->function = code_nameless(code, frame->module);
	}
	return count;
}

size_t stack_frames(const struct profile *p, uint32_t stack, struct stack_frame **frames,
                    size_t *capacity)
{
	size_t count = 0;
	for (; stack; stack = p->trace->stacks[stack].parent) {
		uint32_t id = p->trace->stacks[stack].frame;
		if (id >= TRACE_FRAME_FIRST) {
			count = add_functions(&p->code, id, frames, capacity, count);
			continue;
		}
		*next_frame(frames, capacity, count++) = (struct stack_frame){
		        .function = code_special_name(id), .file = "", .module = "", .frame = id};
	}
	return count;
}
