/* sums.c: see sums.h. The equations are those of least.h with a term more. */
#include "scaling/sums.h"

#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scaling/noise.h"
#include "stats/student.h"

/* A sum describes what was measured up to that, relative, beside what repetitions allow. */
#define NEAR 0.005

/* Where one leads is not looked for beyond. */
#define LEADS_MOST 1e12

/* Sums that weigh less than that part of the best one's are not kept. */
#define WEIGHT_LEAST 0.05

static double power(const struct law *law)
{
	return (double)law->numerator / law->denominator;
}

static void terms_at(const struct sum *sum, struct law_set set, double n, double terms[SUMS_TERMS])
{
	terms[0] = 1;
	terms[1] = law_value(&set.laws[sum->lower], n);
	terms[2] = law_value(&set.laws[sum->upper], n);
}

double sums_value(const struct sum *sum, struct law_set set, double n)
{
	double terms[SUMS_TERMS], value = 0;
	terms_at(sum, set, n, terms);
	for (int k = 0; k < SUMS_TERMS; k++)
		value += sum->c[k] * terms[k];
	return value;
}

double sums_leads_from(const struct sum *sum, struct law_set set)
{
	double low = 1, high = LEADS_MOST, terms[SUMS_TERMS];
	for (int i = 0; i < 100; i++) {
		double middle = sqrt(low * high);
		terms_at(sum, set, middle, terms);
		if (sum->c[2] * terms[2] < sum->c[1] * terms[1])
			low = middle;
		else
			high = middle;
	}
	return high;
}

/* The inverse of the normal equations, by Cholesky, and the coefficients; `from`: 1 leaves the
 * constant out. False if they do not determine the coefficients. */
static bool solve(struct sum *sum, const struct series *series, struct law_set set, int from)
{
	double equations[SUMS_TERMS][SUMS_TERMS] = {{0}}, right[SUMS_TERMS] = {0};
	lapack_int count = SUMS_TERMS - from;
	terms_at(sum, set, series->points[series->count - 1].n, sum->scale);
	for (size_t i = 0; i < series->count; i++) {
		double terms[SUMS_TERMS];
		terms_at(sum, set, series->points[i].n, terms);
		for (int k = from; k < SUMS_TERMS; k++)
			terms[k] /= sum->scale[k] * series->points[i].reduced;
		for (int k = from; k < SUMS_TERMS; k++) {
			right[k] += terms[k];
			for (int l = from; l < SUMS_TERMS; l++)
				equations[k][l] += terms[k] * terms[l];
		}
	}
	double *first = &equations[from][from];
	if (LAPACKE_dpotrf(LAPACK_ROW_MAJOR, 'U', count, first, SUMS_TERMS) != 0 ||
	    LAPACKE_dpotri(LAPACK_ROW_MAJOR, 'U', count, first, SUMS_TERMS) != 0)
		return false;
	for (int k = from; k < SUMS_TERMS; k++)
		for (int l = from; l < SUMS_TERMS; l++)
			sum->inverse[k][l] = equations[k < l ? k : l][k < l ? l : k];
	for (int k = from; k < SUMS_TERMS; k++)
		for (int l = from; l < SUMS_TERMS; l++)
			sum->c[k] += sum->inverse[k][l] * right[l] / sum->scale[k];
	sum->freedom = (double)series->count - count;
	return true;
}

/* The sum of squared differences, relative. */
static double squares_of(const struct sum *sum, const struct series *series, struct law_set set)
{
	double squares = 0;
	for (size_t i = 0; i < series->count; i++) {
		const struct series_point *p = &series->points[i];
		double off = sums_value(sum, set, p->n) / p->reduced - 1;
		squares += off * off;
	}
	return squares;
}

/* False if the two laws make no sum: a term would be negative. */
static bool fit(struct sum *sum, const struct series *series, struct law_set set)
{
	struct sum empty = *sum;
	bool good = solve(sum, series, set, 0);
	if (good && sum->c[0] < 0) {
		*sum = empty;
		good = solve(sum, series, set, 1);
	}
	return good && sum->c[1] > 0 && sum->c[2] > 0;
}

static bool apart(const struct law *lower, const struct law *upper, double least)
{
	return law_usable(lower, least) && power(upper) > 1 && power(lower) <= power(upper) - 0.5;
}

static void finish(struct sum *sum, double squares, double error)
{
	sum->error = fmax(sqrt(squares / sum->freedom), error);
	for (int k = 0; k < SUMS_TERMS; k++)
		sum->reach[k] = student_975(sum->freedom) * sum->error * sqrt(sum->inverse[k][k]) /
		                sum->scale[k];
}

