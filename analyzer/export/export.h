/* export.h: a profile in the formats of other tools, and as a picture.
 *
 * There is one walk over a profile (export.c): it tells what was measured stack by stack, and what
 * became of the run window by window, and each format is a struct of callbacks that listens to
 * what it has use for. All write into a text, which goes out whole or not at all.
 *
 *                  ┌ begin
 *     profile ──►  │ old_stack …   stacks of the trace that is compared with
 *       walk       │ stack …       in the order of the trace
 *                  │ window …      in the order of time, then
 *                  │ step …        the slowest steps, in the order of time
 *                  └ end           writes what is not yet written, frees the state
 *
 * To add a format: a file export/<name>.c with a struct exporter, its declaration below, and a row
 * in the table in export.c.
 *
 * Words. A *metric* is one of model/stacks.h. A *weight* is the value of a metric at a stack as an
 * integer (export/weights.h): nanoseconds, bytes or a count. The weights of all stacks add up to
 * the report's total of the metric, in every format.
 */
#ifndef ANALYZER_EXPORT_EXPORT_H
#define ANALYZER_EXPORT_EXPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "base/text.h"
#include "base/units.h"
#include "export/weights.h"
#include "model/profile.h"

/* What the outermost frames of a stack are. */
enum export_base {
	EXPORT_BY_PHASE,  /* the phases that it was measured in */
	EXPORT_BY_THREAD, /* the role of the thread: the one that steps, or another */
	EXPORT_BY_NONE,   /* its own outermost function */
};

/* What to export, and how. */
struct export_job {
	const struct profile *profile;
	const struct profile *old;     /* the trace that is compared with; NULL: none */
	const struct weights *weights; /* of the profile; the walk's own */
	const struct weights *old_weights;
	enum stack_metric metric;
	enum export_base by;
	bool inverted; /* the root of a picture is at the top */
	struct text *out;
};

/* One stack in one phase, of one role of threads. All of it is valid during the callback only, but
 * for strings, which are the profile's. */
struct export_stack {
	const struct profile *profile;
	uint32_t phase;
	const struct stack_frame *frames; /* innermost first */
	size_t count;
	const struct weight *weight;
};

/* One window of the run. */
struct export_window {
	size_t number;
	double begin, end; /* seconds since the start */
	const struct trace_window *window;
};

/* Options that mean something to a format. One that does not is refused, not ignored. */
enum {
	EXPORT_TAKES_METRIC = 1,
	EXPORT_TAKES_BY = 2,
	EXPORT_TAKES_DIFF = 4,
	EXPORT_TAKES_INVERTED = 8,
};

struct exporter {
	const char *name, *summary;
	unsigned takes;
	void *(*begin)(const struct export_job *job); /* the state for the others */
	/* Callbacks that are NULL are not called. */
	void (*old_stack)(void *state, const struct export_stack *stack);
	void (*stack)(void *state, const struct export_stack *stack);
	void (*window)(void *state, const struct export_window *window);
	void (*step)(void *state, const struct profile_slow_step *step);
	void (*end)(void *state);
};

/* The table, ended by NULL. */
const struct exporter *const *export_all(void);

/* The names of all formats: "flamegraph, speedscope …". */
struct export_names {
	char text[128];
};
struct export_names export_names(void);

/* The format, or metric, of a name. False, with `failure` naming the choices and what is near, if
 * there is none. */
bool export_find(const char *name, const struct exporter **exporter, struct failure *failure);
bool export_find_metric(const char *name, enum stack_metric *metric, struct failure *failure);

/* The metric that is exported unless one is asked for: time where it was sampled, else bytes. */
enum stack_metric export_default_metric(const struct profile *profile);

/* "bytes allocated" */
const char *export_metric_title(enum stack_metric metric);

/* A weight as people read it: "41.2 MiB", "3.4 s", "27,648". */
struct unit export_amount(enum stack_metric metric, int64_t weight);

/* What a metric's weights are counted in, as pprof and speedscope call it: "nanoseconds",
 * "bytes", "count". */
const char *export_unit(enum stack_metric metric);

/* Does a job, of which the weights are not set. False, with `failure` saying what to record next
 * time, where a trace does not tell of the metric, or there is nothing of it. */
bool export_profile(const struct exporter *exporter, struct export_job job,
                    struct failure *failure);

/* ---- the formats -------------------------------------------------------------------------- */

extern const struct exporter export_flamegraph;
extern const struct exporter export_speedscope;
extern const struct exporter export_collapsed;
extern const struct exporter export_chrome;
extern const struct exporter export_pprof;

#endif
