/* heap.c: counts allocations, frees and reallocations.
 *
 * The way of an event: the thread is entered (busy: a signal handler that allocates meanwhile goes
 * another way), its stack is taken, stack and phase give a cell, the cell gives this thread's
 * counters, the counters grow, and the block's record is put into, or taken from, the live table.
 * No lock, no shared cache line is written.
 *
 * The peak. The region has the sum of live bytes, and the highest that it was. A thread adds its
 * changes to that sum in portions: at the latest when they exceed 64 KiB, and, when it is the only
 * thread, as soon as there may be a new peak; so with one thread the peak is exact, with more it is
 * within threads × 64 KiB.
 *
 * What each cell held at the peak. Whenever the peak rises, its epoch does. Counters remember the
 * epoch in which they were last touched: the first change after a peak saves what was held
 * (held_at_peak); as long as there is none, what is held now is what was held then. So a peak costs
 * nothing but its own epoch, and nothing is ever scanned.
 *
 * Events inside the profiler (a signal handler that allocates while its thread is counting) are
 * counted in slot 0 by locked adds: exact, slower, without the peak's portions.
 */
#include "heap.h"
#include "allocator_stats.h"
#include "capture.h"
#include "cells.h"
#include "count.h"
#include "live.h"
#include "os.h"
#include "thread.h"

#include <errno.h>

#define PORTION       (64 * 1024)
#define MEASURE_EVERY 1024u /* events: a power of two */

static inline uint32_t phase_of(const struct mp_thread *thread, const struct mp_region *region)
{
	uint32_t own = thread->slot->phase;
	return own ? own : __atomic_load_n(&region->steps.phase, __ATOMIC_RELAXED);
}

static inline struct mp_record record_now(const struct mp_region *region, uint32_t cell,
                                          uint32_t slot)
{
	return (struct mp_record){
	        .cell = cell ? cell : MP_CELL_UNCOUNTED,
	        .step = (uint32_t)__atomic_load_n(&region->steps.begun, __ATOMIC_RELAXED),
	        .tick = (uint16_t)__atomic_load_n(&region->tick, __ATOMIC_RELAXED),
	        .slot = (uint16_t)slot,
	};
}

/* ---- the peak ---------------------------------------------------------------------------- */

