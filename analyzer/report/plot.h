/* plot.h: series of a run as one line of blocks. */
#ifndef ANALYZER_REPORT_PLOT_H
#define ANALYZER_REPORT_PLOT_H

#include <stddef.h>

#include "base/text.h"
#include "model/profile.h"

/* Writes `width` blocks: the value (of the member at `offset` of each point) against time from 0 to
 * the last point, from 0 to `max`. Between two points the value moves in a straight line; before
 * the first it is taken to be the first's. */
void plot_series(const struct profile *profile, size_t offset, double max, size_t width,
                 struct text *out);

/* The largest value of a series; NAN if it has none. */
double plot_max(const struct profile *profile, size_t offset);

#endif
