/* hunt.h: time that no child accounts for, and what it was spent on.
 *
 * Of a phase with phases in it, that is its self time; of the steps, what lies in no phase. Only
 * the stepping thread's time counts, since that is what phases are of. The samples taken there tell
 * which functions the CPU was in; what is left of the wall time was off the CPU: waiting, or not
 * scheduled. What the kernel counted there tells why.
 */
#ifndef ANALYZER_MODEL_HUNT_H
#define ANALYZER_MODEL_HUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/usage.h"

struct profile;

#define HUNT_FUNCTIONS 3

struct hunted_function {
	uint32_t function; /* number in the profile's functions */
	double seconds;    /* CPU time of the stepping thread in it, in this scope itself */
};

/* What most of it is: more than half, by what is known. */
enum hunt_cause {
	HUNT_CAUSE_UNKNOWN, /* nothing is so much, or is known to be */
	HUNT_CAUSE_WAITING, /* off the CPU, and of its own will */
	HUNT_CAUSE_PUSHED,  /* off the CPU, since others were on it */
	HUNT_CAUSE_FAULTS,  /* in the kernel, which gave it memory */
	HUNT_CAUSE_KERNEL,  /* in the kernel for something else */
	HUNT_CAUSE_CODE,    /* in its own code */
};

struct hunt {
	uint32_t phase;         /* 0: the steps, outside of all phases */
	double seconds, share;  /* unaccounted; of the scope's inclusive time */
	double cpu, samples;    /* of it on the CPU, by that many samples; NAN: not sampled */
	double off_cpu;         /* the rest; NAN: not known */
	bool mixed;             /* the samples are of time outside of steps, too */
	size_t functions_count; /* those with most time, most first */
	struct hunted_function functions[HUNT_FUNCTIONS];
	struct usage usage; /* what the kernel counted there */
	enum hunt_cause cause;
};

struct hunts {
	struct hunt *list; /* the most seconds first */
	size_t count;
};

/* A scope is hunted where more of it is unaccounted than this share, and it is itself at least a
 * hundredth of the steps. */
#define HUNT_SHARE 0.05

/* Needs steps, phases, stacks and functions. Free with hunts_free. */
void hunts_build(struct hunts *hunts, const struct profile *profile);
void hunts_free(struct hunts *hunts);

#endif
