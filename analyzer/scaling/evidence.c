/* evidence.c: see evidence.h. */
#include "scaling/evidence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "stats/student.h"

/* Of s: mostly evenly over the upper half, some of it below, and some near 1, where a law has no
 * constant part worth naming. */
#define PRIOR_UPPER 0.80
#define PRIOR_LOWER 0.10
#define PRIOR_PURE  0.10
#define PURE_LEAST  1e-8 /* 1 − s goes down to that, evenly by its logarithm */

/* s is looked for as t = log(s / (1 − s)). */
#define T_LOW  -8.0
#define T_HIGH 18.4
#define COARSE 44
#define SIDE   40   /* points of the fine grid on each side of the peak */
#define DROP   18.0 /* of the log-likelihood, where the grid ends */
#define NEAR   0.05 /* and where it begins */

/* Cells that weigh less cannot be seen in a quantile. */
#define WEIGHT_LEAST 1e-6

struct kind {
	double log_likelihood, centre, spread;
};

struct data {
	const struct series_point *points;
	size_t sizes, measurements, lowest; /* lowest: measurements that count one-sided */
	double *ratio;                      /* f(n) / f(N) by point, of the law at hand */
	double *centre;                     /* the reduced values */
	double error;                       /* the standard error of one of them, relative */
	double constant[NOISE_KINDS];       /* of the log-likelihood, with the prior of the kind */
	bool misfit;                        /* it is possible: repetitions allow to tell it */
	bool times;
};

/* ---- the likelihood of a law with a share ------------------------------------------------- */

static double prior_of_share(double s)
{
	if (s < 0.5)
		return PRIOR_LOWER * 2;
	return PRIOR_UPPER * 2 + PRIOR_PURE / ((1 - s) * log(0.5 / PURE_LEAST));
}

static double growth_at(const struct data *d, double s, size_t point)
{
	return 1 - s + s * d->ratio[point];
}

static struct kind one_sided(const struct data *d, double s)
{
	double m = (double)d->measurements, lowest = (double)d->lowest;
	double weights = 0, sum = 0, least = INFINITY;
	for (size_t i = 0; i < d->sizes; i++) {
		const struct series_point *p = &d->points[i];
		double g = growth_at(d, s, i);
		weights += (double)p->low_count * log(g);
		sum += p->low_sum / g;
		least = fmin(least, p->least / g);
	}
	double total = fmax(sum - m * least, NOISE_ROUNDING * least);
	return (struct kind){-weights - (lowest - 1) * log(total), least, total / m};
}

static void two_sided(const struct data *d, double s, struct kind kinds[NOISE_KINDS])
{
	double m = (double)d->measurements, weights = 0, mean = 0, squares = 0;
	double least = INFINITY, most = -INFINITY;
	for (size_t i = 0; i < d->sizes; i++) {
		const struct series_point *p = &d->points[i];
		double g = growth_at(d, s, i);
		weights += (double)p->count * log(g);
		mean += (double)p->count * p->mean / g / m;
		least = fmin(least, p->least / g);
		most = fmax(most, p->most / g);
	}
	for (size_t i = 0; i < d->sizes; i++) {
		const struct series_point *p = &d->points[i];
		double g = growth_at(d, s, i), off = p->mean / g - mean;
		squares += p->squares / (g * g) + (double)p->count * off * off;
	}
	double rounding = NOISE_ROUNDING * mean, range = fmax(most - least, rounding);
	squares = fmax(squares, rounding * rounding);
	kinds[NOISE_EVEN] =
	        (struct kind){-weights - (m - 1) * log(range), (least + most) / 2, range / 2};
	kinds[NOISE_NORMAL] = (struct kind){-weights - (m - 1) / 2 * log(squares), mean,
	                                    sqrt(squares / (m * (m - 1)))};
}

static void by_sizes(const struct data *d, double s, struct kind *kind)
{
	double p = (double)d->sizes, weights = 0, mean = 0, squares = 0;
	for (size_t i = 0; i < d->sizes; i++) {
		double g = growth_at(d, s, i);
		weights += log(g);
		mean += d->centre[i] / g / p;
	}
	for (size_t i = 0; i < d->sizes; i++) {
		double off = d->centre[i] / growth_at(d, s, i) - mean;
		squares += off * off;
	}
	/* Sizes that happen to lie closer to the law than they can be known prove nothing. */
	double known = fmax(d->error, NOISE_ROUNDING) * mean;
	squares += (p - 1) * known * known;
	*kind = (struct kind){-weights - (p - 1) / 2 * log(squares), mean,
	                      sqrt(squares / (p * (p - 1)))};
}

