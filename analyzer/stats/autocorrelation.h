/* autocorrelation.h: how much a series remembers, and what that does to intervals. */
#ifndef ANALYZER_STATS_AUTOCORRELATION_H
#define ANALYZER_STATS_AUTOCORRELATION_H

#include <stddef.h>

/* The correlation of neighbours in `e`, the residuals of a fit, from 0 to 0.95, with the bias of a
 * short series taken off: (n·r + 1) / (n − 3) (Kendall, "Note on bias in the estimation of
 * autocorrelation", Biometrika 41, 1954). Below 0, and for fewer than 8 residuals, 0: intervals
 * never get narrower by it. `scale`: the size of what was fitted; residuals that are only rounding
 * errors of it remember nothing. */
double autocorrelation(const double *e, size_t n, double scale);

/* By how much the variance of a slope is larger than of independent residuals: (1 + r) / (1 − r)
 * (Bartlett, "Some aspects of the time-correlation problem", J. R. Stat. Soc. 98, 1935). */
double autocorrelation_inflation(double r);

#endif
