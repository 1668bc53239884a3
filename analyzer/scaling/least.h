/* least.h: c0 + c1·f(n) by weighted least squares, neither term negative. */
#ifndef ANALYZER_SCALING_LEAST_H
#define ANALYZER_SCALING_LEAST_H

#include "scaling/law.h"
#include "scaling/series.h"

struct least {
	double c0, c1;
	double residual; /* the largest difference, relative to the value */
};

/* Fits the points' reduced values with weights 1/value², by LAPACKE's dgels (QR). Where a term
 * would be negative the best fit has it at 0. `leave`: a point that is left out; count: none. */
struct least least_fit(const struct series *series, const struct law *law, size_t leave);

double least_value(const struct least *least, const struct law *law, double n);

/* The error of leave-one-out cross-validation: the mean over all points of
 * |prediction − value| / ((prediction + value) / 2), each predicted from the others (SMAPE). */
double least_left_out(const struct series *series, const struct law *law);

#endif
