/* metric.h: what is measured, and of what.
 *
 * Metrics of traces are rows of one table: a name (as in JSON), words for people, a unit, and
 * whether it is counted (then repetitions of one seed agree, and relations may be exact). Metrics
 * of other inputs have the name that they came with, and no unit.
 */
#ifndef ANALYZER_SCALING_METRIC_H
#define ANALYZER_SCALING_METRIC_H

#include <stdbool.h>

enum metric_unit { METRIC_PLAIN, METRIC_SECONDS, METRIC_BYTES, METRIC_COUNT };

/* What a path names. */
enum subject {
	SUBJECT_RUN,
	SUBJECT_STEP,
	SUBJECT_PHASE,
	SUBJECT_CALL_SITE,
	SUBJECT_FUNCTION,
	SUBJECT_OTHER
};

/* X(id, name, words, unit, counted, by peak: the population is that at the peak) */
/* clang-format off */
#define METRICS(X)                                                                                  \
	X(CPU,         "cpu_seconds_per_step", "CPU time per step",           METRIC_SECONDS, false, false) \
	X(WALL,        "wall_seconds_per_step", "wall time per step",         METRIC_SECONDS, false, false) \
	X(SELF,        "self_wall_seconds_per_step", "self wall time per step", METRIC_SECONDS, false, false) \
	X(CALL,        "wall_seconds_per_call", "wall time per call",         METRIC_SECONDS, false, false) \
	X(CALLS,       "calls_per_step",       "calls per step",              METRIC_COUNT,   true,  false) \
	X(ALLOCATIONS, "allocations_per_step", "allocations per step",        METRIC_COUNT,   true,  false) \
	X(ALLOCATED,   "bytes_per_step",       "bytes allocated per step",    METRIC_BYTES,   true,  false) \
	X(PEAK,        "peak_bytes",           "bytes held at the heap's peak", METRIC_BYTES, true,  true) \
	X(LIVE,        "live_bytes",           "bytes live at the end",       METRIC_BYTES,   true,  false) \
	X(RSS,         "peak_rss_bytes",       "peak RSS without the profiler", METRIC_BYTES, false, true)
/* clang-format on */

#define X(id, name, words, unit, counted, peak) METRIC_##id,
enum metric { METRICS(X) METRIC_COUNT_OF, METRIC_OTHER = METRIC_COUNT_OF };
#undef X

struct metric_info {
	const char *name, *words;
	enum metric_unit unit;
	bool counted, by_peak;
};

/* Of METRIC_OTHER too: no name, no unit. */
const struct metric_info *metric_info(enum metric metric);

/* "phase", "call_site" … */
const char *subject_name(enum subject subject);

#endif
