/* growth.c: see growth.h.
 *
 * trace->live_changes (window, cell, bytes) ── sorted by call-site ──▶ one series at a time, summed
 * up at the windows that were chosen as points ──▶ fits ──▶ verdict. Memory follows the changes,
 * not sites × windows.
 */
#include "model/growth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/estimate.h"
#include "model/profile.h"

/* More windows than a recorder makes in ten years; of more, every second, third … is taken. */
#define POINTS_MAX 256

/* Sites with the largest gains are looked at; a fit takes about a millisecond. */
#define SITES_MAX 256

#define LATE_POINTS_MIN 5
#define REMEMBERS       0.5  /* from this autocorrelation on a level wanders: fit its changes */
#define STEADY          0.8  /* slope in the last third ÷ before, for sure */
#define SLOWING         0.5  /* the same, for likely */
#define AT_REST         0.05 /* the same: below, it has stopped */
#define AGENTS_RANGE    0.05 /* of their mean; a smaller change of agents explains nothing */
#define SHARED_MAX      0.9  /* R² of age and agents from which they are not told apart */
#define AGE_PART        0.2  /* of what was gained that age must explain beside agents */

/* The points of the fit: ages, and what all sites have in common. */
struct axis {
	size_t n;
	double age[POINTS_MAX], agents[POINTS_MAX], time[POINTS_MAX];
	size_t window[POINTS_MAX]; /* the last window of each point */
	size_t late;               /* the first point of the last third */
	bool by_step;
};

/* ---- points ------------------------------------------------------------------------------- */

/* Windows that can be points, in order; returns how many. */
static size_t choose_windows(const struct profile *p, bool by_step, size_t *windows, double *ages)
{
	const struct trace *t = p->trace;
	size_t count = 0, end = t->windows_count - (t->end.known && t->windows_count);
	double steps = 0, last = 0;
	for (size_t i = 0; i < end; i++) {
		steps += (double)t->windows[i].steps_ended;
		double age = by_step ? steps : (double)t->windows[i].anchor.ticks / p->hz;
		if (!(age > last))
			continue;
		windows[count] = i;
		ages[count++] = last = age;
	}
	return count;
}

static void axis_build(struct axis *axis, const struct profile *p, bool by_step)
{
	const struct trace *t = p->trace;
	size_t *windows = mem_zero(t->windows_count * sizeof(*windows));
	double *ages = mem_zero(t->windows_count * sizeof(*ages));
	size_t count = choose_windows(p, by_step, windows, ages);
	size_t stride = (count + POINTS_MAX - 1) / POINTS_MAX;
	memset(axis, 0, sizeof(*axis));
	axis->by_step = by_step;
	/* From the last one backwards, so that it is among them. */
	size_t first = stride ? (count - 1) % stride : 0;
	for (size_t i = first; i < count; i += stride) {
		const struct trace_window *w = &t->windows[windows[i]];
		axis->window[axis->n] = windows[i];
		axis->age[axis->n] = ages[i];
		axis->time[axis->n] = (double)w->anchor.ticks / p->hz;
		axis->agents[axis->n++] =
		        w->agents_last == TRACE_UNKNOWN ? NAN : (double)w->agents_last;
	}
	free(windows);
	free(ages);
	while (axis->n && axis->age[axis->late] <
	                          axis->age[0] + (axis->age[axis->n - 1] - axis->age[0]) * 2 / 3)
		axis->late++;
}

/* The slope from point `from` to before `to`. `r`: what is known of the noise, as in trend.h. */
static struct trend fit(const struct axis *axis, const double *y, size_t from, size_t to, double r)
{
	const double *x = axis->age + from;
	struct trend t = trend_by_ranks(x, y + from, to - from, r);
	if (t.autocorrelation < REMEMBERS)
		return t;
	double memory = t.autocorrelation;
	t = trend_by_changes(x, y + from, to - from);
	t.autocorrelation = memory;
	return t;
}

/* ---- series of call-sites ------------------------------------------------------------------ */

struct change {
	uint32_t site, window;
	int64_t bytes, frees, freed_bytes;
};

/* Where the changes of each site begin, when they stand site by site. */
static size_t *starts_of_sites(const struct profile *p)
{
	const struct trace *t = p->trace;
	size_t *starts = mem_zero((p->sites.count + 1) * sizeof(*starts));
	for (size_t i = 0; i < t->live_changes_count; i++)
		starts[p->sites.of_cell[t->live_changes[i].cell] + 1]++;
	for (size_t i = 0; i < p->sites.count; i++)
		starts[i + 1] += starts[i];
	return starts;
}

