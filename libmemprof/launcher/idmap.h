/* idmap.h: a hash map from 64-bit keys to ids that are not 0.
 *
 * Two ids that name an entry of a tree (parent and frame, stack and phase …) make one key. Open
 * addressing, linear probing, at most half full; entries are never removed. */
#ifndef MEMPROF_LAUNCHER_IDMAP_H
#define MEMPROF_LAUNCHER_IDMAP_H

#include <stddef.h>
#include <stdint.h>

struct idmap_entry {
	uint64_t key;
	uint32_t id; /* 0: the entry is free */
};

/* All zero is the empty map. */
struct idmap {
	struct idmap_entry *entries;
	size_t capacity; /* a power of two, or 0 */
	size_t used;
};

static inline uint64_t idmap_pair(uint32_t high, uint32_t low)
{
	return (uint64_t)high << 32 | low;
}

/* The id of `key`, 0 when there is none. */
uint32_t idmap_find(const struct idmap *map, uint64_t key);

/* Adds a key that is not in the map. `id` is not 0. */
/* The id of `key`, which is added with `id` (not 0) if it is not there. */
uint32_t idmap_find_or_add(struct idmap *map, uint64_t key, uint32_t id);

void idmap_add(struct idmap *map, uint64_t key, uint32_t id);

void idmap_free(struct idmap *map);

#endif
