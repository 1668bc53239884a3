/* autocorrelation.c: see autocorrelation.h. */
#include "stats/autocorrelation.h"

#include <math.h>

#define RESIDUALS_MIN 8
#define MOST          0.95
#define ROUNDING      1e-9

double autocorrelation(const double *e, size_t n, double scale)
{
	double mean = 0, products = 0, squares = 0;
	if (n < RESIDUALS_MIN)
		return 0;
	for (size_t i = 0; i < n; i++)
		mean += e[i] / (double)n;
	for (size_t i = 0; i < n; i++) {
		squares += (e[i] - mean) * (e[i] - mean);
		if (i)
			products += (e[i] - mean) * (e[i - 1] - mean);
	}
	if (!(sqrt(squares / (double)n) > ROUNDING * fabs(scale)))
		return 0;
	double r = ((double)n * products / squares + 1) / ((double)n - 3);
	return r < 0 ? 0 : r > MOST ? MOST : r;
}

double autocorrelation_inflation(double r)
{
	return (1 + r) / (1 - r);
}
