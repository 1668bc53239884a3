/* trend.c: see trend.h.
 *
 * By ranks. With weights x_j − x_i the sum T(b) of the signs of (y_j − y_i) − b·(x_j − x_i) over
 * all pairs is 2·Σ x_j·(R_j − (n + 1)/2), R_j the rank of the residual y_j − b·x_j. When the order
 * of residuals is by chance its mean is 0 and its variance n·(n + 1)/3 · Σ(x_j − x̄)². As b passes
 * the slope of a pair, T falls by twice that pair's weight: so where T(b) is within ±1.96 standard
 * deviations can be read off the cumulative weights of the sorted slopes.
 */
#include "stats/trend.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "stats/autocorrelation.h"
#include "stats/student.h"

#define POINTS_MIN 3

static const struct trend unknown = {NAN, -INFINITY, INFINITY, 0};

struct pair {
	double slope, weight;
};

static int by_slope(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	return (x->slope > y->slope) - (x->slope < y->slope);
}

static size_t make_pairs(const double *x, const double *y, size_t n, struct pair *pairs)
{
	size_t count = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n; j++)
			pairs[count++] = (struct pair){(y[j] - y[i]) / (x[j] - x[i]), x[j] - x[i]};
	qsort(pairs, count, sizeof(*pairs), by_slope);
	return count;
}

/* The slope at which so much of the weight is passed; between two slopes, if it is reached exactly
 * there, their mean. */
static double slope_at(const struct pair *pairs, size_t count, double weight)
{
	double sum = 0;
	for (size_t i = 0; i < count; i++) {
		sum += pairs[i].weight;
		if (sum > weight * (1 + 1e-12))
			return pairs[i].slope;
		if (sum >= weight * (1 - 1e-12) && i + 1 < count)
			return (pairs[i].slope + pairs[i + 1].slope) / 2;
	}
	return pairs[count - 1].slope;
}

/* Standard deviation of T with independent residuals. */
static double deviation(const double *x, size_t n)
{
	double mean = 0, squares = 0;
	for (size_t i = 0; i < n; i++)
		mean += x[i] / (double)n;
	for (size_t i = 0; i < n; i++)
		squares += (x[i] - mean) * (x[i] - mean);
	return sqrt((double)n * ((double)n + 1) / 3 * squares);
}

static double residual_memory(const double *x, const double *y, size_t n, double slope)
{
	double *e = mem_zero(n * sizeof(*e)), scale = 0;
	for (size_t i = 0; i < n; i++) {
		e[i] = y[i] - slope * x[i];
		scale = fmax(scale, fabs(y[i]));
	}
	double r = autocorrelation(e, n, scale);
	free(e);
	return r;
}

struct trend trend_by_ranks(const double *x, const double *y, size_t n, double r)
{
	struct trend t = unknown;
	if (n < POINTS_MIN)
		return t;
	struct pair *pairs = mem_zero(n * (n - 1) / 2 * sizeof(*pairs));
	size_t count = make_pairs(x, y, n, pairs);
	double all = 0;
	for (size_t i = 0; i < count; i++)
		all += pairs[i].weight;
	t.slope = slope_at(pairs, count, all / 2);
	t.autocorrelation = isnan(r) ? residual_memory(x, y, n, t.slope) : r;
	double reach =
	        NORMAL_975 * deviation(x, n) * sqrt(autocorrelation_inflation(t.autocorrelation));
	if (reach < all) {
		t.low = slope_at(pairs, count, (all - reach) / 2);
		t.high = slope_at(pairs, count, (all + reach) / 2);
	}
	free(pairs);
	return t;
}

struct trend trend_by_changes(const double *x, const double *y, size_t n)
{
	struct trend t = unknown;
	if (n < POINTS_MIN)
		return t;
	double length = x[n - 1] - x[0], squares = 0;
	t.slope = (y[n - 1] - y[0]) / length;
	for (size_t i = 1; i < n; i++) {
		double stretch = x[i] - x[i - 1], off = y[i] - y[i - 1] - t.slope * stretch;
		squares += off * off / stretch;
	}
	double freedom = (double)n - 2;
	double error = sqrt(squares / freedom / length) * student_975(freedom);
	t.low = t.slope - error;
	t.high = t.slope + error;
	return t;
}
