/* sampled.c: see sampled.h.
 *
 *     left  ├──────── countdown of a thread ────────┤ ● sampled: a stack, sums, the table
 *           malloc  malloc   malloc      malloc         (some microseconds, once in `mean` bytes)
 *
 * All that is here runs once in many events; nothing of it needs to be fast, but it must not wait
 * for what the program or the loader may hold. */
#include "sampled.h"
#include "allocator_stats.h"
#include "cells.h"
#include "count.h"
#include "estimates.h"
#include "hooks.h"
#include "jemalloc.h"
#include "os.h"
#include "ownmem.h"
#include "poisson.h"
#include "sampled_blocks.h"

#include <sys/auxv.h>
#include <sys/mman.h>

/* On pages that a forked child finds wiped; there it is made anew. */
struct mp_heap_sampler {
	uint64_t mean;
	uint64_t seed;   /* of the process: threads draw their own from it */
	uint64_t throws; /* the generator's state of those that have no countdown */
	struct mp_sampled_blocks blocks;
	struct mp_estimate_table estimates;
};

bool mp_sampling;

/* ---- the start --------------------------------------------------------------------------- */

/* Random bits that the kernel gave this image, and what sets a forked child apart. */
static uint64_t seed_of_process(void)
{
	const uint64_t *random = (const uint64_t *)getauxval(AT_RANDOM);
	uint64_t seed = mp_ticks() ^ (uint64_t)mp_getpid() << 40;
	return random ? seed ^ random[0] ^ random[1] : seed;
}

bool mp_sampled_start(struct mp_process *process, uint64_t mean, uint64_t seed)
{
	size_t bytes = (sizeof(struct mp_heap_sampler) + MP_PAGE - 1) & ~(size_t)(MP_PAGE - 1);
	struct mp_heap_sampler *sampler = mp_own_map(bytes);
	if (!sampler)
		return false;
	(void)mp_syscall(SYS_madvise, (long)sampler, (long)bytes, MADV_WIPEONFORK, 0, 0, 0);
	sampler->mean = mean;
	sampler->seed = seed ? seed + process->generation : seed_of_process();
	sampler->throws = sampler->seed;
	process->sampler = sampler;
	__atomic_store_n(&mp_sampling, true, __ATOMIC_RELEASE);
	mp_plain_begin();
	return true;
}

static struct mp_heap_sampler *sampler_here(void)
{
	return mp_region() ? mp_process_page.process.sampler : NULL;
}

/* ---- who is sampled ---------------------------------------------------------------------- */

/* What is left is one less than the gap, the bytes that pass: the last byte of the gap is the
 * point.
 */
static uint64_t draw(struct mp_countdown *countdown, const struct mp_heap_sampler *sampler)
{
	if (sampler->mean == MP_SAMPLED_NEVER)
		return MP_SAMPLED_NEVER;
	return mp_poisson_gap(mp_random_next(&countdown->random), sampler->mean) - 1;
}

/* Threads' generators begin at outputs of the process's, which are as good as independent. */
static void begin_countdown(struct mp_thread *thread, const struct mp_heap_sampler *sampler)
{
	uint64_t state = sampler->seed + thread->slot_index;
	struct mp_countdown *countdown = &thread->countdown;
	countdown->random = mp_random_next(&state) ^ thread->slot->takeovers;
	countdown->left = draw(countdown, sampler);
	countdown->moves_left = draw(countdown, sampler);
}

/* Whether the next point lies in this block. If so the next is drawn. */
static bool is_sampled(struct mp_countdown *countdown, uint64_t *left,
                       const struct mp_heap_sampler *sampler, uint64_t length)
{
	if (mp_sampled_count_down(left, length))
		return false;
	*left = draw(countdown, sampler);
	return sampler->mean != MP_SAMPLED_NEVER;
}

/* The same without a countdown. */
static bool throw_says_yes(struct mp_heap_sampler *sampler, uint64_t length)
{
	uint64_t random = mp_random_next_shared(&sampler->throws);
	return sampler->mean != MP_SAMPLED_NEVER && mp_poisson_gap(random, sampler->mean) <= length;
}

/* ---- events ------------------------------------------------------------------------------ */

/* One event on a sampled block, or of one: who is at it, and with what weight it counts. */
struct event {
	struct mp_heap_sampler *sampler;
	struct mp_region *region;
	struct mp_thread *thread; /* NULL: nested, or a thread that has no slot */
	uint64_t begun;           /* ticks */
};

/* False when nothing is to be recorded. */
static bool enter(struct event *event)
{
	struct mp_thread *thread = mp_thread_enter();
	*event = (struct event){sampler_here(), mp_region(), thread, 0};
	if (!event->sampler) {
		if (thread)
			mp_thread_leave_mark(thread);
		return false;
	}
	if (thread && !thread->countdown.random)
		begin_countdown(thread, event->sampler);
	event->begun = mp_ticks();
	return true;
}

