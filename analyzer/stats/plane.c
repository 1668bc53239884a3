/* plane.c: see plane.h. Sums are taken about the means, so that large levels cost no digits. */
#include "stats/plane.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "stats/autocorrelation.h"
#include "stats/student.h"

#define POINTS_MIN 5

/* R² from here on is 1 but for rounding. */
#define WHOLLY (1 - 1e-9)

static double mean_of(const double *v, size_t n)
{
	double mean = 0;
	for (size_t i = 0; i < n; i++)
		mean += v[i] / (double)n;
	return mean;
}

static double products(const double *v, const double *w, size_t n)
{
	double a = mean_of(v, n), b = mean_of(w, n), sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += (v[i] - a) * (w[i] - b);
	return sum;
}

static struct slope around(double value, double error)
{
	return (struct slope){value, value - error, value + error};
}

/* Variance of the residuals, inflated by what they remember. */
static double noise_of(const double *x, const double *z, const double *y, size_t n, double a,
                       double b)
{
	double *e = mem_zero(n * sizeof(*e)), scale = 0;
	for (size_t i = 0; i < n; i++) {
		e[i] = y[i] - a * x[i] - b * z[i];
		scale = fmax(scale, fabs(y[i]));
	}
	double variance = products(e, e, n) / ((double)n - 3) *
	                  autocorrelation_inflation(autocorrelation(e, n, scale));
	free(e);
	return variance;
}

struct plane plane_fit(const double *x, const double *z, const double *y, size_t n)
{
	static const struct slope unknown = {NAN, -INFINITY, INFINITY};
	struct plane p = {unknown, unknown, NAN};
	if (n < POINTS_MIN)
		return p;
	double xx = products(x, x, n), zz = products(z, z, n), xz = products(x, z, n);
	double xy = products(x, y, n), zy = products(z, y, n);
	if (!(xx > 0 && zz > 0))
		return p;
	p.shared = xz * xz / (xx * zz);
	if (!(p.shared < WHOLLY))
		return p;
	double determinant = xx * zz - xz * xz;
	double a = (xy * zz - zy * xz) / determinant, b = (zy * xx - xy * xz) / determinant;
	double noise = noise_of(x, z, y, n, a, b), t = student_975((double)n - 3);
	p.x = around(a, t * sqrt(noise * zz / determinant));
	p.z = around(b, t * sqrt(noise * xx / determinant));
	return p;
}
