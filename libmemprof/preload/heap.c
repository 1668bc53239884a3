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
#include "nested.h"
#include "os.h"
#include "sampled.h"
#include "thread.h"

#define PORTION           (64 * 1024)
#define INTERRUPTED_TICKS 16384u /* some 6 µs: another thread ran meanwhile, or the kernel */
#define MEASURE_EVERY     1024u  /* events: a power of two */

static inline uint32_t phase_of(const struct mp_thread *thread, const struct mp_region *region)
{
	uint32_t own = thread->phase;
	return own ? own : __atomic_load_n(&region->steps.phase, __ATOMIC_RELAXED);
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

/* Before a cell's counters change: keeps what was held at the peak, if nothing has changed since.
 */
static inline void keep_peak(const struct mp_region *region, struct mp_counters *counters)
{
	uint64_t epoch = __atomic_load_n(&region->peak_epoch, __ATOMIC_RELAXED);
	if (counters->peak_epoch != epoch) {
		SET(counters->held_at_peak, mp_counters_held(counters));
		SET(counters->peak_epoch, epoch);
	}
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
	*entry = (struct mp_cell_cache){
	        .key = node | (uint64_t)phase << 32,
	        .counters = counters,
	        .number = mp_counters_number(thread, counters),
	};
	return true;
}

/* The cell of this stack and phase. NULL: tables are full. */
static inline const struct mp_cell_cache *cell_here(struct mp_thread *thread,
                                                    struct mp_region *region, MP_SITE_PARAMETERS)
{
	uint32_t node = mp_capture_stack(thread->capture, thread->counts, return_address, sp, bp);
	uint32_t phase = phase_of(thread, region);
	uint64_t key = node | (uint64_t)phase << 32;
	struct mp_cell_cache *entry =
	        &thread->cache[(key * 0x9e3779b97f4a7c15ull) >> (64 - MP_CELL_CACHE_BITS)];
	if (__builtin_expect(entry->key == key, 1))
		return entry;
	return fill_cache(thread, entry, node, phase) ? entry : NULL;
}

/* ---- what it costs ----------------------------------------------------------------------- */

/* One event in MEASURE_EVERY is timed, on the way that all take: a way of its own would be cold. */
static inline uint64_t measure_begin(struct mp_thread *thread)
{
	return __builtin_expect(--thread->until_measured == 0, 0) ? mp_ticks() : 0;
}

/* What two readings take that have nothing between them. */
static uint64_t clock_cost(void)
{
	static uint64_t cost;
	if (cost)
		return cost;
	uint64_t best = UINT64_MAX;
	for (int i = 0; i < 8; i++) {
		uint64_t begin = mp_ticks(), took = mp_ticks_after() - begin;
		if (took < best)
			best = took;
	}
	return cost = best;
}

static __attribute__((noinline)) void note_measured(struct mp_thread *thread,
                                                    struct mp_region *region, uint64_t begun)
{
	struct mp_thread_slot *slot = thread->slot;
	uint64_t took = mp_ticks_after() - begun, clock = clock_cost();
	thread->until_measured = MEASURE_EVERY;
	if (took < INTERRUPTED_TICKS) {
		ADD(slot->overhead_ticks, took > clock ? took - clock : 0);
		ADD(slot->overhead_events, 1);
	}
	ADD(slot->events, MEASURE_EVERY);
	mp_allocator_stats_answer(region);
}

static inline void measure_end(struct mp_thread *thread, struct mp_region *region, uint64_t begun)
{
	if (__builtin_expect(begun != 0, 0))
		note_measured(thread, region, begun);
}

/* ---- allocation -------------------------------------------------------------------------- */

/* False once it is known that no block is to be recorded. Before the start nothing is known yet. */
static bool heap_is_recorded(void)
{
	const struct mp_process *process = &mp_process_page.process;
	return process->state != MP_OFF && (process->state != MP_RECORDING || process->heap);
}

static __attribute__((noinline)) void allocated_outside(void *block, size_t size, size_t usable,
                                                        MP_SITE_PARAMETERS)
{
	struct mp_region *region = mp_region();
	if (mp_sampling) {
		mp_sampled_allocated(block, size, usable, MP_SITE_ARGUMENTS);
		return;
	}
	if (!heap_is_recorded())
		return;
	if (region && !mp_thread_is_own_work())
		mp_nested_allocated(region, block, size, usable);
	else
		(void)mp_live_put((uintptr_t)block, size, usable, MP_UNCOUNTED, 0, 0);
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
	uint32_t number = MP_UNCOUNTED;
	uint64_t owner = 0;
	if (__builtin_expect(cell != NULL, 1)) {
		struct mp_counters *counters = cell->counters;
		number = cell->number;
		owner = thread->owner;
		keep_peak(region, counters);
		ADD(counters->allocs, 1);
		ADD(counters->alloc_bytes, size);
		ADD(counters->alloc_usable, usable);
		change_live(thread, region, (int64_t)size);
	}
	if (__builtin_expect(
	            !mp_live_put((uintptr_t)block, size, usable, number, owner, mp_now(region)), 0))
		mp_overflowed(region);
	thread->newest_block = (uintptr_t)block;
}

void mp_heap_allocated(void *block, size_t size, size_t usable, MP_SITE_PARAMETERS)
{
	struct mp_thread *thread = mp_thread_enter_heap();
	if (__builtin_expect(!thread, 0)) {
		allocated_outside(block, size, usable, MP_SITE_ARGUMENTS);
		return;
	}
	struct mp_region *region = mp_region();
	uint64_t measured = measure_begin(thread);
	count_allocated(thread, region, block, size, usable, MP_SITE_ARGUMENTS);
	measure_end(thread, region, measured);
	mp_thread_leave(thread);
}

/* ---- free -------------------------------------------------------------------------------- */

/* A block of the allocator's that has no record. All live blocks have one, unless tables were full,
 * so this one was freed before. The C library would have ended the program, or not noticed; the
 * allocator here would hand the block out twice. */
static enum mp_freeing free_of_unknown(struct mp_region *region)
{
	static bool said;
	if (!region || !heap_is_recorded() || region->overflows)
		return MP_FREE_HERE;
	if (!__atomic_test_and_set(&said, __ATOMIC_RELAXED))
		mp_complain("the program frees a block twice; the second free is left out");
	return MP_FREE_TWICE;
}

static __attribute__((noinline)) enum mp_freeing freeing_outside(void *block)
{
	if (mp_sampling)
		return mp_sampled_freeing(block);
	struct mp_live_block found;
	enum mp_live_found what = mp_live_take((uintptr_t)block, &found);
	struct mp_region *region = mp_region();
	if (what == MP_LIVE_FOREIGN)
		return MP_FREE_NEXT;
	if (what == MP_LIVE_UNKNOWN)
		return free_of_unknown(region);
	if (region && mp_block_is_ours(&found))
		mp_nested_freed(region, &found);
	return MP_FREE_HERE;
}

static inline __attribute__((always_inline)) void count_free(struct mp_thread *thread,
                                                             struct mp_region *region,
                                                             struct mp_counters *counters,
                                                             const struct mp_live_block *block)
{
	uint64_t now = mp_now(region);
	keep_peak(region, counters);
	ADD(counters->frees, 1);
	ADD(counters->free_bytes, block->size);
	ADD(counters->free_usable, block->usable);
	if (block->origin == now) { /* most are: not so much as the clock has moved */
		ADD(counters->life_steps[0], 1);
		ADD(counters->life_time[0], 1);
	} else {
		ADD(counters->life_steps[mp_life_steps(block->origin, now)], 1);
		ADD(counters->life_time[mp_life_time(block->origin, now)], 1);
	}
	change_live(thread, region, -(int64_t)block->size);
}

/* A block that this thread has not allocated: another thread's, or one that changes no cell. */
static __attribute__((noinline)) void free_of_others(struct mp_thread *thread,
                                                     struct mp_region *region,
                                                     const struct mp_live_block *block)
{
	if (block->counters == MP_UNCOUNTED)
		return;
	if (!mp_block_is_ours(block)) {
		ADD(thread->slot->inherited_frees, 1);
		return;
	}
	struct mp_counters *counters = mp_counters_of(thread, mp_counters_cell(block->counters));
	if (!counters)
		return;
	ADD(counters->cross_frees, 1);
	count_free(thread, region, counters, block);
}

static __attribute__((noinline)) enum mp_freeing
odd_free(struct mp_thread *thread, struct mp_region *region, enum mp_live_found what)
{
	struct mp_thread_slot *slot = thread->slot;
	if (what == MP_LIVE_FOREIGN) {
		ADD(slot->foreign_frees, 1);
		return MP_FREE_NEXT;
	}
	ADD(slot->unknown_frees, 1);
	return free_of_unknown(region);
}

static inline __attribute__((always_inline)) enum mp_freeing
count_freeing(struct mp_thread *thread, struct mp_region *region, void *block)
{
	struct mp_live_block found;
	enum mp_live_found what = mp_live_take((uintptr_t)block, &found);
	if (__builtin_expect(what != MP_LIVE_FOUND, 0))
		return odd_free(thread, region, what);
	if (__builtin_expect(found.owner != thread->owner, 0)) {
		free_of_others(thread, region, &found);
		return MP_FREE_HERE;
	}
	struct mp_counters *counters = mp_counters_at(thread, found.counters);
	if (thread->newest_block == (uintptr_t)block)
		ADD(counters->temporaries, 1);
	count_free(thread, region, counters, &found);
	return MP_FREE_HERE;
}

enum mp_freeing mp_heap_freeing(void *block)
{
	struct mp_thread *thread = mp_thread_enter_heap();
	if (__builtin_expect(!thread, 0))
		return freeing_outside(block);
	struct mp_region *region = mp_region();
	uint64_t measured = measure_begin(thread);
	enum mp_freeing way = count_freeing(thread, region, block);
	measure_end(thread, region, measured);
	mp_thread_leave(thread);
	return way;
}

/* ---- reallocation ------------------------------------------------------------------------ */

struct mp_moving mp_heap_moving(void *block)
{
	struct mp_moving moving;
	if (__builtin_expect(mp_sampling, 0))
		mp_sampled_moving(&moving, block);
	else
		moving.found = mp_live_take((uintptr_t)block, &moving.from);
	return moving;
}

/* The block goes from the cell that had it to the one whose stack this is. */
static struct mp_counters *count_move(struct mp_thread *thread, struct mp_region *region,
                                      const struct mp_live_block *from,
                                      const struct mp_cell_cache *to, size_t size, size_t usable)
{
	struct mp_counters *out = mp_counters_of(thread, mp_counters_cell(from->counters));
	if (!out)
		return NULL;
	keep_peak(region, out);
	ADD(out->moved_out, 1);
	ADD(out->moved_out_bytes, from->size);
	ADD(out->moved_out_usable, from->usable);
	struct mp_counters *in = to ? to->counters : out;
	keep_peak(region, in);
	ADD(in->moved_in, 1);
	ADD(in->moved_in_bytes, size);
	ADD(in->moved_in_usable, usable);
	change_live(thread, region, (int64_t)size - (int64_t)from->size);
	return in;
}

/* A block that no cell counts stays so at its new address. */
static void move_uncounted(const struct mp_moving *moving, void *block, size_t size, size_t usable)
{
	bool known = moving->found == MP_LIVE_FOUND;
	(void)mp_live_put((uintptr_t)block, size, usable,
	                  known ? moving->from.counters : MP_UNCOUNTED,
	                  known ? moving->from.owner : 0, known ? moving->from.origin : 0);
}

static void moved_outside(const struct mp_moving *moving, void *block, size_t size, size_t usable,
                          MP_SITE_PARAMETERS)
{
	if (mp_sampling) {
		mp_sampled_moved(moving, block, size, usable, MP_SITE_ARGUMENTS);
		return;
	}
	if (!heap_is_recorded())
		return;
	move_uncounted(moving, block, size, usable);
	if (mp_region() && moving->found == MP_LIVE_FOUND && mp_block_is_ours(&moving->from))
		mp_nested_moved(mp_region(), &moving->from, block, size, usable);
}

void mp_heap_moved(const struct mp_moving *moving, void *old, void *block, size_t size,
                   size_t usable, MP_SITE_PARAMETERS)
{
	struct mp_thread *thread = mp_thread_enter_heap();
	if (!thread) {
		moved_outside(moving, block, size, usable, MP_SITE_ARGUMENTS);
		return;
	}
	struct mp_region *region = mp_region();
	struct mp_counters *counters = NULL;
	if (moving->found == MP_LIVE_FOUND && mp_block_is_ours(&moving->from))
		counters = count_move(thread, region, &moving->from,
		                      cell_here(thread, region, MP_SITE_ARGUMENTS), size, usable);
	if (counters)
		(void)mp_live_put((uintptr_t)block, size, usable,
		                  mp_counters_number(thread, counters), thread->owner,
		                  moving->from.origin);
	else
		move_uncounted(moving, block, size, usable);
	/* Not an allocation: what was the newest block still is, under its new address. */
	if (thread->newest_block == (uintptr_t)old)
		thread->newest_block = (uintptr_t)block;
	mp_thread_leave(thread);
}

void mp_heap_not_moved(const struct mp_moving *moving, void *block)
{
	if (mp_sampling)
		mp_sampled_not_moved(moving);
	else if (moving->found == MP_LIVE_FOUND)
		(void)mp_live_put((uintptr_t)block, moving->from.size, moving->from.usable,
		                  moving->from.counters, moving->from.owner, moving->from.origin);
}
