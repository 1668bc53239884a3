/* batch/plan.h: several runs as a list of points: what each is, where it lies, how it went.
 *
 *     sweep, suite, bench system ──plan──▶ points ──runner──▶ a process and a directory each
 *
 * A point is a command line of sim_bench, so that whatever a user can ask for can be a point, and a
 * point can be run again by hand.
 */
#ifndef SIM_BATCH_PLAN_H
#define SIM_BATCH_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"

enum point_status {
	POINT_PENDING,
	POINT_RUNNING, /* as it stands in a manifest: died before it could say more */
	POINT_COMPLETE,
	POINT_FAILED,
	POINT_INTERRUPTED,
};

struct point {
	char *name;             /* of its directory, below that of the batch */
	char *group;            /* heading in the summary */
	uint64_t value, repeat; /* of the swept parameter; which repetition, from 1 */
	enum point_status status;
	struct config config; /* what its run is told; where there is a bench, that alone */
	const char *bench;    /* NULL: a run */
};

struct plan {
	const char *kind;  /* "sweep", "suite", "bench" */
	const char *name;  /* of the suite or bench; of a sweep: "agents" */
	const char *param; /* what `value` of points is a value of, or NULL */
	struct point *points;
	size_t count, capacity;
};

/* Names for --suite and --bench; NULL beyond the last. */
const char *plan_suite_name(size_t i);
const char *plan_bench_name(size_t i);

/* The runs that a configuration with several asks for, each pending. Released by plan_release. */
struct plan plan_make(const struct config *config);

void plan_release(struct plan *plan);

/* "pending", "running", "complete", "failed", "interrupted", and back; unknown names are pending.
 */
const char *point_status_name(enum point_status status);
enum point_status point_status_of(const char *name);

/* A new pending point at the end, with the configuration of a run; for plan_make and for who reads
 * a plan back. NAME and GROUP are copied. */
struct point *plan_add(struct plan *plan, const char *name, const char *group,
                       const struct config *config);

#endif
