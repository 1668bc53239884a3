/* rule_cache.h: what is known of an address: its rule, and its `where` for the tree of stacks.
 *
 * One open-addressing table for the process, read by every thread without locks:
 *
 *     newest ─▶ table of 2^n entries ─▶ older, half as large ─▶ …
 *
 * Insertion goes to the newest. When that is half full, a table twice as large is put before it;
 * what is found in an older one is copied forward on its next use, so the older ones fade out. They
 * are never given back: together they are as large as the newest.
 *
 * An entry is claimed by compare-and-swap of its key, filled, and published by storing the key: a
 * claimed entry that is not published (its thread was interrupted, perhaps by a handler that comes
 * here itself) is passed by, and the address gets an entry elsewhere. Two entries of one address
 * do no harm.
 *
 * Code may be unmapped and other code mapped in its place. Entries therefore carry the generation
 * in which they were made; mp_rules_forget begins a new one, and entries of older ones are free to
 * be claimed anew. A reader looks at the generation before and after it reads the rest: an entry is
 * only rewritten when its generation has passed.
 */
#ifndef MP_UNWIND_RULE_CACHE_H
#define MP_UNWIND_RULE_CACHE_H

#include "unwind/rules.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mp_rule_entry {
	uintptr_t key; /* address looked up; 0: free. Written last of all */
	uint64_t where;
	struct mp_rule rule;
	uint64_t stamp; /* its generation, 0: being written; written after the rest */
};
_Static_assert(sizeof(struct mp_rule_entry) == 32, "two entries a cache line");

struct mp_rule_table {
	struct mp_rule_table *older;
	uint32_t shift; /* 64 − log2 of the number of entries */
	uint32_t count; /* entries ever taken */
	uint64_t spare[6];
	struct mp_rule_entry entries[];
};

/* What a lookup gives: a copy, so that it stays true whatever happens to the table. */
struct mp_known {
	uint64_t where;
	struct mp_rule rule;
};

extern struct mp_rule_table *mp_rule_newest;
extern uint32_t mp_rule_generation;

/* Derives what the newest table does not have. */
struct mp_known mp_rule_learn(uintptr_t address, uint32_t generation);

/* All that is remembered is void. Lock-free, async-signal-safe. */
void mp_rules_forget(void);

static inline uint32_t mp_rules_generation(void)
{
	return __atomic_load_n(&mp_rule_generation, __ATOMIC_ACQUIRE);
}

static inline uint32_t mp_rule_slot(const struct mp_rule_table *table, uintptr_t address)
{
	return (uint32_t)((address * 0x9e3779b97f4a7c15ull) >> table->shift);
}

static inline uint32_t mp_rule_mask(const struct mp_rule_table *table)
{
	return (uint32_t)(~0ull >> table->shift);
}

static inline uint32_t mp_rule_entry_generation(const struct mp_rule_entry *entry)
{
	return (uint32_t)__atomic_load_n(&entry->stamp, __ATOMIC_ACQUIRE);
}

/* Copies an entry if it is published, of this generation, and was not rewritten meanwhile. Each
 * load comes before the next: the last one tells that those before it were not too late. */
static inline bool mp_rule_read(const struct mp_rule_entry *entry, uintptr_t address,
                                uint32_t generation, struct mp_known *known)
{
	if (__atomic_load_n(&entry->key, __ATOMIC_ACQUIRE) != address)
		return false;
	uint32_t before = mp_rule_entry_generation(entry);
	known->where = __atomic_load_n(&entry->where, __ATOMIC_ACQUIRE);
	known->rule.bits = __atomic_load_n(&entry->rule.bits, __ATOMIC_ACQUIRE);
	return before == generation && mp_rule_entry_generation(entry) == generation;
}

/* What is known of an address to look up. About 3 ns; up to a microsecond for a new one. */
static inline __attribute__((always_inline)) struct mp_known mp_rule_of(uintptr_t address,
                                                                        uint32_t generation)
{
	struct mp_known known;
	const struct mp_rule_table *table = __atomic_load_n(&mp_rule_newest, __ATOMIC_ACQUIRE);
	if (__builtin_expect(table != NULL, 1)) {
		uint32_t slot = mp_rule_slot(table, address);
		if (__builtin_expect(
		            mp_rule_read(&table->entries[slot], address, generation, &known), 1))
			return known;
		slot = (slot + 1) & mp_rule_mask(table);
		if (mp_rule_read(&table->entries[slot], address, generation, &known))
			return known;
	}
	return mp_rule_learn(address, generation);
}

#endif