/* Every event that comes here is timed; those that pass are not. */
static void leave(const struct event *event)
{
	struct mp_thread *thread = event->thread;
	if (!thread)
		return;
	ADD(thread->slot->overhead_ticks, mp_ticks_after() - event->begun);
	ADD(thread->slot->overhead_events, 1);
	mp_allocator_stats_answer(event->region);
	mp_thread_leave_mark(thread);
}

static uintptr_t owner_of_locks(const struct event *event)
{
	return event->thread ? (uintptr_t)event->thread : MP_SAMPLED_NESTED;
}

static uint32_t cell_here(const struct event *event, MP_SITE_PARAMETERS)
{
	struct mp_thread *thread = event->thread;
	uint32_t phase = thread ? thread->phase : 0, node = MP_NODE_NESTED;
	if (!phase)
		phase = __atomic_load_n(&event->region->now_phase, __ATOMIC_RELAXED);
	if (thread)
		node = mp_capture_stack(thread->capture, thread->counts, MP_SITE_ARGUMENTS);
	uint32_t cell = mp_cell_of(node, phase);
	return cell ? cell : mp_cell_of(MP_NODE_OVERFLOW, 0);
}

static struct mp_weight weight_of(const struct event *event, uint64_t size, uint64_t usable)
{
	return mp_weight_of(size, usable, mp_hook_size(size), event->sampler->mean);
}

/* What a step, and the status, tell of allocations: of a thread, in whole numbers. */
static void count_in_slot(const struct event *event, enum mp_estimate field,
                          const struct mp_weight *weight)
{
	struct mp_thread *thread = event->thread;
	if (!thread)
		return;
	struct mp_countdown *countdown = &thread->countdown;
	if (field == MP_ESTIMATE_ALLOCATED) {
		countdown->allocations += weight->count;
		countdown->bytes += weight->bytes;
	}
	uint64_t allocations = countdown->allocations >> MP_ESTIMATE_COUNT_BITS;
	SET(thread->slot->allocs_less_captures, (int64_t)(allocations - thread->slot->captures));
	SET(thread->slot->alloc_bytes, countdown->bytes >> MP_ESTIMATE_BYTES_BITS);
}

/* A sampled block came to be, by an allocation or a reallocation (`field`). False: it could not be
 * recorded, and passes. */
static bool came(const struct event *event, enum mp_estimate field, void *block, size_t size,
                 size_t usable, MP_SITE_PARAMETERS)
{
	struct mp_heap_sampler *sampler = event->sampler;
	uint32_t cell = cell_here(event, MP_SITE_ARGUMENTS);
	struct mp_estimates *sums = mp_estimates_of(&sampler->estimates, cell);
	const struct mp_sampled_block sample = {
	        .address = (uintptr_t)block,
	        .size = size,
	        .usable = usable,
	        .origin = mp_now(event->region),
	        .cell = cell,
	        .slot = event->thread ? event->thread->slot_index : 0,
	};
	if (!sums || !mp_sampled_block_put(&sampler->blocks, &sample, owner_of_locks(event))) {
		mp_overflowed(event->region);
		return false;
	}
	struct mp_weight weight = weight_of(event, size, usable);
	mp_estimates_came(event->region, sums, field, &weight);
	if (field == MP_ESTIMATE_ALLOCATED)
		mp_estimates_counted(sums, MP_ESTIMATE_SIZES + mp_size_bucket(size), &weight);
	count_in_slot(event, field, &weight);
	return true;
}

static bool is_temporary(const struct event *event, const void *block)
{
	const struct mp_thread *thread = event->thread;
	return thread && thread->newest_block == (uintptr_t)block &&
	       thread->countdown.left == thread->countdown.newest_left;
}

static void went(const struct event *event, const struct mp_sampled_block *sample)
{
	struct mp_estimates *sums = mp_estimates_of(&event->sampler->estimates, sample->cell);
	if (!sums)
		return;
	struct mp_weight weight = weight_of(event, sample->size, sample->usable);
	uint64_t now = mp_now(event->region);
	mp_estimates_went(event->region, sums, MP_ESTIMATE_FREED, &weight);
	mp_estimates_counted(sums, MP_ESTIMATE_LIFE_STEPS + mp_life_steps(sample->origin, now),
	                     &weight);
	mp_estimates_counted(sums, MP_ESTIMATE_LIFE_TIME + mp_life_time(sample->origin, now),
	                     &weight);
	if (event->thread && event->thread->slot_index != sample->slot)
		mp_estimates_counted(sums, MP_ESTIMATE_CROSS_FREES, &weight);
	if (is_temporary(event, (void *)sample->address))
		mp_estimates_counted(sums, MP_ESTIMATE_TEMPORARIES, &weight);
}

/* ---- allocation -------------------------------------------------------------------------- */

/* Below a signal handler that interrupted an event, or in a thread without a slot. */
static bool is_sampled_outside(struct mp_heap_sampler *sampler, uint64_t *left, uint64_t length)
{
	if (mp_thread_is_own_work())
		return false;
	if (mp_self->countdown.random) /* its countdown has said so */
		return is_sampled(&mp_self->countdown, left, sampler, length);
	return throw_says_yes(sampler, length);
}

