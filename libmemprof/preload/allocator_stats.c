/* allocator_stats.c: see allocator_stats.h. */
#include "allocator_stats.h"
#include "jemalloc.h"
#include "kernel_signal.h"
#include "os.h"
#include "process.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

/* Details are due when the run is older by this part than when they were last taken. */
#define DETAILS_SHARE 8u

/* A name of mallctl's, translated. */
struct mib {
	size_t parts[8];
	size_t length;
};

static bool find(const char *name, struct mib *mib)
{
	mib->length = sizeof(mib->parts) / sizeof(mib->parts[0]);
	return mp_je_mallctlnametomib(name, mib->parts, &mib->length) == 0;
}

/* Of `bytes` bytes. 0 where there is none. */
static uint64_t read_mib(const struct mib *mib, size_t bytes)
{
	uint64_t value = 0;
	size_t length = bytes;
	return mp_je_mallctlbymib(mib->parts, mib->length, &value, &length, NULL, 0) == 0 ? value
	                                                                                  : 0;
}

static uint64_t read_statistic(const char *name)
{
	struct mib mib;
	return find(name, &mib) ? read_mib(&mib, sizeof(uint64_t)) : 0;
}

static void refresh(void)
{
	uint64_t epoch = 1;
	(void)mp_je_mallctl("epoch", NULL, NULL, &epoch, sizeof(epoch));
}

/* ---- size classes ------------------------------------------------------------------------ */

/* A column of a table: its name, with 0 in the place of what is counted through, where that place
 * is, how wide it is, and where its figure goes. */
struct column {
	const char *name;
	size_t place, width, to;
};

#define ALL_ARENAS       "stats.arenas.4096." /* MALLCTL_ARENAS_ALL: all of them together */
#define OF_CLASS(member) offsetof(struct mp_allocator_class, member)

static const struct column bins[] = {
        {"arenas.bin.0.size", 2, 8, OF_CLASS(size)},
        {"arenas.bin.0.slab_size", 2, 8, OF_CLASS(slab_bytes)},
        {"arenas.bin.0.nregs", 2, 4, OF_CLASS(slab_regions)},
        {ALL_ARENAS "bins.0.curregs", 4, 8, OF_CLASS(held)},
        {ALL_ARENAS "bins.0.nmalloc", 4, 8, OF_CLASS(allocated)},
        {ALL_ARENAS "bins.0.ndalloc", 4, 8, OF_CLASS(freed)},
        {ALL_ARENAS "bins.0.nrequests", 4, 8, OF_CLASS(requests)},
        {ALL_ARENAS "bins.0.curslabs", 4, 8, OF_CLASS(slabs)},
        {ALL_ARENAS "bins.0.nonfull_slabs", 4, 8, OF_CLASS(slabs_partial)},
        {ALL_ARENAS "bins.0.nslabs", 4, 8, OF_CLASS(slabs_made)},
};

static const struct column large[] = {
        {"arenas.lextent.0.size", 2, 8, OF_CLASS(size)},
        {ALL_ARENAS "lextents.0.curlextents", 4, 8, OF_CLASS(held)},
        {ALL_ARENAS "lextents.0.nmalloc", 4, 8, OF_CLASS(allocated)},
        {ALL_ARENAS "lextents.0.ndalloc", 4, 8, OF_CLASS(freed)},
        {ALL_ARENAS "lextents.0.nrequests", 4, 8, OF_CLASS(requests)},
};

/* Fills in a column of `count` rows of `size` bytes, whose numbers are numbers[i], or i. */
static void read_column(const struct column *column, void *rows, size_t size,
                        const uint32_t *numbers, uint32_t count)
{
	struct mib mib;
	if (!find(column->name, &mib))
		return;
	for (uint32_t i = 0; i < count; i++) {
		mib.parts[column->place] = numbers ? numbers[i] : i;
		*(uint64_t *)((char *)rows + i * size + column->to) = read_mib(&mib, column->width);
	}
}

/* A class with pages of its own has no slabs. */
static uint32_t read_classes(const struct column *columns, size_t columns_count,
                             struct mp_allocator_class *to, uint32_t count, uint32_t room)
{
	if (count > room)
		count = room;
	for (uint32_t i = 0; i < count; i++)
		to[i] = (struct mp_allocator_class){0};
	for (size_t i = 0; i < columns_count; i++)
		read_column(&columns[i], to, sizeof(*to), NULL, count);
	while (count && !to[count - 1].allocated)
		count--;
	return count;
}

static uint32_t read_count(const char *name)
{
	struct mib mib;
	return find(name, &mib) ? (uint32_t)read_mib(&mib, sizeof(uint32_t)) : 0;
}

#define COLUMNS(table) table, sizeof(table) / sizeof((table)[0])

static void take_classes(struct mp_allocator_details *details)
{
	uint32_t used = read_classes(COLUMNS(bins), details->classes, read_count("arenas.nbins"),
	                             MP_ALLOCATOR_CLASSES);
	used += read_classes(COLUMNS(large), details->classes + used,
	                     read_count("arenas.nlextents"), MP_ALLOCATOR_CLASSES - used);
	details->classes_used = used;
}

/* ---- arenas ------------------------------------------------------------------------------ */

#define OF_ARENA(member) offsetof(struct mp_allocator_arena, member)
#define ARENA            "stats.arenas.0."