/* They come in order of windows, and stay so within a site. */
static struct change *changes_by_site(const struct profile *p)
{
	const struct trace *t = p->trace;
	size_t *next = starts_of_sites(p);
	struct change *changes = mem_zero(t->live_changes_count * sizeof(*changes));
	for (size_t i = 0; i < t->live_changes_count; i++) {
		const struct trace_live_change *c = &t->live_changes[i];
		uint32_t site = p->sites.of_cell[c->cell];
		changes[next[site]++] =
		        (struct change){site, c->window, c->bytes, c->frees, c->freed_bytes};
	}
	free(next);
	return changes;
}

/* One site at the points: its live bytes, and what of it was freed until the last one. */
struct series {
	double y[POINTS_MAX];
	double frees, freed_bytes;
};

static void sum_up(const struct axis *axis, const struct change *changes, size_t count,
                   struct series *series)
{
	int64_t live = 0, frees = 0, freed_bytes = 0;
	size_t next = 0;
	for (size_t i = 0; i < axis->n; i++) {
		for (; next < count && changes[next].window <= axis->window[i]; next++) {
			live += changes[next].bytes;
			frees += changes[next].frees;
			freed_bytes += changes[next].freed_bytes;
		}
		series->y[i] = (double)live;
	}
	series->frees = (double)frees;
	series->freed_bytes = (double)freed_bytes;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(const double *y, size_t n)
{
	double sorted[POINTS_MAX];
	memcpy(sorted, y, n * sizeof(*y));
	qsort(sorted, n, sizeof(*sorted), by_value);
	return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

/* What the last third typically holds more than the first third of the points. */
static double gain(const struct axis *axis, const double *y)
{
	size_t third = axis->n / 3;
	return median(y + axis->late, axis->n - axis->late) - median(y, third ? third : 1);
}

/* Upper bound of what blocks that come and go hold at any moment, see growth.h. Of all lifetimes
 * the shortest are those of the blocks that were freed until the last point: what goes later, as in
 * a clean-up, has lived longer. */
static double swing_of(const struct call_site *site, const struct axis *axis,
                       const struct series *series)
{
	double to = axis->age[axis->n - 1], left = series->frees, sum = 0;
	int first = axis->by_step ? TRACE_CELL_LIFE_STEPS_0 : TRACE_CELL_LIFE_TIME_0;
	int count = axis->by_step ? TRACE_LIFE_STEPS : TRACE_LIFE_TIME;
	for (int i = 0; i < count && left > 0; i++) {
		/* Lifetimes below: in steps 2^i, in time 10 ms · 4^i by a clock of 50 ms. */
		double below = axis->by_step ? ldexp(1, i) : ldexp(0.01, 2 * i) + 0.05;
		double blocks = fmin(left, (double)site->fields[first + i]);
		sum += blocks * (i == count - 1 ? to : fmin(below, to));
		left -= blocks;
	}
	return series->frees > 0 ? 2 * sum * (series->freed_bytes / series->frees) / to : 0;
}

/* ---- verdict ------------------------------------------------------------------------------ */

static void judge(struct growth *g, enum growth_verdict verdict, const char *reason)
{
	g->verdict = verdict;
	g->reason = reason;
}

/* The age from which on the site never held less than in the last third by more than that moves. */
static double stopped_at(const struct axis *axis, const double *y)
{
	double low = INFINITY;
	size_t i = axis->n;
	for (size_t k = axis->late; k < axis->n; k++)
		low = fmin(low, y[k]);
	while (i > 0 && y[i - 1] >= low)
		i--;
	return axis->age[i < axis->n ? i : axis->n - 1];
}

static void judge_course(struct growth *g, const struct axis *axis, const double *y)
{
	bool grew = g->whole.low > 0, grows = g->late.low > 0;
	double ratio = g->late.slope / g->before;
	/* With noise that remembers nothing; it tells a slow rise from no rise. */
	bool rose = grew || trend_by_ranks(axis->age, y, axis->n, 0).low > 0;
	if (!rose || !(g->before > 0))
		judge(g, GROWTH_NONE, "no trend");
	else if (!grows && fabs(ratio) < AT_REST) {
		judge(g, GROWTH_STOPPED, "does not grow any more");
		g->stopped = stopped_at(axis, y);
	} else if (ratio < SLOWING)
		judge(g, GROWTH_UNSURE, "slows down, as a cache fills");
	else if (g->gained <= g->swing)
		judge(g, GROWTH_UNSURE, "may be part of a cycle");
	else if (!grew)
		judge(g, GROWTH_UNSURE, "is not steady");
	else if (axis->n - axis->late < LATE_POINTS_MIN)
		judge(g, GROWTH_LIKELY, "short run");
	else if (ratio < STEADY)
		judge(g, GROWTH_LIKELY, "slows down somewhat");
	else if (!grows)
		judge(g, GROWTH_LIKELY, "noisy in the last third");
	else
		judge(g, GROWTH_SURE, "steady");
}

/* Where agents grow too: whose growth is it? */
static void judge_agents(struct growth *g, const struct axis *axis)
{
	const struct slope *age = &g->parts.x;
	double range = axis->age[axis->n - 1] - axis->age[0];
	if (g->verdict > GROWTH_UNSURE)
		return;
	if (!(g->parts.shared < SHARED_MAX))
		judge(g, GROWTH_UNSURE, "agents grow in step with age");
	else if (!(age->low > 0 && age->value * range >= AGE_PART * g->gained))
		judge(g, GROWTH_AGENTS, "age explains nothing beside agents");
}

/* What a site gained must be more than which of its blocks happened to be sampled can make it. */
static void judge_samples(struct growth *g)
{
	double error = estimate_error(variance_live_bytes(&g->site->variances));
	if (g->verdict < GROWTH_UNSURE && g->gained <= 2 * error)
		judge(g, GROWTH_UNSURE, "may be the choice of samples");
}

static void fit_site(struct growths *all, const struct axis *axis, struct growth *g,
                     const struct series *series)
{
	static const struct slope unknown = {NAN, NAN, NAN};
	const double *y = series->y;
	size_t n = axis->n;
	g->whole = fit(axis, y, 0, n, NAN);
	g->late = fit(axis, y, axis->late, n, g->whole.autocorrelation);
	g->before = fit(axis, y, 0, axis->late, g->whole.autocorrelation).slope;
	g->gained = y[n - 1] - y[0];
	g->held = y[n - 1];
	g->swing = swing_of(g->site, axis, series);
	g->stopped = NAN;
	g->parts = (struct plane){unknown, unknown, NAN};
	judge_course(g, axis, y);
	judge_samples(g);
	if (all->agents_grow) {
		g->parts = plane_fit(axis->age, axis->agents, y, n);
		judge_agents(g, axis);
	}
}

/* ---- limit --------------------------------------------------------------------------------- */

static void take_limit(struct growths *all, int64_t bytes, enum memory_limit limit)
{
	if (bytes == TRACE_UNKNOWN || bytes <= 0 || (double)bytes >= all->limit_bytes)
		return;
	all->limit_bytes = (double)bytes;
	all->limit = limit;
}

static void find_limit(struct growths *all, const struct profile *p, const struct axis *axis)
{
	const struct trace_header *h = &p->trace->header;
	all->limit_bytes = INFINITY;
	all->limit_base = NAN;
	take_limit(all, h->memory_machine, LIMIT_MACHINE);
	take_limit(all, h->memory_cgroup, LIMIT_CGROUP);
	take_limit(all, h->memory_address_space, LIMIT_ADDRESS_SPACE);
	for (size_t i = 0; i < p->points_count; i++)
		if (p->points[i].time <= axis->time[axis->n - 1] && !isnan(p->points[i].rss))
			all->limit_base = p->points[i].rss;
}

/* The age at which so much growth has used up what is left of the limit; NAN where it cannot be
 * known. */
static double limit_age(const struct growths *all, double slope)
{
	if (all->limit == LIMIT_NONE || !(slope > 0) || !(all->limit_bytes > all->limit_base))
		return NAN;
	return all->to + (all->limit_bytes - all->limit_base) / slope;
}

/* What the allocator takes for a byte that is asked for at this site. */
static double usable_share(const struct call_site *site)
{
	const int64_t *f = site->fields;
	double usable =
	        (double)f[TRACE_CELL_ALLOCATED_USABLE] + (double)f[TRACE_CELL_MOVED_IN_USABLE];
	double asked = (double)f[TRACE_CELL_ALLOCATED_BYTES] + (double)f[TRACE_CELL_MOVED_IN_BYTES];
	return usable > asked && asked > 0 ? usable / asked : 1;
}

static void project(struct growths *all)
{
	double usable = 0;
	for (size_t i = 0; i < all->count; i++) {
		struct growth *g = &all->rows[i];
		double taken = g->whole.slope * usable_share(g->site);
		bool grows = g->verdict <= GROWTH_LIKELY;
		g->limit_age = grows ? limit_age(all, taken) : NAN;
		g->limit_seconds = (g->limit_age - all->to) * all->pace;
		if (g->verdict != GROWTH_SURE)
			continue;
		all->sure++;
		all->sure_slope += g->whole.slope;
		usable += taken;
	}
	all->sure_limit_age = limit_age(all, usable);
	all->sure_limit_seconds = (all->sure_limit_age - all->to) * all->pace;
}

/* ---- all ----------------------------------------------------------------------------------- */

static void look_at_agents(struct growths *all, const struct axis *axis)
{
	double sum = 0, least = INFINITY, most = -INFINITY;
	all->agents = (struct trend){NAN, NAN, NAN, 0};
	for (size_t i = 0; i < axis->n; i++) {
		if (isnan(axis->agents[i]))
			return;
		sum += axis->agents[i];
		least = fmin(least, axis->agents[i]);
		most = fmax(most, axis->agents[i]);
	}
	if (!(most - least > AGENTS_RANGE * sum / (double)axis->n))
		return;
	all->agents = fit(axis, axis->agents, 0, axis->n, NAN);
	all->agents_grow = all->agents.slope > 0 &&
	                   trend_by_ranks(axis->age, axis->agents, axis->n, 0).low > 0;
}

struct candidate {
	double gain;
	size_t first, count; /* changes */
};

static int by_gain(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	if (x->gain != y->gain)
		return x->gain < y->gain ? 1 : -1;
	return (x->first > y->first) - (x->first < y->first);
}

/* Sites that gained enough to be looked at, the largest gain first. */
static struct candidate *find_candidates(const struct axis *axis, const struct change *changes,
                                         size_t count, size_t *found)
{
	struct candidate *candidates = NULL;
	size_t capacity = 0, end;
	struct series series;
	*found = 0;
	for (size_t i = 0; i < count; i = end) {
		for (end = i; end < count && changes[end].site == changes[i].site;)
			end++;
		sum_up(axis, changes + i, end - i, &series);
		double gained = gain(axis, series.y);
		if (gained < GROWTH_BYTES_MIN)
			continue;
		candidates = mem_grow(candidates, &capacity, *found + 1, sizeof(*candidates));
		candidates[(*found)++] = (struct candidate){gained, i, end - i};
	}
	if (*found)
		qsort(candidates, *found, sizeof(*candidates), by_gain);
	return candidates;
}

static int by_verdict(const void *a, const void *b)
{
	const struct growth *x = a, *y = b;
	if (x->verdict != y->verdict)
		return x->verdict < y->verdict ? -1 : 1;
	if (x->whole.slope != y->whole.slope)
		return x->whole.slope < y->whole.slope ? 1 : -1;
	return (x->site > y->site) - (x->site < y->site);
}

static void fit_all(struct growths *all, const struct profile *p, const struct axis *axis)
{
	struct change *changes = changes_by_site(p);
	size_t found;
	struct candidate *candidates =
	        find_candidates(axis, changes, p->trace->live_changes_count, &found);
	all->unexamined = found > SITES_MAX ? found - SITES_MAX : 0;
	found -= all->unexamined;
	all->rows = mem_zero(found * sizeof(*all->rows));
	for (size_t i = 0; i < found; i++) {
		struct series series;
		struct growth *g = &all->rows[all->count];
		const struct change *first = changes + candidates[i].first;
		sum_up(axis, first, candidates[i].count, &series);
		g->site = &p->sites.sites[first->site];
		fit_site(all, axis, g, &series);
		all->count += g->verdict != GROWTH_NONE;
	}
	if (all->count)
		qsort(all->rows, all->count, sizeof(*all->rows), by_verdict);
	free(candidates);
	free(changes);
}

void growths_build(struct growths *all, const struct profile *p)
{
	struct axis axis;
	*all = (struct growths){.by_step = profile_has_steps(p),
	                        .agents = {NAN, NAN, NAN, 0},
	                        .sure_limit_age = NAN,
	                        .sure_limit_seconds = NAN};
	axis_build(&axis, p, all->by_step);
	all->points = axis.n;
	if (axis.n < GROWTH_POINTS_MIN)
		return;
	all->from = axis.age[0];
	all->to = axis.age[axis.n - 1];
	all->pace =
	        (axis.time[axis.n - 1] - axis.time[axis.late]) / (all->to - axis.age[axis.late]);
	look_at_agents(all, &axis);
	find_limit(all, p, &axis);
	fit_all(all, p, &axis);
	project(all);
}

void growths_free(struct growths *all)
{
	free(all->rows);
	*all = (struct growths){0};
}

const char *growth_verdict_name(enum growth_verdict verdict)
{
	static const char *const names[] = {
	        [GROWTH_SURE] = "sure",          [GROWTH_LIKELY] = "likely",
	        [GROWTH_UNSURE] = "cannot tell", [GROWTH_AGENTS] = "with agents",
	        [GROWTH_STOPPED] = "stopped",    [GROWTH_NONE] = "none",
	};
	return names[verdict];
}
