/* noise.h: what disturbs measurements, as repetitions show it.
 *
 *   even        uniform on ±w around the true value: the mid-range of repetitions tells most
 *   normal      the mean does
 *   one-sided   an exponential delay of mean w on top of it: the minimum does
 *   misfit      repetitions agree better with each other than sizes do with the law: each size is
 *               one observation, with an error of its own
 *
 * Times are known to be disturbed to one side, and some of them by anything: of those only the
 * lowest repetitions are used as they are; of the others it is used that they are above. (With
 * exponential delays that costs little: the likelihood of a sample censored on the right.)
 */
#ifndef ANALYZER_SCALING_NOISE_H
#define ANALYZER_SCALING_NOISE_H

#include <stdbool.h>

#include "scaling/series.h"

enum noise { NOISE_EVEN, NOISE_NORMAL, NOISE_ONE_SIDED, NOISE_MISFIT, NOISE_KINDS };

/* Differences below that, relative, are those of rounding. */
#define NOISE_ROUNDING 1e-10

/* How likely a kind is beforehand. */
double noise_prior(enum noise kind, bool times);

/* True if sizes are repeated often enough to tell noise from misfit. */
bool noise_is_repeated(const struct series *series);

/* The kind that repetitions alone speak for (never misfit; normal where nothing is repeated), and
 * the logarithm of its likelihood, with the level of each size integrated out, relative to the
 * levels. */
enum noise noise_of_repetitions(const struct series *series, bool times, double *log_likelihood);

/* Sets `reduced` of each point: one value for its repetitions. A minimum is corrected for what it
 * lies above the undisturbed value, but not of times: there it is what others will measure, too. */
void noise_reduce(struct series *series, enum noise kind, bool times);

/* The standard error of a reduced value, relative; 0 where nothing is repeated. */
double noise_error(const struct series *series, enum noise kind);

#endif
