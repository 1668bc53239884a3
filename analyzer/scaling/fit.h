/* fit.h: the law of a series, and how sure it is.
 *
 *     series ─► exact?  every value is c0 + c1·f(n) to the last digit: that is the law, sure
 *            └► evidence (probabilities of laws, intervals) + least squares (coefficients)
 *                 └► if every law is proven wrong: sums of two laws (sums.h)
 *
 * The law is the most probable one. The verdict is its probability, where the laws describe what
 * was measured at all. Intervals are 95 %, over all laws by their probabilities: where two laws are
 * both possible, a prediction's interval spans what either says.
 */
#ifndef ANALYZER_SCALING_FIT_H
#define ANALYZER_SCALING_FIT_H

#include "scaling/evidence.h"
#include "scaling/law.h"
#include "scaling/least.h"
#include "scaling/series.h"
#include "scaling/sums.h"

#define FIT_SURE   0.98
#define FIT_LIKELY 0.80

/* No law describes what lies further off it, in the mean over the sizes. */
#define FIT_OFF 0.20

enum verdict { VERDICT_CANNOT_TELL, VERDICT_LIKELY, VERDICT_SURE };

struct interval {
	double low, high; /* 95 % */
};

struct fit {
	struct law_set set;
	int law, runner_up;     /* of the set; runner_up −1: none */
	struct least least;     /* c0, c1; of a sum without its lower law */
	struct interval c0, c1; /* if it is this law */
	double probability, runner_up_probability;
	double goodness, runner_up_goodness; /* leave-one-out error, see least.h */
	double noise;                        /* of one measurement, relative: its mean size */
	double off;                          /* sizes off the law, relative: root mean square */
	double delay; /* of times: what the minimum of repetitions may lie above the law, relative
	               */
	bool exact;
	enum noise reduction;
	enum verdict verdict;
	const char *reason;       /* for "cannot tell", a few words */
	struct sums sums;         /* count 0: the law has one growing term */
	struct sums suspects;     /* sums that are possible beside it */
	struct evidence evidence; /* empty if exact */
};

struct fit_prediction {
	double n, value;
	struct interval interval;
};

/* What is known of the values beforehand. */
struct fit_traits {
	double quantum; /* they are rounded to that: a relation may be exact within it; 0: measured
	                 */
	bool times;     /* they are times: what disturbs them adds to them */
};

/* Fits a finished series that series_check calls good. */
void fit_series(struct fit *fit, struct series *series, struct law_set set,
                const struct fit_traits *traits);
void fit_free(struct fit *fit);

/* Fits it anew as a sum whose upper law is number `law` of the set, which is known to be in it: if
 * there is such a sum, and it lies nearer than any single law. `series`: what it was fitted to. */
void fit_raise(struct fit *fit, const struct series *series, int law);

/* c0 + c1·f(n), with the interval of it; of times, of the minimum of as many runs as were made of
 * each size. */
struct fit_prediction fit_predict(const struct fit *fit, double n);

/* Without the interval. */
double fit_value(const struct fit *fit, double n);

/* Of a sum: the upper law. */
const struct law *fit_law(const struct fit *fit);

/* Of a sum: the lower law; NULL: it is none. */
const struct law *fit_lower(const struct fit *fit);

/* "sure", "likely", "cannot tell" */
const char *fit_verdict_name(enum verdict verdict);

/* What repetitions were reduced to: "minimum", "mean" … */
const char *fit_reduction_name(enum noise reduction);

#endif
