/* nested.c: see nested.h. */
#include "nested.h"
#include "cells.h"
#include "count.h"
#include "live_table.h"

bool mp_block_is_ours(const struct mp_live_block *block)
{
	uint64_t generation = block->owner >> (MP_RECORD_OWNER_AT + MP_RECORD_SLOT_BITS);
	return block->counters != MP_UNCOUNTED && generation == mp_process_page.process.generation;
}

/* Slot 0's counters of nested events, or of the cell that counted a block. */
static struct mp_counters *shared_counters(struct mp_thread *shared, struct mp_region *region,
                                           const struct mp_live_block *block)
{
	if (!shared)
		return NULL;
	uint32_t cell = block ? mp_counters_cell(block->counters)
	                      : mp_cell_of(MP_NODE_NESTED,
	                                   __atomic_load_n(&region->now_phase, __ATOMIC_RELAXED));
	return cell ? mp_counters_of(shared, cell) : NULL;
}

void mp_nested_allocated(struct mp_region *region, void *block, size_t size, size_t usable)
{
	struct mp_thread *shared = mp_thread_shared();
	struct mp_counters *counters = shared_counters(shared, region, NULL);
	if (!counters) {
		(void)mp_live_put((uintptr_t)block, size, usable, MP_UNCOUNTED, 0, 0);
		return;
	}
	ADD_SHARED(counters->alloc_bytes, size);
	ADD_SHARED(counters->alloc_usable, usable);
	ADD_SHARED(mp_counters_sizes(counters)->sizes[mp_size_bucket(size)], 1);
	ADD_SHARED(region->live_bytes, (int64_t)size);
	ADD_SHARED(shared->slot->allocs_less_captures, 1);
	ADD_SHARED(shared->slot->alloc_bytes, size);
	(void)mp_live_put((uintptr_t)block, size, usable, mp_counters_number(shared, counters),
	                  shared->owner, mp_now(region));
}

void mp_nested_freed(struct mp_region *region, const struct mp_live_block *block)
{
	struct mp_counters *counters = shared_counters(mp_thread_shared(), region, block);
	if (!counters)
		return;
	uint64_t now = mp_now(region);
	ADD_SHARED(counters->free_bytes, block->size);
	ADD_SHARED(counters->free_usable, block->usable);
	ADD_SHARED(region->live_bytes, -(int64_t)block->size);
	struct mp_counters_lives *lives = mp_counters_lives(counters);
	ADD_SHARED(lives->life_steps[mp_life_steps(block->origin, now)], 1);
	ADD_SHARED(lives->life_time[mp_life_time(block->origin, now)], 1);
}

void mp_nested_moved(struct mp_region *region, const struct mp_live_block *from, void *block,
                     size_t size, size_t usable)
{
	struct mp_thread *shared = mp_thread_shared();
	struct mp_counters *counters = shared_counters(shared, region, from);
	if (!counters)
		return;
	SET(counters->moved, 1);
	struct mp_counters_moves *moves = mp_counters_moves(counters);
	ADD_SHARED(moves->moved_out, 1);
	ADD_SHARED(moves->moved_out_bytes, from->size);
	ADD_SHARED(moves->moved_out_usable, from->usable);
	ADD_SHARED(moves->moved_in, 1);
	ADD_SHARED(moves->moved_in_bytes, size);
	ADD_SHARED(moves->moved_in_usable, usable);
	ADD_SHARED(region->live_bytes, (int64_t)size - (int64_t)from->size);
	(void)mp_live_put((uintptr_t)block, size, usable, mp_counters_number(shared, counters),
	                  shared->owner, from->origin);
}
