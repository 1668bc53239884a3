/* breaks.h: one law below a size, another above it.
 *
 * Looked for where no single law holds and there are sizes enough: 4 on each side. The sizes are
 * parted at every place where that leaves enough, each side gets its best law by least squares, and
 * the parting with the least squared relative error is weighed against the single law by Schwarz's
 * criterion ("Estimating the dimension of a model", Ann. Stat. 6, 1978), p·log(error) + k·log(p)
 * with k = 3 (two coefficients and a class) and 7 (twice that, and where the break lies). A break
 * must win by BREAKS_GAIN, which for one break means odds of e^5 to 1, and be told from noise: its
 * error must lie under half of the single law's.
 */
#ifndef ANALYZER_SCALING_BREAKS_H
#define ANALYZER_SCALING_BREAKS_H

#include "scaling/fit.h"
#include "scaling/series.h"

#define BREAKS_SIDE 4
#define BREAKS_GAIN 10.0

struct breaks {
	bool found;
	double last_below, first_above; /* the sizes between which the break lies */
	double at; /* where the two laws meet between them, else their middle */
	struct fit below;
};

/* Fits a finished, good series: `fit` gets the law that holds for the largest sizes, `breaks` what
 * holds below, if anything else does. */
void breaks_fit(struct breaks *breaks, struct fit *fit, struct series *series, struct law_set set,
                double quantum);
void breaks_free(struct breaks *breaks);

#endif