/* All kinds at a share, and the logarithm of their sum. */
static double likelihood(const struct data *d, double s, struct kind kinds[NOISE_KINDS])
{
	double best = -INFINITY, sum = 0;
	for (int k = 0; k < NOISE_KINDS; k++)
		kinds[k] = (struct kind){-INFINITY, 1, 0};
	if (!d->times)
		two_sided(d, s, kinds);
	kinds[NOISE_ONE_SIDED] = one_sided(d, s);
	if (d->misfit)
		by_sizes(d, s, &kinds[NOISE_MISFIT]);
	for (int k = 0; k < NOISE_KINDS; k++) {
		kinds[k].log_likelihood += d->constant[k];
		best = fmax(best, kinds[k].log_likelihood);
	}
	for (int k = 0; k < NOISE_KINDS; k++)
		sum += exp(kinds[k].log_likelihood - best);
	return best + log(sum);
}

static double share_of(double t)
{
	return 1 / (1 + exp(-t));
}

/* The density over t. */
static double density(const struct data *d, double t, struct kind kinds[NOISE_KINDS])
{
	double s = share_of(t);
	return likelihood(d, s, kinds) + log(prior_of_share(s) * s / (1 + exp(t)));
}

/* ---- the integral over the share ---------------------------------------------------------- */

static double find_peak(const struct data *d, double *height)
{
	const double golden = 0.6180339887498949, step = (T_HIGH - T_LOW) / COARSE;
	struct kind kinds[NOISE_KINDS];
	double best = -INFINITY, peak = T_LOW;
	for (int i = 0; i <= COARSE; i++) {
		double value = density(d, T_LOW + i * step, kinds);
		if (value > best) {
			best = value;
			peak = T_LOW + i * step;
		}
	}
	double low = peak - step, high = peak + step;
	double a = high - golden * (high - low), b = low + golden * (high - low);
	double at_a = density(d, a, kinds), at_b = density(d, b, kinds);
	while (high - low > 1e-9) {
		if (at_a > at_b) {
			high = b, b = a, at_b = at_a;
			a = high - golden * (high - low), at_a = density(d, a, kinds);
		} else {
			low = a, a = b, at_a = at_b;
			b = low + golden * (high - low), at_b = density(d, b, kinds);
		}
		if (fabs(at_a - at_b) < 1e-6 && high - low < 1e-3)
			break;
	}
	*height = fmax(best, fmax(at_a, at_b));
	return *height > best ? (at_a > at_b ? a : b) : peak;
}

/* The distances from the peak, to one side, where the density has fallen a little and a lot. */
static void find_reach(const struct data *d, double peak, double height, double sign, double *near,
                       double *far)
{
	struct kind kinds[NOISE_KINDS];
	double limit = sign > 0 ? T_HIGH + 1 - peak : peak - (T_LOW - 1);
	*near = 0;
	for (*far = 1e-10; *far < limit; *far *= 2) {
		double fallen = height - density(d, peak + sign * *far, kinds);
		if (*near <= 0 && fallen > NEAR)
			*near = *far / 2;
		if (fallen > DROP)
			return;
	}
	*far = limit;
	if (*near <= 0 || *near > limit / 4)
		*near = limit / SIDE;
}

static void add_cells(struct evidence *e, unsigned law, double share, double log_width,
                      const struct kind kinds[NOISE_KINDS])
{
	e->cells = mem_grow(e->cells, &e->capacity, e->count + NOISE_KINDS, sizeof(*e->cells));
	for (int k = 0; k < NOISE_KINDS; k++)
		if (isfinite(kinds[k].log_likelihood))
			e->cells[e->count++] = (struct evidence_cell){
			        law,
			        (enum noise)k,
			        share,
			        kinds[k].log_likelihood + log_width, /* made a weight at the end */
			        kinds[k].centre,
			        kinds[k].spread};
}

static void integrate(struct evidence *e, const struct data *d, unsigned law)
{
	double grid[2 * SIDE + 1], height;
	struct kind kinds[NOISE_KINDS];
	double peak = find_peak(d, &height);
	grid[SIDE] = peak;
	for (int side = 0; side < 2; side++) {
		double near, far, sign = side ? 1 : -1;
		find_reach(d, peak, height, sign, &near, &far);
		double ratio = pow(far / (near / 4), 1.0 / (SIDE - 1)), offset = near / 4;
		for (int i = 1; i <= SIDE; i++, offset *= ratio)
			grid[side ? SIDE + i : SIDE - i] = peak + sign * offset;
	}
	for (int i = 0; i <= 2 * SIDE; i++) {
		double from = i ? grid[i - 1] : grid[i], to = i < 2 * SIDE ? grid[i + 1] : grid[i];
		double s = share_of(grid[i]);
		density(d, grid[i], kinds);
		add_cells(e, law, s,
		          log(prior_of_share(s) * s / (1 + exp(grid[i])) * (to - from) / 2), kinds);
	}
}

