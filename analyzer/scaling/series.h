/* series.h: one quantity, measured at some sizes, at each once or more often.
 *
 * A series is a list of measurements (n, value), grouped into points by the size that was
 * asked for, sorted by n. It is
 * fitted only if there are laws to tell: at least 3 distinct sizes, all sizes and values positive
 * (relative weights have no meaning else), all finite. series_check says what is wrong, for people.
 */
#ifndef ANALYZER_SCALING_SERIES_H
#define ANALYZER_SCALING_SERIES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

#define SERIES_SIZES_MIN 3

/* The measurements at one size. */
struct series_point {
	double asked;   /* the size that was asked for */
	double n;       /* the mean of the sizes that came of it */
	double *values; /* ascending, once finished */
	size_t count, capacity;
	double least, most, mean;
	double squares; /* the sum of squared differences from the mean */
	/* The lowest repetitions, which tell the level where others were delayed by anything: how
	 * many, and the sum over all repetitions where those above count as the highest of these.
	 */
	size_t low_count;
	double low_sum;
	double reduced; /* one value for all, see noise.h; set by the fit */
};

struct series {
	struct series_point *points; /* by n, once finished */
	size_t count, capacity;
	size_t measurements;
};

/* A zeroed series is empty. Measurements for which the same size was asked (to 1 part in 10^9) are
 * repetitions of each other; `n` is the size as it was, which is what laws are fitted to. */
void series_add(struct series *series, double asked, double n, double value);

/* Sorts and sums up; to be called after the last series_add. */
void series_finish(struct series *series);

/* Makes the lowest half of the repetitions (of 3 or more) the ones that count, instead of all. */
void series_take_lowest(struct series *series);

/* The points from number `from` up to `to`, as a series that shares them; not to be freed. */
struct series series_part(const struct series *series, size_t from, size_t to);

void series_free(struct series *series);

/* True if laws can be fitted. Else `why` gets a few words: "2 sizes, and laws need 3 or more". */
bool series_check(const struct series *series, struct text *why);

#endif
