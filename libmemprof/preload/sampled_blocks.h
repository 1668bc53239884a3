/* sampled_blocks.h: the table of sampled blocks that are live: from an address to what is known of
 * it.
 *
 * There are few of them (one for about `mean` live bytes), so the table is a hash table, in stripes
 * with a lock and an array each; all addresses of a page are in one stripe. What keeps every other
 * block out of it is the page's word in the table of live blocks (live.h), whose upper bits are
 * free in a process that samples:
 *
 *     word:  | 0: 16 | 32 bits | 0: no class, no records 13 | 0: 2 | 1 |
 *                         |                                      +-- the allocator's page
 *                         +-- a sampled block begins at an offset that hashes to this bit
 *
 * So a free looks at one word, to know whose the block is, and goes on to the table only if the
 * block may be in it. Where no page around has a mark it needs not even that: plain.h.
 *
 * A block's bit is set before the program gets its address, and a program that hands the address to
 * another thread orders its own reads and writes; so whoever frees a sampled block sees the bit.
 *
 * All of it lies on pages that a forked child finds wiped: the samples are its parent's. */
#ifndef MP_PRELOAD_SAMPLED_BLOCKS_H
#define MP_PRELOAD_SAMPLED_BLOCKS_H

#include "live_table.h"

/* What is known of a sampled block. */
struct mp_sampled_block {
	uintptr_t address; /* 0: an empty place */
	uint64_t size;     /* as requested */
	uint64_t usable;   /* as given */
	uint64_t origin;   /* when it was sampled (mp_now) */
	uint32_t cell;
	uint32_t slot; /* of the thread that it was sampled in */
};

#define MP_STRIPES 64u

/* The lock tells who has it. A thread that finds itself is one whose signal handler left, by
 * siglongjmp, what it had interrupted: it takes the stripe over as it is, and sees to it that it is
 * a table again. For others' locks a thread waits, but not for ever: when it has waited in vain
 * once nobody does any more, until the lock is free again. */
struct mp_sampled_blocks {
	struct mp_sampled_stripe {
		uintptr_t owner;          /* 0: free */
		bool given_up;            /* to wait for it */
		uint32_t count, capacity; /* capacity: 0 or a power of two */
		struct mp_sampled_block *places;
	} stripe[MP_STRIPES];
};

/* As `owner`: an event inside the profiler, of whatever thread. It never waits, since it may have
 * interrupted the owner. */
#define MP_SAMPLED_NESTED 1u

#define MP_SAMPLED_BITS_AT 16u

/* The page's word bit of a block. */
static inline uint64_t mp_sampled_bit(uintptr_t address)
{
	return 1ull << (MP_SAMPLED_BITS_AT + (address >> 4) % 32);
}

/* Puts a block in. `owner` is a number of the calling thread's own. False when there is no memory,
 * when its page has no word to mark, or when the stripe was not to be had: then it is not sampled.
 */
bool mp_sampled_block_put(struct mp_sampled_blocks *blocks, const struct mp_sampled_block *block,
                          uintptr_t owner);

/* Takes a block out, if it is in. */
bool mp_sampled_block_take(struct mp_sampled_blocks *blocks, uintptr_t address,
                           struct mp_sampled_block *block, uintptr_t owner);

#endif
