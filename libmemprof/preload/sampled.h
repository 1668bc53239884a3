/* sampled.h: sampled mode: one block in about `mean` bytes is recorded, all others pass.
 *
 * A block of length L is sampled with probability p(L) = 1 − exp(−L / mean), independently of all
 * others (poisson.h), and stands for 1/p(L) blocks: its events add 1/p, and its bytes/p, to the
 * sums of its cell (region.h, mp_estimates). Each of these sums has the true value as its mean:
 * every allocation adds to it what it would in exact mode, v, with probability p the value v/p.
 * L is what the allocator is asked for: the size requested, but 16 for 8 bytes and less, so that
 * requests of 0 bytes are seen too.
 *
 * What passes. An allocation takes its length off the thread's countdown to its next sample, and
 * goes to the allocator; a free looks at a byte, which says that the block is the allocator's and
 * none near it is sampled (plain.h), and goes there too. No stack is taken, no record is made, no
 * lock, no call, no frame (entries.c). Where blocks are placed is up to the allocator alone: it is
 * asked for what it would be asked for without us, sampled or not.
 *
 * Reallocation. A sampled block that is reallocated leaves the sample, and counts as moved out of
 * its cell, 1/p(old length) times. The block that it becomes has a chance of its own: it is sampled
 * with p(new length), by a second countdown, whether the old one was or not, and then counts as
 * moved in, 1/p(new length) times. All sums keep the true value as their mean: moved-in counts and
 * bytes are sums over reallocations, each with its own p, as above; so are moved-out ones, over
 * blocks that were sampled when they got the size that they leave with, which each block was with
 * the p of that size; and what is live, allocated + moved in − freed − moved out, is the sum over
 * the live blocks that are sampled at their present size. Were a block kept in the sample with the
 * probability that it began with, means would be the same, but an array that grew from 16 bytes to
 * 1 GiB would be seen once in 32,768 runs, and then count as 32,768 GiB.
 * The price: what was known of a block is not handed on. The lifetime of a block that was
 * reallocated runs from its last reallocation, and it is never temporary.
 *
 * Temporaries are known exactly, of each sampled block: allocations take at least 1 off the
 * countdown, so a thread that frees its newest sampled block while its countdown still stands where
 * it stood then has not allocated since.
 *
 * What is not known: that an unsampled block is freed twice, and how many events there were.
 *
 * Signals. A handler that interrupts the countdown may have its own bytes, or its redrawing,
 * overwritten: what is left is then the distance to a point as before, as if the handler's bytes
 * had not been there; and they were sampled or not already. Threads without a countdown (the
 * handler in the middle of an event, or threads beyond those there is room for) have each block
 * sampled by a throw of its own with the same p. */
#ifndef MP_PRELOAD_SAMPLED_H
#define MP_PRELOAD_SAMPLED_H

#include "heap.h"
#include "live_table.h"
#include "plain.h"
#include "thread.h"

/* This process samples: known from its first event on, and then for ever, in forked children too,
 * recorded or not: marks of sampled blocks in the table of live blocks are no records. */
extern bool mp_sampling;

/* The distance between samples where allocations are not recorded at all: each event passes. */
#define MP_SAMPLED_NEVER UINT64_MAX

/* From the start of a recording, before other threads see it: `mean` bytes from sample to sample;
 * `seed` 0: a seed that no other process has. False when there is no memory. */
bool mp_sampled_start(struct mp_process *process, uint64_t mean, uint64_t seed);

/* True when `length` bytes, one at least, come and go before the thread's next sample: they are
 * taken off, and that is all that happens. Before its first sample is drawn a thread has 0 left, as
 * has one that does not sample, and one that has been forked. */
static inline bool mp_sampled_count_down(uint64_t *left, uint64_t length)
{
	uint64_t rest;
	if (__builtin_expect(__builtin_sub_overflow(*left, length, &rest), 0))
		return false;
	*left = rest;
	return true;
}

/* Whether an allocation passes; if not, mp_heap_allocated sees to it. Where each is recorded none
 * does: there is never anything left. */
static inline bool mp_sampled_passes(uint64_t length)
{
	return mp_sampled_count_down(&mp_self->countdown.left, length);
}

/* Whether the block is the allocator's, and not sampled: most are, also where a look at plain.h
 * says that there is one near. */
static inline bool mp_sampled_is_plain(const void *block)
{
	const uint64_t *word = mp_live_word((uintptr_t)block);
	return word && __atomic_load_n(word, __ATOMIC_RELAXED) == MP_PAGE_OWNED;
}

/* Whether a reallocation to `length` passes; if not, mp_heap_moving and what follows it do. */
static inline bool mp_sampled_move_passes(const void *block, uint64_t length)
{
	return mp_plain_is(block) && mp_sampled_count_down(&mp_self->countdown.moves_left, length);
}

/* What mp_heap_* (heap.h) do in a process that samples. */
void mp_sampled_allocated(void *block, size_t size, size_t usable, MP_SITE_PARAMETERS);
enum mp_freeing mp_sampled_freeing(void *block);
void mp_sampled_moving(struct mp_moving *moving, void *block);
void mp_sampled_moved(const struct mp_moving *moving, void *block, size_t size, size_t usable,
                      MP_SITE_PARAMETERS);
void mp_sampled_not_moved(const struct mp_moving *moving);

#endif
