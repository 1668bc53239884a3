/* run.c: the whole run's figures: who, when, how long, how much. */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "model/categories.h"
#include "model/estimate.h"
#include "model/parts.h"

/* ---- clock ------------------------------------------------------------------------------- */

static const struct trace_anchor *last_anchor(const struct trace *t)
{
	if (t->windows_count) {
		const struct trace_anchor *window = &t->windows[t->windows_count - 1].anchor;
		return t->end.known && t->end.anchor.ticks > window->ticks ? &t->end.anchor
		                                                           : window;
	}
	return t->end.known ? &t->end.anchor : &t->header.anchor;
}

/* Of a trace that tells neither anchors nor a frequency. */
#define HZ_UNKNOWN 1e9

double clock_hz(const struct trace *t)
{
	const struct trace_anchor *last = last_anchor(t);
	double nanoseconds = (double)(last->mono_ns - t->header.anchor.mono_ns);
	double hz = (double)last->ticks / nanoseconds * 1e9, estimate = t->header.hz;
	if (estimate <= 0)
		return isfinite(hz) && hz >= 1e3 && hz <= 1e12 ? hz : HZ_UNKNOWN;
	/* Where the measured rate cannot be, the anchors are not what they should be. */
	if (nanoseconds >= 1e9 && hz > estimate / 2 && hz < estimate * 2)
		return hz;
	return estimate;
}

/* ---- run --------------------------------------------------------------------------------- */

static bool needs_quotes(const char *argument)
{
	return !*argument ||
	       argument[strspn(argument, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                                 "0123456789@%_-+=:,./")] != '\0';
}

static void add_argument(struct text *command, const char *argument)
{
	if (command->length)
		text_string(command, " ");
	if (!needs_quotes(argument)) {
		text_string(command, argument);
		return;
	}
	text_string(command, "'");
	for (; *argument; argument++)
		if (*argument == '\'')
			text_string(command, "'\\''");
		else
			text_add(command, argument, 1);
	text_string(command, "'");
}

static const char *command_of(struct profile *p)
{
	const struct trace_header *h = &p->trace->header;
	struct text command = {0};
	for (size_t i = 0; i < h->command_count; i++)
		add_argument(&command, h->command[i]);
	const char *kept = command.length ? arena_text(&p->arena, command.bytes, command.length)
	                   : *h->exe      ? h->exe
	                                  : "(not known: it ended too soon)";
	text_free(&command);
	return kept;
}

static const char *signal_name(struct profile *p, int64_t number)
{
	const char *name = number > 0 && number < NSIG ? sigabbrev_np((int)number) : NULL;
	return name ? arena_printf(&p->arena, "SIG%s", name)
	            : arena_printf(&p->arena, "signal %lld", (long long)number);
}

static const char *ending_of(struct profile *p)
{
	const struct trace *t = p->trace;
	const struct trace_end *end = &t->end;
	if (t->damage[0])
		return "DAMAGED TRACE";
	if (!end->known)
		return "NOT COMPLETE";
	if (end->out_of_memory)
		return "KILLED: OUT OF MEMORY";
	if (strcmp(end->reason, "signalled") == 0)
		return arena_printf(&p->arena, "ENDED BY %s", signal_name(p, end->signal));
	if (strcmp(end->reason, "exec") == 0)
		return "BECAME ANOTHER PROGRAM";
	if (strcmp(end->reason, "stopped") == 0)
		return "RECORDING STOPPED";
	if (end->status != TRACE_UNKNOWN && end->status != 0)
		return arena_printf(&p->arena, "EXIT %lld", (long long)end->status);
	return "COMPLETE";
}

static void format_started(const struct trace *t, char *out, size_t size)
{
	time_t seconds = (time_t)(t->header.anchor.real_ns / 1000000000);
	struct tm utc;
	if (!gmtime_r(&seconds, &utc) || !strftime(out, size, "%Y-%m-%dT%H:%M:%SZ", &utc))
		out[0] = '\0';
}

