/* live_table.h: the table of live blocks as it lies in memory, and the two looks into it that are
 * on the path of every allocation and free. See live.h for the picture. */
#ifndef MP_PRELOAD_LIVE_TABLE_H
#define MP_PRELOAD_LIVE_TABLE_H

#include "live.h"

#define MP_PAGE         4096u
#define MP_PAGES_A_ROOT (1u << 18)
#define MP_ROOTS        (1u << 17)
#define MP_SMALL_MAX    4096u /* blocks above start in a page alone */
#define MP_CLASS_LARGE  0x3ffu
#define MP_PAGE_OWNED   1ull

extern uint64_t *mp_live_roots[MP_ROOTS];

/* 2^32 / class, rounded up, by class / 8: offset / class by a multiplication. It is exact, since
 * its error, at most offset / 2^32 < 2^-20, is less than 1 / class. 0 for large blocks. */
extern const uint32_t mp_live_reciprocals[MP_CLASS_LARGE + 1];

/* Gives a page records for another class than it had. NULL: no memory. */
struct mp_record *mp_live_furnish(uint64_t *word, uint64_t was, uint32_t class);

static inline uint32_t mp_live_class(size_t usable)
{
	return usable <= MP_SMALL_MAX ? (uint32_t)usable / 8 : MP_CLASS_LARGE;
}

static inline uint32_t mp_live_index(uintptr_t block, uint32_t class)
{
	return (uint32_t)(((block & (MP_PAGE - 1)) * (uint64_t)mp_live_reciprocals[class]) >> 32);
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

/* Makes the words of a gigabyte that has none. NULL: no memory. */
uint64_t *mp_live_word_made(uintptr_t block);

static inline struct mp_record *mp_live_records(uint64_t word)
{
	return (struct mp_record *)(word & 0xffffffffffffull);
}

static inline uint32_t mp_live_word_class(uint64_t word)
{
	return (uint32_t)(word >> 48);
}

/* Records a block that the allocator gave; `usable` is its size class. `slot` is in its place
 * already (slot << MP_RECORD_SLOT_AT). False when there was no memory for the record: the block
 * stays unknown. */
static inline __attribute__((always_inline)) bool mp_live_put(uintptr_t block, size_t size,
                                                              size_t usable, uint32_t counters,
                                                              uint64_t owner, uint64_t origin)
{
	uint64_t *word = mp_live_word(block);
	if (__builtin_expect(!word, 0) && !(word = mp_live_word_made(block)))
		return false;
	uint64_t value = __atomic_load_n(word, __ATOMIC_RELAXED);
	uint32_t class = mp_live_class(usable);
	struct mp_record *array = mp_live_records(value);
	if (__builtin_expect(mp_live_word_class(value) != class, 0)) {
		array = mp_live_furnish(word, value, class);
		if (!array)
			return false;
	}
	struct mp_record *place = array + mp_live_index(block, class);
	uint64_t small_size = size;
	if (__builtin_expect(class == MP_CLASS_LARGE, 0)) {
		place[1].what = size;
		place[1].origin = usable;
		small_size = 0;
	}
	place->what = counters | small_size << 32 | owner;
	place->origin = origin;
	return true;
}

/* Looks a block up, and takes its record away. */
static inline __attribute__((always_inline)) enum mp_live_found
mp_live_take(uintptr_t block, struct mp_live_block *found)
{
	uint64_t *word = mp_live_word(block);
	uint64_t value = word ? __atomic_load_n(word, __ATOMIC_RELAXED) : 0;
	if (__builtin_expect(value <= MP_PAGE_OWNED, 0))
		return mp_live_owned(block) ? MP_LIVE_UNKNOWN : MP_LIVE_FOREIGN;
	uint32_t class = mp_live_word_class(value);
	struct mp_record *place = mp_live_records(value) + mp_live_index(block, class);
	uint64_t what = place->what;
	if (__builtin_expect(!what, 0))
		return MP_LIVE_UNKNOWN;
	place->what = 0;
	found->counters = (uint32_t)what;
	found->owner = what & ~((1ull << MP_RECORD_OWNER_AT) - 1);
	found->size = (what >> 32) & ((1u << MP_RECORD_SIZE_BITS) - 1);
	found->usable = class * 8u;
	found->origin = place->origin;
	if (__builtin_expect(class == MP_CLASS_LARGE, 0)) {
		found->size = place[1].what;
		found->usable = place[1].origin;
	}
	return MP_LIVE_FOUND;
}

#endif
