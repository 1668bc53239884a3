/* batch/published.h: what the simulation that sim_bench is modelled on was published to take: a
 * program in Python, on another machine. Figures for orders of magnitude, not for a race. */
#ifndef SIM_BATCH_PUBLISHED_H
#define SIM_BATCH_PUBLISHED_H

#include <stdint.h>

/* Steps in a second with that many agents; 0 where none was published. */
double published_rate(uint64_t agents);

/* Seconds to build an index, and for a query, over 1,000 points; false where none was published. */
struct published_index {
	double build, query;
};
const struct published_index *published_index(const char *spatial, uint64_t points);

#endif
