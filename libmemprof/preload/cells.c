/* cells.c: see cells.h.
 *
 * Cells are numbered through: a thread's counters for 64 cells in a row are blocks of the region's
 * pool, taken when the thread first needs one of them.
 */
#include "cells.h"
#include "live.h"
#include "ownmem.h"
#include "pool.h"
#include "process.h"

/* ---- cells ------------------------------------------------------------------------------- */

static struct mp_cell *cell_at(struct mp_region *region, uint32_t number)
{
	return (struct mp_cell *)mp_at(region, region->cells_at) + number;
}

/* An entry of the region's table. 0: it is full. */
static uint32_t make_cell(struct mp_region *region, uint32_t node, uint32_t phase)
{
	uint32_t number = __atomic_fetch_add(&region->cells_used, 1, __ATOMIC_RELAXED);
	if (number >= region->cells_max) {
		__atomic_store_n(&region->cells_used, region->cells_max, __ATOMIC_RELAXED);
		mp_overflowed(region);
		return 0;
	}
	mp_own_fill(cell_at(region, 0), number, sizeof(struct mp_cell));
	struct mp_cell *cell = cell_at(region, number);
	cell->phase = phase;
	__atomic_store_n(&cell->node, node, __ATOMIC_RELEASE);
	return number;
}

/* The cell of a phase in a chain, as far as `end`, which was looked at before. */
static uint32_t find_cell(struct mp_region *region, uint32_t cell, uint32_t end, uint32_t phase)
{
	while (cell != end && cell_at(region, cell)->phase != phase)
		cell = cell_at(region, cell)->next;
	return cell == end ? 0 : cell;
}

uint32_t mp_cell_of(uint32_t node, uint32_t phase)
{
	struct mp_region *region = mp_region();
	uint32_t *place = &mp_nodes(region)[node].cells;
	uint32_t link = __atomic_load_n(place, __ATOMIC_ACQUIRE), looked_at = 0;
	uint32_t made = 0, found;
	while (!(found = find_cell(region, mp_cell_linked(link), looked_at, phase))) {
		if (!made && !(made = make_cell(region, node, phase)))
			return 0;
		cell_at(region, made)->next = looked_at = mp_cell_linked(link);
		if (__atomic_compare_exchange_n(place, &link, mp_cell_link(made, phase), false,
		                                __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
			return made;
	}
	return found; /* if one was made, another thread was faster with the same */
}

/* ---- counters ---------------------------------------------------------------------------- */

struct mp_counters *mp_counters_of(struct mp_thread *thread, uint32_t cell)
{
	if (cell >= thread->cells_max || !thread->counters)
		return NULL;
	struct mp_counters **place = &thread->counters[cell / MP_CELLS_PER_BLOCK];
	struct mp_counters *block = __atomic_load_n(place, __ATOMIC_ACQUIRE);
	if (!block) {
		block = mp_pool_take(MP_CELLS_BLOCKS, MP_BLOCK_CELLS, thread->slot_index,
		                     cell / MP_CELLS_PER_BLOCK);
		if (!block)
			return NULL;
		struct mp_counters *was = NULL;
		/* Slot 0 is shared: two may come at once. The loser's block stays empty. */
		if (!__atomic_compare_exchange_n(place, &was, block, false, __ATOMIC_ACQ_REL,
		                                 __ATOMIC_ACQUIRE))
			block = was;
	}
	return block + cell % MP_CELLS_PER_BLOCK;
}

uint32_t mp_counters_cell(uint32_t number)
{
	struct mp_region *region = mp_region();
	const struct mp_block_desc *blocks = mp_at(region, region->blocks_at);
	uint64_t bytes = (uint64_t)number * 64;
	uint32_t in_block = (uint32_t)(bytes % MP_BLOCK_SIZE / sizeof(struct mp_counters));
	return blocks[bytes / MP_BLOCK_SIZE].index * MP_CELLS_PER_BLOCK + in_block;
}

/* ---- from a node --------------------------------------------------------------------------- */

static struct mp_counters *counters_for(struct mp_thread *thread, uint32_t node, uint32_t phase)
{
	uint32_t cell = mp_cell_of(node, phase);
	if (!cell)
		cell = mp_cell_of(MP_NODE_OVERFLOW, 0);
	return cell ? mp_counters_of(thread, cell) : NULL;
}

__attribute__((noinline)) mp_cell_note mp_cells_learn(struct mp_thread *thread, uint32_t node,
                                                      uint32_t phase)
{
	const struct mp_counters *counters = counters_for(thread, node, phase);
	uint32_t number = counters ? mp_counters_number(thread, counters) : MP_UNCOUNTED;
	return mp_cell_note_of(phase, number);
}