void mp_sampled_allocated(void *block, size_t size, size_t usable, MP_SITE_PARAMETERS)
{
	struct event event;
	if (!enter(&event))
		return;
	struct mp_thread *thread = event.thread;
	uint64_t length = mp_hook_size(size);
	bool sampled = thread ? is_sampled(&thread->countdown, &thread->countdown.left,
	                                   event.sampler, length)
	                      : is_sampled_outside(event.sampler, &mp_self->countdown.left, length);
	if (sampled &&
	    came(&event, MP_ESTIMATE_ALLOCATED, block, size, usable, MP_SITE_ARGUMENTS) && thread) {
		thread->newest_block = (uintptr_t)block;
		thread->countdown.newest_left = thread->countdown.left;
	}
	leave(&event);
}

/* ---- free -------------------------------------------------------------------------------- */

/* Whose a block is, when the word of its page does not tell that it passes. `marked`: it may be
 * sampled. */
static enum mp_live_found owner_of(void *block, bool *marked)
{
	uint64_t *word = mp_live_word((uintptr_t)block), none = 0;
	uint64_t value = word ? __atomic_load_n(word, __ATOMIC_RELAXED) : 0;
	*marked = false;
	if (mp_live_word_class(value)) { /* from before the mode was known */
		struct mp_live_block record;
		(void)mp_live_take((uintptr_t)block, &record);
		return MP_LIVE_UNKNOWN;
	}
	if (value) {
		*marked = (value & mp_sampled_bit((uintptr_t)block)) != 0;
		return MP_LIVE_UNKNOWN;
	}
	if (!mp_live_owned((uintptr_t)block))
		return MP_LIVE_FOREIGN;
	/* In a wide mapping, which has no words of its own: with one, the next free passes. */
	if (word)
		(void)__atomic_compare_exchange_n(word, &none, MP_PAGE_OWNED, false,
		                                  __ATOMIC_RELAXED, __ATOMIC_RELAXED);
	return MP_LIVE_UNKNOWN;
}

/* Takes a block out of the sample, if it is in it. */
static bool take(void *block, const struct event *event, struct mp_sampled_block *sample)
{
	return mp_sampled_block_take(&event->sampler->blocks, (uintptr_t)block, sample,
	                             owner_of_locks(event));
}

static enum mp_freeing free_foreign(void)
{
	struct event event;
	if (enter(&event)) {
		if (event.thread)
			ADD(event.thread->slot->foreign_frees, 1);
		leave(&event);
	}
	return MP_FREE_NEXT;
}

enum mp_freeing mp_sampled_freeing(void *block)
{
	struct event event;
	struct mp_sampled_block sample;
	bool marked;
	if (owner_of(block, &marked) == MP_LIVE_FOREIGN)
		return free_foreign();
	if (!marked || !enter(&event))
		return MP_FREE_HERE;
	if (take(block, &event, &sample))
		went(&event, &sample);
	leave(&event);
	return MP_FREE_HERE;
}

/* ---- reallocation ------------------------------------------------------------------------ */

void mp_sampled_moving(struct mp_moving *moving, void *block)
{
	struct event event;
	bool marked;
	moving->found = owner_of(block, &marked);
	moving->sample.address = 0;
	if (moving->found == MP_LIVE_FOREIGN)
		return;
	moving->from.usable = mp_je_malloc_usable_size(block);
	if (!marked || !enter(&event))
		return;
	if (take(block, &event, &moving->sample))
		moving->found = MP_LIVE_FOUND;
	leave(&event);
}

static void left_its_size(const struct event *event, const struct mp_sampled_block *sample)
{
	struct mp_estimates *sums = mp_estimates_of(&event->sampler->estimates, sample->cell);
	struct mp_weight weight = weight_of(event, sample->size, sample->usable);
	if (sums)
		mp_estimates_went(event->region, sums, MP_ESTIMATE_MOVED_OUT, &weight);
}

void mp_sampled_moved(const struct mp_moving *moving, void *block, size_t size, size_t usable,
                      MP_SITE_PARAMETERS)
{
	struct event event;
	if (!enter(&event))
		return;
	struct mp_thread *thread = event.thread;
	uint64_t length = mp_hook_size(size);
	if (moving->found == MP_LIVE_FOUND)
		left_its_size(&event, &moving->sample);
	bool sampled =
	        thread ? is_sampled(&thread->countdown, &thread->countdown.moves_left,
	                            event.sampler, length)
	               : is_sampled_outside(event.sampler, &mp_self->countdown.moves_left, length);
	if (sampled)
		(void)came(&event, MP_ESTIMATE_MOVED_IN, block, size, usable, MP_SITE_ARGUMENTS);
	leave(&event);
}

void mp_sampled_not_moved(const struct mp_moving *moving)
{
	struct event event;
	if (moving->found != MP_LIVE_FOUND || !enter(&event))
		return;
	if (!mp_sampled_block_put(&event.sampler->blocks, &moving->sample, owner_of_locks(&event)))
		mp_overflowed(event.region);
	leave(&event);
}
