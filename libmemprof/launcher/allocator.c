/* allocator.c: see allocator.h. TRACE_FORMAT.md has the keys and their meaning. */
#include "allocator.h"

#include <memprof/trace_format.h>

/* A committed record is due when the run is so many times as old as at the one before. */
#define OLDER 2u

void allocator_read(struct allocator *allocator, const struct region *region)
{
	const struct mp_allocator_stats *from = &region->header->allocator_stats;
	struct mp_allocator_stats sums;
	struct mp_allocator_details details;
	uint32_t version = __atomic_load_n(&from->version, __ATOMIC_ACQUIRE);
	if (version & 1)
		return;
	sums = *from;
	details = region->header->allocator_details;
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (__atomic_load_n(&from->version, __ATOMIC_RELAXED) != version || !sums.taken)
		return;
	allocator->sums = sums;
	/* They lie where a stray write of the program may reach. */
	if (details.classes_used <= MP_ALLOCATOR_CLASSES &&
	    details.arenas_used <= MP_ALLOCATOR_ARENAS)
		allocator->details = details;
}

void allocator_ask(const struct region *region)
{
	uint64_t *asked = &region->writable->allocator_stats.asked;
	__atomic_store_n(asked, region_load(asked) + 1, __ATOMIC_RELEASE);
}

void allocator_pack_sums(const struct allocator *allocator, struct seq *window)
{
	const struct mp_allocator_stats *sums = &allocator->sums;
	struct seq map;
	if (!sums->taken)
		return;
	seq_begin(&map);
	map_uint(&map, "taken", sums->taken);
	map_uint(&map, "allocated", sums->allocated);
	map_uint(&map, "active", sums->active);
	map_uint(&map, "metadata", sums->metadata);
	map_uint(&map, "resident", sums->resident);
	map_uint(&map, "mapped", sums->mapped);
	map_uint(&map, "retained", sums->retained);
	map_map(window, "allocator", &map);
}

/* Rows of a table, with their width before them. */
static void map_rows(struct seq *map, const char *key, uint32_t width, struct seq *rows)
{
	msgpack_packer *to;
	if (!rows->count) {
		seq_drop(rows);
		return;
	}
	to = map_key(map, key);
	msgpack_pack_array(to, 2);
	msgpack_pack_uint32(to, width);
	seq_end_array(rows, to);
}

/* Classes that were never asked for are left out. */
static void map_classes(struct seq *map, const struct mp_allocator_details *details)
{
	struct seq rows;
	seq_begin(&rows);
	for (uint32_t i = 0; i < details->classes_used; i++) {
		const struct mp_allocator_class *class = &details->classes[i];
		if (!class->allocated)
			continue;
#define X(name, text) seq_uint(&rows, class->name);
		TRACE_ALLOCATOR_CLASS_FIELDS(X)
#undef X
	}
	map_rows(map, "classes", TRACE_ALLOCATOR_CLASS_WIDTH, &rows);
}

static void map_arenas(struct seq *map, const struct mp_allocator_details *details)
{
	struct seq rows;
	seq_begin(&rows);
	for (uint32_t i = 0; i < details->arenas_used; i++) {
		const struct mp_allocator_arena *arena = &details->arenas[i];
#define X(name, text) seq_uint(&rows, arena->name);
		TRACE_ALLOCATOR_ARENA_FIELDS(X)
#undef X
	}
	map_rows(map, "arenas", TRACE_ALLOCATOR_ARENA_WIDTH, &rows);
}

void allocator_pack_details(struct allocator *allocator, bool last, bool commit, msgpack_packer *to)
{
	const struct mp_allocator_details *details = &allocator->details;
	struct seq map;
	if (!details->taken || details->taken == allocator->packed ||
	    (commit && !last && details->taken < OLDER * allocator->packed))
		return;
	seq_begin(&map);
	map_uint(&map, "taken", details->taken);
	map_bool(&map, "at_end", details->at_end != 0);
	map_int(&map, "dirty_decay_ms", details->dirty_decay_ms);
	map_int(&map, "muzzy_decay_ms", details->muzzy_decay_ms);
	map_uint(&map, "arenas_all", details->arenas_all);
	map_classes(&map, details);
	map_arenas(&map, details);
	pack_record(to, TRACE_ALLOCATOR);
	seq_end_map(&map, to);
	if (commit)
		allocator->packed = details->taken;
}
