/* chase.h: how long a load takes that depends on the one before it, by how much memory such loads
 * go about in; and so up to where the processor's caches really reach.
 *
 * What a processor says of its last level of cache (caches.h) is what was built. A virtual machine
 * has to share it with others, and may have a few MiB of it left. So it is measured: one cycle
 * through all cache lines of a range in random order, which no prefetcher follows, is walked as the
 * range grows by steps of √2. A size's figure is the least of several rounds, and in each round
 * the median of short stretches, timed by the thread's CPU clock: who else runs can only add to it.
 */
#ifndef MEMPROF_LAUNCHER_CHASE_H
#define MEMPROF_LAUNCHER_CHASE_H

#include <stddef.h>
#include <stdint.h>

#define CHASE_POINTS_MOST 32u

/* Loads that take less than one part in so many of what memory's take are those of a cache. */
#define CHASE_CACHED 3.0

struct chase_point {
	uint64_t bytes;
	double nanoseconds; /* of one load */
};

/* Measures ranges from 256 KiB up to `largest` bytes (fewer if `seconds` of CPU time are over
 * before the first round is), rising in size and never falling in time. Returns how many; 0 if
 * there is no memory for it. Takes `seconds` at most, and a tenth of one. */
size_t chase_measure(struct chase_point points[CHASE_POINTS_MOST], uint64_t largest,
                     double seconds);

/* The largest range whose loads are those of a cache: memory's are the last point's. 0: it cannot
 * be told, since no range is that much faster than the largest.
 */
uint64_t chase_reach(const struct chase_point *points, size_t count);

#endif
