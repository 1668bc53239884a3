/* count.h: how counters in the region are changed.
 *
 * A counter has one writer, and the launcher reads it at any time: one instruction that adds to
 * memory is never seen half done, and needs no lock. Only what several threads write takes a locked
 * add.
 */
#ifndef MP_PRELOAD_COUNT_H
#define MP_PRELOAD_COUNT_H

#include <stdint.h>

static inline void mp_count64(uint64_t *counter, uint64_t amount)
{
	__asm__("addq %1, %0" : "+m"(*counter) : "er"(amount) : "cc");
}

static inline void mp_count32(uint32_t *counter, uint32_t amount)
{
	__asm__("addl %1, %0" : "+m"(*counter) : "er"(amount) : "cc");
}

#define ADD(field, amount)                                                                         \
	_Generic((field), uint64_t                                                                 \
	         : mp_count64((uint64_t *)&(field), (uint64_t)(amount)), int64_t                   \
	         : mp_count64((uint64_t *)&(field), (uint64_t)(amount)), uint32_t                  \
	         : mp_count32((uint32_t *)&(field), (uint32_t)(amount)))
#define SET(field, value)         __atomic_store_n(&(field), (value), __ATOMIC_RELAXED)
#define ADD_SHARED(field, amount) __atomic_fetch_add(&(field), (amount), __ATOMIC_RELAXED)

#endif
