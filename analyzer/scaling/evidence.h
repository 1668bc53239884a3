/* evidence.h: how much a series speaks for each law, by marginal likelihood.
 *
 * A law says v(n) = V · g(n), g(n) = (1 − s) + s·f(n)/f(N): V is the value at the largest size N
 * and s, from 0 to 1, the share of the growing part in it. So both terms are never negative.
 * Measurements are v(n) with a relative error of one of four kinds (noise.h), of unknown size w.
 *
 * z = value / g(n) is then a sample from a location-scale family, and with the usual prior dV dw/w
 * the integral over V and w is known in closed form for each kind, each times Π 1/g:
 *
 *   even        range^−(m−1) / (m(m−1))
 *   normal      Γ((m−1)/2) / (2 √m π^((m−1)/2)) · S^−((m−1)/2), S the squared differences
 *   one-sided   Γ(r−1)/m · T^−(r−1), T the sum of z − least z; of r that are known, m − r count as
 *               the highest of these (of a point)
 *   misfit      the repetitions' own, times that of the normal kind for one value a size
 *
 * That leaves one integral, over s, which is done on a grid around its peak. All laws are equally
 * likely beforehand.
 *
 * The logarithm of a marginal likelihood is the sum of leave-p-out cross-validation scores over all
 * p, averaged over all choices (Fong and Holmes, "On the marginal likelihood and cross-validation",
 * Biometrika 107, 2020): the laws are compared by how well each predicts what it has not seen. The
 * constant has no growing part to fit, and gains by that what is just: no penalty is tuned.
 *
 * What is left is a list of cells (law, kind of noise, s, weight, and the distribution of V): the
 * posterior, from which probabilities and intervals are read.
 */
#ifndef ANALYZER_SCALING_EVIDENCE_H
#define ANALYZER_SCALING_EVIDENCE_H

#include "scaling/law.h"
#include "scaling/noise.h"
#include "scaling/series.h"

struct evidence_cell {
	unsigned law;
	enum noise noise;
	double share;          /* s */
	double weight;         /* probability */
	double centre, spread; /* of V; what they mean depends on the noise */
};

struct evidence {
	struct law_set set;
	double largest;            /* N */
	double law[LAW_COUNT_MAX]; /* probabilities; 0 of laws that cannot be used */
	double noise[NOISE_KINDS];
	double freedom[NOISE_KINDS]; /* of the distribution of V */
	size_t sizes;
	bool times;
	struct evidence_cell *cells;
	size_t count, capacity;
};

/* Weighs the laws of the set; sets `reduced` of the points. The series must be finished, and good
 * by series_check. `times`: what was measured is a time, which is known to be disturbed to one
 * side: other kinds of noise are then far less likely beforehand. */
void evidence_build(struct evidence *evidence, struct series *series, struct law_set set,
                    bool times);
void evidence_free(struct evidence *evidence);

/* What is asked of the posterior: the value at a size, or a coefficient. */
enum evidence_figure { EVIDENCE_VALUE, EVIDENCE_C0, EVIDENCE_C1 };

/* The quantile of a figure: of one law's cells, or of all (law < 0). `n`: for EVIDENCE_VALUE.
 * NAN where there are no such cells. */
double evidence_quantile(const struct evidence *evidence, enum evidence_figure figure, double n,
                         int law, double probability);

/* How repetitions are reduced to one value: the kind of noise that they show. */
enum noise evidence_reduction(const struct evidence *evidence, const struct series *series);

#endif