/* ---- all laws ----------------------------------------------------------------------------- */

static void set_constants(struct evidence *e, struct data *d, double repetitions)
{
	double m = (double)d->measurements, p = (double)d->sizes, lowest = (double)d->lowest;
	double levels = 0;
	for (size_t i = 0; i < d->sizes; i++)
		levels += ((double)d->points[i].low_count - 1) * log(d->centre[i]);
	d->constant[NOISE_EVEN] = -log(m * (m - 1));
	d->constant[NOISE_NORMAL] =
	        lgamma((m - 1) / 2) - log(2 * sqrt(m)) - (m - 1) / 2 * log(M_PI);
	d->constant[NOISE_ONE_SIDED] = lgamma(lowest - 1) - log(m);
	d->constant[NOISE_MISFIT] = repetitions - levels + lgamma((p - 1) / 2) - log(2 * sqrt(p)) -
	                            (p - 1) / 2 * log(M_PI);
	const double freedom[] = {m - 1, m - 1, lowest - 1, p - 1};
	for (int k = 0; k < NOISE_KINDS; k++) {
		d->constant[k] += log(noise_prior((enum noise)k, d->times));
		e->freedom[k] = freedom[k];
	}
}

static void prepare(struct evidence *e, struct data *d, struct series *series)
{
	double repetitions;
	*d = (struct data){.points = series->points,
	                   .sizes = series->count,
	                   .measurements = series->measurements,
	                   /* Of times measured once it has the place of the normal kind. */
	                   .misfit = e->times || noise_is_repeated(series),
	                   .times = e->times};
	if (e->times)
		series_take_lowest(series);
	d->ratio = mem_zero(series->count * sizeof(*d->ratio));
	d->centre = mem_zero(series->count * sizeof(*d->centre));
	enum noise kind = noise_of_repetitions(series, e->times, &repetitions);
	noise_reduce(series, kind, e->times);
	d->error = noise_error(series, kind);
	for (size_t i = 0; i < series->count; i++) {
		d->centre[i] = series->points[i].reduced;
		d->lowest += series->points[i].low_count;
	}
	set_constants(e, d, repetitions);
}

static void set_ratios(struct data *d, const struct law *law, double largest)
{
	for (size_t i = 0; i < d->sizes; i++)
		d->ratio[i] = law_value(law, d->points[i].n) / law_value(law, largest);
}

/* Makes the logarithms probabilities, and drops what cannot be seen. */
static void normalise(struct evidence *e)
{
	double best = -INFINITY, sum = 0;
	size_t kept = 0;
	for (size_t i = 0; i < e->count; i++)
		best = fmax(best, e->cells[i].weight);
	for (size_t i = 0; i < e->count; i++)
		sum += e->cells[i].weight = exp(e->cells[i].weight - best);
	for (size_t i = 0; i < e->count; i++) {
		struct evidence_cell cell = e->cells[i];
		cell.weight /= sum;
		e->law[cell.law] += cell.weight;
		e->noise[cell.noise] += cell.weight;
		if (cell.weight > WEIGHT_LEAST)
			e->cells[kept++] = cell;
	}
	e->count = kept;
}

enum noise evidence_reduction(const struct evidence *e, const struct series *series)
{
	enum noise best = NOISE_EVEN;
	double ignored;
	for (int k = NOISE_NORMAL; k < NOISE_KINDS; k++)
		if (e->noise[k] > e->noise[best])
			best = (enum noise)k;
	return best == NOISE_MISFIT ? noise_of_repetitions(series, e->times, &ignored) : best;
}

void evidence_build(struct evidence *e, struct series *series, struct law_set set, bool times)
{
	struct data d;
	struct kind kinds[NOISE_KINDS];
	*e = (struct evidence){.set = set, .sizes = series->count, .times = times};
	e->largest = series->points[series->count - 1].n;
	prepare(e, &d, series);
	for (size_t i = 0; i < series->count; i++)
		d.ratio[i] = 1;
	likelihood(&d, 0, kinds);
	add_cells(e, LAW_CONSTANT, 0, 0, kinds);
	for (unsigned law = 1; law < set.count; law++)
		if (law_usable(&set.laws[law], series->points[0].n)) {
			set_ratios(&d, &set.laws[law], e->largest);
			integrate(e, &d, law);
		}
	free(d.ratio);
	free(d.centre);
	normalise(e);
	noise_reduce(series, evidence_reduction(e, series), e->times);
}

