/* allocator.h: jemalloc's statistics, as the process last took them, and their records.
 *
 * The process takes them when it is asked (preload/allocator_stats.h); class by class and arena by
 * arena less often. A record of those replaces the one before, so the trace is given one when the
 * run is twice as old as at the last, and at its end; the side file has the newest. */
#ifndef MEMPROF_LAUNCHER_ALLOCATOR_H
#define MEMPROF_LAUNCHER_ALLOCATOR_H

#include "pack.h"
#include "region_map.h"

struct allocator {
	struct mp_allocator_stats sums; /* taken 0: never */
	struct mp_allocator_details details;
	uint64_t packed; /* when the details in the trace were taken; 0: there are none */
};

/* Takes over what the process has taken. What is just being changed is left for the next time. */
void allocator_read(struct allocator *allocator, const struct region *region);

/* Asks for new ones. */
void allocator_ask(const struct region *region);

/* The member `allocator` of a window; nothing if they were never taken. */
void allocator_pack_sums(const struct allocator *allocator, struct seq *window);

/* The record of the details, if it is due. `last`: none comes after it. With `commit` it is
 * remembered as packed. */
void allocator_pack_details(struct allocator *allocator, bool last, bool commit,
                            msgpack_packer *to);

#endif
