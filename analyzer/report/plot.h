/* plot.h: series of a run as one line of blocks. */
#ifndef ANALYZER_REPORT_PLOT_H
#define ANALYZER_REPORT_PLOT_H

#include <stddef.h>

#include "base/text.h"
#include "model/profile.h"

/* Writes `width` blocks: the value (of the member at `offset` of each point) against time from 0 to
 * the last point, from 0 to `max`. Nothing is drawn that was not told: a block is the largest value
 * in its time, the last one before where there is none, and a blank before the first. */
void plot_series(const struct profile *profile, size_t offset, double max, size_t width,
                 struct text *out);

/* The largest value of a series; NAN if it has none. */
double plot_max(const struct profile *profile, size_t offset);

#endif
