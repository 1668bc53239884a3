/* profile_values.h: the quantities of one profile that laws are sought for. */
#ifndef ANALYZER_SCALING_PROFILE_VALUES_H
#define ANALYZER_SCALING_PROFILE_VALUES_H

#include "model/profile.h"
#include "scaling/study.h"

/* Adds all values of the profile of run number `run` to the study. A run without steps counts as
 * one step. */
void profile_values_add(struct study *study, const struct profile *p, size_t run);

/* Bytes of the profiler in the process that it profiled, when it ended: its own memory, and what is
 * resident of the memory that it shares with the launcher. */
double profile_values_profiler(const struct profile *p);

#endif
