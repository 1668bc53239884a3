/* heap.c: counts allocations, frees and reallocations.
 *
 * The way of an event: the thread is entered (busy: a signal handler that allocates meanwhile goes
 * another way), its stack is taken, stack and phase give a cell, the cell gives this thread's
 * counters, the counters grow, and the block's record is put into, or taken from, the live table.
 * No lock, no shared cache line is written. The peak of live bytes is followed by peak.h.
 *
 * Each event comes twice: as a straight line for what nearly all events are, which calls nothing it
 * could do without and decides before it changes anything; and as functions for whatever else there
 * is, to which it hands the event over whole.
 *
 * What an event of the straight line touches, beside the stack, what took it (capture.h) and the
 * allocator's own; by how much there is of it:
 *
 *     one of a thread      two lines of struct mp_thread, one of its slot
 *     one of the process   the region's line of what each event reads, a few of tables by size
 *     one of a page        the word of the page that the block starts in      8 bytes a page
 *     one of a block       its record                                         16 bytes a block
 *     one of a cell        its counters, both ways                            64 bytes a cell
 *                          an allocation, of a size that is not usual there:
 *                                         its sizes                           64
 *                          a free, of a block that lived for some time:
 *                                         lifetimes, two lines                128
 *
 * Events inside the profiler (a signal handler that allocates while its thread is counting) are
 * counted in slot 0 by locked adds: exact, slower, without the peak's portions.
 */
#include "heap.h"
#include "allocator_stats.h"
#include "capture.h"
#include "cells.h"
#include "count.h"
#include "jemalloc.h"
#include "live_table.h"
#include "nested.h"
#include "next.h"
#include "os.h"
#include "peak.h"
#include "sampled.h"
#include "sizes.h"
#include "thread.h"
#include "unwind/unchanged.h"

#define INTERRUPTED_TICKS 16384u /* some 6 µs: another thread ran meanwhile, or the kernel */

/* ---- what it costs ----------------------------------------------------------------------- */

/* After MP_TIMED_EVERY allocations the next allocation is timed, and after as many again the next
 * free, each on the way that all take, since a way of its own would be cold. Until then the thread
 * is in a state of its own, so that the test for it is the one that is made anyway. */
