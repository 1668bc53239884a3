/* fit.c: see fit.h. */
#include "scaling/fit.h"

#include <math.h>
#include <string.h>

/* A relation is exact to that, relative: a few roundings of a double. */
#define EXACT 1e-9

/* The 97.5 % quantile of an exponential distribution, by its mean. */
#define DELAY_975 3.688879454113936

/* ---- exact relations ---------------------------------------------------------------------- */

static bool repeats(const struct series *series, double quantum)
{
	for (size_t i = 0; i < series->count; i++) {
		const struct series_point *p = &series->points[i];
		if (p->most - p->least > EXACT * p->most + quantum)
			return false;
	}
	return true;
}

static bool within_quantum(const struct series *series, const struct law *law,
                           const struct least *least, double quantum)
{
	for (size_t i = 0; i < series->count; i++) {
		const struct series_point *p = &series->points[i];
		double off = fabs(least_value(least, law, p->n) - p->reduced);
		if (off > EXACT * p->reduced + quantum)
			return false;
	}
	return true;
}

/* The law that holds at every point; −1: none, or several. The constant is part of every law. */
static int find_exact(const struct series *series, struct law_set set, double quantum,
                      struct least *found)
{
	int law = -1;
	for (size_t i = 0; i < set.count; i++) {
		if (!law_usable(&set.laws[i], series->points[0].n))
			continue;
		struct least least = least_fit(series, &set.laws[i], series->count);
		if (!within_quantum(series, &set.laws[i], &least, quantum))
			continue;
		if (law >= 0)
			return -1;
		law = (int)i;
		*found = least;
		if (i == LAW_CONSTANT) {
			found->c0 = series->points[0].reduced; /* to the last bit */
			return law;
		}
	}
	return law;
}

static bool fit_exactly(struct fit *fit, const struct series *series, double quantum)
{
	int law = -1;
	if (!repeats(series, quantum))
		return false;
	law = find_exact(series, fit->set, 0, &fit->least);
	if (law < 0 && quantum > 0)
		law = find_exact(series, fit->set, quantum, &fit->least);
	if (law < 0)
		return false;
	fit->law = law;
	fit->exact = true;
	if (fit->least.c0 < EXACT * series->points[0].reduced)
		fit->least.c0 = 0; /* what roundings left of it */
	fit->probability = 1;
	fit->verdict = VERDICT_SURE;
	fit->c0 = (struct interval){fit->least.c0, fit->least.c0};
	fit->c1 = (struct interval){fit->least.c1, fit->least.c1};
	return true;
}

/* ---- by evidence -------------------------------------------------------------------------- */

static void choose(struct fit *fit)
{
	const double *p = fit->evidence.law;
	for (size_t i = 0; i < fit->set.count; i++)
		if (p[i] > p[fit->law])
			fit->law = (int)i;
	for (size_t i = 0; i < fit->set.count; i++)
		if ((int)i != fit->law && (fit->runner_up < 0 || p[i] > p[fit->runner_up]))
			fit->runner_up = (int)i;
	fit->probability = p[fit->law];
	fit->runner_up_probability = p[fit->runner_up];
}

/* Least squares and the posterior weigh outliers differently: an interval holds its estimate. */
static struct interval holding(struct interval interval, double estimate)
{
	return (struct interval){fmin(interval.low, estimate), fmax(interval.high, estimate)};
}

static struct interval interval_of(const struct fit *fit, enum evidence_figure figure, double n,
                                   int law)
{
	return (struct interval){evidence_quantile(&fit->evidence, figure, n, law, 0.025),
	                         evidence_quantile(&fit->evidence, figure, n, law, 0.975)};
}

static void measure_noise(struct fit *fit, const struct series *series)
{
	double off = 0, noise = 0;
	for (size_t i = 0; i < series->count; i++) {
		const struct series_point *p = &series->points[i];
		double away = fit_value(fit, p->n) / p->reduced - 1;
		off += away * away;
		for (size_t j = 0; j < p->count; j++)
			noise += fabs(p->values[j] / p->reduced - 1);
	}
	fit->off = sqrt(off / (double)series->count);
	fit->noise = noise / (double)series->measurements;
}

static bool falls(const struct series *series)
{
	const struct series_point *first = &series->points[0];
	const struct series_point *last = &series->points[series->count - 1];
	return last->most < first->least;
}

/* All values but those of the largest size are one, which any law describes that is steep enough.
 */
static bool steps_once(const struct series *series)
{
	const struct series_point *first = &series->points[0];
	for (size_t i = 0; i + 1 < series->count; i++) {
		const struct series_point *p = &series->points[i];
		if (p->most - first->least > EXACT * first->most ||
		    first->most - p->least > EXACT * first->most)
			return false;
	}
	return true;
}

/* The nearest sum that is possible has another class. */
static bool is_suspect(const struct fit *fit)
{
	return fit->suspects.count && fit->suspects.list[0].upper != fit->law;
}

static void judge(struct fit *fit, const struct series *series)
{
	if (fit->law == LAW_CONSTANT && falls(series) && fit->off > fit->noise) {
		fit->reason = "it falls as n grows, and no law here does";
		return;
	}
	if (steps_once(series)) {
		fit->reason = "it changes at the largest size only";
		return;
	}
	if (is_suspect(fit)) {
		fit->reason = "a sum of two laws is possible, too";
		return;
	}
	if (fit->off > FIT_OFF) {
		fit->reason = "no law here describes it";
		return;
	}
	if (fit->probability >= FIT_SURE && !fit->sums.count)
		fit->verdict = VERDICT_SURE;
	else if (fit->probability >= FIT_LIKELY)
		fit->verdict = VERDICT_LIKELY;
	else
		fit->reason = "several laws describe it";
}

