/* batch/batch.h: running a plan: one process a point, each in its own directory.
 *
 *     results/20240501-120000-sweep/
 *         manifest.json  summary.json  summary.md
 *         agents-100-r1/   config.ini  run.json  sim.db  log  output  errors
 *                          trace.msgpack  report.txt  report.json  flame.svg
 *         agents-200-r1/   …
 *
 * A point that fails leaves what it has, and the next one runs. An interruption ends the point that
 * is running and the batch; --resume runs what is not complete, beside what was left (which is
 * renamed POINT.partial-1 …).
 */
#ifndef SIM_BATCH_BATCH_H
#define SIM_BATCH_BATCH_H

#include "config.h"
#include "launch.h"

/* Runs a sweep, a suite or `bench system`, or resumes one. Returns the exit code of the program: 0
 * all complete; 1 some failed; 2 it could not start; 128 + signal. */
int batch_run(const struct config *config, const struct launch *launch);

#endif
