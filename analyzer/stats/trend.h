/* trend.h: the slope of a series, with a 95 % interval, under two models of its noise.
 *
 * By ranks: the series is a line and noise around it, which may remember a little. The slope is the
 * median of the slopes between all pairs of points, each with the distance of its points as weight:
 * rank regression with Wilcoxon scores (Jaeckel, Ann. Math. Stat. 43, 1972; the form as a weighted
 * median, and its interval, by Sievers, J. Am. Stat. Assoc. 73, 1978), which is Theil's and Sen's
 * estimate for points that are not evenly spaced. Up to 29 % of the points may be anything.
 *
 * By changes: the series wanders, and what it wanders in one stretch is independent of the stretch
 * before, with a variance as long as the stretch: Brownian motion with drift, whose maximum
 * likelihood estimate is the way from the first to the last point. Right for a level that remembers
 * all, where the interval by ranks would be too narrow.
 *
 * x must grow from point to point. Pure functions; unknown figures are NAN, open ends of intervals
 * infinite.
 */
#ifndef ANALYZER_STATS_TREND_H
#define ANALYZER_STATS_TREND_H

#include <stddef.h>

struct trend {
	double slope, low, high;
	double autocorrelation; /* of the residuals; 0 of changes */
};

/* From 3 points on. `autocorrelation`: of the noise, as known from a longer stretch; NAN: estimated
 * from these residuals. Takes n² memory and n² log n time. */
struct trend trend_by_ranks(const double *x, const double *y, size_t n, double autocorrelation);

/* From 3 points on; Student's t with n − 2 degrees of freedom. */
struct trend trend_by_changes(const double *x, const double *y, size_t n);

#endif
