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
 *           1              the allocator's, no block was ever recorded in it
 *           class << 48 | address of the records
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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is known of a live block: two words, each written and read whole, so that a read soon after
 * the write is served from the store buffer. */
struct mp_record {
	uint64_t what;   /* cell, 0: no live block here; above it the size as requested, 32 bits */
	uint64_t origin; /* step (32 bits), coarse time (16, units of 10 ms), thread slot (16) */
};

static inline uint64_t mp_record_origin(uint64_t step, uint64_t tick, uint32_t slot)
{
	return (uint32_t)step | (tick & 0xffff) << 32 | (uint64_t)slot << 48;
}

/* A block that is live but not counted: from before the start, or when tables were full. */
#define MP_CELL_UNCOUNTED UINT32_MAX

/* What mp_live_take found. */
struct mp_live_block {
	uint32_t cell;
	size_t size;   /* as requested */
	size_t usable; /* as given */
	uint64_t origin;
};

enum mp_live_found {
	MP_LIVE_FOREIGN, /* not the allocator's: another allocator's block */
	MP_LIVE_UNKNOWN, /* the allocator's address, but no live block that was recorded */
	MP_LIVE_FOUND,
};

/* True when the address lies in the allocator's memory. */
bool mp_live_owned(uintptr_t address);

#endif
