/* sums.h: a sum of two growing laws, c0 + c1·f(n) + c2·g(n).
 *
 * A step whose queries look at every agent takes b·n + c·n², and over a few sizes n^1.5 comes
 * near to that, as no law with one growing term does better; but what it says of larger sizes is
 * far too low. So a sum is looked for where repetitions put every single law off what was measured:
 * the best one lies SUMS_WRONG standard errors off or more, in the mean over the sizes, and the sum
 * SUMS_BETTER times as near; or, of SUMS_MANY sizes or more, it lies SUMS_DOUBT off, and the sum
 * SUMS_CLEARLY times as near. (Of 25,000 series with one law, 5 sizes and 5 repetitions of any
 * noise, a sum is found in none.) g, the upper law, grows faster than n (below, single laws are
 * near enough), and f, the lower one, by half a power less than it or more, or the two could not be
 * told apart. No term is negative.
 *
 * Its intervals are Student's, for errors between sizes that are as large as those found, and at
 * least those that repetitions show. Sums that describe the sizes about as well are kept beside the
 * best one: an interval spans them all.
 */
#ifndef ANALYZER_SCALING_SUMS_H
#define ANALYZER_SCALING_SUMS_H

#include <stdbool.h>
#include <stddef.h>

#include "scaling/law.h"
#include "scaling/series.h"

#define SUMS_SIZES   5
#define SUMS_WRONG   3.0
#define SUMS_BETTER  3.0
#define SUMS_DOUBT   2.0
#define SUMS_CLEARLY 5.0
#define SUMS_MANY    6
#define SUMS_HINT    1.0
#define SUMS_KEPT    4
#define SUMS_TERMS   3

struct sum {
	int lower, upper;         /* laws of the set */
	double c[SUMS_TERMS];     /* of 1, the lower and the upper law */
	double reach[SUMS_TERMS]; /* of them: half a 95 % interval */
	double weight;            /* by Schwarz's criterion, of those kept: they add up to 1 */
	double error;             /* of one size, relative: standard deviation */
	double freedom;
	double scale[SUMS_TERMS];               /* terms at the largest size */
	double inverse[SUMS_TERMS][SUMS_TERMS]; /* of the normal equations of scaled terms */
};

struct sums {
	size_t count;               /* 0: there is none */
	struct sum list[SUMS_KEPT]; /* the best first */
};

/* Looks for sums of a series whose points are reduced, and whose best single law lies `off` off
 * them (relative, root mean square). `error`: the standard error of a reduced value. */
void sums_find(struct sums *sums, const struct series *series, struct law_set set, double off,
               double error);

/* The same of sums that are possible and no more: of SUMS_MANY sizes or more, SUMS_CLEARLY times
 * as near as the best single law, which lies SUMS_HINT standard errors off. A single law is not
 * sure beside such a sum of another class. */
void sums_suspect(struct sums *sums, const struct series *series, struct law_set set, double off,
                  double error);

/* The same of sums with that upper law, which is known to be in it: nearer than the best single
 * law, whatever repetitions say. */
void sums_below(struct sums *sums, const struct series *series, struct law_set set, int upper,
                double off, double error);

double sums_value(const struct sum *sum, struct law_set set, double n);

/* The size from which on the upper law's part is the larger one. */
double sums_leads_from(const struct sum *sum, struct law_set set);

/* The 95 % interval of all sums that are kept; low is 0 or more. */
void sums_interval(const struct sums *sums, struct law_set set, double n, double *low,
                   double *high);

#endif