/* NAN for a number that was not told. */
static double known(int64_t value)
{
	return value == TRACE_UNKNOWN ? NAN : (double)value;
}

static const char *program_name(const struct trace *t)
{
	const char *slash = strrchr(t->header.exe, '/');
	return slash ? slash + 1 : t->header.exe;
}

/* The kernel may count CPU time in ticks of so much. */
#define CPU_TICK 0.01

/* More than all cores gave is CPU time from before the recording, or of others. */
static double cores_used(const struct profile_run *run)
{
	if (!(run->wall > 0) || run->cores == PROFILE_UNKNOWN ||
	    run->cpu > run->wall * (double)run->cores + CPU_TICK)
		return NAN;
	return run->cpu / run->wall;
}

static void build_run(struct profile *p)
{
	const struct trace *t = p->trace;
	struct profile_run *run = &p->run;
	run->command = command_of(p);
	run->name = program_name(t);
	format_started(t, run->started, sizeof(run->started));
	int64_t ticks = last_anchor(t)->ticks;
	run->wall = ticks > 0 ? profile_seconds(p, (double)ticks) : NAN;
	run->user = t->process.known ? known(t->process.user_ns) / 1e9 : NAN;
	run->system = t->process.known ? known(t->process.system_ns) / 1e9 : NAN;
	/* A process that took no time at all has not been read. */
	run->cpu = run->user + run->system > 0 ? run->user + run->system : NAN;
	run->cores = t->header.cores;
	run->cores_used = cores_used(run);
	run->complete = t->end.known && !t->damage[0];
	run->ending = ending_of(p);
}

/* ---- totals ------------------------------------------------------------------------------ */

static double rss_of(const struct trace_process *process)
{
	if (!process->known || process->rss_anon == TRACE_UNKNOWN)
		return NAN;
	double file = known(process->rss_file), shmem = known(process->rss_shmem);
	double sum =
	        (double)process->rss_anon + (isnan(file) ? 0 : file) + (isnan(shmem) ? 0 : shmem);
	return sum > 0 ? sum : NAN;
}

/* Between two moments RSS is taken to move in a straight line. */
static double mean_over_time(const struct profile_point *points, size_t count)
{
	double area = 0, time = 0, last = NAN, last_time = 0, sum = 0, seen = 0;
	for (size_t i = 0; i < count; i++) {
		if (isnan(points[i].rss))
			continue;
		if (!isnan(last)) {
			area += (last + points[i].rss) / 2 * (points[i].time - last_time);
			time += points[i].time - last_time;
		}
		last = points[i].rss;
		last_time = points[i].time;
		sum += last;
		seen++;
	}
	return time > 0 ? area / time : seen > 0 ? sum / seen : NAN;
}

/* The kernel keeps the highest RSS by looking now and then, so a window may have seen more. */
static int64_t peak_rss_of(const struct profile *p)
{
	const struct trace_process *process = &p->trace->process;
	double peak = process->known && process->peak_rss > 0 ? (double)process->peak_rss : 0;
	for (size_t i = 0; i < p->points_count; i++)
		peak = fmax(peak, p->points[i].rss);
	return peak > 0 ? (int64_t)peak : PROFILE_UNKNOWN;
}

/* The bound of the peak's error is of threads that count apart, whatever they hold. The peak lies
 * between what was live at the end and all that was ever allocated, too. */
static int64_t within_what_is_known(int64_t error, const struct profile_totals *totals,
                                    const int64_t *f)
{
	int64_t ever = f[TRACE_CELL_ALLOCATED_BYTES] + f[TRACE_CELL_MOVED_IN_BYTES];
	int64_t above = ever - totals->peak_bytes, below = totals->peak_bytes - totals->live_bytes;
	int64_t farthest = above > below ? above : below;
	return farthest >= 0 && farthest < error ? farthest : error;
}

