/* intern.h: from a key to its number, each key once; lock-free, async-signal-safe, growing.
 *
 * What the keys stand for lies in a table of the region; an index leads from a key to its number in
 * that table. It is open addressing with linear probing, in entries of two words, so that one cache
 * line tells whether a key is there, and which number it has:
 *
 *     key                     64 bits, never 0; 0: not written yet
 *     word                    another 32 bits of the key, and the number below them
 *
 * Where those 96 bits are the key itself, equal bits are equal keys, and nothing else is read.
 * Where they are less than the key, its kind tells (`same`). The hash says where to begin to look,
 * and decides nothing.
 *
 * Insertion makes the entry of the region's table first, and then takes the first free place of the
 * key's row by compare-and-swap of `word`. Who finds a word without a key (its thread was
 * interrupted) asks the region's table for it. So nobody waits for anybody.
 *
 * Growth. When a table is crowded, one of two or four times the size is put before it, and the
 * older one is moved, sixteen entries with each insertion, and with each look that had to go to the
 * older one:
 *
 *     newest ─▶ table of 2^(n+1)  ─ older ─▶ table of 2^n, being moved
 *
 * No key ever gets two numbers. Before a key goes into a table, the free place in which its row
 * ends in each older one is closed: from then on it can be put there by nobody, and who tries goes
 * to the newer table. So once it was not found in the older ones, it is not there for good. Moving
 * closes all free places that it comes by, for the same reason. What was moved stays where it was,
 * too: readers need no lock, and none of them reads what is given back. That costs as much memory
 * again. A thread that dies, or is interrupted for long, in the middle of a move only keeps the
 * older table in use: what is not known to be moved is looked for in both.
 *
 * An index is zeroed memory. It must be wiped together with the table that it points into.
 */
#ifndef MP_PRELOAD_INTERN_H
#define MP_PRELOAD_INTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mp_intern_entry {
	uint64_t key;
	uint64_t word;
};

struct mp_intern_table {
	struct mp_intern_table *older; /* NULL: there is none, or all of it has been moved here */
	struct mp_intern_entry *entries;
	uint32_t shift;  /* 64 − log2 of the number of entries */
	uint32_t count;  /* entries taken */
	uint32_t moving; /* pieces of the older table whose move has begun, and has ended */
	uint32_t moved;
};

struct mp_intern {
	struct mp_intern_table *newest;
};

/* What is looked for. */
struct mp_intern_key {
	uint64_t hash; /* its upper bits count */
	uint64_t key;  /* not 0 */
	uint32_t more; /* the other 32 bits of the key */
};

/* A kind of keys. `table` is the region's table of what they stand for, `subject` what the caller
 * of mp_intern handed in. All are lock-free and async-signal-safe. */
struct mp_intern_kind {
	/* Makes an entry of the region's table, and returns its number; 0: the table is full. */
	uint32_t (*make)(void *table, const struct mp_intern_key *key, const void *subject);
	/* The key of an entry that was made. */
	struct mp_intern_key (*key_of)(const void *table, uint32_t number);
	/* Is the entry, whose key is equal, the subject? NULL: it is. */
	bool (*same)(const void *table, uint32_t number, const void *subject);
};

static inline uint64_t mp_intern_hash(uint64_t a, uint64_t b)
{
	uint64_t h = (a ^ (b << 32 | b >> 32)) * 0x9e3779b97f4a7c15ull;
	h ^= h >> 29;
	return h * 0xbf58476d1ce4e5b9ull;
}

/* The number of a key that the newest table does not have; made if there is none. 0: the region's
 * table is full, or there is no memory. */
uint32_t mp_intern_elsewhere(struct mp_intern *index, const struct mp_intern_key *key,
                             const struct mp_intern_kind *kind, void *table, const void *subject);

static inline uint32_t mp_intern_mask(const struct mp_intern_table *table)
{
	return (uint32_t)(~0ull >> table->shift);
}

static inline uint32_t mp_intern_number(uint64_t word)
{
	return (uint32_t)word;
}

/* Has an entry with this word the key? A key that is not written yet is found by the slow way. */
static inline bool mp_intern_is(const struct mp_intern_entry *entry, uint64_t word, uint64_t key,
                                uint32_t more)
{
	return __atomic_load_n(&entry->key, __ATOMIC_RELAXED) == key && word >> 32 == more;
}

/* The number of a key whose 96 bits are the key itself, if the newest table has it; else 0, and
 * mp_intern_elsewhere can tell. */
static inline uint32_t mp_intern_find(const struct mp_intern_table *newest, uint64_t hash,
                                      uint64_t key, uint32_t more)
{
	uint32_t mask = mp_intern_mask(newest);
	for (uint32_t place = (uint32_t)(hash >> newest->shift);; place = (place + 1) & mask) {
		const struct mp_intern_entry *entry = &newest->entries[place];
		uint64_t word = __atomic_load_n(&entry->word, __ATOMIC_ACQUIRE);
		if (!mp_intern_number(word))
			return 0;
		if (__builtin_expect(mp_intern_is(entry, word, key, more), 1))
			return mp_intern_number(word);
	}
}

static inline const struct mp_intern_table *mp_intern_newest(const struct mp_intern *index)
{
	return __atomic_load_n(&index->newest, __ATOMIC_ACQUIRE);
}

/* The number of a key, made if there is none. 0 as above. */
static inline uint32_t mp_intern(struct mp_intern *index, const struct mp_intern_key *key,
                                 const struct mp_intern_kind *kind, void *table,
                                 const void *subject)
{
	const struct mp_intern_table *newest = mp_intern_newest(index);
	if (__builtin_expect(newest && !kind->same, 1)) {
		uint32_t number = mp_intern_find(newest, key->hash, key->key, key->more);
		if (__builtin_expect(number != 0, 1))
			return number;
	}
	return mp_intern_elsewhere(index, key, kind, table, subject);
}

#endif
