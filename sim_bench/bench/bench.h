/* bench/bench.h: what one component costs, alternative by alternative.
 *
 *     --bench NAME ─▶ each case: calls timed one by one, bare ──────────────┐
 *                  ─▶ the same cases under memprof, in a process of its own ┼─▶ bench.json,
 * summary.md each in a phase ─▶ the analyzer's report ───────────┘
 *
 * Times are of a bare process, allocations and bytes are the profiler's exact counts: neither
 * disturbs the other. A case is a phase with a name of its own.
 */
#ifndef SIM_BENCH_BENCH_H
#define SIM_BENCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "launch.h"
#include "steptimes.h"

/* One case: what it is, and what came of it. */
struct bench_result {
	char name[112];
	struct steptimes times;      /* of calls */
	uint64_t operations;         /* in each call: rows of a step, or 1 */
	uint64_t counted;            /* operations under the profiler */
	uint64_t allocations, bytes; /* of those */
	double published;            /* seconds an operation; 0: none */
};

struct bench {
	bool counting; /* under the profiler: few calls, and no times */
	const char *directory;
	struct bench_result *results;
	size_t count, capacity;
	uint64_t clock_cost_ns;
};

/* One call. */
typedef void bench_fn(void *context);

/* How a case is called. */
struct bench_calls {
	bench_fn *prepare; /* before each call, not timed; may be NULL */
	bench_fn *call;
	void *context;
	uint64_t operations; /* in each call */
	uint64_t exactly;    /* calls; 0: as many as a tenth of a second takes, at least five */
};

/* Measures a case named as by printf. Returns its result, valid until the next one. */
struct bench_result *bench_measure(struct bench *bench, const struct bench_calls *calls,
                                   const char *name, ...) __attribute__((format(printf, 3, 4)));

/* The cases of a component: one file each. */
typedef void bench_cases(struct bench *bench);
bench_cases bench_spatial, bench_observation, bench_database;

/* Runs --bench NAME, other than system, into a directory. Returns the exit code of the program. */
int bench_run(const struct config *config, const struct launch *launch);

#endif
