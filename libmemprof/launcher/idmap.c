/* idmap.c: see idmap.h. */
#include "idmap.h"
#include "memory.h"

#include <stdlib.h>

/* Finalizer of splitmix64 (Steele, Lea, Flood, OOPSLA 2014): spreads neighbouring ids. */
static uint64_t mix(uint64_t key)
{
	key = (key ^ key >> 30) * 0xbf58476d1ce4e5b9ull;
	key = (key ^ key >> 27) * 0x94d049bb133111ebull;
	return key ^ key >> 31;
}

/* The entry that holds `key`, or the free one where it belongs. */
static struct idmap_entry *place(const struct idmap *map, uint64_t key)
{
	size_t mask = map->capacity - 1;
	size_t at = (size_t)mix(key) & mask;
	while (map->entries[at].id && map->entries[at].key != key)
		at = (at + 1) & mask;
	return &map->entries[at];
}

uint32_t idmap_find(const struct idmap *map, uint64_t key)
{
	return map->capacity ? place(map, key)->id : 0;
}

static void grow(struct idmap *map)
{
	struct idmap bigger = {.capacity = map->capacity ? map->capacity * 2 : 64};
	bigger.entries = memory_new(bigger.capacity, sizeof *bigger.entries);
	for (size_t i = 0; i < map->capacity; i++)
		if (map->entries[i].id)
			*place(&bigger, map->entries[i].key) = map->entries[i];
	bigger.used = map->used;
	free(map->entries);
	*map = bigger;
}

uint32_t idmap_find_or_add(struct idmap *map, uint64_t key, uint32_t id)
{
	if (map->used * 2 >= map->capacity)
		grow(map);
	struct idmap_entry *entry = place(map, key);
	if (entry->id)
		return entry->id;
	*entry = (struct idmap_entry){.key = key, .id = id};
	map->used++;
	return id;
}

void idmap_add(struct idmap *map, uint64_t key, uint32_t id)
{
	if (map->used * 2 >= map->capacity)
		grow(map);
	*place(map, key) = (struct idmap_entry){.key = key, .id = id};
	map->used++;
}

void idmap_free(struct idmap *map)
{
	free(map->entries);
	*map = (struct idmap){0};
}
