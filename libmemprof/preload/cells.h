/* cells.h: from (stack, phase) to the counters of one thread for it.
 *
 * A stack has few phases. So its cells are a chain, one for each phase that it was seen in, and
 * what leads to it is a table by node:
 *
 *     first[node] ─▶ cell ─next─▶ cell ─next─▶ 0        in the region: struct mp_cell { phase, node
 * }
 *
 * A thread keeps of each node where its counters are for the phase that it was in last.
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

/* What a thread remembers of a node: the phase it was in last, and the number of the thread's
 * counters for the two; 0: nothing yet. Nodes are numbered through, and so the numbers of those
 * that are new together lie together. */
typedef uint64_t mp_cell_note;
#define MP_NODES_PER_NOTES 4096u

static inline bool mp_cell_note_is(mp_cell_note note, uint32_t phase)
{
	return note && note >> 32 == phase;
}

static inline uint32_t mp_cell_note_number(mp_cell_note note)
{
	return (uint32_t)note;
}

/* Gives a thread room for its notes; thread->notes stays NULL if there is no memory. */
void mp_cells_begin(struct mp_thread *thread);

/* Finds the counters of a node and a phase that are not noted, and notes them. The note's number is
 * MP_UNCOUNTED where all tables are full. */
mp_cell_note mp_cells_learn(struct mp_thread *thread, uint32_t node, uint32_t phase);

/* The number of the calling thread's counters for a node and a phase, with the phase above it.
 * MP_UNCOUNTED: there are none. */
static inline mp_cell_note mp_cells_find(struct mp_thread *thread, uint32_t node, uint32_t phase)
{
	const mp_cell_note *notes = thread->notes[node / MP_NODES_PER_NOTES];
	if (__builtin_expect(notes != NULL, 1)) {
		mp_cell_note note = notes[node % MP_NODES_PER_NOTES];
		if (__builtin_expect(mp_cell_note_is(note, phase), 1))
			return note;
	}
	return mp_cells_learn(thread, node, phase);
}

#endif
