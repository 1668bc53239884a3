/* window_policy.h: how long windows are.
 *
 * A window lasts a twentieth of a second, or a sixteenth of what the run has lasted so far,
 * whichever is longer. So the number of windows grows with the logarithm of the run's length (about
 * 16 a factor of 2.6), the trace's size with it, and at any time the last window is short compared
 * to the run. */
#ifndef MEMPROF_LAUNCHER_WINDOW_POLICY_H
#define MEMPROF_LAUNCHER_WINDOW_POLICY_H

#include "clock.h"

#define WINDOW_SHORTEST_NS (NS_PER_SECOND / 20)
#define WINDOW_SHARE       16u

/* Coarse time, which blocks record as their origin (region.h): its unit, and how often it moves. */
#define COARSE_TICK_NS (NS_PER_SECOND / 100)
#define COARSE_MOVE_NS (NS_PER_SECOND / 20)

/* How often, at most, the side file is replaced. */
#define SIDE_INTERVAL_NS (2 * NS_PER_SECOND)

/* The length of the window that begins `elapsed_ns` into the run. `scale` makes a run look that
 * many times older than it is (for tests); 1 otherwise. */
static inline uint64_t window_length_ns(uint64_t elapsed_ns, uint64_t scale)
{
	uint64_t share = elapsed_ns / WINDOW_SHARE;
	if (scale > 1)
		share = share > UINT64_MAX / scale ? UINT64_MAX : share * scale;
	return share > WINDOW_SHORTEST_NS ? share : WINDOW_SHORTEST_NS;
}

#endif
