/* proportion.h: what a count of samples says of a share. */
#ifndef ANALYZER_STATS_PROPORTION_H
#define ANALYZER_STATS_PROPORTION_H

struct proportion {
	double share;     /* found ÷ all; NAN without samples */
	double low, high; /* the 95 % interval; NAN without samples */
};

/* `found` of `all` samples, which were taken independently of one another. The interval is Wilson's
 * score interval (Wilson 1927; Brown, Cai and DasGupta 2001, "Interval Estimation for a Binomial
 * Proportion", eq. 4): unlike share ± 1.96 σ it holds for few samples and for shares near 0 and 1.
 * Neither need be whole. */
struct proportion proportion_of(double found, double all);

/* Half the width of the interval, in units of the share: what stands behind a ±. NAN without
 * samples. */
double proportion_error(struct proportion proportion);

#endif
