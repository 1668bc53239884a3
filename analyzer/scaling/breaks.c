/* breaks.c: see breaks.h. */
#include "scaling/breaks.h"

#include <math.h>

/* Errors below that are those of rounding. */
#define ROUNDING 1e-9

/* The squared relative error of the law that leaves least. */
static double least_error(const struct series *series, struct law_set set)
{
	double least = INFINITY;
	for (size_t law = 0; law < set.count; law++) {
		double error = 0;
		if (!law_usable(&set.laws[law], series->points[0].n))
			continue;
		struct least fit = least_fit(series, &set.laws[law], series->count);
		for (size_t i = 0; i < series->count; i++) {
			const struct series_point *p = &series->points[i];
			double off = least_value(&fit, &set.laws[law], p->n) / p->reduced - 1;
			error += off * off;
		}
		least = fmin(least, error);
	}
	return fmax(least, ROUNDING * ROUNDING * (double)series->count);
}

/* Schwarz's criterion. */
static double criterion(double error, double sizes, double parameters)
{
	return sizes * log(error / sizes) + parameters * log(sizes);
}

/* The number of points below the best break that leaves enough on both sides; 0: there is none. */
static size_t find_between(const struct series *series, struct law_set set, double whole)
{
	double sizes = (double)series->count, best = INFINITY;
	size_t at = 0;
	for (size_t k = BREAKS_SIDE; k + BREAKS_SIDE <= series->count; k++) {
		struct series below = series_part(series, 0, k);
		struct series above = series_part(series, k, series->count);
		double error = least_error(&below, set) + least_error(&above, set);
		if (error < best) {
			best = error;
			at = k;
		}
	}
	bool wins = at && best < whole / 4 &&
	            criterion(best, sizes, 7) + BREAKS_GAIN < criterion(whole, sizes, 3);
	return wins ? at : 0;
}

/* The number of the smallest sizes that have to be left out; 0: none. */
static size_t find_start(const struct series *series, struct law_set set, double off)
{
	for (size_t k = 1; k < BREAKS_SIDE && k + BREAKS_SIDE <= series->count; k++) {
		struct series above = series_part(series, k, series->count);
		double left = sqrt(least_error(&above, set) / (double)above.count);
		if (left * BREAKS_BETTER < off && left < BREAKS_LEFT)
			return k;
	}
	return 0;
}

/* The number of points below the break; 0: there is none. */
static size_t find_break(const struct series *series, struct law_set set, bool times)
{
	double ignored, whole = least_error(series, set);
	double off = sqrt(whole / (double)series->count);
	enum noise kind = noise_of_repetitions(series, times, &ignored);
	double wrong = off / fmax(noise_error(series, kind), ROUNDING);
	bool repeated = noise_is_repeated(series);
	if (off <= ROUNDING || (repeated && wrong < BREAKS_DOUBT))
		return 0;
	size_t at = find_between(series, set, whole);
	if (at || !repeated || wrong < BREAKS_WRONG)
		return at;
	return find_start(series, set, off);
}

/* Where the laws of both sides give the same value, between the two sizes. */
static double meeting(const struct breaks *breaks, const struct fit *above)
{
	double low = breaks->last_below, high = breaks->first_above;
	const struct law *one = fit_law(&breaks->below), *other = fit_law(above);
	double at_low = least_value(&breaks->below.least, one, low) -
	                least_value(&above->least, other, low);
	double at_high = least_value(&breaks->below.least, one, high) -
	                 least_value(&above->least, other, high);
	if (fabs(at_low) <= ROUNDING * least_value(&above->least, other, low))
		return low;
	if (at_low * at_high > 0)
		return (low + high) / 2;
	for (int i = 0; i < 60; i++) {
		double middle = (low + high) / 2;
		double difference = least_value(&breaks->below.least, one, middle) -
		                    least_value(&above->least, other, middle);
		if (difference * at_low > 0)
			low = middle;
		else
			high = middle;
	}
	return (low + high) / 2;
}

/* ---- what was full ------------------------------------------------------------------------ */

/* How many of the largest sizes have one value. */
static size_t count_flat(const struct series *series, double quantum)
{
	const struct series_point *last = &series->points[series->count - 1];
	size_t flat = 0;
	while (flat < series->count) {
		const struct series_point *p = &series->points[series->count - 1 - flat];
		double rounding = quantum + ROUNDING * last->most;
		if (p->most - last->least > rounding || last->most - p->least > rounding)
			break;
		flat++;
	}
	return flat;
}

/* Fits both sides of where it became full; false: it did not. */
static bool fit_full(struct breaks *breaks, struct fit *fit, const struct series *series,
                     struct law_set set, const struct fit_traits *traits)
{
	size_t flat = count_flat(series, traits->quantum), at = series->count - flat;
	struct fit growing;
	if (traits->times || flat < 2 || at < BREAKS_EXACT ||
	    series->points[series->count - 1].n < BREAKS_FLAT * series->points[at].n)
		return false;
	struct series below = series_part(series, 0, at),
	              above = series_part(series, at, series->count);
	fit_series(&growing, &below, set, traits);
	if (!growing.exact || growing.law == LAW_CONSTANT) {
		fit_free(&growing);
		return false;
	}
	fit_free(fit);
	fit_series(fit, &above, set, traits);
	fit->verdict = VERDICT_LIKELY;
	*breaks = (struct breaks){.found = true,
	                          .known_below = true,
	                          .last_below = below.points[at - 1].n,
	                          .first_above = above.points[0].n,
	                          .below = growing};
	breaks->at = meeting(breaks, fit);
	return true;
}

/* How many of the smallest sizes have nothing, while all others have something, and are enough for
 * a law. */
static size_t count_empty(const struct series *series)
{
	size_t empty = 0;
	while (empty < series->count && series->points[empty].most <= 0 &&
	       series->points[empty].least >= 0)
		empty++;
	for (size_t i = empty; i < series->count; i++)
		if (series->points[i].least <= 0)
			return 0;
	return empty + SERIES_SIZES_MIN <= series->count ? empty : 0;
}

void breaks_start(struct breaks *breaks, const struct series *series)
{
	size_t empty = count_empty(series);
	if (empty && !breaks->found)
		*breaks = (struct breaks){.found = true,
		                          .last_below = series->points[empty - 1].n,
		                          .first_above = series->points[empty].n,
		                          .at = series->points[empty].n};
}

struct series breaks_started(const struct series *series)
{
	return series_part(series, count_empty(series), series->count);
}

void breaks_fit(struct breaks *breaks, struct fit *fit, struct series *series, struct law_set set,
                const struct fit_traits *traits)
{
	*breaks = (struct breaks){0};
	fit_series(fit, series, set, traits);
	if (!fit->exact && fit_full(breaks, fit, series, set, traits))
		return;
	size_t at = fit->exact || series->count <= BREAKS_SIDE
	                    ? 0
	                    : find_break(series, set, traits->times);
	if (!at)
		return;
	struct series below = series_part(series, 0, at),
	              above = series_part(series, at, series->count);
	breaks->found = true;
	breaks->known_below = at >= BREAKS_SIDE;
	breaks->last_below = below.points[at - 1].n;
	breaks->first_above = above.points[0].n;
	breaks->at = breaks->first_above;
	fit_free(fit);
	fit_series(fit, &above, set, traits);
	if (!breaks->known_below)
		return;
	fit_series(&breaks->below, &below, set, traits);
	breaks->at = meeting(breaks, fit);
}

void breaks_free(struct breaks *breaks)
{
	fit_free(&breaks->below);
}