static const struct column arenas[] = {
        {ARENA "nthreads", 2, 4, OF_ARENA(threads)},
        {ARENA "small.allocated", 2, 8, OF_ARENA(held)},
        {ARENA "pactive", 2, 8, OF_ARENA(active)},
        {ARENA "pdirty", 2, 8, OF_ARENA(dirty)},
        {ARENA "pmuzzy", 2, 8, OF_ARENA(muzzy)},
        {ARENA "mapped", 2, 8, OF_ARENA(mapped)},
        {ARENA "retained", 2, 8, OF_ARENA(retained)},
        {ARENA "base", 2, 8, OF_ARENA(metadata)},
        {ARENA "resident", 2, 8, OF_ARENA(resident)},
        {ARENA "tcache_bytes", 2, 8, OF_ARENA(cached)},
        {ARENA "dirty_npurge", 2, 8, OF_ARENA(purges)},
        {ARENA "dirty_purged", 2, 8, OF_ARENA(purged)},
};

/* The second part of a figure that jemalloc tells in two. */
static const struct column arenas_more[] = {
        {ARENA "large.allocated", 2, 8, OF_ARENA(held)},
        {ARENA "internal", 2, 8, OF_ARENA(metadata)},
        {ARENA "muzzy_npurge", 2, 8, OF_ARENA(purges)},
        {ARENA "muzzy_purged", 2, 8, OF_ARENA(purged)},
};

static uint64_t in_bytes(uint64_t pages)
{
	return pages * 4096u;
}

static void add_more(struct mp_allocator_arena *arena)
{
	struct mp_allocator_arena more = {0};
	const uint32_t number = (uint32_t)arena->arena;
	for (size_t i = 0; i < sizeof(arenas_more) / sizeof(arenas_more[0]); i++)
		read_column(&arenas_more[i], &more, sizeof(more), &number, 1);
	arena->held += more.held;
	arena->metadata += more.metadata;
	arena->purges += more.purges;
	arena->active = in_bytes(arena->active);
	arena->dirty = in_bytes(arena->dirty);
	arena->muzzy = in_bytes(arena->muzzy);
	arena->purged = in_bytes(arena->purged + more.purged);
}

/* Most of an arena's numbers are of none that was ever made. */
static uint32_t find_arenas(uint32_t all, uint32_t numbers[MP_ALLOCATOR_ARENAS])
{
	struct mib mib;
	uint32_t count = 0;
	if (!find(ARENA "mapped", &mib))
		return 0;
	for (uint32_t i = 0; i < all && count < MP_ALLOCATOR_ARENAS; i++) {
		mib.parts[2] = i;
		if (read_mib(&mib, sizeof(uint64_t)))
			numbers[count++] = i;
	}
	return count;
}

static void take_arenas(struct mp_allocator_details *details)
{
	uint32_t numbers[MP_ALLOCATOR_ARENAS];
	details->arenas_all = read_count("arenas.narenas");
	uint32_t count = find_arenas(details->arenas_all, numbers);
	for (uint32_t i = 0; i < count; i++)
		details->arenas[i] = (struct mp_allocator_arena){.arena = numbers[i]};
	for (size_t i = 0; i < sizeof(arenas) / sizeof(arenas[0]); i++)
		read_column(&arenas[i], details->arenas, sizeof(details->arenas[0]), numbers,
		            count);
	for (uint32_t i = 0; i < count; i++)
		add_more(&details->arenas[i]);
	details->arenas_used = count;
	details->dirty_decay_ms = (int64_t)read_statistic("arenas.dirty_decay_ms");
	details->muzzy_decay_ms = (int64_t)read_statistic("arenas.muzzy_decay_ms");
}

/* ---- all of it --------------------------------------------------------------------------- */

static void take_details(struct mp_allocator_details *details, uint64_t now, bool at_end)
{
	take_classes(details);
	take_arenas(details);
	details->taken = now;
	details->at_end = at_end;
}

static void take_sums(struct mp_allocator_stats *stats, uint64_t now)
{
	stats->allocated = read_statistic("stats.allocated");
	stats->active = read_statistic("stats.active");
	stats->metadata = read_statistic("stats.metadata");
	stats->resident = read_statistic("stats.resident");
	stats->mapped = read_statistic("stats.mapped");
	stats->retained = read_statistic("stats.retained");
	stats->taken = now;
}

static bool are_due(const struct mp_allocator_details *details, uint64_t now)
{
	return now - details->taken >= details->taken / DETAILS_SHARE;
}

/* One thread at a time: whoever makes the version odd. It is the region's, so that a forked child,
 * whose region is another, never finds a taker that it does not have. */
static void take(struct mp_region *region, bool at_end)
{
	struct mp_allocator_stats *stats = &region->allocator_stats;
	uint32_t version = __atomic_load_n(&stats->version, __ATOMIC_RELAXED) & ~1u;
	mp_signals mask = mp_signals_hold();
	if (__atomic_compare_exchange_n(&stats->version, &version, version + 1, false,
	                                __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
		uint64_t asked = __atomic_load_n(&stats->asked, __ATOMIC_RELAXED);
		uint64_t now = mp_ticks() - region->start_ticks;
		int error = errno;
		__atomic_store_n(&stats->answered, asked, __ATOMIC_RELAXED);
		refresh();
		take_sums(stats, now);
		if (at_end || are_due(&region->allocator_details, now))
			take_details(&region->allocator_details, now, at_end);
		errno = error;
		__atomic_store_n(&stats->version, version + 2, __ATOMIC_RELEASE);
	}
	mp_signals_release(mask);
}

void mp_allocator_stats_take(struct mp_region *region)
{
	take(region, false);
}

void mp_allocator_stats_end(struct mp_region *region)
{
	int error = errno;
	(void)mp_je_mallctl("thread.tcache.flush", NULL, NULL, NULL, 0);
	errno = error;
	take(region, true);
}
