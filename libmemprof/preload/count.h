/* count.h: how counters in the region are changed.
 *
 * A counter has one writer, so a plain add will do; it is stored whole, for the launcher reads it
 * at any time. Only what several threads write takes a locked add.
 */
#ifndef MP_PRELOAD_COUNT_H
#define MP_PRELOAD_COUNT_H

#define SET(field, value)         __atomic_store_n(&(field), (value), __ATOMIC_RELAXED)
#define ADD(field, amount)        SET(field, (field) + (amount))
#define ADD_SHARED(field, amount) __atomic_fetch_add(&(field), (amount), __ATOMIC_RELAXED)

#endif