/* Raises the peak to `live`, unless it is as high already. */
static void raise_peak(struct mp_region *region, int64_t live)
{
	int64_t peak = __atomic_load_n(&region->peak_bytes, __ATOMIC_RELAXED);
	while (live > peak) {
		if (!__atomic_compare_exchange_n(&region->peak_bytes, &peak, live, true,
		                                 __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			continue;
		__atomic_fetch_add(&region->peak_epoch, 1, __ATOMIC_RELEASE);
		SET(region->peak_ticks, mp_ticks() - region->start_ticks);
		SET(region->peak_step, region->steps.begun);
		return;
	}
}

static void note_peak_error(struct mp_region *region, uint32_t threads)
{
	uint64_t error = (uint64_t)threads * PORTION;
	if (error > __atomic_load_n(&region->peak_error_bytes, __ATOMIC_RELAXED))
		SET(region->peak_error_bytes, error);
}

/* Adds this thread's portion to the sum of live bytes. */
static __attribute__((noinline)) void flush_pending(struct mp_thread *thread,
                                                    struct mp_region *region)
{
	int64_t amount = thread->pending;
	thread->pending = 0;
	int64_t live = ADD_SHARED(region->live_bytes, amount) + amount;
	raise_peak(region, live);
	uint32_t threads = __atomic_load_n(&region->threads_live, __ATOMIC_RELAXED);
	thread->headroom = PORTION;
	if (threads > 1) {
		note_peak_error(region, threads);
		return;
	}
	int64_t below = __atomic_load_n(&region->peak_bytes, __ATOMIC_RELAXED) - live;
	if (below < PORTION)
		thread->headroom = below;
}

static inline void hold(struct mp_thread *thread, struct mp_region *region,
                        struct mp_counters *counters, int64_t change)
{
	uint64_t epoch = __atomic_load_n(&region->peak_epoch, __ATOMIC_RELAXED);
	if (counters->peak_epoch != epoch) {
		SET(counters->held_at_peak, counters->held);
		SET(counters->peak_epoch, epoch);
	}
	ADD(counters->held, change);
	(void)thread;
}

static inline void change_live(struct mp_thread *thread, struct mp_region *region, int64_t change)
{
	thread->pending += change;
	if (__builtin_expect(thread->pending > thread->headroom || thread->pending < -PORTION, 0))
		flush_pending(thread, region);
}

/* ---- cells ------------------------------------------------------------------------------- */

static __attribute__((noinline)) bool
fill_cache(struct mp_thread *thread, struct mp_cell_cache *entry, uint32_t node, uint32_t phase)
{
	uint32_t cell = mp_cell_of(node, phase);
	if (!cell)
		cell = mp_cell_of(MP_NODE_OVERFLOW, 0);
	struct mp_counters *counters = cell ? mp_counters_of(thread, cell) : NULL;
	if (!counters)
		return false;
	*entry = (struct mp_cell_cache){node, phase, cell, 0, counters};
	return true;
}

/* The cell of this stack and phase. NULL: tables are full. */
static inline const struct mp_cell_cache *cell_here(struct mp_thread *thread,
                                                    struct mp_region *region, struct mp_site site)
{
	uint32_t node = mp_capture_stack(thread->capture, thread->counts, site.return_address,
	                                 site.sp, site.bp);
	uint32_t phase = phase_of(thread, region);
	struct mp_cell_cache *entry =
	        &thread->cache[(node * 0x9e3779b1u ^ phase * 0x85ebca6bu) >> 23];
	if (__builtin_expect(entry->node == node && entry->phase == phase && entry->counters, 1))
		return entry;
	return fill_cache(thread, entry, node, phase) ? entry : NULL;
}

/* ---- what it costs ----------------------------------------------------------------------- */

static inline uint64_t measure_begin(uint64_t count)
{
	return __builtin_expect((count & (MEASURE_EVERY - 1)) == 1, 0) ? mp_ticks() : 0;
}

static __attribute__((noinline)) void measure_end(struct mp_thread *thread, uint64_t begun)
{
	struct mp_thread_slot *slot = thread->slot;
	struct mp_region *region = mp_region();
	uint64_t clock = region->clock_ticks / 16;
	uint64_t took = mp_ticks() - begun;
	ADD(slot->overhead_ticks, took > clock ? took - clock : 0);
	ADD(slot->overhead_events, 1);
	SET(slot->events, slot->allocs + slot->frees);
	mp_allocator_stats_answer(region);
}

/* ---- inside the profiler ----------------------------------------------------------------- */

static struct mp_counters *nested_counters(struct mp_region *region, uint32_t *cell)
{
	struct mp_thread *shared = mp_thread_shared();
	if (!shared)
		return NULL;
	if (!*cell)
		*cell = mp_cell_of(MP_NODE_NESTED,
		                   __atomic_load_n(&region->steps.phase, __ATOMIC_RELAXED));
	return *cell ? mp_counters_make(shared, *cell) : NULL;
}

static void nested_allocated(struct mp_region *region, void *block, size_t size, size_t usable)
{
	uint32_t cell = 0;
	struct mp_counters *counters = nested_counters(region, &cell);
	struct mp_record record = record_now(region, counters ? cell : 0, 0);
	if (counters) {
		struct mp_thread_slot *slot = mp_thread_shared()->slot;
		ADD_SHARED(counters->allocs, 1);
		ADD_SHARED(counters->alloc_bytes, size);
		ADD_SHARED(counters->alloc_usable, usable);
		ADD_SHARED(counters->held, (int64_t)size);
		ADD_SHARED(region->live_bytes, (int64_t)size);
		ADD_SHARED(slot->allocs, 1);
		ADD_SHARED(slot->alloc_bytes, size);
	}
	(void)mp_live_put((uintptr_t)block, size, usable, record);
}

static void nested_freed(struct mp_region *region, const struct mp_live_block *block)
{
	uint32_t cell = block->record.cell;
	struct mp_counters *counters = nested_counters(region, &cell);
	if (!counters)
		return;
	struct mp_thread_slot *slot = mp_thread_shared()->slot;
	ADD_SHARED(counters->frees, 1);
	ADD_SHARED(counters->free_bytes, block->size);
	ADD_SHARED(counters->free_usable, block->usable);
	ADD_SHARED(counters->held, -(int64_t)block->size);
	ADD_SHARED(region->live_bytes, -(int64_t)block->size);
	ADD_SHARED(slot->frees, 1);
	ADD_SHARED(slot->free_bytes, block->size);
}

/* ---- allocation -------------------------------------------------------------------------- */

static __attribute__((noinline)) void allocated_outside(void *block, size_t size, size_t usable)
{
	struct mp_region *region = mp_region();
	if (region && mp_process_page.process.heap)
		nested_allocated(region, block, size, usable);
	else if (mp_process_page.process.state != MP_OFF)
		(void)mp_live_put((uintptr_t)block, size, usable,
		                  (struct mp_record){.cell = MP_CELL_UNCOUNTED});
}

void mp_heap_allocated(void *block, size_t size, size_t usable, struct mp_site site)
{
	struct mp_thread *thread = mp_thread_enter();
	if (__builtin_expect(!thread, 0)) {
		allocated_outside(block, size, usable);
		return;
	}
	struct mp_region *region = mp_region();
	if (__builtin_expect(!mp_process_page.process.heap, 0)) {
		mp_thread_leave(thread);
		return;
	}
	struct mp_thread_slot *slot = thread->slot;
	ADD(slot->allocs, 1);
	uint64_t measured = measure_begin(slot->allocs);
	ADD(slot->alloc_bytes, size);
	const struct mp_cell_cache *cell = cell_here(thread, region, site);
	if (__builtin_expect(cell != NULL, 1)) {
		struct mp_counters *counters = cell->counters;
		hold(thread, region, counters, (int64_t)size);
		ADD(counters->allocs, 1);
		ADD(counters->alloc_bytes, size);
		ADD(counters->alloc_usable, usable);
		change_live(thread, region, (int64_t)size);
	}
	if (__builtin_expect(
	            !mp_live_put((uintptr_t)block, size, usable,
	                         record_now(region, cell ? cell->cell : 0, thread->slot_index)),
	            0))
		mp_overflowed(region);
	thread->newest_block = (uintptr_t)block;
	if (__builtin_expect(measured != 0, 0))
		measure_end(thread, measured);
	mp_thread_leave(thread);
}

/* ---- free -------------------------------------------------------------------------------- */

/* True when the cell is one of this process, not of the one that forked it. */
static inline bool is_counted(uint32_t cell)
{
	return cell > mp_process_page.process.cell_base && cell != MP_CELL_UNCOUNTED;
}

static __attribute__((noinline)) bool freeing_outside(void *block)
{
	struct mp_live_block found;
	enum mp_live_found what = mp_live_take((uintptr_t)block, &found);
	struct mp_region *region = mp_region();
	if (what == MP_LIVE_FOUND && region && is_counted(found.record.cell))
		nested_freed(region, &found);
	return what != MP_LIVE_FOREIGN;
}

/* Frees that change no cell. */
static __attribute__((noinline)) void note_odd_free(struct mp_thread *thread,
                                                    enum mp_live_found what, uint32_t cell)
{
	struct mp_thread_slot *slot = thread->slot;
	if (what == MP_LIVE_FOREIGN)
		ADD(slot->foreign_frees, 1);
	else if (what == MP_LIVE_UNKNOWN)
		ADD(slot->unknown_frees, 1);
	else if (cell != MP_CELL_UNCOUNTED)
		ADD(slot->inherited_frees, 1);
}

static inline void count_free(struct mp_thread *thread, struct mp_region *region,
                              const struct mp_live_block *found, bool temporary)
{
	struct mp_thread_slot *slot = thread->slot;
	struct mp_counters *counters = mp_counters_of(thread, found->record.cell);
	ADD(slot->frees, 1);
	ADD(slot->free_bytes, found->size);
	if (__builtin_expect(!counters, 0))
		return;
	hold(thread, region, counters, -(int64_t)found->size);
	ADD(counters->frees, 1);
	ADD(counters->free_bytes, found->size);
	ADD(counters->free_usable, found->usable);
	if (temporary)
		ADD(counters->temporaries, 1);
	change_live(thread, region, -(int64_t)found->size);
}

bool mp_heap_freeing(void *block)
{
	struct mp_thread *thread = mp_thread_enter();
	if (__builtin_expect(!thread, 0))
		return freeing_outside(block);
	struct mp_region *region = mp_region();
	uint64_t measured = measure_begin(thread->slot->frees);
	struct mp_live_block found;
	enum mp_live_found what = mp_live_take((uintptr_t)block, &found);
	if (__builtin_expect(what == MP_LIVE_FOUND && is_counted(found.record.cell), 1))
		count_free(thread, region, &found, thread->newest_block == (uintptr_t)block);
	else if (mp_process_page.process.heap)
		note_odd_free(thread, what, what == MP_LIVE_FOUND ? found.record.cell : 0);
	if (__builtin_expect(measured != 0, 0))
		measure_end(thread, measured);
	mp_thread_leave(thread);
	return what != MP_LIVE_FOREIGN;
}

/* ---- reallocation ------------------------------------------------------------------------ */

struct mp_moving mp_heap_moving(void *block)
{
	struct mp_live_block found;
	enum mp_live_found what = mp_live_take((uintptr_t)block, &found);
	if (what != MP_LIVE_FOUND)
		return (struct mp_moving){.foreign = what == MP_LIVE_FOREIGN};
	return (struct mp_moving){
	        .known = true,
	        .cell = found.record.cell,
	        .step = found.record.step,
	        .tick = found.record.tick,
	        .slot = found.record.slot,
	        .size = found.size,
	        .usable = found.usable,
	};
}

static void count_move(struct mp_thread *thread, struct mp_region *region,
                       const struct mp_moving *from, struct mp_counters *to, size_t size,
                       size_t usable)
{
	struct mp_counters *out = mp_counters_of(thread, from->cell);
	if (out) {
		hold(thread, region, out, -(int64_t)from->size);
		ADD(out->moved_out, 1);
		ADD(out->moved_out_bytes, from->size);
		ADD(out->moved_out_usable, from->usable);
	}
	hold(thread, region, to, (int64_t)size);
	ADD(to->moved_in, 1);
	ADD(to->moved_in_bytes, size);
	ADD(to->moved_in_usable, usable);
	change_live(thread, region, (int64_t)size - (int64_t)from->size);
}

/* A move in the profiler's own midst, or of a block that has no cell here: the record follows the
 * block, its cell stays, and what it holds is put right. */
static void move_uncounted(struct mp_region *region, const struct mp_moving *from, void *block,
                           size_t size, size_t usable)
{
	struct mp_record record = {from->known ? from->cell : MP_CELL_UNCOUNTED, 0, from->step,
	                           from->tick, from->slot};
	(void)mp_live_put((uintptr_t)block, size, usable, record);
	uint32_t cell = record.cell;
	if (!region || !is_counted(cell))
		return;
	struct mp_counters *counters = nested_counters(region, &cell);
	if (!counters)
		return;
	ADD_SHARED(counters->moved_out, 1);
	ADD_SHARED(counters->moved_out_bytes, from->size);
	ADD_SHARED(counters->moved_out_usable, from->usable);
	ADD_SHARED(counters->moved_in, 1);
	ADD_SHARED(counters->moved_in_bytes, size);
	ADD_SHARED(counters->moved_in_usable, usable);
	ADD_SHARED(counters->held, (int64_t)size - (int64_t)from->size);
	ADD_SHARED(region->live_bytes, (int64_t)size - (int64_t)from->size);
}

void mp_heap_moved(const struct mp_moving *moving, void *old, void *block, size_t size,
                   size_t usable, struct mp_site site)
{
	struct mp_thread *thread = mp_thread_enter();
	struct mp_region *region = mp_region();
	if (!thread || !moving->known || !is_counted(moving->cell)) {
		if (thread ? mp_process_page.process.heap : mp_process_page.process.state != MP_OFF)
			move_uncounted(thread ? NULL : region, moving, block, size, usable);
		if (thread)
			mp_thread_leave(thread);
		return;
	}
	const struct mp_cell_cache *cell = cell_here(thread, region, site);
	struct mp_record record = record_now(region, cell ? cell->cell : 0, thread->slot_index);
	if (cell)
		count_move(thread, region, moving, cell->counters, size, usable);
	(void)mp_live_put((uintptr_t)block, size, usable, record);
	/* Not an allocation: what was the newest block still is, under its new address. */
	if (thread->newest_block == (uintptr_t)old)
		thread->newest_block = (uintptr_t)block;
	mp_thread_leave(thread);
}

void mp_heap_not_moved(const struct mp_moving *moving, void *block)
{
	if (!moving->known)
		return;
	struct mp_record record = {moving->cell, 0, moving->step, moving->tick, moving->slot};
	(void)mp_live_put((uintptr_t)block, moving->size, moving->usable, record);
}
