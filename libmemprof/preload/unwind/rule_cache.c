/* rule_cache.c: see rule_cache.h. */
#include "unwind/rule_cache.h"

#include "ownmem.h"
#include "stacks.h"

#define FIRST_BITS 12u          /* 4,096 entries, 128 KiB, of which what is touched costs */
#define CLAIMED    (1ull << 63) /* no address has this bit */

struct mp_rule_table *mp_rule_newest;
uint32_t mp_rule_generation = 1; /* never 0, which is what untouched entries have */

static bool find(const struct mp_rule_table *table, uintptr_t address, uint32_t generation,
                 struct mp_known *known)
{
	uint32_t mask = mp_rule_mask(table);
	uint32_t slot = mp_rule_slot(table, address);
	for (uint32_t i = 0; i <= mask; i++, slot = (slot + 1) & mask) {
		if (mp_rule_read(&table->entries[slot], address, generation, known))
			return true;
		if (!__atomic_load_n(&table->entries[slot].key, __ATOMIC_ACQUIRE))
			return false;
	}
	return false;
}

/* Takes an entry that is free, or whose generation has passed. */
static bool claim(struct mp_rule_table *table, struct mp_rule_entry *entry, uint32_t generation)
{
	uintptr_t key = __atomic_load_n(&entry->key, __ATOMIC_ACQUIRE);
	if (key & CLAIMED)
		return false;
	if (key && mp_rule_entry_generation(entry) == generation)
		return false;
	if (!__atomic_compare_exchange_n(&entry->key, &key, key | CLAIMED, false, __ATOMIC_ACQ_REL,
	                                 __ATOMIC_RELAXED))
		return false;
	if (!key)
		__atomic_fetch_add(&table->count, 1, __ATOMIC_RELAXED);
	return true;
}

static bool insert(struct mp_rule_table *table, uintptr_t address, uint32_t generation,
                   const struct mp_known *known)
{
	uint32_t mask = mp_rule_mask(table);
	uint32_t slot = mp_rule_slot(table, address);
	bool crowded = __atomic_load_n(&table->count, __ATOMIC_RELAXED) > mask / 2;
	for (uint32_t i = 0; i <= mask; i++, slot = (slot + 1) & mask) {
		struct mp_rule_entry *entry = &table->entries[slot];
		if (crowded && !__atomic_load_n(&entry->key, __ATOMIC_RELAXED))
			return false;
		if (!claim(table, entry, generation))
			continue;
		/* The old stamp goes first, so that no reader takes half of each. */
		__atomic_store_n(&entry->stamp, 0, __ATOMIC_RELEASE);
		__atomic_store_n(&entry->where, known->where, __ATOMIC_RELEASE);
		__atomic_store_n(&entry->rule.bits, known->rule.bits, __ATOMIC_RELEASE);
		__atomic_store_n(&entry->stamp, generation, __ATOMIC_RELEASE);
		__atomic_store_n(&entry->key, address, __ATOMIC_RELEASE);
		return true;
	}
	return false;
}

/* Puts a larger table before the newest. False when there is no memory for it. */
static bool grow(struct mp_rule_table *newest)
{
	uint32_t shift = newest ? newest->shift - 1 : 64 - FIRST_BITS;
	if (shift < 64 - 28)
		return false;
	size_t bytes = sizeof(struct mp_rule_table) +
	               ((size_t)1 << (64 - shift)) * sizeof(struct mp_rule_entry);
	struct mp_rule_table *table = mp_own_map(bytes);
	if (!table)
		return false;
	table->older = newest;
	table->shift = shift;
	if (!__atomic_compare_exchange_n(&mp_rule_newest, &newest, table, false, __ATOMIC_ACQ_REL,
	                                 __ATOMIC_RELAXED))
		mp_own_unmap(table, bytes); /* another thread was faster */
	return true;
}

static struct mp_known derive(uintptr_t address)
{
	return (struct mp_known){.where = mp_where(address), .rule = mp_rule_derive(address)};
}

struct mp_known mp_rule_learn(uintptr_t address, uint32_t generation)
{
	struct mp_known known = {0};
	struct mp_rule_table *newest = __atomic_load_n(&mp_rule_newest, __ATOMIC_ACQUIRE);
	struct mp_rule_table *table = newest;
	while (table && !find(table, address, generation, &known))
		table = table->older;
	if (table && table == newest)
		return known;
	if (!table)
		known = derive(address);
	if (mp_rule_kind(known.rule) == MP_RULE_NO_OBJECT)
		return known;
	while (!newest || !insert(newest, address, generation, &known)) {
		if (!grow(newest))
			break; /* it will be derived again, which is slow and right */
		newest = __atomic_load_n(&mp_rule_newest, __ATOMIC_ACQUIRE);
	}
	return known;
}

void mp_rules_forget(void)
{
	if (__atomic_add_fetch(&mp_rule_generation, 1, __ATOMIC_ACQ_REL) == 0)
		__atomic_add_fetch(&mp_rule_generation, 1, __ATOMIC_ACQ_REL);
}