static void build_totals(struct profile *p)
{
	const struct trace *t = p->trace;
	struct profile_totals *totals = &p->totals;
	int64_t *f = totals->fields;
	for (size_t i = 1; i < t->cells_count; i++)
		trace_cell_add_to(&t->cells[i], f);
	for (size_t i = 1; i < t->variances_count; i++)
		variances_add(&totals->variances, &t->variances[i]);
	totals->live_bytes = f[TRACE_CELL_ALLOCATED_BYTES] - f[TRACE_CELL_FREED_BYTES] +
	                     f[TRACE_CELL_MOVED_IN_BYTES] - f[TRACE_CELL_MOVED_OUT_BYTES];
	totals->live_blocks = f[TRACE_CELL_ALLOCATIONS] - f[TRACE_CELL_FREES] +
	                      f[TRACE_CELL_MOVED_IN] - f[TRACE_CELL_MOVED_OUT];
	bool heap = p->heap && t->heap.known;
	totals->peak_bytes = heap ? t->heap.peak_bytes : PROFILE_UNKNOWN;
	totals->peak_step = heap ? t->heap.peak_step : PROFILE_UNKNOWN;
	totals->peak_error =
	        heap ? within_what_is_known(t->heap.peak_error_bytes, totals, f) : PROFILE_UNKNOWN;
	totals->peak_time = heap ? profile_seconds(p, known(t->heap.peak_ticks)) : NAN;
	totals->peak_rss = peak_rss_of(p);
	totals->mean_rss = mean_over_time(p->points, p->points_count);
	if (!p->heap) {
		for (int k = 0; k < TRACE_CELL_FIELDS_COUNT; k++)
			f[k] = PROFILE_UNKNOWN;
		totals->live_bytes = totals->live_blocks = PROFILE_UNKNOWN;
	}
}

/* ---- steps and agents -------------------------------------------------------------------- */

static double step_quantile(struct profile *p, double q)
{
	struct trace_steps *s = &p->trace->steps;
	double ticks = histogram_quantile(&s->histogram, q, s->min, s->max);
	return ticks < 0 ? NAN : profile_seconds(p, ticks);
}

static struct variance share_of_variance(const struct profile *p, int64_t part,
                                         enum trace_cell_field field)
{
	double whole = (double)p->totals.fields[field], share = (double)part / whole;
	return variance_scaled(p->totals.variances.fields[field], whole > 0 ? fmin(share, 1) : 0);
}

static void build_steps(struct profile *p)
{
	const struct trace_steps *s = &p->trace->steps;
	double count = (double)s->ended;
	struct profile_steps *steps = &p->steps;
	*steps = (struct profile_steps){
	        .count = s->ended,
	        .wall = profile_seconds(p, (double)s->ticks),
	        .max = profile_seconds(p, (double)s->max),
	        .max_step = s->max_step,
	        .allocations = s->allocations,
	        .bytes = s->bytes,
	        .p50 = step_quantile(p, 0.50),
	        .p95 = step_quantile(p, 0.95),
	        .p99 = step_quantile(p, 0.99),
	};
	if (!p->heap)
		steps->allocations = steps->bytes = PROFILE_UNKNOWN;
	if (p->sampled) {
		steps->allocations_variance =
		        share_of_variance(p, s->allocations, TRACE_CELL_ALLOCATIONS);
		steps->bytes_variance = share_of_variance(p, s->bytes, TRACE_CELL_ALLOCATED_BYTES);
	}
	steps->mean = steps->wall / count;
	steps->per_second = count / steps->wall;
	double measured = profile_seconds(p, (double)s->cpu_ticks);
	steps->cpu = s->cpu_ticks ? (double)s->cpu_ns / 1e9 / measured * steps->wall : NAN;
}

static void build_agents(struct profile *p)
{
	const struct trace_agents *a = &p->trace->agents;
	p->agents = (struct profile_agents){
	        .known = a->known,
	        .first = a->first,
	        .last = a->last,
	        .max = a->max,
	        .mean = a->steps ? (double)a->sum / (double)a->steps : NAN,
	        .agent_steps = (double)a->sum,
	};
}

