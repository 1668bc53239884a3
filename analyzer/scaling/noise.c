/* noise.c: see noise.h. */
#include "scaling/noise.h"

#include <math.h>

static const double priors[2][NOISE_KINDS] = {
        {0.45, 0.15, 0.40, 0.003}, /* the normal kind lies between the others */
        {0, 0, 0.7, 0.3},          /* of times: no law has caches in it, and machines have moods */
};

double noise_prior(enum noise kind, bool times)
{
	return priors[times][kind];
}

bool noise_is_repeated(const struct series *series)
{
	return series->measurements >= series->count + 2;
}

/* ---- the spread of repetitions ------------------------------------------------------------ */

/* Log-likelihoods of the repetitions alone, each size having a level of its own, which is
 * integrated out; relative to the levels. */

static double within_normal(const struct series *series)
{
	double freedom = (double)(series->measurements - series->count);
	double squares = 0, constant = 0;
	for (size_t i = 0; i < series->count; i++) {
		const struct series_point *p = &series->points[i];
		squares += p->squares / (p->mean * p->mean);
		constant -= 0.5 * log((double)p->count);
	}
	squares = fmax(squares, NOISE_ROUNDING * NOISE_ROUNDING);
	return constant + lgamma(freedom / 2) - log(2) - freedom / 2 * log(M_PI * squares);
}

/* How far the repetitions of a point lie above its minimum, together, relative to it. */
static double excess_of(const struct series_point *p)
{
	return p->low_sum / p->least - (double)p->count;
}

static double within_one_sided(const struct series *series)
{
	double excess = 0, constant = 0, freedom = 0;
	for (size_t i = 0; i < series->count; i++) {
		excess += excess_of(&series->points[i]);
		freedom += (double)series->points[i].low_count - 1;
		constant -= log((double)series->points[i].count);
	}
	return constant + lgamma(freedom) - freedom * log(fmax(excess, NOISE_ROUNDING));
}

/* ∫ dt/t · t^−m · Π (t − range of a point), from the largest range on, as t = largest · e^x. */
static double within_even(const struct series *series)
{
	double largest = NOISE_ROUNDING, best = -INFINITY, sum = 0;
	double terms[200];
	const double step = 0.03;
	for (size_t i = 0; i < series->count; i++) {
		const struct series_point *p = &series->points[i];
		largest = fmax(largest, 2 * (p->most - p->least) / (p->most + p->least));
	}
	for (size_t k = 0; k < 200; k++) {
		double t = largest * exp((double)(k + 1) * step - step / 2);
		double term = -(double)series->measurements * log(t);
		for (size_t i = 0; i < series->count; i++) {
			const struct series_point *p = &series->points[i];
			term += log(t - 2 * (p->most - p->least) / (p->most + p->least));
		}
		terms[k] = term;
		best = fmax(best, term);
	}
	for (size_t k = 0; k < 200; k++)
		sum += exp(terms[k] - best) * step;
	return best + log(sum);
}

enum noise noise_of_repetitions(const struct series *series, bool times, double *log_likelihood)
{
	enum noise best = NOISE_ONE_SIDED;
	*log_likelihood = 0;
	if (!noise_is_repeated(series))
		return NOISE_NORMAL;
	double kinds[] = {within_even(series), within_normal(series), within_one_sided(series)};
	for (enum noise k = NOISE_EVEN; k <= NOISE_NORMAL; k++)
		if (!times && kinds[k] + log(noise_prior(k, times)) >
		                      kinds[best] + log(noise_prior(best, times)))
			best = k;
	*log_likelihood = kinds[best];
	return best;
}

/* The minimum of m repetitions lies w/m above what it is an estimate of, w being the mean delay,
 * which all sizes tell of together. */
static double minimum_bias(const struct series *series)
{
	double excess = 0, freedom = 0;
	for (size_t i = 0; i < series->count; i++) {
		excess += excess_of(&series->points[i]);
		freedom += (double)series->points[i].low_count - 1;
	}
	return freedom > 0 ? excess / freedom : 0;
}

/* With m repetitions in the mean, the error of the mid-range of an even spread ±w it is w·√(2 /
 * ((m+1)(m+2))), of a mean σ/√m, of a minimum w/m. */
double noise_error(const struct series *series, enum noise kind)
{
	double m = (double)series->measurements / (double)series->count, width = 0, squares = 0;
	for (size_t i = 0; i < series->count; i++) {
		const struct series_point *p = &series->points[i];
		width = fmax(width, (p->most - p->least) / (p->most + p->least));
		squares += p->squares / (p->mean * p->mean);
	}
	if (!noise_is_repeated(series))
		return 0;
	if (kind == NOISE_EVEN)
		return width * sqrt(2 / ((m + 1) * (m + 2)));
	if (kind == NOISE_ONE_SIDED)
		return minimum_bias(series) / m;
	return sqrt(squares / (double)(series->measurements - series->count) / m);
}

void noise_reduce(struct series *series, enum noise kind, bool times)
{
	double delay = times ? 0 : minimum_bias(series);
	for (size_t i = 0; i < series->count; i++) {
		struct series_point *p = &series->points[i];
		if (kind == NOISE_EVEN)
			p->reduced = (p->least + p->most) / 2;
		else if (kind == NOISE_ONE_SIDED)
			p->reduced = p->least / (1 + delay / (double)p->count);
		else
			p->reduced = p->mean;
	}
}