/* ---- by a sum ----------------------------------------------------------------------------- */

/* How far the nearest single law lies off the sizes, relative: root mean square. */
static double off_of_nearest(const struct series *series, struct law_set set)
{
	double nearest = INFINITY;
	for (size_t law = 0; law < set.count; law++) {
		if (!law_usable(&set.laws[law], series->points[0].n))
			continue;
		struct least least = least_fit(series, &set.laws[law], series->count);
		double squares = 0;
		for (size_t i = 0; i < series->count; i++) {
			const struct series_point *p = &series->points[i];
			double away = least_value(&least, &set.laws[law], p->n) / p->reduced - 1;
			squares += away * away;
		}
		nearest = fmin(nearest, squares);
	}
	return sqrt(nearest / (double)series->count);
}

static struct interval around(double value, double reach)
{
	return (struct interval){fmax(0, value - reach), value + reach};
}

/* A sum has the place of the law. */
static void take_sum(struct fit *fit)
{
	const struct sums *sums = &fit->sums;
	const struct sum *best = &sums->list[0];
	fit->law = best->upper;
	fit->runner_up = -1;
	fit->probability = fit->runner_up_probability = 0;
	for (size_t i = 0; i < sums->count; i++)
		if (sums->list[i].upper == fit->law)
			fit->probability += sums->list[i].weight;
		else if (fit->runner_up < 0)
			fit->runner_up = sums->list[i].upper;
	for (size_t i = 0; i < sums->count; i++)
		if (sums->list[i].upper == fit->runner_up)
			fit->runner_up_probability += sums->list[i].weight;
	fit->least.c0 = best->c[0];
	fit->least.c1 = best->c[2];
	fit->c0 = around(best->c[0], best->reach[0]);
	fit->c1 = around(best->c[2], best->reach[2]);
	fit->goodness = fit->runner_up_goodness = NAN;
}

static void find_sum(struct fit *fit, const struct series *series)
{
	double off = off_of_nearest(series, fit->set), error = noise_error(series, fit->reduction);
	sums_find(&fit->sums, series, fit->set, off, error);
	if (fit->sums.count)
		take_sum(fit);
	else
		sums_suspect(&fit->suspects, series, fit->set, off, error);
}

void fit_series(struct fit *fit, struct series *series, struct law_set set,
                const struct fit_traits *traits)
{
	*fit = (struct fit){.set = set, .runner_up = -1};
	if (fit_exactly(fit, series, traits->quantum))
		return;
	evidence_build(&fit->evidence, series, set, traits->times);
	choose(fit);
	fit->reduction = evidence_reduction(&fit->evidence, series);
	fit->least = least_fit(series, fit_law(fit), series->count);
	fit->goodness = least_left_out(series, fit_law(fit));
	fit->runner_up_goodness = least_left_out(series, &set.laws[fit->runner_up]);
	fit->c0 = holding(interval_of(fit, EVIDENCE_C0, 0, fit->law), fit->least.c0);
	if (fit->law != LAW_CONSTANT)
		fit->c1 = holding(interval_of(fit, EVIDENCE_C1, 0, fit->law), fit->least.c1);
	find_sum(fit, series);
	measure_noise(fit, series);
	if (traits->times)
		fit->delay = DELAY_975 * noise_error(series, NOISE_ONE_SIDED);
	judge(fit, series);
}

void fit_raise(struct fit *fit, const struct series *series, int law)
{
	sums_below(&fit->sums, series, fit->set, law, off_of_nearest(series, fit->set),
	           noise_error(series, fit->reduction));
	if (!fit->sums.count)
		return;
	fit->suspects.count = 0;
	fit->verdict = VERDICT_CANNOT_TELL;
	fit->reason = NULL;
	take_sum(fit);
	measure_noise(fit, series);
	judge(fit, series);
}

void fit_free(struct fit *fit)
{
	evidence_free(&fit->evidence);
}

struct fit_prediction fit_predict(const struct fit *fit, double n)
{
	struct fit_prediction p = {n, fit_value(fit, n), {0, 0}};
	if (fit->sums.count)
		sums_interval(&fit->sums, fit->set, n, &p.interval.low, &p.interval.high);
	else
		p.interval = fit->exact ? (struct interval){p.value, p.value}
		                        : interval_of(fit, EVIDENCE_VALUE, n, -1);
	if (fit->suspects.count) {
		double low, high;
		sums_interval(&fit->suspects, fit->set, n, &low, &high);
		p.interval = holding(holding(p.interval, low), high);
	}
	p.interval.high *= 1 + fit->delay;
	p.interval = holding(p.interval, p.value);
	return p;
}

double fit_value(const struct fit *fit, double n)
{
	return fit->sums.count ? sums_value(&fit->sums.list[0], fit->set, n)
	                       : least_value(&fit->least, fit_law(fit), n);
}

const struct law *fit_law(const struct fit *fit)
{
	return &fit->set.laws[fit->law];
}

const struct law *fit_lower(const struct fit *fit)
{
	return fit->sums.count ? &fit->set.laws[fit->sums.list[0].lower] : NULL;
}

const char *fit_verdict_name(enum verdict verdict)
{
	static const char *const names[] = {"cannot tell", "likely", "sure"};
	return names[verdict];
}

const char *fit_reduction_name(enum noise reduction)
{
	static const char *const names[] = {"mid-range", "mean", "minimum", "mean"};
	return names[reduction];
}
