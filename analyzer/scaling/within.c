/* within.c: see within.h. */
#include "scaling/within.h"

#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- observations ------------------------------------------------------------------------- */

/* Windows in which steps ended, but for the last of them, which may hold the clean-up too (a window
 * without steps may follow). */
static size_t *choose_windows(const struct trace *t, size_t *count)
{
	size_t *chosen = mem_zero((t->windows_count + 1) * sizeof(*chosen));
	*count = 0;
	for (size_t i = 0; i < t->windows_count; i++)
		if (t->windows[i].steps_ended > 0 && t->windows[i].agents_last != TRACE_UNKNOWN)
			chosen[(*count)++] = i;
	*count -= *count > 0;
	return chosen;
}

/* The population in a window: between those at its beginning and at its end. */
static double agents_in(const struct trace *t, size_t window)
{
	double end = (double)t->windows[window].agents_last;
	int64_t begin = window ? t->windows[window - 1].agents_last : TRACE_UNKNOWN;
	return begin == TRACE_UNKNOWN ? end : ((double)begin + end) / 2;
}

static void observe(struct within *w, const struct trace *t, const size_t *chosen)
{
	double age = 0;
	size_t next = 0;
	w->during = arena_alloc(&w->arena, w->windows * sizeof(double));
	w->after = arena_alloc(&w->arena, w->windows * sizeof(double));
	w->ages = arena_alloc(&w->arena, w->windows * sizeof(double));
	w->ages_after = arena_alloc(&w->arena, w->windows * sizeof(double));
	w->least = INFINITY;
	for (size_t i = 0; next < w->windows; i++) {
		double steps = (double)t->windows[i].steps_ended;
		age += steps;
		if (chosen[next] != i)
			continue;
		w->during[next] = agents_in(t, i);
		w->after[next] = (double)t->windows[i].agents_last;
		w->ages[next] = age - steps / 2;
		w->ages_after[next] = age;
		w->least = fmin(w->least, fmin(w->during[next], w->after[next]));
		w->most = fmax(w->most, fmax(w->during[next], w->after[next]));
		next++;
	}
}

static struct within_row *add_row(struct within *w, const char *path, const char *metric,
                                  bool bytes)
{
	w->rows = mem_grow(w->rows, &w->capacity, w->count + 1, sizeof(*w->rows));
	struct within_row *row = &w->rows[w->count++];
	*row = (struct within_row){.path = path, .metric = metric, .bytes = bytes};
	row->values = arena_alloc(&w->arena, w->windows * sizeof(double));
	return row;
}

static void add_step_times(struct within *w, const struct profile *p, const size_t *chosen)
{
	struct within_row *row = add_row(w, "step", "wall_seconds_per_step", false);
	for (size_t i = 0; i < w->windows; i++) {
		const struct trace_window *window = &p->trace->windows[chosen[i]];
		row->values[i] = (double)window->steps_ticks / (double)window->steps_ended / p->hz;
	}
}

static void add_live(struct within *w, const struct profile *p, const size_t *chosen)
{
	if (!p->heap || !p->trace->heap.known)
		return;
	struct within_row *row = add_row(w, "run", "live_bytes", true);
	for (size_t i = 0; i < w->windows; i++)
		row->values[i] = (double)p->trace->windows[chosen[i]].heap.live_bytes;
}

/* Live bytes of call-sites at the ends of the windows, by walking the changes once. */
static void add_sites(struct within *w, const struct profile *p, const size_t *chosen)
{
	const struct trace *t = p->trace;
	size_t first = w->count, next = 0, change = 0;
	double *live = mem_zero((p->sites.count + 1) * sizeof(*live));
	for (size_t i = 0; i < p->sites.count; i++)
		add_row(w,
		        arena_printf(&w->arena, "%s%s%s",
		                     profile_phase_path(p, p->sites.sites[i].phase),
		                     p->sites.sites[i].phase ? ": " : "", p->sites.sites[i].label),
		        "live_bytes", true);
	for (size_t window = 0; next < w->windows; window++) {
		for (; change < t->live_changes_count && t->live_changes[change].window == window;
		     change++)
			live[p->sites.of_cell[t->live_changes[change].cell]] +=
			        (double)t->live_changes[change].bytes;
		if (chosen[next] != window)
			continue;
		for (size_t i = 0; i < p->sites.count; i++)
			w->rows[first + i].values[next] = live[i];
		next++;
	}
	free(live);
}

/* ---- fits --------------------------------------------------------------------------------- */

/* What c0 + c1·f + c2·age leaves of a series: the squared error. */
static double left_by(const struct within *w, const struct law *law, const double *agents,
                      const double *ages, const double *values)
{
	double *a = mem_zero(3 * w->windows * sizeof(*a)), *b = mem_zero(w->windows * sizeof(*b));
	double top = law_value(law, w->most), last = ages[w->windows - 1], left = 0;
	for (size_t i = 0; i < w->windows; i++) {
		a[3 * i] = 1;
		a[3 * i + 1] = law_value(law, agents[i]) / top;
		a[3 * i + 2] = ages[i] / last;
		b[i] = values[i];
	}
	bool good =
	        LAPACKE_dgels(LAPACK_ROW_MAJOR, 'N', (lapack_int)w->windows, 3, 1, a, 3, b, 1) == 0;
	/* Below the coefficients dgels leaves what is orthogonal to all columns. */
	for (size_t i = 3; i < w->windows; i++)
		left += b[i] * b[i];
	free(a);
	free(b);
	return good ? left : INFINITY;
}

