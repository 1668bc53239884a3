/* least.c: see least.h. With weights the equations are (1/v)·c0 + (f/v)·c1 = 1, one a point;
 * columns are scaled to the largest size, so that n³ is as well conditioned as log n. */
#include "scaling/least.h"

#include <lapacke.h>
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

enum terms { TERM_CONSTANT = 1, TERM_GROWING = 2 };

static size_t fill(const struct series *series, const struct law *law, size_t leave, double scale,
                   enum terms terms, double *a, double *b)
{
	size_t rows = 0;
	for (size_t i = 0; i < series->count; i++) {
		const struct series_point *p = &series->points[i];
		if (i == leave)
			continue;
		if (terms & TERM_CONSTANT)
			*a++ = 1 / p->reduced;
		if (terms & TERM_GROWING)
			*a++ = law_value(law, p->n) / scale / p->reduced;
		b[rows++] = 1;
	}
	return rows;
}

/* False if the equations do not determine the coefficients. */
static bool solve(const struct series *series, const struct law *law, size_t leave,
                  enum terms terms, struct least *fit)
{
	int columns = terms == (TERM_CONSTANT | TERM_GROWING) ? 2 : 1;
	double scale = law_value(law, series->points[series->count - 1].n);
	double *a = mem_zero(2 * series->count * sizeof(*a));
	double *b = mem_zero(series->count * sizeof(*b));
	size_t rows = fill(series, law, leave, scale, terms, a, b);
	bool good = LAPACKE_dgels(LAPACK_ROW_MAJOR, 'N', (lapack_int)rows, columns, 1, a, columns,
	                          b, 1) == 0;
	fit->c0 = terms & TERM_CONSTANT ? b[0] : 0;
	fit->c1 = terms & TERM_GROWING ? b[columns - 1] / scale : 0;
	free(a);
	free(b);
	return good;
}

static double residual_of(const struct series *series, const struct law *law,
                          const struct least *fit)
{
	double largest = 0;
	for (size_t i = 0; i < series->count; i++) {
		const struct series_point *p = &series->points[i];
		largest = fmax(largest, fabs(least_value(fit, law, p->n) / p->reduced - 1));
	}
	return largest;
}

struct least least_fit(const struct series *series, const struct law *law, size_t leave)
{
	struct least fit = {0};
	bool constant = law->numerator == 0 && law->logs == 0;
	bool both = !constant && solve(series, law, leave, TERM_CONSTANT | TERM_GROWING, &fit);
	if (constant || (both && fit.c1 < 0))
		solve(series, law, leave, TERM_CONSTANT, &fit);
	else if (!both || fit.c0 < 0)
		solve(series, law, leave, TERM_GROWING, &fit);
	fit.residual = residual_of(series, law, &fit);
	return fit;
}

double least_value(const struct least *least, const struct law *law, double n)
{
	return least->c0 + (least->c1 > 0 ? least->c1 * law_value(law, n) : 0);
}

double least_left_out(const struct series *series, const struct law *law)
{
	double sum = 0;
	for (size_t i = 0; i < series->count; i++) {
		const struct series_point *p = &series->points[i];
		struct least fit = least_fit(series, law, i);
		double predicted = least_value(&fit, law, p->n);
		sum += 2 * fabs(predicted - p->reduced) / (fabs(predicted) + p->reduced);
	}
	return sum / (double)series->count;
}