static void build_slowest(struct profile *p)
{
	const struct trace *t = p->trace;
	bool told = p->heap && !p->sampled;
	p->slowest = mem_zero(t->slowest_count * sizeof(*p->slowest));
	p->slowest_count = t->slowest_count;
	for (size_t i = 0; i < t->slowest_count; i++) {
		const struct trace_slow_step *s = &t->slowest[i];
		p->slowest[i] = (struct profile_slow_step){
		        .step = s->step,
		        .allocations = told ? s->allocations : PROFILE_UNKNOWN,
		        .bytes = told ? s->bytes : PROFILE_UNKNOWN,
		        .agents = s->agents,
		        .seconds = profile_seconds(p, (double)s->ticks),
		        .started = profile_seconds(p, (double)s->started),
		};
	}
}

/* ---- series, cost ------------------------------------------------------------------------ */

static struct profile_point blank_point(double time, double live)
{
	return (struct profile_point){time, live, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN,
	                              NAN,  NAN,  NAN, NAN, NAN, NAN, NAN, NAN, NAN};
}

/* A window's allocations are read after its frees, so a program that allocates meanwhile seems to
 * hold more than it ever did. Of estimates each is right on average: they bound nothing. */
double profile_live_at(const struct profile *p, const struct trace_window *w)
{
	const struct trace_heap *all = &p->trace->heap;
	if (!p->heap || !w->heap.known)
		return NAN;
	double live = known(w->heap.live_bytes), peak = known(all->peak_bytes);
	return !p->sampled && live > peak ? peak : live;
}

static struct profile_point point_of(const struct profile *p, const struct trace_window *w)
{
	double steps = (double)w->steps_ended;
	struct profile_point point =
	        blank_point(profile_seconds(p, (double)w->anchor.ticks), profile_live_at(p, w));
	point.rss = rss_of(&w->process);
	point.step_mean = steps > 0 ? profile_seconds(p, (double)w->steps_ticks) / steps : NAN;
	point.agents = known(w->agents_last);
	if (w->process.known) {
		point.anon = known(w->process.rss_anon);
		point.file = known(w->process.rss_file);
		point.shmem = known(w->process.rss_shmem);
		point.swap = known(w->process.swap);
		point.unexplained = known(w->process.unexplained);
	}
	if (w->profiler.known)
		point.profiler = known(w->profiler.private_bytes);
	if (w->allocator.known) {
		point.taken = profile_seconds(p, known(w->allocator.taken));
		point.allocated = known(w->allocator.allocated);
		point.active = known(w->allocator.active);
		point.metadata = known(w->allocator.metadata);
		point.resident = known(w->allocator.resident);
		point.retained = known(w->allocator.retained);
	}
	return point;
}

static void add_point(struct profile *p, struct profile_point point)
{
	p->points[p->points_count++] = point;
}

/* The ends of windows, and what is known besides: an empty heap at the start, and the peak, which
 * lies between two windows. */
static void build_points(struct profile *p)
{
	const struct trace *t = p->trace;
	bool heap = p->heap && t->heap.known, peak = heap && t->heap.peak_ticks > 0;
	double steps = 0;
	p->points = mem_zero((t->windows_count + 2) * sizeof(*p->points));
	if (heap)
		add_point(p, blank_point(0, 0));
	for (size_t i = 0; i < t->windows_count; i++) {
		if (peak && t->heap.peak_ticks <= t->windows[i].anchor.ticks) {
			add_point(p, blank_point(profile_seconds(p, (double)t->heap.peak_ticks),
			                         known(t->heap.peak_bytes)));
			peak = false;
		}
		add_point(p, point_of(p, &t->windows[i]));
		steps += (double)t->windows[i].steps_ended;
		p->points[p->points_count - 1].steps = steps;
	}
}

