/* profile.h: one run, as reports want it: seconds, bytes and names.
 *
 * Built once from a trace and not changed after. All that reports, exports and comparisons print
 * comes from here, so that they cannot disagree. Ticks became seconds by the anchors of the clocks
 * (TRACE_FORMAT.md, "Time"). Figures that are not known are NAN, or PROFILE_UNKNOWN for counts.
 *
 * Time. Phases are those of the thread that steps, and only what lies in steps: their self times
 * and `unaccounted` add up to `steps.wall`. In a run without steps they are those of all threads,
 * whole, and add up to nothing in particular.
 *
 * Memory. Bytes are as requested. A phase's allocations are its own, not its children's, by
 * whichever thread. Live is allocated − freed + moved in − moved out, at the end of the trace.
 */
#ifndef ANALYZER_MODEL_PROFILE_H
#define ANALYZER_MODEL_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/callsites.h"
#include "model/code.h"
#include "model/functions.h"
#include "model/growth.h"
#include "model/hunt.h"
#include "model/stacks.h"
#include "model/usage.h"
#include "trace/trace.h"

#define PROFILE_UNKNOWN TRACE_UNKNOWN

struct profile_run {
	const char *command;            /* as one would type it; shortened nowhere */
	const char *name;               /* of the executable */
	char started[32];               /* ISO 8601, UTC */
	double wall, cpu, user, system; /* wall: to the last moment that the trace tells of */
	int64_t cores;                  /* PROFILE_UNKNOWN: not told */
	double cores_used;              /* CPU by wall time; NAN: not known, or cannot be */
	bool complete;                  /* it ended by itself, and the trace has all of it */
	const char *ending;             /* "COMPLETE", or how it ended, for people */
};

struct profile_totals {
	int64_t fields[TRACE_CELL_FIELDS_COUNT];
	struct trace_variances variances; /* in sampled mode; estimate.h */
	int64_t live_bytes, live_blocks;
	int64_t peak_bytes, peak_step, peak_error; /* PROFILE_UNKNOWN: not told */
	double peak_time;                          /* seconds since the start */
	int64_t peak_rss;                          /* PROFILE_UNKNOWN: not told */
	double mean_rss;                           /* over time */
};

struct profile_steps {
	int64_t count;
	double wall, per_second, mean, p50, p95, p99, max, cpu;
	int64_t max_step;
	int64_t allocations, bytes; /* in steps, by all threads */
	/* In sampled mode: of the totals' variances the share that their figures have in the
	 * totals', as if what steps allocate were like the rest. */
	struct variance allocations_variance, bytes_variance;
};

struct profile_agents {
	bool known;
	int64_t first, last, max;
	double mean;
	double agent_steps; /* the sum over steps of the agents in them */
};

/* Why a phase's figures are to be taken with care. */
enum phase_flag {
	PHASE_NEVER_ENTERED = 1,
	PHASE_NEVER_ENDED = 2,   /* some calls were still open at the end, or never closed */
	PHASE_BELOW_CLOCK = 4,   /* a mean call takes less than 3 times what marking it costs */
	PHASE_OUTSIDE_STEPS = 8, /* all of it lies outside of steps */
};

/* How it is known how long a phase waited. */
enum waiting_from {
	WAITING_UNKNOWN,
	WAITING_BY_CLOCK,   /* its CPU time was measured */
	WAITING_BY_SAMPLES, /* its CPU time is that of its samples: with an error */
};

/* Where the allocations of a phase were made. Of those made outside of steps nothing is per step.
 */
enum profile_place {
	PLACE_STEPS,
	PLACE_OUTSIDE,
	PLACE_BOTH, /* in steps or outside of them: per step they are at most as many */
};

struct profile_phase {
	uint32_t id, depth;      /* depth 0: a root */
	const char *name, *path; /* path: names from the root, joined by "/" */
	int64_t calls, entered;
	double inclusive, self; /* in steps, where there are steps */
	double self_outside, inclusive_outside;
	double share; /* of self, of steps.wall (or of run.wall) */
	double per_call, p50, p95, p99, max;
	double cores;         /* CPU time ÷ wall time, where measured */
	double cpu;           /* cores × inclusive of all calls */
	bool cpu_estimated;   /* by samples, since the CPU clock was not read */
	double waiting;       /* wall less the thread's own CPU time, of all calls; NAN: unknown */
	double waiting_error; /* half its 95 % interval */
	enum waiting_from waiting_from;
	struct usage usage, usage_self; /* with the phases in it, and without */
	double marking; /* what marking child scopes and the phase itself cost, inside `inclusive`
	                 */
	int64_t allocations, bytes, temporaries, reallocations, live_bytes;
	struct trace_variances variances; /* in sampled mode */
	unsigned flags;
};

