/* allocator_stats.h: jemalloc's statistics, when the launcher has asked for them. */
#ifndef MP_PRELOAD_ALLOCATOR_STATS_H
#define MP_PRELOAD_ALLOCATOR_STATS_H

#include "shared/region.h"

/* Answers the launcher's request: some 10 µs, about once a second. To be called where the calling
 * thread is in no function of the allocator. */
void mp_allocator_stats_take(struct mp_region *region);

static inline void mp_allocator_stats_answer(struct mp_region *region)
{
	const struct mp_allocator_stats *stats = &region->allocator_stats;
	if (__builtin_expect(__atomic_load_n(&stats->asked, __ATOMIC_RELAXED) !=
	                             __atomic_load_n(&stats->answered, __ATOMIC_RELAXED),
	                     0))
		mp_allocator_stats_take(region);
}

#endif
