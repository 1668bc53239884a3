/* progress.h: how fast a run goes, from how far it had come when it was looked at. */
#ifndef MEMPROF_LAUNCHER_PROGRESS_H
#define MEMPROF_LAUNCHER_PROGRESS_H

#include <stdint.h>

/* The last looks at a counter, about one a second. All zero: none yet. */
#define PROGRESS_LOOKS 12u

struct progress {
	struct progress_look {
		uint64_t at_ns;
		uint64_t count;
	} looks[PROGRESS_LOOKS];
	uint32_t next, filled;
};

/* Notes that at `at_ns` the counter stood at `count`. A counter that went back (another image took
 * the run over) starts anew. */
void progress_look(struct progress *progress, uint64_t at_ns, uint64_t count);

/* Counts a second over the looks that are kept; 0 when there are fewer than two, or nothing moved.
 */
double progress_rate(const struct progress *progress);

/* Seconds until `expected`, given the rate; negative: cannot be told. */
double progress_seconds_left(uint64_t count, uint64_t expected, double rate);

#endif
