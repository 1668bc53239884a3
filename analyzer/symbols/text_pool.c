/* text_pool.c: a chained hash table, doubled when it is full. Entries never move. */
#include "symbols/text_pool.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a, 64 bits (Fowler, Noll, Vo): short strings, no need to resist an adversary beyond slow. */
static uint64_t hash_string(const char *string)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (const unsigned char *p = (const unsigned char *)string; *p; p++)
		hash = (hash ^ *p) * 0x100000001b3u;
	return hash ^ hash >> 32;
}

static void grow(struct text_pool *pool)
{
	size_t bucket_count = pool->bucket_count ? 2 * pool->bucket_count : 256;
	struct pool_text **buckets = mem_zero(bucket_count * sizeof *buckets);

	for (size_t i = 0; i < pool->bucket_count; i++) {
		for (struct pool_text *text = pool->buckets[i], *next; text; text = next) {
			struct pool_text **bucket = &buckets[text->hash & (bucket_count - 1)];

			next = text->next;
			text->next = *bucket;
			*bucket = text;
		}
	}
	free(pool->buckets);
	pool->buckets = buckets;
	pool->bucket_count = bucket_count;
}

struct pool_text *text_pool_entry(struct text_pool *pool, const char *string)
{
	uint64_t hash = hash_string(string);
	size_t size = strlen(string) + 1;
	struct pool_text *text, **bucket;

	if (pool->count >= pool->bucket_count)
		grow(pool);
	bucket = &pool->buckets[hash & (pool->bucket_count - 1)];
	for (text = *bucket; text; text = text->next)
		if (text->hash == hash && strcmp(text->string, string) == 0)
			return text;
	text = mem_zero(sizeof *text + size);
	text->hash = hash;
	memcpy(text->string, string, size);
	text->next = *bucket;
	*bucket = text;
	pool->count++;
	return text;
}

const char *text_pool_keep(struct text_pool *pool, const char *string)
{
	return string ? text_pool_entry(pool, string)->string : NULL;
}

void text_pool_clear(struct text_pool *pool)
{
	for (size_t i = 0; i < pool->bucket_count; i++) {
		for (struct pool_text *text = pool->buckets[i], *next; text; text = next) {
			next = text->next;
			free(text);
		}
	}
	free(pool->buckets);
	*pool = (struct text_pool){0};
}
