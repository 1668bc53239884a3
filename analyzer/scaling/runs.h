/* runs.h: what traces measure: each run is one measurement of everything that it recorded.
 *
 * A run's size is what came of it, not what was asked for: the mean population over its steps for
 * time and counts, the population at the heap's peak for what was held there. Runs for which the
 * same size was asked (by a sweep, or a recorded parameter) are repetitions; where nothing says
 * what was asked, runs whose sizes differ by less than 2 % are.
 *
 * Runs that make no study are refused by runs_finish: several programs, several configurations
 * (parameters that differ at one size, or that are no numbers), the same run twice, runs without
 * the parameter. Runs that did not end by themselves are left out, and said to be.
 */
#ifndef ANALYZER_SCALING_RUNS_H
#define ANALYZER_SCALING_RUNS_H

#include <stdbool.h>

#include "base/failure.h"
#include "scaling/study.h"

/* Adds the run in a trace. `asked`: the size that was asked for; NAN: see above. */
bool runs_add(struct study *study, const char *path, double asked, struct failure *failure);

/* Notes a run that a sweep lists and that has no trace to use: `why` it is left out. */
void runs_leave_out(struct study *study, const char *path, double asked, const char *why);

/* Makes series of all that was added. */
bool runs_finish(struct study *study, struct failure *failure);

#endif
