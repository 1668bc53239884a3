/* run.h: a whole simulation, from an empty directory to a closed database.
 *
 *     world, database, log, run.json (running) ─▶ steps ─▶ all closed, run.json (with results)
 */
#ifndef SIM_RUN_H
#define SIM_RUN_H

#include "config.h"
#include "dblog/dblog.h"
#include "launch.h"
#include "params.h"
#include "rundir.h"
#include "steptimes.h"

enum run_status {
	RUN_FINISHED,
	RUN_INTERRUPTED, /* by a signal, closed cleanly */
	RUN_FAILED,      /* what was committed is kept */
};

/* What a run is about: fixed when it starts. */
struct run {
	const struct config *config;
	const struct rundir *dir;
	const struct launch *launch;
	struct params params;
	char started[32]; /* ISO 8601 */
};

struct run_result {
	enum run_status status;
	int signal; /* that interrupted it, or 0 */
	uint64_t steps;
	double seconds; /* wall time from the first step to the last */
	struct steptimes times;
	uint64_t agents_first, agents_last, agents_most; /* first: before the first step */
	double agents_mean;                              /* over the ends of the steps */
	uint64_t births, deaths, actions;
	uint64_t hash;
	struct dblog_totals database;
	char finished[32]; /* ISO 8601 */
	char error[400];   /* one line, when it failed */
};

/* "finished", "interrupted", "failed". Static storage. */
const char *run_status_name(enum run_status status);

/* Runs the simulation. RESULT, cleared by the caller, is filled also when the run fails. Returns
 * the exit code of the program: 0; 1 failed on the way; 2 could not start; 128 + signal. */
int run_simulation(struct run *run, struct run_result *result);

#endif
