/* allocator_stats.h: jemalloc's statistics, when the launcher has asked for them, and at the end.
 *
 * They are read by jemalloc's own mallctl, which allocates nothing and takes jemalloc's locks one
 * at a time. Signals are held back meanwhile: a handler that forks, or leaves by siglongjmp, would
 * meet those locks held by its own thread.
 */
#ifndef MP_PRELOAD_ALLOCATOR_STATS_H
#define MP_PRELOAD_ALLOCATOR_STATS_H

#include "shared/region.h"

/* Answers the launcher's request: some 10 µs, about once a second; where details are due (region.h)
 * some 60 µs more. To be called where the calling thread is in no function of the allocator. */
void mp_allocator_stats_take(struct mp_region *region);

static inline void mp_allocator_stats_answer(struct mp_region *region)
{
	const struct mp_allocator_stats *stats = &region->allocator_stats;
	if (__builtin_expect(__atomic_load_n(&stats->asked, __ATOMIC_RELAXED) !=
	                             __atomic_load_n(&stats->answered, __ATOMIC_RELAXED),
	                     0))
		mp_allocator_stats_take(region);
}

/* The last, asked or not: the program has ended. Flushes the thread's cache, so that what is told
 * to be held is held by the program. */
void mp_allocator_stats_end(struct mp_region *region);

#endif
