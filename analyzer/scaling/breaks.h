/* breaks.h: one law below a size, another above it.
 *
 * Looked for where no single law holds and there are sizes enough. The sizes are parted at every
 * place, each side gets its best law by least squares, and the parting with the least squared
 * relative error is weighed against the single law.
 *
 * With BREAKS_SIDE sizes on both sides it must win by Schwarz's criterion ("Estimating the
 * dimension of a model", Ann. Stat. 6, 1978): p·log(error) + k·log(p), with k = 3 (two coefficients
 * and a class) and 7 (twice that, and where the break lies), by BREAKS_GAIN, which means odds of
 * e^5 to 1; its error must lie under half of the single law's,
 * and repetitions must not contradict: they put the single law BREAKS_DOUBT standard errors off.
 *
 * Where fewer sizes lie below, what they say cannot be fitted: they are left out only if
 * repetitions prove that the single law is wrong (it lies BREAKS_WRONG standard errors off) and the
 * law of the others describes them BREAKS_BETTER times as well. So a buffer that stops to grow, or
 * a cost of starting up, does not spoil the law that holds for all sizes to come.
 *
 * What is counted, and the same in all repetitions, needs fewer sizes: where it follows a growing
 * law exactly at BREAKS_EXACT sizes or more, and has one value at all others (two or more, the
 * largest at least BREAKS_FLAT times the first), it grew until it was full. That is likely, not
 * sure.
 */
#ifndef ANALYZER_SCALING_BREAKS_H
#define ANALYZER_SCALING_BREAKS_H

#include "scaling/fit.h"
#include "scaling/series.h"

#define BREAKS_SIDE   4
#define BREAKS_GAIN   10.0
#define BREAKS_DOUBT  2.5
#define BREAKS_WRONG  5.0
#define BREAKS_BETTER 8.0
#define BREAKS_LEFT   0.01
#define BREAKS_EXACT  3
#define BREAKS_FLAT   1.5

struct breaks {
	bool found;
	double last_below, first_above; /* the sizes between which the break lies */
	double at;        /* where the two laws meet between them, else their middle */
	bool known_below; /* there are sizes enough for a law below */
	struct fit below;
};

/* Fits a finished, good series: `fit` gets the law that holds for the largest sizes, `breaks` what
 * holds below, if anything else does. */
void breaks_fit(struct breaks *breaks, struct fit *fit, struct series *series, struct law_set set,
                const struct fit_traits *traits);
/* What a run holds or allocates may begin at a size, and be 0 at all smaller ones: the part of the
 * series that is above 0, which shares its points, and to which laws can be fitted. All of it where
 * it is 0 elsewhere, or above 0 at too few sizes. */
struct series breaks_started(const struct series *series);

/* Notes where a series begins, unless its law changes again above that. */
void breaks_start(struct breaks *breaks, const struct series *series);

void breaks_free(struct breaks *breaks);

#endif
