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
#include "live_table.h"
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

static inline uint64_t origin_now(const struct mp_region *region, uint32_t slot)
{
	return mp_record_origin(__atomic_load_n(&region->steps.begun, __ATOMIC_RELAXED),
	                        __atomic_load_n(&region->tick, __ATOMIC_RELAXED), slot);
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

static inline void hold(const struct mp_region *region, struct mp_counters *counters,
                        int64_t change)
{
	uint64_t epoch = __atomic_load_n(&region->peak_epoch, __ATOMIC_RELAXED);
	if (counters->peak_epoch != epoch) {
		SET(counters->held_at_peak, counters->held);
		SET(counters->peak_epoch, epoch);
	}
	ADD(counters->held, change);
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
                                                    struct mp_region *region, MP_SITE_PARAMETERS)
{
	uint32_t node = mp_capture_stack(thread->capture, thread->counts, return_address, sp, bp);
	uint32_t phase = phase_of(thread, region);
	struct mp_cell_cache *entry =
	        &thread->cache[(node * 0x9e3779b1u ^ phase * 0x85ebca6bu) >> 23];
	if (__builtin_expect(entry->node == node && entry->phase == phase && entry->counters, 1))
		return entry;
	return fill_cache(thread, entry, node, phase) ? entry : NULL;
}

/* ---- what it costs ----------------------------------------------------------------------- */

/* True for one event in MEASURE_EVERY, whose work is then timed. */
static inline bool is_measured(struct mp_thread *thread)
{
	return __builtin_expect(--thread->until_measured == 0, 0);
}

static void note_measured(struct mp_thread *thread, struct mp_region *region, uint64_t begun)
{
	struct mp_thread_slot *slot = thread->slot;
	uint64_t clock = region->clock_ticks / 16;
	uint64_t took = mp_ticks() - begun;
	thread->until_measured = MEASURE_EVERY;
	ADD(slot->overhead_ticks, took > clock ? took - clock : 0);
	ADD(slot->overhead_events, 1);
	ADD(slot->events, MEASURE_EVERY);
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
	(void)mp_live_put((uintptr_t)block, size, usable, counters ? cell : MP_CELL_UNCOUNTED,
	                  origin_now(region, 0));
}

static void nested_freed(struct mp_region *region, const struct mp_live_block *block)
{
	uint32_t cell = block->cell;
	struct mp_counters *counters = nested_counters(region, &cell);
	if (!counters)
		return;
	ADD_SHARED(counters->frees, 1);
	ADD_SHARED(counters->free_bytes, block->size);
	ADD_SHARED(counters->free_usable, block->usable);
	ADD_SHARED(counters->held, -(int64_t)block->size);
	ADD_SHARED(region->live_bytes, -(int64_t)block->size);
}

/* ---- allocation -------------------------------------------------------------------------- */

/* False once it is known that no block is to be recorded. Before the start nothing is known yet. */
static bool heap_is_recorded(void)
{
	const struct mp_process *process = &mp_process_page.process;
	return process->state != MP_OFF && (process->state != MP_RECORDING || process->heap);
}

static __attribute__((noinline)) void allocated_outside(void *block, size_t size, size_t usable)
{
	struct mp_region *region = mp_region();
	if (!heap_is_recorded())
		return;
	if (region && !mp_thread_is_own_work())
		nested_allocated(region, block, size, usable);
	else
		(void)mp_live_put((uintptr_t)block, size, usable, MP_CELL_UNCOUNTED, 0);
}

static inline __attribute__((always_inline)) void count_allocated(struct mp_thread *thread,
                                                                  struct mp_region *region,
                                                                  void *block, size_t size,
                                                                  size_t usable, MP_SITE_PARAMETERS)
{
	struct mp_thread_slot *slot = thread->slot;
	ADD(slot->allocs, 1);
	ADD(slot->alloc_bytes, size);
	const struct mp_cell_cache *cell = cell_here(thread, region, MP_SITE_ARGUMENTS);
	uint32_t number = MP_CELL_UNCOUNTED;
	if (__builtin_expect(cell != NULL, 1)) {
		struct mp_counters *counters = cell->counters;
		number = cell->cell;
		hold(region, counters, (int64_t)size);
		ADD(counters->allocs, 1);
		ADD(counters->alloc_bytes, size);
		ADD(counters->alloc_usable, usable);
		change_live(thread, region, (int64_t)size);
	}
	if (__builtin_expect(!mp_live_put((uintptr_t)block, size, usable, number,
	                                  origin_now(region, thread->slot_index)),
	                     0))
		mp_overflowed(region);
	thread->newest_block = (uintptr_t)block;
}

static __attribute__((noinline)) void measure_allocated(struct mp_thread *thread, void *block,
                                                        size_t size, size_t usable,
                                                        const uintptr_t site[3])
{
	struct mp_region *region = mp_region();
	uint64_t begun = mp_ticks();
	count_allocated(thread, region, block, size, usable, site[0], site[1], site[2]);
	note_measured(thread, region, begun);
}

void mp_heap_allocated(void *block, size_t size, size_t usable, MP_SITE_PARAMETERS)
{
	struct mp_thread *thread = mp_thread_enter_heap();
	if (__builtin_expect(!thread, 0)) {
		allocated_outside(block, size, usable);
		return;
	}
	if (is_measured(thread)) {
		const uintptr_t site[3] = {MP_SITE_ARGUMENTS};
		measure_allocated(thread, block, size, usable, site);
	} else {
		count_allocated(thread, mp_region(), block, size, usable, MP_SITE_ARGUMENTS);
	}
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
	if (what == MP_LIVE_FOUND && region && is_counted(found.cell))
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
	struct mp_counters *counters = mp_counters_of(thread, found->cell);
	if (__builtin_expect(!counters, 0))
		return;
	hold(region, counters, -(int64_t)found->size);
	ADD(counters->frees, 1);
	ADD(counters->free_bytes, found->size);
	ADD(counters->free_usable, found->usable);
	if (temporary)
		ADD(counters->temporaries, 1);
	change_live(thread, region, -(int64_t)found->size);
}

static inline __attribute__((always_inline)) bool
count_freeing(struct mp_thread *thread, struct mp_region *region, void *block)
{
	struct mp_live_block found;
	enum mp_live_found what = mp_live_take((uintptr_t)block, &found);
	if (__builtin_expect(what == MP_LIVE_FOUND && is_counted(found.cell), 1))
		count_free(thread, region, &found, thread->newest_block == (uintptr_t)block);
	else
		note_odd_free(thread, what, what == MP_LIVE_FOUND ? found.cell : 0);
	return what != MP_LIVE_FOREIGN;
}

static __attribute__((noinline)) bool measure_freeing(struct mp_thread *thread, void *block)
{
	struct mp_region *region = mp_region();
	uint64_t begun = mp_ticks();
	bool ours = count_freeing(thread, region, block);
	note_measured(thread, region, begun);
	return ours;
}

bool mp_heap_freeing(void *block)
{
	struct mp_thread *thread = mp_thread_enter_heap();
	if (__builtin_expect(!thread, 0))
		return freeing_outside(block);
	bool ours = is_measured(thread) ? measure_freeing(thread, block)
	                                : count_freeing(thread, mp_region(), block);
	mp_thread_leave(thread);
	return ours;
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
	        .cell = found.cell,
	        .origin = found.origin,
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
		hold(region, out, -(int64_t)from->size);
		ADD(out->moved_out, 1);
		ADD(out->moved_out_bytes, from->size);
		ADD(out->moved_out_usable, from->usable);
	}
	hold(region, to, (int64_t)size);
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
	uint32_t cell = from->known ? from->cell : MP_CELL_UNCOUNTED;
	(void)mp_live_put((uintptr_t)block, size, usable, cell, from->origin);
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
                   size_t usable, MP_SITE_PARAMETERS)
{
	struct mp_thread *thread = mp_thread_enter_heap();
	struct mp_region *region = mp_region();
	if (!thread || !moving->known || !is_counted(moving->cell)) {
		if (thread || heap_is_recorded())
			move_uncounted(thread ? NULL : region, moving, block, size, usable);
		if (thread)
			mp_thread_leave(thread);
		return;
	}
	const struct mp_cell_cache *cell = cell_here(thread, region, MP_SITE_ARGUMENTS);
	if (cell)
		count_move(thread, region, moving, cell->counters, size, usable);
	(void)mp_live_put((uintptr_t)block, size, usable, cell ? cell->cell : MP_CELL_UNCOUNTED,
	                  origin_now(region, thread->slot_index));
	/* Not an allocation: what was the newest block still is, under its new address. */
	if (thread->newest_block == (uintptr_t)old)
		thread->newest_block = (uintptr_t)block;
	mp_thread_leave(thread);
}

void mp_heap_not_moved(const struct mp_moving *moving, void *block)
{
	if (!moving->known)
		return;
	(void)mp_live_put((uintptr_t)block, moving->size, moving->usable, moving->cell,
	                  moving->origin);
}
