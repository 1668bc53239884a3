/* stacks.h: what was measured at each stack, in one shape for all who walk stacks: functions,
 * components, flame graphs and the other tools' formats.
 *
 * A row is a stack in a phase with its value of every metric, its own and not its callers'. Rows of
 * one metric add up to the run's total of it. The frames of a stack are functions: an inlined one
 * is a frame of its own, and code without a name is called after its module, so that every frame
 * has a name.
 */
#ifndef ANALYZER_MODEL_STACKS_H
#define ANALYZER_MODEL_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/trace.h"

struct profile;

/* X(NAME, name, unit, what it is) */
#define STACK_METRICS_LIST(X)                                                                      \
	X(TIME, "time", "seconds", "CPU time, from samples")                                       \
	X(ALLOCATIONS, "allocations", "count", "allocations")                                      \
	X(BYTES, "bytes", "bytes", "bytes allocated")                                              \
	X(PEAK, "peak", "bytes", "bytes live when the heap was largest")                           \
	X(LIVE, "live", "bytes", "bytes live at the end")

enum stack_metric {
#define X(NAME, name, unit, what) STACK_##NAME,
	STACK_METRICS_LIST(X)
#undef X
	        STACK_METRICS
};

struct stack_row {
	uint32_t stack, phase; /* ids of the trace */
	double values[STACK_METRICS];
	double samples; /* how many samples make up the time */
	/* The part of both that threads took which do not step. */
	double workers_time, workers_samples;
};

/* How sure the values of a row are, or sums of them: in sampled mode, but for the time. */
struct stack_variances {
	struct variance of[STACK_METRICS];
};

struct stacks {
	struct stack_row *rows; /* by first sight in the trace; no pair twice */
	size_t count;
	struct stack_variances *variances; /* by row; NULL: nothing is estimated */
	bool known[STACK_METRICS];         /* the trace tells of this metric */
};

struct stack_frame {
	const char *function;         /* never ""; "[libfoo.so]" where there is no name */
	const char *file;             /* "": not known */
	const char *module;           /* name; "": code made at run time, or no code */
	uint32_t line, function_line; /* 0: not known */
	uint32_t frame;               /* of the trace; below TRACE_FRAME_FIRST it is no code */
	uint64_t address;             /* in the module's own terms; 0 where it is no code */
	bool named;                   /* `function` is the function's own name */
	bool inlined;                 /* into the next outer frame */
	bool own;                     /* the user's, as code.h says */
};

/* The rows of a profile whose code is built. Free with stacks_free. */
void stacks_build(struct stacks *stacks, const struct profile *profile);
void stacks_free(struct stacks *stacks);

/* The frames of a stack, innermost first, into *frames, an array that is made larger where it must
 * be (begin with NULL and 0; free with free()). Strings are the profile's. Returns how many. */
size_t stack_frames(const struct profile *profile, uint32_t stack, struct stack_frame **frames,
                    size_t *capacity);

#endif