void evidence_free(struct evidence *e)
{
	free(e->cells);
	*e = (struct evidence){0};
}

/* ---- quantiles ---------------------------------------------------------------------------- */

static double factor_of(const struct evidence *e, const struct evidence_cell *cell,
                        enum evidence_figure figure, const double *growth)
{
	switch (figure) {
	case EVIDENCE_C0:
		return cell->law == LAW_CONSTANT ? 1 : 1 - cell->share;
	case EVIDENCE_C1:
		return cell->share / law_value(&e->set.laws[cell->law], e->largest);
	case EVIDENCE_VALUE:
	default:
		return 1 + cell->share * (growth[cell->law] - 1);
	}
}

/* Of V: the probability that it is below v. */
static double below(const struct evidence_cell *cell, double freedom, double spread, double v)
{
	double off = (v - cell->centre) / spread;
	switch (cell->noise) {
	case NOISE_EVEN: {
		double tail = 0.5 * exp(-freedom * log1p(fabs(off)));
		return off < 0 ? tail : 1 - tail;
	}
	case NOISE_ONE_SIDED:
		return off < 0 ? exp(-freedom * log1p(-off)) : 1;
	case NOISE_MISFIT:
	case NOISE_NORMAL:
	case NOISE_KINDS:
	default:
		return student_below(off, freedom);
	}
}

struct part {
	const struct evidence_cell *cell;
	double factor, weight, freedom, spread;
	double negative; /* probability of a V below 0, which there is not */
};

static struct part part_of(const struct evidence *e, const struct evidence_cell *cell,
                           enum evidence_figure figure, const double *growth)
{
	struct part part = {cell,         factor_of(e, cell, figure, growth),
	                    cell->weight, e->freedom[cell->noise],
	                    cell->spread, 0};
	/* A size that was not measured is off the law as those that were are. */
	if (figure == EVIDENCE_VALUE && cell->noise == NOISE_MISFIT)
		part.spread *= sqrt(1 + (double)e->sizes);
	part.negative = below(cell, part.freedom, part.spread, 0);
	return part;
}

/* V lies above 0: what the closed forms put below is shared out above. */
static double part_below(const struct part *part, double x)
{
	if (part->factor <= 0)
		return 1;
	double all = below(part->cell, part->freedom, part->spread, x / part->factor);
	return fmax(0, all - part->negative) / (1 - part->negative);
}

static double probability_below(const struct part *parts, size_t count, double x)
{
	double sum = 0;
	for (size_t i = 0; i < count; i++)
		sum += parts[i].weight * part_below(&parts[i], x);
	return sum;
}

static double find_quantile(const struct part *parts, size_t count, double probability)
{
	double low = INFINITY, high = 0, total = 0;
	for (size_t i = 0; i < count; i++) {
		low = fmin(low, parts[i].factor * parts[i].cell->centre);
		high = fmax(high, parts[i].factor * parts[i].cell->centre);
		total += parts[i].weight;
	}
	if (!count)
		return NAN;
	probability *= total;
	for (int i = 0; i < 60 && probability_below(parts, count, high) < probability; i++)
		high *= 1.5;
	for (int i = 0; i < 60 && probability_below(parts, count, low) > probability; i++)
		low = i < 59 ? low * 0.7 : 0;
	while (high - low > 1e-9 * high) {
		double middle = low + (high - low) / 2;
		if (probability_below(parts, count, middle) < probability)
			low = middle;
		else
			high = middle;
	}
	return (low + high) / 2;
}

double evidence_quantile(const struct evidence *e, enum evidence_figure figure, double n, int law,
                         double probability)
{
	double growth[LAW_COUNT_MAX];
	struct part *parts = mem_zero(e->count * sizeof(*parts));
	size_t count = 0;
	if (figure == EVIDENCE_VALUE)
		for (size_t k = 0; k < e->set.count; k++)
			growth[k] = law_value(&e->set.laws[k], n) /
			            law_value(&e->set.laws[k], e->largest);
	for (size_t i = 0; i < e->count; i++)
		if (law < 0 || e->cells[i].law == (unsigned)law)
			parts[count++] = part_of(e, &e->cells[i], figure, growth);
	double quantile = find_quantile(parts, count, probability);
	free(parts);
	return quantile;
}
