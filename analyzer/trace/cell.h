/* cell.h: the sums of a cell.
 *
 * There are some sixty kinds of figures, of which a cell has about ten: the few sizes and lifetimes
 * that its blocks had. So a cell keeps only those that were told. A program may have a million
 * cells; what they take is what their reader waits for. */
#ifndef ANALYZER_TRACE_CELL_H
#define ANALYZER_TRACE_CELL_H

#include <memprof/trace_format.h>
#include <stdint.h>

#include "base/memory.h"

_Static_assert(TRACE_CELL_FIELDS_COUNT <= 64, "a bit of a word for each field");

/* Sums over the windows, by enum trace_cell_field. */
struct trace_cell {
	uint32_t stack, phase;
	uint32_t memory;   /* of other cells: TRACE_MEMORY_MAPPED, or the string of a pool's name */
	uint32_t capacity; /* of `sums` */
	uint64_t told;     /* a bit for each field that was told; the others are 0 */
	int64_t *sums;     /* of those, in order of fields */
};

#define TRACE_CELL_BIT(field) (UINT64_C(1) << (field))

/* Where the sum of a field that was told stands. */
static inline int64_t *trace_cell_sum(const struct trace_cell *cell, int field)
{
	return &cell->sums[__builtin_popcountll(cell->told & (TRACE_CELL_BIT(field) - 1))];
}

static inline int64_t trace_cell_field(const struct trace_cell *cell, int field)
{
	return cell->told & TRACE_CELL_BIT(field) ? *trace_cell_sum(cell, field) : 0;
}

/* Adds the cell's sums to those of `to`, by field. */
static inline void trace_cell_add_to(const struct trace_cell *cell,
                                     int64_t to[TRACE_CELL_FIELDS_COUNT])
{
	const int64_t *sum = cell->sums;
	for (uint64_t left = cell->told; left; left &= left - 1)
		to[__builtin_ctzll(left)] += *sum++;
}

/* What the cell holds at the end of the trace. */
static inline int64_t trace_cell_live_bytes(const struct trace_cell *cell)
{
	return trace_cell_field(cell, TRACE_CELL_ALLOCATED_BYTES) -
	       trace_cell_field(cell, TRACE_CELL_FREED_BYTES) +
	       trace_cell_field(cell, TRACE_CELL_MOVED_IN_BYTES) -
	       trace_cell_field(cell, TRACE_CELL_MOVED_OUT_BYTES);
}

/* Makes room for sums of these fields, a bit each; those that are new are 0. Sums are the arena's.
 */
void trace_cell_tell(struct arena *arena, struct trace_cell *cell, uint64_t fields);

#endif
