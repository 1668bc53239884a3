/* summary.h: what a run came to, for people, on stdout. */
#ifndef SIM_SUMMARY_H
#define SIM_SUMMARY_H

#include "run.h"

/* Prints the summary of a run that is over, ending with what to type next. Makes the link to the
 * trace if the run was launched under the profiler. False if stdout could not be written. */
bool summary_print(const struct run *run, const struct run_result *result);

#endif