/* The same for a role that is not the stepping thread. */
struct profile_worker_phase {
	const char *path;
	int64_t calls;
	double inclusive, self, p50;
};

struct profile_cost {
	bool known;
	/* Work on allocation events and marks. It is measured by the wall clock, so it is an upper
	 * bound of the CPU time it took: pre-emption is in it. NAN: not measured. */
	double seconds;
	double share;    /* of the run's CPU time, below 1 */
	bool doubtful;   /* as much as all CPU time was measured, which cannot be: both are NAN */
	bool by_samples; /* of CPU time, since calls were counted, whose cost is not measured */
	int64_t memory;  /* shared + private + the launcher's */
	int64_t audits, audit_mismatches;
};

/* A moment of the run: its start, the end of a window, or the heap's peak. What was not told of it
 * is NAN. */
struct profile_point {
	double time;      /* seconds since the start */
	double live, rss; /* RSS: anon + file + shmem */
	double step_mean; /* of the steps that ended in the window; NAN: none */
	double steps;     /* that have ended so far */
	double agents;
	double anon, file, shmem, swap;
	double profiler;    /* the profiler's memory in the process, part of anon */
	double unexplained; /* anon − resident − profiler, see TRACE_FORMAT.md; may be negative */
	/* The allocator's statistics, as they were at `taken`, which may be the same for several
	 * points. */
	double taken, allocated, active, metadata, resident, retained;
	double fragmentation; /* resident ÷ live, both at `taken`, live by a straight line */
};

struct profile_slow_step {
	int64_t step, agents;
	int64_t allocations, bytes; /* PROFILE_UNKNOWN in sampled mode: one step has few samples */
	double seconds, started;
};

struct profile {
	struct trace *trace;
	struct code code;
	struct call_sites sites;
	struct call_sites beside; /* memory that is not the heap's: mapped directly, pools */
	struct stacks stacks;     /* what was measured at each stack */
	struct functions functions;
	double hz;
	bool heap; /* allocations were recorded; else (--mode off) figures of them are not known */
	bool sampled; /* some of them were, so that figures of them are estimates (estimate.h) */
	struct profile_run run;
	struct profile_totals totals;
	struct profile_steps steps;
	struct profile_agents agents;
	struct profile_cost cost;
	struct profile_phase *phases; /* depth first; children by self + descendants' time */
	size_t phases_count;
	const char **paths; /* by phase id; "" for 0, and for phases that nothing speaks of */
	enum profile_place *places;                 /* by phase id; 0: what was made in no phase */
	bool phases_of_steps;                       /* false: there are no steps, see above */
	double unaccounted;                         /* NAN without steps */
	struct usage unaccounted_usage;             /* in steps, in no phase */
	int64_t outside_allocations, outside_bytes; /* in no phase */
	struct trace_variances outside_variances;   /* in sampled mode */
	struct profile_worker_phase *workers;
	size_t workers_count;
	struct profile_point *points;
	size_t points_count;
	struct hunts hunts;     /* time that no phase accounts for */
	struct growths growths; /* needs windows enough, see growth.h */
	struct profile_slow_step *slowest;
	size_t slowest_count;
	const char **warnings;
	size_t warnings_count, warnings_capacity;
	struct arena arena;
};

/* What a user adds to how a trace is read; members may be NULL. */
struct profile_options {
	const struct rules *categories, *components; /* see functions.h */
	bool no_cache;                               /* of symbols, in the user's cache directory */
};

/* Takes the trace over. Never fails. `options` may be NULL. */
struct profile *profile_build_with(struct trace *trace, const struct profile_options *options);
struct profile *profile_build(struct trace *trace);
void profile_free(struct profile *profile);

/* Live bytes of the heap at the end of a window, no more than the peak; NAN: not told. */
double profile_live_at(const struct profile *profile, const struct trace_window *window);

/* The path of a phase; "" for 0. */
const char *profile_phase_path(const struct profile *profile, uint32_t id);

/* True when the run was marked with steps. */
bool profile_has_steps(const struct profile *profile);

#endif
