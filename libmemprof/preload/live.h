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

/* What is known of a live block. */
struct mp_record {
	uint32_t cell; /* 0: no live block here */
	uint32_t size; /* as requested; MP_RECORD_HUGE: in the next record */
	uint32_t step; /* in which it was allocated */
	uint16_t tick; /* coarse time, units of 10 ms */
	uint16_t slot; /* of the thread that allocated it */
};

/* A block that is live but not counted: from before the start, or when tables were full. */
#define MP_CELL_UNCOUNTED UINT32_MAX

/* What mp_live_take found. */
struct mp_live_block {
	struct mp_record record;
	size_t size;   /* as requested */
	size_t usable; /* as given */
};

enum mp_live_found {
	MP_LIVE_FOREIGN, /* not the allocator's: another allocator's block */
	MP_LIVE_UNKNOWN, /* the allocator's address, but no live block that was recorded */
	MP_LIVE_FOUND,
};

/* Records a block; `usable` is the allocator's size class for it. False when there was no memory
 * for the record: the block stays unknown. */
bool mp_live_put(uintptr_t block, size_t size, size_t usable, struct mp_record record);

/* Looks a block up, and takes its record away. */
enum mp_live_found mp_live_take(uintptr_t block, struct mp_live_block *found);

/* True when the address lies in the allocator's memory. */
bool mp_live_owned(uintptr_t address);

#endif
