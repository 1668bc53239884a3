/* cells.h: from (stack, phase) to the counters of one thread for it. */
#ifndef MP_PRELOAD_CELLS_H
#define MP_PRELOAD_CELLS_H

#include "thread.h"

/* The cell of a node and a phase; made if there is none. Lock-free, async-signal-safe. 0: the table
 * is full. */
uint32_t mp_cell_of(uint32_t node, uint32_t phase);

/* The counters of a thread for a cell, made at first use. For another thread than the calling one
 * only where both agree on it (slot 0). NULL: no room. */
struct mp_counters *mp_counters_of(struct mp_thread *thread, uint32_t cell);

/* Counters by their number: their place in the pool, in cache lines. */
static inline uint32_t mp_counters_number(const struct mp_thread *thread,
                                          const struct mp_counters *counters)
{
	return (uint32_t)(((const char *)counters - thread->pool) / 64);
}

static inline struct mp_counters *mp_counters_at(const struct mp_thread *thread, uint32_t number)
{
	return (struct mp_counters *)(thread->pool + (uint64_t)number * 64);
}

/* The cell that numbered counters, of whatever thread, belong to. */
uint32_t mp_counters_cell(uint32_t number);

/* What a thread remembers of which counters are whose: one look for most allocations. Nodes are
 * numbered through, so those in use at a time lie at different places of a table that has as many;
 * it grows until they do. */
struct mp_cell_cache {
	uint64_t key;    /* node, and phase above it; 0: nothing here */
	uint32_t number; /* of the counters */
	uint32_t spare;
};

/* Gives a thread its first table; thread->cells stays NULL if there is no memory. */
void mp_cells_begin(struct mp_thread *thread);

/* Finds the counters of a key that is not at its place, and puts them there. MP_UNCOUNTED: all
 * tables are full. */
uint32_t mp_cells_learn(struct mp_thread *thread, uint64_t key);

/* The number of the calling thread's counters for a node and a phase. MP_UNCOUNTED: there are none.
 */
static inline uint32_t mp_cells_find(struct mp_thread *thread, uint32_t node, uint32_t phase)
{
	uint64_t key = node | (uint64_t)phase << 32;
	const struct mp_cell_cache *place = &thread->cells[node & thread->cells_mask];
	return __builtin_expect(place->key == key, 1) ? place->number : mp_cells_learn(thread, key);
}

#endif
