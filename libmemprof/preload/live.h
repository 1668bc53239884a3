/* live.h: the table of live blocks: from an address to who allocated it.
 *
 * It mirrors the allocator's own layout instead of hashing. Each page of the allocator's memory has
 * a word (a radix tree of two levels over the 47-bit address space), and the page that a block
 * starts in has an array of records, one for each block of its size class that can start there:
 *
 *     address:  | gigabyte 17 bits | page 18 bits | offset 12 bits |
 *                       |                 |               |
 *     roots[gigabyte] --+--> word[page] --+--> records[offset / class]
 *
 *     word: 0              not the allocator's memory
 *           1              the allocator's, no block was ever recorded in it (in wide mappings
 *                          the word is 0 as well, and a bit for each 2 MiB says so)
 *           address of the records << 16 | class
 *           1 | marks    the same as 1, in a process that samples: see sampled_blocks.h
 *
 * All blocks that start in a page are of one class, since the allocator's slabs are; when a page
 * comes to another class all its blocks have been freed before, and it gets a new array. So a look
 * costs three loads, of which two are close to what was looked at last, whatever the number of live
 * blocks; the table takes 16 bytes for each block that the pages in use could hold.
 *
 * It also answers the question of ownership: which pages are the allocator's is told by the
 * allocator's own mmap and munmap, which come here.
 *
 * No locks: a record belongs to whoever holds the block. A thread records a block after it got it
 * and before it hands it out, and takes the record before it gives the block back.
 */
#ifndef MP_PRELOAD_LIVE_H
#define MP_PRELOAD_LIVE_H

#include "shared/region.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is known of a live block: two words, each written and read whole, so that a read soon after
 * the write is served from the store buffer. A large block has a second record: size, usable.
 *
 *     what:   | size 13 | generation 6 | thread slot 13 | counters 32 |      0: no live block here
 *     origin: | coarse time 32 | step 32 |                                   when it was allocated
 *
 * `counters` leads to the allocating thread's counters (in units of 64 bytes from the pool), so
 * that a free by that thread has them at once. Slot and generation together are the owner: a free
 * by the owner needs one comparison to know that the block is of this thread and of this process,
 * not of the one that forked it. */
struct mp_record {
	uint64_t what;
	uint64_t origin;
};
#define MP_RECORD_SIZE_AT    51u
#define MP_RECORD_OWNER_AT   32u
#define MP_RECORD_OWNER_BITS 19u
#define MP_RECORD_OWNER      (((1ull << MP_RECORD_OWNER_BITS) - 1) << MP_RECORD_OWNER_AT)
#define MP_RECORD_SLOT_BITS  13u
#define MP_GENERATIONS       64u

/* The owner that blocks of a thread are marked with, in its place. */
static inline uint64_t mp_record_owner(uint32_t slot, uint32_t generation)
{
	return ((uint64_t)generation << MP_RECORD_SLOT_BITS | slot) << MP_RECORD_OWNER_AT;
}

/* A block that is live but not counted: from before the start, or when tables were full. */
#define MP_UNCOUNTED UINT32_MAX

/* What mp_live_take found. */
struct mp_live_block {
	uint32_t counters; /* MP_UNCOUNTED, or where the owner counted it */
	uint64_t owner;    /* in its place, as mp_record_owner gives it */
	size_t size;       /* as requested */
	size_t usable;     /* as given */
	uint64_t origin;
};

/* The step, and coarse time above it: what is recorded as a block's origin. */
static inline uint64_t mp_now(const struct mp_region *region)
{
	return __atomic_load_n((const uint64_t *)&region->now_step, __ATOMIC_RELAXED);
}

/* The buckets of a lifetime (region.h). */
static inline uint32_t mp_life_steps(uint64_t origin, uint64_t now)
{
	return mp_life_steps_bucket((uint32_t)now - (uint32_t)origin);
}

static inline uint32_t mp_life_time(uint64_t origin, uint64_t now)
{
	return mp_life_time_bucket((uint32_t)(now >> 32) - (uint32_t)(origin >> 32));
}

enum mp_live_found {
	MP_LIVE_FOREIGN, /* not the allocator's: another allocator's block */
	MP_LIVE_UNKNOWN, /* the allocator's address, but no live block that was recorded */
	MP_LIVE_FOUND,
};

/* Every block that is live now is from now on not counted. For a forked child, single-threaded. */
void mp_live_void_all(void);

/* True when the address lies in the allocator's memory. */
bool mp_live_owned(uintptr_t address);

#endif
