/* intern.h: from a key to its number, each key once; lock-free, async-signal-safe, growing.
 *
 * The keys themselves stand in a table of the region; an index holds only numbers. It is a row of
 * open-addressing tables, each twice the size of the one before:
 *
 *     tables[0]  4,096 places      full: kept for reading
 *     tables[1]  8,192 places      full: kept for reading
 *     tables[2] 16,384 places      the newest: insertions go here
 *
 * A number found in an older table is copied to the newest, so that what is in use is found at the
 * first try. Nothing is ever removed or moved, so readers need no lock. Two threads that insert the
 * same key at the moment when a new table appears may both succeed: such a key has two numbers.
 * Readers of the region make them one; nothing in here relies on a key having one number only.
 *
 * An index is zeroed memory. It must be wiped together with the table that it points into.
 */
#ifndef MP_PRELOAD_INTERN_H
#define MP_PRELOAD_INTERN_H

#include "ownmem.h"

#include <stdbool.h>
#include <stdint.h>

#define MP_INTERN_FIRST_BITS 12u
#define MP_INTERN_TABLES     14u

struct mp_intern_table {
	uint32_t mask;
	uint32_t count;
	uint32_t places[]; /* numbers, 0: empty */
};

struct mp_intern {
	uint32_t newest; /* index of the newest table + 1; 0: none yet */
	struct mp_intern_table *tables[MP_INTERN_TABLES];
};

/* Is entry `number` the key? Makes an entry for the key and returns its number, 0 when full. */
typedef bool (*mp_intern_equal)(void *context, uint32_t number, const void *key);
typedef uint32_t (*mp_intern_make)(void *context, const void *key);

static inline uint64_t mp_intern_hash(uint64_t a, uint64_t b)
{
	uint64_t h = (a ^ (b << 32 | b >> 32)) * 0x9e3779b97f4a7c15ull;
	h ^= h >> 29;
	h *= 0xbf58476d1ce4e5b9ull;
	return h ^ h >> 32;
}

static inline bool mp_intern_grow(struct mp_intern *index, uint32_t next)
{
	if (next >= MP_INTERN_TABLES)
		return false;
	uint32_t places = 1u << (MP_INTERN_FIRST_BITS + next);
	size_t bytes = sizeof(struct mp_intern_table) + places * sizeof(uint32_t);
	struct mp_intern_table *expected = NULL;
	if (!__atomic_load_n(&index->tables[next], __ATOMIC_ACQUIRE)) {
		struct mp_intern_table *table = mp_own_map(bytes);
		if (!table)
			return false;
		table->mask = places - 1;
		if (!__atomic_compare_exchange_n(&index->tables[next], &expected, table, false,
		                                 __ATOMIC_RELEASE, __ATOMIC_RELAXED))
			mp_own_unmap(table, bytes);
	}
	uint32_t was = next;
	__atomic_compare_exchange_n(&index->newest, &was, next + 1, false, __ATOMIC_RELEASE,
	                            __ATOMIC_RELAXED);
	return true;
}

/* Looks in one table. Returns the number, or 0 with *place the empty place where the key belongs
 * (NULL in a table without one). */
static inline uint32_t mp_intern_probe(struct mp_intern_table *table, uint64_t hash,
                                       uint32_t **place, mp_intern_equal equal, void *context,
                                       const void *key)
{
	for (uint32_t i = 0; i <= table->mask; i++) {
		uint32_t *p = &table->places[((uint32_t)hash + i) & table->mask];
		uint32_t number = __atomic_load_n(p, __ATOMIC_ACQUIRE);
		if (!number) {
			*place = p;
			return 0;
		}
		if (equal(context, number, key))
			return number;
	}
	*place = NULL;
	return 0;
}

/* Puts a number at its place in the newest table, unless the key has come there meanwhile. Returns
 * the number that stands there. `number` 0: make it, just before it is put. */
static inline uint32_t mp_intern_insert(struct mp_intern_table *table, uint32_t *place,
                                        uint64_t hash, uint32_t number, mp_intern_equal equal,
                                        mp_intern_make make, void *context, const void *key)
{
	if (!number)
		number = make(context, key);
	if (!number)
		return 0;
	while (place) {
		uint32_t was = 0;
		if (__atomic_compare_exchange_n(place, &was, number, false, __ATOMIC_RELEASE,
		                                __ATOMIC_ACQUIRE)) {
			__atomic_fetch_add(&table->count, 1, __ATOMIC_RELAXED);
			return number;
		}
		uint32_t found = mp_intern_probe(table, hash, &place, equal, context, key);
		if (found)
			return found;
	}
	return number;
}

/* The number of a key, made if there is none. 0: the table is full. */
static inline __attribute__((always_inline)) uint32_t
mp_intern(struct mp_intern *index, uint64_t hash, mp_intern_equal equal, mp_intern_make make,
          void *context, const void *key)
{
	uint32_t *place;
	uint32_t newest = __atomic_load_n(&index->newest, __ATOMIC_ACQUIRE);
	if (newest) {
		uint32_t number = mp_intern_probe(index->tables[newest - 1], hash, &place, equal,
		                                  context, key);
		if (__builtin_expect(number != 0, 1))
			return number;
	}
	uint32_t number = 0;
	for (uint32_t older = newest; older > 1 && !number; older--)
		number = mp_intern_probe(index->tables[older - 2], hash, &place, equal, context,
		                         key);
	while (!newest || __atomic_load_n(&index->tables[newest - 1]->count, __ATOMIC_RELAXED) >
	                          index->tables[newest - 1]->mask / 2) {
		if (!mp_intern_grow(index, newest))
			break;
		newest = __atomic_load_n(&index->newest, __ATOMIC_ACQUIRE);
	}
	if (!newest)
		return 0;
	struct mp_intern_table *table = index->tables[newest - 1];
	uint32_t found = mp_intern_probe(table, hash, &place, equal, context, key);
	if (found)
		return found;
	return mp_intern_insert(table, place, hash, number, equal, make, context, key);
}

#endif
