/* cells.h: from (stack, phase) to the counters of one thread for it.
 *
 * A stack has few phases. So its cells are a chain behind its node, one for each phase that it was
 * seen in:
 *
 *     node ─cells─▶ cell ─next─▶ cell ─next─▶ 0
 *
 * The phase of the first one is told by what leads to it.
 */
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

/* A phase + 1, and below it the number of the thread's counters for it and some node. 0: nothing.
 */
typedef uint64_t mp_cell_note;

static inline mp_cell_note mp_cell_note_of(uint32_t phase, uint32_t number)
{
	return (phase + 1ull) << 32 | number;
}

static inline bool mp_cell_note_is(mp_cell_note note, uint32_t phase)
{
	return note >> 32 == phase + 1;
}

static inline uint32_t mp_cell_note_number(mp_cell_note note)
{
	return (uint32_t)note;
}

/* What leads to a cell; 0: nothing. */
static inline uint32_t mp_cell_link(uint32_t cell, uint32_t phase)
{
	uint32_t as = phase < MP_CELLS_NO_PHASE ? phase : MP_CELLS_NO_PHASE;
	return cell << MP_CELLS_PHASE_BITS | as;
}

static inline uint32_t mp_cell_linked(uint32_t link)
{
	return link >> MP_CELLS_PHASE_BITS;
}

/* Finds the counters of a node and a phase, and makes them where there are none. MP_UNCOUNTED is
 * the note's number where all tables are full. */
mp_cell_note mp_cells_learn(struct mp_thread *thread, uint32_t node, uint32_t phase);

/* The same, quick where the phase is the one that the stack was in when it was new. */
static inline mp_cell_note mp_cells_find(struct mp_thread *thread, uint32_t node, uint32_t phase)
{
	const struct mp_node *nodes = mp_nodes(thread->region);
	uint32_t link = __atomic_load_n(&nodes[node].cells, __ATOMIC_ACQUIRE);
	uint32_t cell = mp_cell_linked(link);
	if (__builtin_expect(link != 0 && phase < MP_CELLS_NO_PHASE &&
	                             link == mp_cell_link(cell, phase),
	                     1)) {
		struct mp_counters *block = thread->counters[cell / MP_CELLS_PER_BLOCK];
		if (__builtin_expect(block != NULL, 1))
			return mp_cell_note_of(
			        phase,
			        mp_counters_number(thread, block + cell % MP_CELLS_PER_BLOCK));
	}
	return mp_cells_learn(thread, node, phase);
}

#endif
