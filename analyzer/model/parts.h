/* parts.h: the makers of a profile's parts, in the order in which profile.c calls them. */
#ifndef ANALYZER_MODEL_PARTS_H
#define ANALYZER_MODEL_PARTS_H

#include "model/profile.h"

/* Ticks per second from the anchors: the longest measured difference, if it spans a second. */
double clock_hz(const struct trace *trace);

void run_build(struct profile *profile);    /* run, totals, steps, agents, cost, points, slowest */
void phases_build(struct profile *profile); /* phases, workers, unaccounted */
void waiting_build(struct profile *profile); /* how long phases waited; after phases_build */
/* Where the allocations of each phase were made; `allocations`: how many, by phase id. */
void places_build(struct profile *profile, const int64_t *allocations);
void warnings_build(struct profile *profile);

static inline double profile_seconds(const struct profile *profile, double ticks)
{
	return ticks / profile->hz;
}

#endif
