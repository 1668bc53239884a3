/* outlook.c: see outlook.h. */
#include "scaling/outlook.h"

#include <math.h>
#include <stdlib.h>

#include "scaling/parts.h"

/* ---- plan --------------------------------------------------------------------------------- */

static struct interval of_law(const struct fit *fit, int law, double n)
{
	double low = evidence_quantile(&fit->evidence, EVIDENCE_VALUE, n, law, 0.025);
	double high = evidence_quantile(&fit->evidence, EVIDENCE_VALUE, n, law, 0.975);
	return (struct interval){low * (1 - fit->noise), high * (1 + fit->noise)};
}

static double median_of_law(const struct fit *fit, int law, double n)
{
	return evidence_quantile(&fit->evidence, EVIDENCE_VALUE, n, law, 0.5);
}

static bool decides(const struct fit *fit, double n)
{
	struct interval one = of_law(fit, fit->law, n), other = of_law(fit, fit->runner_up, n);
	return one.low > other.high || other.low > one.high;
}

struct outlook_plan outlook_plan(const struct study_row *row)
{
	struct outlook_plan plan = {.n = NAN, .one = NAN, .other = NAN};
	const struct fit *fit = &row->fit;
	/* Single laws, which it tells apart, are all wrong where there is a sum. */
	plan.needed = !row->trouble && fit->verdict != VERDICT_SURE && fit->runner_up >= 0 &&
	              !fit->sums.count;
	if (!plan.needed)
		return plan;
	const struct series *series = &row->series;
	double least = series->points[0].n, largest = series->points[series->count - 1].n;
	for (double factor = 2; factor <= 16 && isnan(plan.n); factor *= 2) {
		double below = ceil(least / factor), above = ceil(largest * factor);
		if (below >= 2 && decides(fit, below))
			plan.n = below;
		else if (decides(fit, above))
			plan.n = above;
	}
	plan.repetitions = series->measurements / series->count;
	if (isnan(plan.n))
		return plan;
	plan.one = median_of_law(fit, fit->law, plan.n);
	plan.other = median_of_law(fit, fit->runner_up, plan.n);
	return plan;
}

/* ---- crossings ---------------------------------------------------------------------------- */

static double value_at(const struct study_row *row, double n)
{
	return fit_value(&row->fit, n);
}

static bool is_phase_time(const struct study_row *row)
{
	return row->subject == SUBJECT_PHASE && row->kind == METRIC_SELF && !row->trouble;
}

static double total_at(const struct study *study, double n)
{
	double total = 0;
	for (size_t i = 0; i < study->rows_count; i++)
		if (is_phase_time(&study->rows[i]))
			total += value_at(&study->rows[i], n);
	return total;
}

/* Where b, smaller at `low`, becomes as large as a. */
static double meeting(const struct study_row *a, const struct study_row *b, double low, double high)
{
	for (int i = 0; i < 60; i++) {
		double middle = sqrt(low * high);
		if (value_at(b, middle) < value_at(a, middle))
			low = middle;
		else
			high = middle;
	}
	return high;
}

static int by_size(const void *a, const void *b)
{
	double x = ((const struct outlook_crossing *)a)->n,
	       y = ((const struct outlook_crossing *)b)->n;
	return (x > y) - (x < y);
}

size_t outlook_crossings(const struct study *study, double target,
                         struct outlook_crossing *crossings, size_t capacity)
{
	double from = study_largest(study), least_now = total_at(study, from) / 100;
	double least_then = total_at(study, target) / 100;
	size_t count = 0;
	for (size_t i = 0; i < study->rows_count; i++)
		for (size_t j = 0; j < study->rows_count && count < capacity; j++) {
			const struct study_row *a = &study->rows[i], *b = &study->rows[j];
			if (i == j || !is_phase_time(a) || !is_phase_time(b))
				continue;
			if (value_at(a, from) > value_at(b, from) &&
			    value_at(a, target) < value_at(b, target) &&
			    value_at(a, from) > least_now && value_at(b, target) > least_then)
				crossings[count++] = (struct outlook_crossing){
				        b, a, meeting(a, b, from, target)};
		}
	if (count)
		qsort(crossings, count, sizeof(*crossings), by_size);
	return count;
}

/* ---- memory ------------------------------------------------------------------------------- */

/* No simulation has more agents. */
#define AGENTS_MAX 1e15

enum side { SIDE_LOW, SIDE_VALUE, SIDE_HIGH };

static double predicted(const struct study *study, const struct study_row *row, double n,
                        enum side side)
{
	if (side == SIDE_VALUE)
		return study_value(study, row, n);
	struct fit_prediction p = study_predict(study, row, n);
	return side == SIDE_LOW ? p.interval.low : p.interval.high;
}

/* The size from the least one on at which a curve reaches the limit; INFINITY: at none. */
static double reaches(const struct study *study, const struct study_row *row, double limit,
                      enum side side)
{
	double low = row->series.points[0].n, high = low;
	while (predicted(study, row, high, side) < limit) {
		low = high;
		high *= 4;
		if (high > AGENTS_MAX)
			return INFINITY;
	}
	for (int i = 0; i < 24; i++) {
		double middle = sqrt(low * high);
		if (predicted(study, row, middle, side) < limit)
			low = middle;
		else
			high = middle;
	}
	return high;
}

double outlook_reaches(const struct study *study, const struct study_row *row, double value)
{
	return reaches(study, row, value, SIDE_VALUE);
}

static bool is_known(const struct study_row *row)
{
	return row && !row->trouble;
}

