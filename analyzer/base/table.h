/* table.h: hash tables.
 *
 * `struct table` maps keys of one fixed size, compared byte by byte (so: no padding in them, or
 * padding that is always zero), to consecutive numbers from 0 in the order of first sight: the
 * index of the key in whatever array the caller keeps beside it.
 *
 * `struct string_pool` keeps each distinct string once; two strings of a pool are equal if and only
 * if their addresses are.
 *
 * Both are open-addressed with linear probing, at most half full; a zeroed string_pool is empty.
 */
#ifndef ANALYZER_BASE_TABLE_H
#define ANALYZER_BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"

struct table {
	size_t key_size;
	uint32_t count;
	uint32_t *slots; /* number of the key + 1; 0: free */
	size_t slots_count;
	unsigned char *keys;
	size_t keys_capacity;
};

void table_init(struct table *table, size_t key_size);
void table_free(struct table *table);

/* Makes room for so many keys at once. */
void table_expect(struct table *table, size_t count);

/* The number of `key`, which is added if it was not there (then number == old count). */
uint32_t table_add(struct table *table, const void *key);

struct string_pool {
	struct arena bytes;
	const char **slots;
	size_t slots_count, count;
};

/* The pool's own copy of `length` bytes. Valid until string_pool_free. */
const char *string_pool_add(struct string_pool *pool, const char *bytes, size_t length);
void string_pool_free(struct string_pool *pool);

#endif
