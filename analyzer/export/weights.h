/* weights.h: the values of stacks as integers that add up.
 *
 * Counts and bytes are integers already. Seconds become nanoseconds: each value is rounded down,
 * and what is then missing from the rounded total goes, one nanosecond each, to the values with the
 * largest remainders (the method of largest remainders), so that every format has the same total.
 * What a running program freed between two reads of its counters can leave a value below zero;
 * it counts as zero.
 *
 * A weight belongs to a row of the stacks and to a role of threads: CPU time was sampled by role,
 * memory was not, so a row has up to three.
 */
#ifndef ANALYZER_EXPORT_WEIGHTS_H
#define ANALYZER_EXPORT_WEIGHTS_H

#include <stdint.h>

#include "model/stacks.h"

enum weight_role {
	WEIGHT_ANY,      /* of memory: by any thread */
	WEIGHT_STEPPING, /* CPU time of the thread that steps */
	WEIGHT_WORKERS,  /* of all others */
};

struct weight {
	uint32_t row;
	enum weight_role role;
	int64_t values[STACK_METRICS]; /* nanoseconds, bytes, counts; 0 where it is not known */
	int64_t samples;               /* that make up the time */
};

struct weights {
	struct weight *list; /* in the order of rows */
	size_t count;
	int64_t totals[STACK_METRICS];
	int64_t samples; /* of all */
};

void weights_build(struct weights *weights, const struct stacks *stacks);
void weights_free(struct weights *weights);

#endif
