/* moments.h: the few moments of a run that tables of memory show. */
#ifndef ANALYZER_REPORT_MOMENTS_H
#define ANALYZER_REPORT_MOMENTS_H

#include "model/profile.h"

#define MOMENTS_MAX 8

struct moment {
	const char *name; /* "1/4", "RSS peak", "end" */
	const struct profile_point *point;
};

/* Fills in, in order of time and each point once: the first that tells what the allocator held,
 * those nearest to the quarters of the run, that with the largest RSS, and the last. Returns how
 * many. */
size_t moments_find(const struct profile *profile, struct moment moments[MOMENTS_MAX]);

/* Of the last point that tells. NULL: none does. */
const struct profile_point *moments_last(const struct profile *profile);

#endif