/* Live bytes are of a moment, times of a stretch. */
static const double *agents_of(const struct within *w, const struct within_row *row)
{
	return row->bytes ? w->after : w->during;
}

static const double *ages_of(const struct within *w, const struct within_row *row)
{
	return row->bytes ? w->ages_after : w->ages;
}

static void choose_law(const struct within *w, struct within_row *row)
{
	struct law_set set = law_set(false);
	double least = INFINITY, second = INFINITY;
	row->law = &set.laws[law_find(set, "n")];
	for (size_t i = 1; i < set.count; i++) {
		if (!law_usable(&set.laws[i], w->least))
			continue;
		double left =
		        left_by(w, &set.laws[i], agents_of(w, row), ages_of(w, row), row->values);
		if (left < least) {
			second = least;
			least = left;
			row->law = &set.laws[i];
		} else if (left < second) {
			second = left;
		}
	}
	row->law_sure = second > 2 * least;
}

static bool grows(const struct slope *slope, double share)
{
	return slope->low > 0 && share >= WITHIN_EFFECT_MIN;
}

static enum within_cause cause_of(const struct within_row *row)
{
	if (row->shared > WITHIN_SHARED || isnan(row->agents.value))
		return WITHIN_CANNOT_TELL;
	bool agents = grows(&row->agents, row->agents_share);
	bool age = grows(&row->age, row->age_share);
	return agents && age ? WITHIN_BOTH
	       : agents      ? WITHIN_AGENTS
	       : age         ? WITHIN_AGE
	                     : WITHIN_NEITHER;
}

static void fit_row(const struct within *w, struct within_row *row)
{
	double *f = mem_zero(w->windows * sizeof(*f)), mean = 0;
	const double *ages = ages_of(w, row);
	choose_law(w, row);
	for (size_t i = 0; i < w->windows; i++) {
		f[i] = law_value(row->law, agents_of(w, row)[i]);
		mean += row->values[i] / (double)w->windows;
	}
	struct plane plane = plane_fit(ages, f, row->values, w->windows);
	double span = law_value(row->law, w->most) - law_value(row->law, w->least);
	row->age = plane.x;
	row->agents = plane.z;
	row->shared = plane.shared;
	row->agents_share = plane.z.value * span / mean;
	row->age_share = plane.x.value * (ages[w->windows - 1] - ages[0]) / mean;
	double share = fmax(fabs(row->agents_share), fabs(row->age_share));
	row->effect = mean * (isnan(share) ? 1 : share);
	row->cause = cause_of(row);
	free(f);
}

/* Call-sites of which nothing stays live have no level to fit. */
static bool has_level(const struct within *w, const struct within_row *row)
{
	size_t some = 0;
	for (size_t i = 0; i < w->windows; i++)
		some += row->values[i] > 0;
	return some * 2 > w->windows;
}

static int by_effect(const void *a, const void *b)
{
	const struct within_row *x = a, *y = b;
	if (x->bytes != y->bytes)
		return x->bytes - y->bytes;
	if ((x->cause == WITHIN_NEITHER) != (y->cause == WITHIN_NEITHER))
		return x->cause == WITHIN_NEITHER ? 1 : -1;
	return (x->effect < y->effect) - (x->effect > y->effect);
}

bool within_build(struct within *w, const struct profile *p, const char *source,
                  struct failure *failure)
{
	*w = (struct within){.source = source};
	size_t *chosen = choose_windows(p->trace, &w->windows), kept = 0;
	bool good = w->windows >= WITHIN_WINDOWS_MIN;
	if (good)
		observe(w, p->trace, chosen);
	if (!good || w->most < w->least * WITHIN_RANGE_MIN) {
		free(chosen);
		return failure_set(
		        failure, EXIT_TRACE,
		        "%s is one run of one size, and %s: give runs of 3 or more sizes, better 5",
		        source,
		        !p->agents.known ? "marks no agents"
		        : good           ? "its population hardly changes"
		                         : "too short to see its population change");
	}
	add_step_times(w, p, chosen);
	add_live(w, p, chosen);
	add_sites(w, p, chosen);
	free(chosen);
	for (size_t i = 0; i < w->count; i++)
		if (has_level(w, &w->rows[i])) {
			fit_row(w, &w->rows[i]);
			w->rows[kept++] = w->rows[i];
		}
	w->count = kept;
	if (kept)
		qsort(w->rows, kept, sizeof(*w->rows), by_effect);
	return true;
}

void within_free(struct within *w)
{
	free(w->rows);
	arena_free(&w->arena);
}

const char *within_cause_name(enum within_cause cause)
{
	static const char *const names[] = {"with agents", "with age", "with agents and with age",
	                                    "with neither", "cannot tell"};
	return names[cause];
}
