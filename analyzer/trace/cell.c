/* cell.c: see cell.h. */
#include "trace/cell.h"

/* A cell mostly gets what it was freed of, and for how long blocks lived, in a later window than
 * what was allocated: so much room is left for it. */
#define SPARE 4

void trace_cell_tell(struct arena *arena, struct trace_cell *cell, uint64_t fields)
{
	uint64_t told = cell->told | fields, had = cell->told;
	uint32_t count = (uint32_t)__builtin_popcountll(told);
	uint32_t from = (uint32_t)__builtin_popcountll(had);
	int64_t *sums = cell->sums;
	if (told == had)
		return;
	if (count > cell->capacity) {
		cell->capacity = count + (had ? SPARE : count % 2);
		sums = arena_alloc(arena, cell->capacity * sizeof(*sums));
	}
	/* From the last one on, so that in the same place nothing is lost. */
	for (uint64_t left = told; left;) {
		uint64_t bit = UINT64_C(1) << (63 - __builtin_clzll(left));
		sums[--count] = had & bit ? cell->sums[--from] : 0;
		left &= ~bit;
	}
	cell->sums = sums;
	cell->told = told;
}
