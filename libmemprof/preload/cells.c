/* cells.c: see cells.h.
 *
 * Cells are numbered through: a thread's counters for cells 32·i … 32·i + 31 are one block of the
 * region's pool, made when the thread first needs one of them. A forked child goes on numbering
 * where its parent was, so that a block record tells by its cell alone whose allocation it was.
 */
#include "cells.h"
#include "pool.h"
#include "process.h"

static bool cell_equal(void *context, uint32_t number, const void *key)
{
	const struct mp_cell *cell = (struct mp_cell *)context + number, *wanted = key;
	return cell->node == wanted->node && cell->phase == wanted->phase;
}

static uint32_t cell_make(void *context, const void *key)
{
	struct mp_region *region = mp_region();
	const struct mp_cell *wanted = key;
	uint32_t number = __atomic_fetch_add(&region->cells_used, 1, __ATOMIC_RELAXED);
	if (number >= region->cells_max) {
		__atomic_store_n(&region->cells_used, region->cells_max, __ATOMIC_RELAXED);
		mp_overflowed(region);
		return 0;
	}
	struct mp_cell *cell = (struct mp_cell *)context + number;
	cell->phase = wanted->phase;
	__atomic_store_n(&cell->node, wanted->node, __ATOMIC_RELEASE);
	return number;
}

uint32_t mp_cell_of(uint32_t node, uint32_t phase)
{
	struct mp_region *region = mp_region();
	struct mp_cell key = {.phase = phase, .node = node};
	uint32_t number = mp_intern(&mp_process_page.process.cells, mp_intern_hash(node, phase),
	                            cell_equal, cell_make, mp_at(region, region->cells_at), &key);
	return number ? mp_process_page.process.cell_base + number : 0;
}

struct mp_counters *mp_counters_make(struct mp_thread *thread, uint32_t cell)
{
	uint32_t index = cell - mp_process_page.process.cell_base;
	if (index >= thread->cells_max || !thread->counters)
		return NULL;
	struct mp_counters **place = &thread->counters[index / MP_CELLS_PER_BLOCK];
	struct mp_counters *block = __atomic_load_n(place, __ATOMIC_ACQUIRE);
	if (!block) {
		block = mp_pool_take(1, MP_BLOCK_CELLS, thread->slot_index,
		                     index / (uint32_t)MP_CELLS_PER_BLOCK);
		if (!block)
			return NULL;
		struct mp_counters *was = NULL;
		/* Slot 0 is shared: two may come at once. The loser's block stays empty. */
		if (!__atomic_compare_exchange_n(place, &was, block, false, __ATOMIC_ACQ_REL,
		                                 __ATOMIC_ACQUIRE))
			block = was;
	}
	return block + index % MP_CELLS_PER_BLOCK;
}
