/* cells.c: see cells.h.
 *
 * Cells are numbered through: a thread's counters for cells 16·i … 16·i + 15 are one block of the
 * region's pool, made when the thread first needs one of them.
 */
#include "cells.h"
#include "live.h"
#include "ownmem.h"
#include "pool.h"
#include "process.h"

static uint32_t cell_make(void *table, const struct mp_intern_key *key, const void *subject)
{
	(void)subject;
	struct mp_region *region = mp_region();
	uint32_t number = __atomic_fetch_add(&region->cells_used, 1, __ATOMIC_RELAXED);
	if (number >= region->cells_max) {
		__atomic_store_n(&region->cells_used, region->cells_max, __ATOMIC_RELAXED);
		mp_overflowed(region);
		return 0;
	}
	struct mp_cell *cell = (struct mp_cell *)table + number;
	cell->phase = key->more;
	__atomic_store_n(&cell->node, (uint32_t)(key->key - 1), __ATOMIC_RELEASE);
	return number;
}

/* Node 0 is a node: the root. */
static struct mp_intern_key key_of(uint32_t node, uint32_t phase)
{
	return (struct mp_intern_key){mp_intern_hash(node, phase), node + 1ull, phase};
}

static struct mp_intern_key cell_key(const void *table, uint32_t number)
{
	const struct mp_cell *cell = (const struct mp_cell *)table + number;
	return key_of(cell->node, cell->phase);
}

static const struct mp_intern_kind cells = {
        .make = cell_make, .key_of = cell_key, .entry_bytes = sizeof(struct mp_cell)};

uint32_t mp_cell_of(uint32_t node, uint32_t phase)
{
	struct mp_region *region = mp_region();
	const struct mp_intern_key key = key_of(node, phase);
	return mp_intern(&mp_process_page.process.cells, &key, &cells,
	                 mp_at(region, region->cells_at), NULL);
}

struct mp_counters *mp_counters_of(struct mp_thread *thread, uint32_t cell)
{
	if (cell >= thread->cells_max || !thread->counters)
		return NULL;
	struct mp_counters **place = &thread->counters[cell / MP_CELLS_PER_BLOCK];
	struct mp_counters *block = __atomic_load_n(place, __ATOMIC_ACQUIRE);
	if (!block) {
		block = mp_pool_take(1, MP_BLOCK_CELLS, thread->slot_index,
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

/* ---- what a thread remembers ------------------------------------------------------------- */

#define CACHE_FIRST 512u /* entries; powers of two */
#define CACHE_LAST  (1u << 16)

static void copy_entries(const struct mp_thread *thread, struct mp_cell_cache *to, uint32_t mask)
{
	for (uint32_t i = 0; i <= thread->cells_mask; i++) {
		const struct mp_cell_cache *entry = &thread->cells[i];
		if (entry->key)
			to[(uint32_t)entry->key & mask] = *entry;
	}
}

/* A handler may leave by a jump at any point: what is used is there. */
static void grow(struct mp_thread *thread)
{
	struct mp_cell_cache *smaller = thread->cells;
	uint32_t entries = (thread->cells_mask + 1) * 2;
	struct mp_cell_cache *larger = mp_own_map(entries * sizeof *larger);
	if (!larger)
		return;
	copy_entries(thread, larger, entries - 1);
	__atomic_store_n(&thread->cells, larger, __ATOMIC_RELEASE);
	__atomic_store_n(&thread->cells_mask, entries - 1, __ATOMIC_RELEASE);
	mp_own_unmap(smaller, entries / 2 * sizeof *larger);
}

void mp_cells_begin(struct mp_thread *thread)
{
	thread->cells = mp_own_map(CACHE_FIRST * sizeof *thread->cells);
	thread->cells_mask = CACHE_FIRST - 1;
}

static struct mp_counters *counters_for(struct mp_thread *thread, uint64_t key)
{
	uint32_t cell = mp_cell_of((uint32_t)key, (uint32_t)(key >> 32));
	if (!cell)
		cell = mp_cell_of(MP_NODE_OVERFLOW, 0);
	return cell ? mp_counters_of(thread, cell) : NULL;
}

__attribute__((noinline)) uint32_t mp_cells_learn(struct mp_thread *thread, uint64_t key)
{
	const struct mp_counters *counters = counters_for(thread, key);
	if (!counters)
		return MP_UNCOUNTED;
	struct mp_cell_cache *place = &thread->cells[(uint32_t)key & thread->cells_mask];
	/* As many were displaced as there is room for: most of them are wanted again. */
	if (place->key && ++thread->cells_displaced > thread->cells_mask &&
	    thread->cells_mask < CACHE_LAST - 1) {
		thread->cells_displaced = 0;
		grow(thread);
		place = &thread->cells[(uint32_t)key & thread->cells_mask];
	}
	place->key = key;
	place->number = mp_counters_number(thread, counters);
	return place->number;
}
