/* live_table.h: the table of live blocks as it lies in memory, for the paths of every allocation
 * and free, which look into it themselves. See live.h for the picture. */
#ifndef MP_PRELOAD_LIVE_TABLE_H
#define MP_PRELOAD_LIVE_TABLE_H

#include "live.h"

#define MP_PAGE         4096u
#define MP_PAGES_A_ROOT (1u << 18)
#define MP_ROOTS        (1u << 17)
#define MP_SMALL_MAX    4096u /* blocks above start in a page alone */
#define MP_CLASS_LARGE  0xfff8u
#define MP_PAGE_OWNED   1ull
#define MP_WORD_CLASS   0xfff8ull

extern uint64_t *mp_live_roots[MP_ROOTS];

/* 2^32 / class, rounded up, by class / 8: offset / class by a multiplication. It is exact, since
 * its error, at most offset / 2^32 < 2^-20, is less than 1 / class. */
extern const uint32_t mp_live_reciprocals[MP_SMALL_MAX / 8 + 1];

/* The class of a block is its usable size, if that is small. */
static inline uint32_t mp_live_class(size_t usable)
{
	return usable <= MP_SMALL_MAX ? (uint32_t)usable : MP_CLASS_LARGE;
}

/* For large blocks 0, so that all have index 0. */
static inline uint32_t mp_live_reciprocal(uint32_t class)
{
	return class <= MP_SMALL_MAX ? mp_live_reciprocals[class / 8] : 0;
}

/* The word of a page; NULL in a gigabyte where the allocator has nothing. */
static inline uint64_t *mp_live_word(uintptr_t address)
{
	uintptr_t root = address >> 30;
	if (__builtin_expect(root >= MP_ROOTS, 0))
		return NULL;
	uint64_t *words = __atomic_load_n(&mp_live_roots[root], __ATOMIC_RELAXED);
	return __builtin_expect(words != NULL, 1) ? &words[(address / MP_PAGE) % MP_PAGES_A_ROOT]
	                                          : NULL;
}

/* The same, made if there is none. NULL: no memory. */
uint64_t *mp_live_word_made(uintptr_t block);

static inline struct mp_record *mp_live_records(uint64_t word)
{
	return (struct mp_record *)(word >> 16);
}

/* 0: the page has no records. */
static inline uint32_t mp_live_word_class(uint64_t word)
{
	return (uint32_t)(word & MP_WORD_CLASS);
}

/* The record of a block, in a page whose word is `word`. */
static inline struct mp_record *mp_live_at(uint64_t word, uintptr_t block, uint32_t reciprocal)
{
	return mp_live_records(word) + ((block & (MP_PAGE - 1)) * (uint64_t)reciprocal >> 32);
}

/* Where a block is to be recorded whose page has no records for its class yet. NULL: no memory. */
struct mp_record *mp_live_place_made(uintptr_t block, uint32_t class);

/* Where a block that the allocator gave is to be recorded. NULL: no memory, it stays unknown. */
static inline struct mp_record *mp_live_place(uintptr_t block, uint32_t class, uint32_t reciprocal)
{
	uint64_t *word = mp_live_word(block);
	uint64_t value = word ? __atomic_load_n(word, __ATOMIC_RELAXED) : 0;
	if (__builtin_expect(mp_live_word_class(value) != class, 0))
		return mp_live_place_made(block, class);
	return mp_live_at(value, block, reciprocal);
}

/* What is recorded of a small block; `owner` is in its place already. */
static inline uint64_t mp_live_what(size_t size, uint64_t owner, uint32_t counters)
{
	return counters | owner | size << MP_RECORD_SIZE_AT;
}

/* Records a block that the allocator gave; `usable` is its size class. False when there was no
 * memory for the record: the block stays unknown. */
bool mp_live_put(uintptr_t block, size_t size, size_t usable, uint32_t counters, uint64_t owner,
                 uint64_t origin);

/* Looks a block up, and takes its record away. */
enum mp_live_found mp_live_take(uintptr_t block, struct mp_live_block *found);

#endif