/* How RSS follows the heap. */
struct relation {
	double base, times;
	double least; /* that RSS was above the heap */
	double above; /* that RSS was above the relation at most, relative */
};

/* The heap's values as sizes, and RSS as values. */
static struct series beside(const struct study_row *heap, const struct study_row *rss)
{
	struct series pairs = {0};
	for (size_t i = 0; i < heap->series.count; i++) {
		double held = heap->series.points[i].reduced;
		series_add(&pairs, held, held, rss->series.points[i].reduced);
	}
	series_finish(&pairs);
	return pairs;
}

static struct relation relate(const struct study_row *heap, const struct study_row *rss)
{
	struct relation r = {0, 1, 0, 0};
	if (!is_known(rss) || rss->series.count != heap->series.count)
		return r;
	struct law_set set = law_set(false);
	const struct law *line = &set.laws[law_find(set, "n")];
	struct series pairs = beside(heap, rss);
	struct least least = least_fit(&pairs, line, pairs.count);
	r = (struct relation){least.c0, least.c1, INFINITY, 0};
	if (least.c1 < 1) {
		r = (struct relation){0, 1, INFINITY, 0};
		for (size_t i = 0; i < pairs.count; i++) {
			const struct series_point *p = &pairs.points[i];
			r.base += fmax(0, p->reduced - p->n) / (double)pairs.count;
		}
	}
	for (size_t i = 0; i < pairs.count; i++) {
		const struct series_point *p = &pairs.points[i];
		r.least = fmin(r.least, fmax(0, p->reduced - p->n));
		r.above = fmax(r.above, p->reduced / (r.base + r.times * p->n) - 1);
	}
	series_free(&pairs);
	return r;
}

/* By RSS if it has a law to rely on, else by the heap. */
static bool is_by_rss(const struct study *study, const struct study_row *rss,
                      const struct study_row *heap, double target)
{
	if (!is_known(heap) || !is_known(rss))
		return is_known(rss);
	return rss->fit.verdict != VERDICT_CANNOT_TELL &&
	       value_at(rss, target) > study_value(study, heap, target);
}

static void tell(struct outlook_memory *m, const struct study *study, const struct relation *r,
                 double target)
{
	const struct study_row *row = m->row;
	struct fit_prediction heap = study_predict(study, row, target);
	m->at = (struct fit_prediction){
	        target,
	        r->base + r->times * heap.value,
	        {r->least + heap.interval.low,
	         (r->base + r->times * heap.interval.high) * (1 + r->above)}};
	m->within = m->at.value < m->limit;
	bool apart = m->at.interval.high < m->limit || m->at.interval.low > m->limit;
	m->fits = apart ? m->verdict : VERDICT_CANNOT_TELL;
	if (!(m->limit > 0))
		return;
	m->reached = reaches(study, row, (m->limit - r->base) / r->times, SIDE_VALUE);
	m->reached_within.low =
	        reaches(study, row, (m->limit / (1 + r->above) - r->base) / r->times, SIDE_HIGH);
	m->reached_within.high = reaches(study, row, m->limit - r->least, SIDE_LOW);
}

struct outlook_memory outlook_memory(const struct study *study, double target)
{
	struct outlook_memory m = {.limit = study->limit_kind ? study->limit : 0};
	const struct study_row *rss = study_find(study, SUBJECT_RUN, "run", METRIC_RSS);
	const struct study_row *heap = study_find(study, SUBJECT_RUN, "run", METRIC_PEAK);
	bool by_rss = is_by_rss(study, rss, heap, target);
	struct relation r = {0, 1, 0, 0};
	m.row = by_rss ? rss : is_known(heap) ? heap : NULL;
	if (!m.row)
		return m;
	if (!by_rss)
		r = relate(heap, rss);
	m.base = r.base;
	m.times = r.times;
	m.verdict = m.row->fit.verdict;
	if (parts_tell(study, m.row) && m.verdict == VERDICT_CANNOT_TELL)
		m.verdict = VERDICT_LIKELY;
	if (!by_rss && is_known(rss) && m.verdict == VERDICT_SURE)
		m.verdict = VERDICT_LIKELY;
	m.beyond = target / study_row_largest(m.row);
	tell(&m, study, &r, target);
	return m;
}

/* ---- other verdicts ----------------------------------------------------------------------- */

const char *outlook_published(const struct study_row *row)
{
	const struct series *series = &row->series;
	if (series->count < 2 || series->points[0].mean <= 0)
		return NULL;
	const struct series_point *first = &series->points[0];
	const struct series_point *last = &series->points[series->count - 1];
	double ratio = last->mean / first->mean / (last->n / first->n);
	return ratio < 1.5   ? OUTLOOK_NEAR_LINEAR
	       : ratio < 2.5 ? OUTLOOK_SUB_QUADRATIC
	                     : OUTLOOK_QUADRATIC;
}

double outlook_above(const struct study_row *row, const struct law *law)
{
	const struct fit *fit = &row->fit;
	double sum = 0;
	if (fit->exact)
		return law_compare(fit_law(fit), law) > 0;
	for (size_t i = 0; i < fit->sums.count; i++)
		if (law_compare(&fit->set.laws[fit->sums.list[i].upper], law) > 0)
			sum += fit->sums.list[i].weight;
	if (fit->sums.count)
		return sum;
	for (size_t i = 0; i < fit->set.count; i++)
		if (law_compare(&fit->set.laws[i], law) > 0)
			sum += fit->evidence.law[i];
	return sum;
}
