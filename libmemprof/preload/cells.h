/* cells.h: from (stack, phase) to the counters of one thread for it. */
#ifndef MP_PRELOAD_CELLS_H
#define MP_PRELOAD_CELLS_H

#include "thread.h"

/* The cell of a node and a phase, counted from the process's cell base; made if there is none.
 * Lock-free, async-signal-safe. 0: the table is full. */
uint32_t mp_cell_of(uint32_t node, uint32_t phase);

/* The counters of a thread for a cell, made at first use; only the thread itself may ask. NULL: no
 * room, or the cell belongs to the process that forked this one. */
struct mp_counters *mp_counters_make(struct mp_thread *thread, uint32_t cell);

static inline struct mp_counters *mp_counters_of(struct mp_thread *thread, uint32_t cell)
{
	uint32_t index = cell - mp_process_page.process.cell_base;
	if (__builtin_expect(index < thread->cells_max, 1)) {
		struct mp_counters *block = thread->counters[index / MP_CELLS_PER_BLOCK];
		if (__builtin_expect(block != NULL, 1))
			return block + index % MP_CELLS_PER_BLOCK;
	}
	return mp_counters_make(thread, cell);
}

#endif