/* Walks the points that tell what was live, once, for moments that do not go back. */
struct live_course {
	const struct profile *p;
	size_t next;
	const struct profile_point *before, *after;
};

static void advance(struct live_course *course, double time)
{
	while (!course->after || course->after->time < time) {
		if (course->next == course->p->points_count)
			return;
		const struct profile_point *point = &course->p->points[course->next++];
		if (isnan(point->live))
			continue;
		course->before = course->after;
		course->after = point;
	}
}

/* What was live at a moment, by a straight line between the two points around it. */
static double live_at(struct live_course *course, double time)
{
	advance(course, time);
	const struct profile_point *a = course->before, *b = course->after;
	if (!b || b->time < time)
		return NAN;
	if (!a || b->time <= a->time)
		return b->live;
	return a->live + (b->live - a->live) * (time - a->time) / (b->time - a->time);
}

static void build_fragmentation(struct profile *p)
{
	struct live_course course = {.p = p};
	for (size_t i = 0; i < p->points_count; i++) {
		struct profile_point *point = &p->points[i];
		double live = isnan(point->taken) ? NAN : live_at(&course, point->taken);
		if (live > 0)
			point->fragmentation = point->resident / live;
	}
}

/* 0 for a number that was not told: costs that are absent were not met. */
static double or_zero(double value)
{
	return isnan(value) || value == (double)TRACE_UNKNOWN ? 0 : value;
}

/* What counting calls costs is told by samples alone, and is most of what the profiler costs then.
 */
static void count_calls_in(struct profile *p)
{
	struct profile_cost *cost = &p->cost;
	const struct functions *f = &p->functions;
	if (!p->trace->header.count_calls || cost->doubtful)
		return;
	double seconds = f->categories[CATEGORY_PROFILER].tally.self.values[STACK_TIME];
	cost->by_samples = f->all.samples > 0 && !(cost->seconds > seconds);
	if (cost->by_samples || !(f->all.samples > 0)) {
		cost->seconds = cost->by_samples ? seconds : NAN;
		cost->share = p->run.cpu > 0 ? cost->seconds / p->run.cpu : NAN;
	}
}

/* The cost of events was measured on a share of them and scales with their number; that of a scope
 * was calibrated. */
static void build_cost(struct profile *p)
{
	const struct trace *t = p->trace;
	const struct trace_profiler *f = &t->profiler;
	struct profile_cost *cost = &p->cost;
	if (!f->known)
		return;
	double events = or_zero((double)f->events), measured = or_zero((double)f->overhead_events);
	/* Of a few events perhaps none was measured: then the cost is not known. */
	double ticks = measured > 0 ? or_zero((double)f->overhead_ticks) * (events / measured)
	               : events > 0 || or_zero((double)f->captures) > 0 ? NAN
	                                                                : 0;
	ticks += or_zero((double)f->scopes) *
	         (or_zero(t->facts.scope_inner_ticks) + or_zero(t->facts.scope_outer_ticks));
	cost->known = true;
	cost->seconds = profile_seconds(p, ticks);
	cost->share = p->run.cpu > 0 ? cost->seconds / p->run.cpu : NAN;
	cost->doubtful = cost->seconds >= p->run.cpu;
	if (cost->doubtful)
		cost->seconds = cost->share = NAN;
	count_calls_in(p);
	cost->memory =
	        (int64_t)(or_zero((double)f->shared_bytes) + or_zero((double)f->private_bytes) +
	                  or_zero((double)f->launcher_bytes));
	cost->audits = f->audits == TRACE_UNKNOWN ? 0 : f->audits;
	cost->audit_mismatches = f->audit_mismatches == TRACE_UNKNOWN ? 0 : f->audit_mismatches;
}

void run_build(struct profile *p)
{
	build_run(p);
	build_points(p);
	build_fragmentation(p);
	build_totals(p);
	build_steps(p);
	build_agents(p);
	build_slowest(p);
	build_cost(p);
}
