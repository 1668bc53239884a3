/* table.c: see table.h. Hash: FNV-1a over 64 bits, then a finalizing mix (constants of MurmurHash3)
 * because only the low bits choose the slot. */
#include "base/table.h"

#include <stdlib.h>
#include <string.h>

static uint64_t hash_bytes(const void *bytes, size_t length)
{
	const unsigned char *p = bytes;
	uint64_t hash = 0xcbf29ce484222325u;
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ p[i]) * 0x100000001b3u;
	hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdu;
	return hash ^ hash >> 33;
}

void table_init(struct table *table, size_t key_size)
{
	*table = (struct table){.key_size = key_size};
}

void table_free(struct table *table)
{
	free(table->slots);
	free(table->keys);
	*table = (struct table){0};
}

static const void *table_key(const struct table *table, uint32_t number)
{
	return table->keys + (size_t)number * table->key_size;
}

/* The slot that holds `key`, or the free one where it belongs. */
static size_t table_slot(const struct table *table, const void *key)
{
	size_t slot = hash_bytes(key, table->key_size) & (table->slots_count - 1);
	while (table->slots[slot] &&
	       memcmp(table_key(table, table->slots[slot] - 1), key, table->key_size) != 0)
		slot = (slot + 1) & (table->slots_count - 1);
	return slot;
}

#define SLOTS_MIN 64

static void table_rehash(struct table *table, size_t slots)
{
	free(table->slots);
	table->slots_count = slots;
	table->slots = mem_zero(table->slots_count * sizeof(*table->slots));
	for (uint32_t i = 0; i < table->count; i++)
		table->slots[table_slot(table, table_key(table, i))] = i + 1;
}

void table_expect(struct table *table, size_t count)
{
	size_t slots = table->slots_count ? table->slots_count : SLOTS_MIN;
	while (slots < count * 2)
		slots *= 2;
	if (slots > table->slots_count)
		table_rehash(table, slots);
	table->keys = mem_room(table->keys, &table->keys_capacity, count, table->key_size);
}

uint32_t table_add(struct table *table, const void *key)
{
	if ((size_t)table->count * 2 >= table->slots_count)
		table_rehash(table, table->slots_count ? table->slots_count * 2 : SLOTS_MIN);
	size_t slot = table_slot(table, key);
	if (table->slots[slot])
		return table->slots[slot] - 1;
	table->keys = mem_room(table->keys, &table->keys_capacity, (size_t)table->count + 1,
	                       table->key_size);
	memcpy(table->keys + (size_t)table->count * table->key_size, key, table->key_size);
	table->slots[slot] = ++table->count;
	return table->count - 1;
}

static size_t pool_slot(const struct string_pool *pool, const char *bytes, size_t length)
{
	size_t slot = hash_bytes(bytes, length) & (pool->slots_count - 1);
	while (pool->slots[slot] && (strncmp(pool->slots[slot], bytes, length) != 0 ||
	                             pool->slots[slot][length] != '\0'))
		slot = (slot + 1) & (pool->slots_count - 1);
	return slot;
}

static void pool_rehash(struct string_pool *pool)
{
	const char **old = pool->slots;
	size_t old_count = pool->slots_count;
	pool->slots_count = old_count ? old_count * 2 : 256;
	pool->slots = mem_zero(pool->slots_count * sizeof(*pool->slots));
	for (size_t i = 0; i < old_count; i++)
		if (old[i])
			pool->slots[pool_slot(pool, old[i], strlen(old[i]))] = old[i];
	free(old);
}

const char *string_pool_add(struct string_pool *pool, const char *bytes, size_t length)
{
	length = strnlen(bytes, length); /* a string ends at its first 0 */
	if (pool->count * 2 >= pool->slots_count)
		pool_rehash(pool);
	size_t slot = pool_slot(pool, bytes, length);
	if (!pool->slots[slot]) {
		pool->slots[slot] = arena_text(&pool->bytes, bytes, length);
		pool->count++;
	}
	return pool->slots[slot];
}

void string_pool_free(struct string_pool *pool)
{
	arena_free(&pool->bytes);
	free(pool->slots);
	*pool = (struct string_pool){0};
}
