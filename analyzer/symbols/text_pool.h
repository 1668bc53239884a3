/* text_pool.h: strings kept once each, for as long as the resolver lives.
 *
 * Names and paths repeat (a std::vector's push_back is inlined in a thousand places), and outlive
 * the files that they were read from. A string may carry another one that was derived from it (its
 * demangled form), so that the work is done once.
 */
#ifndef ANALYZER_SYMBOLS_TEXT_POOL_H
#define ANALYZER_SYMBOLS_TEXT_POOL_H

#include <stddef.h>
#include <stdint.h>

struct pool_text {
	struct pool_text *next; /* in the same bucket */
	const char *derived;    /* what the keeper made of it; NULL: nothing yet */
	uint64_t hash;
	char string[];
};

/* All zero is an empty pool. */
struct text_pool {
	struct pool_text **buckets;
	size_t bucket_count; /* a power of two, or 0 */
	size_t count;
};

/* The one entry for `string`. */
struct pool_text *text_pool_entry(struct text_pool *pool, const char *string);

/* The one copy of `string`; NULL for NULL. */
const char *text_pool_keep(struct text_pool *pool, const char *string);

/* Frees all strings and makes the pool empty again. */
void text_pool_clear(struct text_pool *pool);

#endif