static __attribute__((noinline)) void time_next(struct mp_thread *thread)
{
	thread->until_timed = MP_TIMED_EVERY;
	thread->state = thread->slot->overhead_events % 2 ? MP_THREAD_TIMES_FREE
	                                                  : MP_THREAD_TIMES_ALLOCATION;
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

/* The event that the thread was to time has ended. */
static void note_timed(struct mp_thread *thread, uint64_t took)
{
	uint64_t clock = clock_cost();
	struct mp_thread_slot *slot = thread->slot;
	if (took < INTERRUPTED_TICKS) {
		ADD(slot->overhead_events, 1);
		ADD(slot->overhead_ticks, took > clock ? took - clock : 0);
	}
	mp_allocator_stats_answer(thread->region);
}

/* ---- allocation -------------------------------------------------------------------------- */

/* False once it is known that no block is to be recorded. Before the start nothing is known yet. */
static bool heap_is_recorded(void)
{
	const struct mp_process *process = &mp_process_page.process;
	return process->state != MP_OFF && (process->state != MP_RECORDING || process->heap);
}

static void allocated_outside(void *block, size_t size, size_t usable, MP_SITE_PARAMETERS)
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

/* The number of the thread's counters for a stack and the phase it is in: mostly as it was noted
 * with the stack. False: all tables are full. */
static inline bool find_number(struct mp_thread *thread, struct mp_taken *taken, uint32_t *number)
{
	uint32_t phase = mp_thread_phase(thread);
	mp_cell_note note = taken->note;
	if (__builtin_expect(!mp_cell_note_is(note, phase), 0)) {
		note = mp_cells_find(thread, taken->node, phase);
		if (mp_cell_note_number(note) == MP_UNCOUNTED)
			return false;
		taken->note = note;
	}
	*number = mp_cell_note_number(note);
	return true;
}

/* As long as there was none of the size that is usual so far; nor so many that their count might
 * have come round to 0. */
static inline void settle_usual_size(struct mp_counters *counters, uint32_t bucket)
{
	if (counters->usual == 0 && counters->alloc_usable < UINT32_MAX)
		SET(counters->usual_size, (uint8_t)bucket);
}

/* Cells of more than one size are many, too, and their sizes come in no order that could be
 * foretold: the counter is chosen without a branch. */
static inline void count_size(struct mp_counters *counters, uint32_t bucket)
{
	uint32_t *count = &mp_counters_sizes(counters)->sizes[bucket];
	__asm__("cmpb %2, %3\n\tcmove %1, %0"
	        : "+r"(count)
	        : "r"(&counters->usual), "q"((uint8_t)bucket), "m"(counters->usual_size)
	        : "cc");
	ADD(*count, 1);
}

/* Counts an allocation in the cell of the thread's stack and phase. Returns what the block's record
 * says of its counters and owner; `now` is its origin. */
static inline __attribute__((always_inline)) uint64_t
count_allocated(struct mp_thread *thread, size_t size, size_t usable, uint32_t bucket,
                uint64_t *now, MP_SITE_PARAMETERS)
{
	struct mp_taken *taken =
	        mp_capture_stack_here(thread->capture, thread->counts, MP_SITE_ARGUMENTS);
	const struct mp_region *region = thread->region;
	*now = mp_now(region);
	ADD(thread->slot->alloc_bytes, size);
	uint32_t number;
	if (!find_number(thread, taken, &number))
		return MP_UNCOUNTED;
	struct mp_counters *counters = mp_counters_at(thread, number);
	if (mp_keep_peak(region, counters))
		settle_usual_size(counters, bucket);
	ADD(counters->alloc_bytes, size);
	ADD(counters->alloc_usable, usable);
	count_size(counters, bucket);
	mp_balance_after(thread, (int64_t)size);
	return number | thread->owner;
}

void mp_heap_allocated_as(void *block, size_t size, size_t usable, MP_SITE_PARAMETERS)
{
	struct mp_thread *thread = mp_thread_enter_heap(sp);
	if (!thread) {
		allocated_outside(block, size, usable, MP_SITE_ARGUMENTS);
		return;
	}
	uint64_t now;
	uint64_t what = count_allocated(thread, size, usable, mp_size_bucket(size), &now,
	                                MP_SITE_ARGUMENTS);
	if (!mp_live_put((uintptr_t)block, size, usable, (uint32_t)what, what & MP_RECORD_OWNER,
	                 now))
		mp_overflowed(thread->region);
	thread->newest_block = (uintptr_t)block;
	mp_thread_leave(thread);
}

/* All that is not in the straight line below. */
static __attribute__((noinline)) void *allocated_otherwise(void *block, size_t size,
                                                           MP_SITE_PARAMETERS)
{
	struct mp_thread *thread = mp_self;
	uint32_t state = thread->state;
	if (state != MP_THREAD_TIMES_ALLOCATION && state != MP_THREAD_TIMES_FREE) {
		mp_heap_allocated_as(block, size, mp_size_class(mp_hook_size(size)),
		                     MP_SITE_ARGUMENTS);
		return block;
	}
	thread->state = MP_THREAD_READY;
	uint64_t begin = mp_ticks();
	mp_heap_allocated(block, size, MP_SITE_ARGUMENTS);
	uint64_t took = mp_ticks_after() - begin;
	if (state == MP_THREAD_TIMES_ALLOCATION)
		note_timed(thread, took);
	else if (thread->state == MP_THREAD_READY)
		thread->state = state;
	return block;
}

void *mp_heap_allocated(void *block, size_t size, MP_SITE_PARAMETERS)
{
	struct mp_thread *thread = mp_self;
	if (__builtin_expect(thread->state != MP_THREAD_READY || size > MP_SIZES_MAX, 0))
		return allocated_otherwise(block, size, MP_SITE_ARGUMENTS);
	mp_thread_busy(thread);
	const struct mp_size *as = mp_size_of(size);
	/* Before the stack is taken, so that the record is there by then. */
	struct mp_record *place = mp_live_place((uintptr_t)block, as->usable, as->reciprocal);
	__builtin_prefetch(place, 1);
	uint64_t now;
	uint64_t what =
	        count_allocated(thread, size, as->usable, as->bucket, &now, MP_SITE_ARGUMENTS);
	if (__builtin_expect(place != NULL, 1)) {
		place->origin = now;
		place->what = what | size << MP_RECORD_SIZE_AT;
	} else {
		mp_overflowed(thread->region);
	}
	thread->newest_block = (uintptr_t)block;
	mp_thread_leave(thread);
	if (__builtin_expect(--thread->until_timed == 0, 0))
		time_next(thread);
	return block;
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

static enum mp_freeing freeing_outside(void *block)
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

/* Many live so shortly that not so much as the clock has moved. */
static inline void count_life(struct mp_counters *counters, uint64_t origin, uint64_t now)
{
	if (origin == now) {
		ADD(counters->at_once, 1);
		return;
	}
	struct mp_counters_lives *lives = mp_counters_lives(counters);
	ADD(lives->life_steps[mp_life_steps(origin, now)], 1);
	ADD(lives->life_time[mp_life_time(origin, now)], 1);
}

static void count_free(struct mp_thread *thread, struct mp_counters *counters,
                       const struct mp_live_block *block)
{
	uint64_t now = mp_now(thread->region);
	mp_balance_before(thread, -(int64_t)block->size);
	mp_keep_peak(thread->region, counters);
	ADD(counters->free_bytes, block->size);
	ADD(counters->free_usable, block->usable);
	count_life(counters, block->origin, now);
	mp_balance_after(thread, -(int64_t)block->size);
}

/* A block that another thread allocated, or one that changes no cell. */
static void free_of_others(struct mp_thread *thread, const struct mp_live_block *block)
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
	count_free(thread, counters, block);
	ADD(mp_counters_lives(counters)->cross_frees, 1);
}

static enum mp_freeing odd_free(struct mp_thread *thread, enum mp_live_found what)
{
	struct mp_thread_slot *slot = thread->slot;
	if (what == MP_LIVE_FOREIGN) {
		ADD(slot->foreign_frees, 1);
		return MP_FREE_NEXT;
	}
	ADD(slot->unknown_frees, 1);
	return free_of_unknown(thread->region);
}

static enum mp_freeing count_freeing(struct mp_thread *thread, void *block)
{
	struct mp_live_block found;
	enum mp_live_found what = mp_live_take((uintptr_t)block, &found);
	if (what != MP_LIVE_FOUND)
		return odd_free(thread, what);
	if (found.owner != thread->owner) {
		free_of_others(thread, &found);
		return MP_FREE_HERE;
	}
	struct mp_counters *counters = mp_counters_at(thread, found.counters);
	ADD(counters->temporaries, thread->newest_block == (uintptr_t)block);
	count_free(thread, counters, &found);
	return MP_FREE_HERE;
}

/* The straight line: a small block, freed by the thread that allocated it, below the peak. It calls
 * nothing. False: it is not that, and nothing has changed. */
static inline __attribute__((always_inline)) bool count_plain_free(struct mp_thread *thread,
                                                                   uintptr_t block)
{
	const uint64_t *word = mp_live_word(block);
	uint64_t value = word ? __atomic_load_n(word, __ATOMIC_RELAXED) : 0;
	uint32_t usable = mp_live_word_class(value);
	/* Neither none nor large. */
	if (__builtin_expect(usable - 8 > MP_SMALL_MAX - 8, 0))
		return false;
	struct mp_record *record = mp_live_at(value, block, mp_live_reciprocals[usable / 8]);
	uint64_t what = record->what;
	/* The size, above bits of the owner that must be none. */
	uint32_t size = (uint32_t)((what ^ thread->owner) >> MP_RECORD_OWNER_AT);
	if (__builtin_expect(size & ((1u << MP_RECORD_OWNER_BITS) - 1), 0))
		return false;
	size >>= MP_RECORD_OWNER_BITS;
	struct mp_counters *counters = mp_counters_at(thread, (uint32_t)what);
	int64_t room = thread->balance.room + size;
	if (__builtin_expect(room > thread->balance.room_most, 0))
		return false;
	thread->balance.room = room;
	record->what = 0;
	const struct mp_region *region = thread->region;
	mp_keep_peak(region, counters);
	ADD(counters->free_bytes, size);
	ADD(counters->free_usable, usable);
	count_life(counters, record->origin, mp_now(region));
	ADD(counters->temporaries, thread->newest_block == block);
	return true;
}

static inline __attribute__((always_inline)) bool frees(const void *block)
{
	struct mp_thread *thread = mp_self;
	if (__builtin_expect(thread->state != MP_THREAD_READY, 0))
		return mp_sampling && mp_sampled_is_plain(block);
	mp_thread_busy(thread);
	bool counted = count_plain_free(thread, (uintptr_t)block);
	mp_thread_leave(thread);
	return counted;
}

bool mp_heap_frees(const void *block)
{
	return frees(block);
}

static enum mp_freeing freeing_timed(struct mp_thread *thread, void *block)
{
	uint32_t state = thread->state;
	thread->state = MP_THREAD_READY;
	uint64_t begin = mp_ticks();
	enum mp_freeing way = mp_heap_frees(block) ? MP_FREE_HERE : mp_heap_freeing(block);
	uint64_t took = mp_ticks_after() - begin;
	if (state == MP_THREAD_TIMES_FREE)
		note_timed(thread, took);
	else if (thread->state == MP_THREAD_READY)
		thread->state = state;
	return way;
}

/* All that is not in the straight line. */
enum mp_freeing mp_heap_freeing(void *block)
{
	struct mp_thread *thread = mp_self;
	if (thread->state == MP_THREAD_TIMES_FREE || thread->state == MP_THREAD_TIMES_ALLOCATION)
		return freeing_timed(thread, block);
	thread = mp_thread_enter_heap(MP_STACK_BEFORE);
	if (!thread)
		return freeing_outside(block);
	enum mp_freeing way = count_freeing(thread, block);
	mp_thread_leave(thread);
	return way;
}

static __attribute__((noinline)) void free_otherwise(void *block)
{
	enum mp_freeing way = block ? mp_heap_freeing(block) : MP_FREE_TWICE;
	if (way == MP_FREE_HERE)
		mp_je_free(block);
	else if (way == MP_FREE_NEXT)
		mp_next_free(block);
}

void mp_heap_free(void *block)
{
	if (__builtin_expect(frees(block), 1))
		mp_je_free(block);
	else
		free_otherwise(block);
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
static struct mp_counters *count_move(struct mp_thread *thread, const struct mp_live_block *from,
                                      uint32_t to, size_t size, size_t usable)
{
	struct mp_counters *out =
	        from->owner == thread->owner
	                ? mp_counters_at(thread, from->counters)
	                : mp_counters_of(thread, mp_counters_cell(from->counters));
	if (!out)
		return NULL;
	int64_t change = (int64_t)size - (int64_t)from->size;
	mp_balance_before(thread, change);
	mp_keep_peak(thread->region, out);
	SET(out->moved, 1);
	struct mp_counters_moves *moves = mp_counters_moves(out);
	ADD(moves->moved_out, 1);
	ADD(moves->moved_out_bytes, from->size);
	ADD(moves->moved_out_usable, from->usable);
	struct mp_counters *in = to == MP_UNCOUNTED ? out : mp_counters_at(thread, to);
	mp_keep_peak(thread->region, in);
	SET(in->moved, 1);
	moves = mp_counters_moves(in);
	ADD(moves->moved_in, 1);
	ADD(moves->moved_in_bytes, size);
	ADD(moves->moved_in_usable, usable);
	mp_balance_after(thread, change);
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
	struct mp_thread *thread = mp_thread_enter_heap(sp);
	if (!thread) {
		moved_outside(moving, block, size, usable, MP_SITE_ARGUMENTS);
		return;
	}
	struct mp_counters *counters = NULL;
	if (moving->found == MP_LIVE_FOUND && mp_block_is_ours(&moving->from)) {
		uint32_t node =
		        mp_capture_stack(thread->capture, thread->counts, MP_SITE_ARGUMENTS);
		ADD(thread->slot->allocs_less_captures, -1);
		mp_cell_note note = mp_cells_find(thread, node, mp_thread_phase(thread));
		counters =
		        count_move(thread, &moving->from, mp_cell_note_number(note), size, usable);
	}
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
