/* runjson.h: run.json, what a run was and what came of it, for machines.
 *
 *     { "schema_version": 1, "status": "running" | "finished" | "interrupted" | "failed",
 *       "command": [..], "pid", "host", "started", "finished",
 *       "config": {every option}, "parameters": {every number of the simulation},
 *       "machine": {"cpu_model", "cores", "memory_bytes", "kernel"},
 *       "versions": {"sim_bench", "commit", "compiler", "libc", "sqlite", "jansson"},
 *       "profiled": true|false,
 *       "files": {"trace", "database", "log"},
 *       "results": {"steps", "wall_seconds", "steps_per_second", "step_seconds": {p50 …},
 *                   "agents_first", "agents_last", "agents_mean", "agents_max", "births", "deaths",
 *                   "actions", "state_hash", "database_steps", "database_rows", "signal", "error"}
 * }
 *
 * finished and results appear when the run is over. Seconds and bytes throughout. The file is
 * replaced in one move: a reader never sees half of it. Only on a full disk it is written over in
 * place.
 */
#ifndef SIM_RUNJSON_H
#define SIM_RUNJSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "run.h"

/* Writes run.json of a run that is going on (RESULT is NULL) or over. False with one line in
 * ERROR. */
bool runjson_write(const struct run *run, const struct run_result *result, char *error,
                   size_t error_size);

/* The simulation's numbers as an object. The caller releases the reference. */
json_t *runjson_parameters(const struct params *params);

#endif
