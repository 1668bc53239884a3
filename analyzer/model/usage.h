/* usage.h: what the kernel counted in a scope: page faults, switches, storage, time in the kernel.
 *
 * The recorder reads it at both ends of those scopes that can bear the reading. It is the thread's
 * own, where CPU time of the thread that steps is that of the process.
 */
#ifndef ANALYZER_MODEL_USAGE_H
#define ANALYZER_MODEL_USAGE_H

#include <stdbool.h>
#include <stdint.h>

struct profile;

/* X(name): counts, and bytes of storage (what only comes from or goes to the page cache is none) */
#define USAGE_COUNTS(X)                                                                            \
	X(minor_faults) X(major_faults) X(waits) X(preempted) X(read_bytes) X(written_bytes)

struct usage {
	bool known;     /* read in scopes that are most of the phase's time */
	int64_t calls;  /* in which it was read */
	double covered; /* their part of the phase's time */
#define X(name) int64_t name;
	USAGE_COUNTS(X)
#undef X
	double system; /* CPU time in the kernel, seconds */
	/* Of what is a phase's own: phases in it that are too short to be read count with it. */
	bool with_short;
};

/* Fills in `usage` and `usage_self` of the profile's phases, and `unaccounted_usage`. */
void usage_build(struct profile *profile);

#endif