/* Keeps the list sorted by weight, the best first. */
static void keep(struct sums *sums, const struct sum *sum)
{
	size_t at = sums->count;
	while (at > 0 && sums->list[at - 1].weight < sum->weight)
		at--;
	if (at == SUMS_KEPT)
		return;
	size_t last = sums->count < SUMS_KEPT ? sums->count++ : SUMS_KEPT - 1;
	memmove(&sums->list[at + 1], &sums->list[at], (last - at) * sizeof(*sum));
	sums->list[at] = *sum;
}

static void normalise(struct sums *sums)
{
	double best = sums->list[0].weight, all = 0;
	while (sums->list[sums->count - 1].weight < WEIGHT_LEAST * best)
		sums->count--;
	for (size_t i = 0; i < sums->count; i++)
		all += sums->list[i].weight;
	for (size_t i = 0; i < sums->count; i++)
		sums->list[i].weight /= all;
}

/* `most`: the largest root mean square that one may lie off. */
static void try_below(struct sums *sums, const struct series *series, struct law_set set, int upper,
                      double most, double error)
{
	double sizes = (double)series->count;
	for (int lower = 1; lower < upper; lower++) {
		struct sum sum = {.lower = lower, .upper = upper};
		if (!apart(&set.laws[lower], &set.laws[upper], series->points[0].n) ||
		    !fit(&sum, series, set))
			continue;
		double squares = squares_of(&sum, series, set);
		if (sqrt(squares / sizes) > most)
			continue;
		double floor = sizes * (error * error + 1e-18);
		sum.weight = pow(floor / (squares + floor), sizes / 2);
		finish(&sum, squares, error);
		keep(sums, &sum);
	}
}

static void try_all(struct sums *sums, const struct series *series, struct law_set set, double most,
                    double error)
{
	for (int upper = 1; upper < (int)set.count; upper++)
		try_below(sums, series, set, upper, most, error);
}

/* The wide set has a law near every sum. */
static bool may_have(const struct series *series, struct law_set set, double off)
{
	return set.count == law_set(false).count && series->count >= SUMS_SIZES &&
	       noise_is_repeated(series) && off >= NEAR;
}

/* `better`: how many times as near as the best single law. */
static void find(struct sums *sums, const struct series *series, struct law_set set, double off,
                 double error, double better)
{
	try_all(sums, series, set, fmin(off / better, NEAR + SUMS_WRONG * error), error);
	if (sums->count)
		normalise(sums);
}

void sums_find(struct sums *sums, const struct series *series, struct law_set set, double off,
               double error)
{
	*sums = (struct sums){0};
	double least = series->count < SUMS_MANY ? SUMS_WRONG : SUMS_DOUBT;
	if (may_have(series, set, off) && off >= least * error)
		find(sums, series, set, off, error,
		     off < SUMS_WRONG * error ? SUMS_CLEARLY : SUMS_BETTER);
}

void sums_suspect(struct sums *sums, const struct series *series, struct law_set set, double off,
                  double error)
{
	*sums = (struct sums){0};
	if (may_have(series, set, off) && series->count >= SUMS_MANY && off >= SUMS_HINT * error)
		find(sums, series, set, off, error, SUMS_CLEARLY);
}

void sums_below(struct sums *sums, const struct series *series, struct law_set set, int upper,
                double off, double error)
{
	*sums = (struct sums){0};
	if (set.count == law_set(false).count && series->count >= SUMS_SIZES)
		try_below(sums, series, set, upper, off, error);
	if (sums->count)
		normalise(sums);
}

static double spread(const struct sum *sum, const double terms[SUMS_TERMS], double value)
{
	double variance = value * value;
	for (int k = 0; k < SUMS_TERMS; k++)
		for (int l = 0; l < SUMS_TERMS; l++)
			variance += sum->inverse[k][l] * terms[k] / sum->scale[k] * terms[l] /
			            sum->scale[l];
	return student_975(sum->freedom) * sum->error * sqrt(variance);
}

void sums_interval(const struct sums *sums, struct law_set set, double n, double *low, double *high)
{
	*low = INFINITY;
	*high = 0;
	for (size_t i = 0; i < sums->count; i++) {
		const struct sum *sum = &sums->list[i];
		double terms[SUMS_TERMS], value = sums_value(sum, set, n);
		terms_at(sum, set, n, terms);
		double reach = spread(sum, terms, value);
		*low = fmin(*low, fmax(0, value - reach));
		*high = fmax(*high, value + reach);
	}
}
