/* chrome.c: Trace Event Format (JSON), for Perfetto and other viewers of Chrome's traces.
 *
 *     counters        live heap, RSS by kind, allocations a second, agents, step time, CPU
 *     slowest steps   each in full, where and as long as it was
 *     windows         all others in sum: ├ window 3: 25 steps in sum ─────────────┤
 *                                        ├ observation ×7,424 (sum) ──┤ db_log… ─┤
 *
 * A trace has no event for each step, so what is not among the slowest is shown by window: a phase
 * is one slice as long as all its calls together, from the left edge of the phase around it. Its
 * beginning means nothing, which the names say. Where calls began in an earlier window, so that
 * they took longer than the window, slices are shortened to fit; their arguments have the true
 * figures.
 *
 * Moments are whole nanoseconds, so that slices nest exactly; the format counts in microseconds. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "export/escape.h"
#include "export/export.h"

/* Phases that are nested deeper are not drawn. */
#define DEPTH_MAX 128

#define LIVE "live heap"

enum thread { THREAD_STEPS = 1, THREAD_WINDOWS = 2 };

/* One event. Metadata comes first, then all by time, outer slices before inner ones. */
struct event {
	int64_t begin, length; /* ns; counters: 0 */
	size_t number;
	const char *json;
};

struct span {
	int64_t begin, end; /* ns */
};

struct chrome {
	const struct export_job *job;
	const struct profile *profile;
	struct event *events;
	size_t count, capacity;
	struct arena arena;
	struct text json;   /* the event at hand */
	int64_t last_end;   /* of the last slow step */
	int64_t cpu_ns;     /* at the end of the window before; TRACE_UNKNOWN */
	size_t next_change; /* of the trace's phase changes */
	/* Of the window at hand: the changes of the stepping thread as a tree. */
	uint32_t *first, *next; /* by phase (0: outermost); by change; numbers + 1 */
	bool *present;          /* by phase */
};

/* A moment, from the start of the run to a century later. */
static int64_t nanoseconds(double seconds)
{
	const double century = 3.2e9;
	return seconds > 0 ? llround(fmin(seconds, century) * 1e9) : 0;
}

/* ---- events ------------------------------------------------------------------------------- */

static int64_t pid(const struct chrome *c)
{
	int64_t pid = c->profile->trace->header.pid;
	return pid > 0 ? pid : 1;
}

/* Takes the event that was written into c->json, without its braces. */
static void add_event(struct chrome *c, int64_t begin, int64_t length)
{
	c->events = mem_grow(c->events, &c->capacity, c->count + 1, sizeof(*c->events));
	c->events[c->count] = (struct event){begin, length, c->count,
	                                     arena_text(&c->arena, c->json.bytes, c->json.length)};
	c->count++;
	c->json.length = 0;
}

static void add_time(struct text *out, const char *key, int64_t ns)
{
	text_printf(out, ",\"%s\":%" PRId64 ".%03d", key, ns / 1000, (int)(ns % 1000));
}

static void begin_slice(struct chrome *c, enum thread thread, const char *name, struct span span)
{
	text_string(&c->json, "\"ph\":\"X\",\"name\":");
	escape_json(&c->json, name);
	text_printf(&c->json, ",\"pid\":%" PRId64 ",\"tid\":%d", pid(c), thread);
	add_time(&c->json, "ts", span.begin);
	add_time(&c->json, "dur", span.end - span.begin);
	text_string(&c->json, ",\"args\":{");
}

static void end_slice(struct chrome *c, struct span span)
{
	text_string(&c->json, "}");
	add_event(c, span.begin, span.end - span.begin);
}

static void add_metadata(struct chrome *c, const char *what, int thread, const char *name)
{
	text_printf(&c->json, "\"ph\":\"M\",\"name\":\"%s\",\"pid\":%" PRId64 ",\"tid\":%d,", what,
	            pid(c), thread);
	text_string(&c->json, "\"args\":{\"name\":");
	escape_json(&c->json, name);
	text_string(&c->json, "}");
	add_event(c, -1, 0);
}

struct series {
	const char *name;
	double value; /* NAN: not known */
};

/* A counter of some series, those that are known. */
static void add_counter(struct chrome *c, const char *name, int64_t when,
                        const struct series *series, size_t count)
{
	const char *separator = "";
	text_string(&c->json, "\"ph\":\"C\",\"name\":");
	escape_json(&c->json, name);
	text_printf(&c->json, ",\"pid\":%" PRId64 ",\"tid\":0", pid(c));
	add_time(&c->json, "ts", when);
	text_string(&c->json, ",\"args\":{");
	for (size_t i = 0; i < count; i++)
		if (isfinite(series[i].value)) {
			text_string(&c->json, separator);
			escape_json(&c->json, series[i].name);
			text_printf(&c->json, ":%.15g", series[i].value);
			separator = ",";
		}
	text_string(&c->json, "}");
	if (*separator)
		add_event(c, when, 0);
	c->json.length = 0;
}

/* ---- listening ---------------------------------------------------------------------------- */

/* An empty heap at the start, and the peak, which lies inside of a window. */
static void add_peak(struct chrome *c)
{
	const struct profile_totals *totals = &c->profile->totals;
	const struct series nothing = {"bytes", 0}, peak = {"bytes", (double)totals->peak_bytes};
	if (!c->profile->heap)
		return;
	add_counter(c, LIVE, 0, &nothing, 1);
	if (totals->peak_bytes != PROFILE_UNKNOWN && totals->peak_time > 0)
		add_counter(c, LIVE, nanoseconds(totals->peak_time), &peak, 1);
}

static void *begin(const struct export_job *job)
{
	struct chrome *c = mem_zero(sizeof(*c));
	const struct profile *p = job->profile;
	size_t phases = p->trace->phases_count;
	c->job = job;
	c->profile = p;
	c->cpu_ns = 0;
	c->first = mem_zero(phases * sizeof(*c->first));
	c->present = mem_zero(phases * sizeof(*c->present));
	c->next = mem_zero(p->trace->phase_changes_count * sizeof(*c->next));
	add_metadata(c, "process_name", 0, *p->run.name ? p->run.name : "a run");
	if (p->slowest_count)
		add_metadata(c, "thread_name", THREAD_STEPS,
		             arena_printf(&c->arena, "the %zu slowest of %s steps, each in full",
		                          p->slowest_count, unit_count(p->steps.count).text));
	add_metadata(c, "thread_name", THREAD_WINDOWS,
	             profile_has_steps(p) ? "windows: all steps and their phases, in sum"
	                                  : "windows: phases, in sum");
	add_peak(c);
	return c;
}

static double known(int64_t value)
{
	return value == TRACE_UNKNOWN ? NAN : (double)value;
}

/* What is so at the end of a window. */
static void add_levels(struct chrome *c, const struct export_window *w)
{
	const struct trace_window *t = w->window;
	const struct trace_process *process = &t->process;
	int64_t when = nanoseconds(w->end);
	struct series live = {"bytes", profile_live_at(c->profile, t)};
	struct series agents = {"agents", known(t->agents_last)};
	add_counter(c, LIVE, when, &live, 1);
	add_counter(c, "agents", when, &agents, 1);
	if (!process->known)
		return;
	struct series rss[] = {{"anonymous", known(process->rss_anon)},
	                       {"file", known(process->rss_file)},
	                       {"shared", known(process->rss_shmem)}};
	struct series swap = {"bytes", process->swap > 0 ? (double)process->swap : NAN};
	add_counter(c, "RSS by kind", when, rss, 3);
	add_counter(c, "swap", when, &swap, 1);
}

/* What happened in a window, from its beginning. */
static void add_rates(struct chrome *c, const struct export_window *w)
{
	const struct trace_window *t = w->window;
	double seconds = w->end - w->begin, steps = (double)t->steps_ended;
	int64_t when = nanoseconds(w->begin), cpu = TRACE_UNKNOWN;
	if (t->process.known && t->process.user_ns != TRACE_UNKNOWN &&
	    t->process.system_ns != TRACE_UNKNOWN)
		cpu = t->process.user_ns + t->process.system_ns;
	bool both = cpu != TRACE_UNKNOWN && c->cpu_ns != TRACE_UNKNOWN && cpu >= c->cpu_ns;
	struct series cores = {"cores", both ? (double)(cpu - c->cpu_ns) / 1e9 / seconds : NAN};
	struct series allocations = {"allocations",
	                             c->profile->heap ? (double)t->allocations / seconds : NAN};
	struct series bytes = {"bytes",
	                       c->profile->heap ? (double)t->allocated_bytes / seconds : NAN};
	struct series step = {"ms", (double)t->steps_ticks / c->profile->hz * 1e3 / steps};
	add_counter(c, "allocations/s", when, &allocations, 1);
	add_counter(c, "bytes allocated/s", when, &bytes, 1);
	add_counter(c, "mean step time (ms)", when, &step, 1);
	add_counter(c, "CPU (cores)", when, &cores, 1);
	c->cpu_ns = cpu;
}

/* The changes of a window hang below the nearest phase around theirs that changed, too. */
static void hang_up(struct chrome *c, size_t from, size_t to)
{
	const struct trace *t = c->profile->trace;
	for (size_t i = from; i < to; i++)
		c->present[t->phase_changes[i].phase] |=
		        t->phase_changes[i].role == TRACE_ROLE_STEPPING;
	for (size_t i = to; i-- > from;) {
		const struct trace_phase_change *change = &t->phase_changes[i];
		if (change->role != TRACE_ROLE_STEPPING)
			continue;
		uint32_t around = t->phases[change->phase].parent;
		while (around && !c->present[around])
			around = t->phases[around].parent;
		c->next[i] = c->first[around];
		c->first[around] = (uint32_t)i + 1;
	}
}

static void take_down(struct chrome *c, size_t from, size_t to)
{
	const struct trace *t = c->profile->trace;
	c->first[0] = 0;
	for (size_t i = from; i < to; i++) {
		c->first[t->phase_changes[i].phase] = 0;
		c->present[t->phase_changes[i].phase] = false;
	}
}

static void add_phase(struct chrome *c, const struct trace_phase_change *change, struct span span)
{
	const struct trace *t = c->profile->trace;
	double hz = c->profile->hz;
	char *name =
	        arena_printf(&c->arena, "%s ×%s (sum)", t->strings[t->phases[change->phase].name],
	                     unit_count(change->calls).text);
	begin_slice(c, THREAD_WINDOWS, name, span);
	text_printf(&c->json,
	            "\"calls\":%" PRId64 ",\"inclusive_seconds\":%.9g,\"self_seconds\":%.9g",
	            change->calls, (double)change->inclusive / hz, (double)change->self / hz);
	end_slice(c, span);
}

/* The phases below `around`, one behind the other from the beginning of its slice. Each is taken
 * off its list, so that a trace that tells of a phase twice in a window has it below one of them.
 */
static void add_phases(struct chrome *c, uint32_t around, struct span span, unsigned depth)
{
	uint32_t list = depth < DEPTH_MAX ? c->first[around] : 0;
	const struct trace *t = c->profile->trace;
	double hz = c->profile->hz, sum = 0, length = (double)(span.end - span.begin);
	c->first[around] = 0;
	for (uint32_t i = list; i; i = c->next[i - 1])
		sum += (double)t->phase_changes[i - 1].inclusive / hz * 1e9;
	double scale = sum > length ? length / sum : 1, done = 0;
	for (uint32_t i = list; i; i = c->next[i - 1]) {
		const struct trace_phase_change *change = &t->phase_changes[i - 1];
		double from = done;
		done += (double)change->inclusive / hz * 1e9 * scale;
		struct span inner = {span.begin + (int64_t)from,
		                     span.begin + (int64_t)fmin(done, length)};
		add_phase(c, change, inner);
		add_phases(c, change->phase, inner, depth + 1);
	}
}

static void window(void *state, const struct export_window *w)
{
	struct chrome *c = state;
	const struct trace *t = c->profile->trace;
	struct span span = {nanoseconds(w->begin), nanoseconds(w->end)};
	size_t from = c->next_change;
	add_levels(c, w);
	if (span.end > span.begin)
		add_rates(c, w);
	while (c->next_change < t->phase_changes_count &&
	       t->phase_changes[c->next_change].window == w->number)
		c->next_change++;
	begin_slice(c, THREAD_WINDOWS,
	            profile_has_steps(c->profile)
	                    ? arena_printf(&c->arena, "window %zu: %s steps in sum", w->number,
	                                   unit_count(w->window->steps_ended).text)
	                    : arena_printf(&c->arena, "window %zu", w->number),
	            span);
	text_printf(&c->json, "\"steps\":%" PRId64 ",\"steps_seconds\":%.9g",
	            w->window->steps_ended, (double)w->window->steps_ticks / c->profile->hz);
	if (c->profile->heap)
		text_printf(&c->json, ",\"allocations\":%" PRId64 ",\"bytes_allocated\":%" PRId64,
		            w->window->allocations, w->window->allocated_bytes);
	end_slice(c, span);
	hang_up(c, from, c->next_change);
	add_phases(c, 0, span, 0);
	take_down(c, from, c->next_change);
}

static void step(void *state, const struct profile_slow_step *s)
{
	struct chrome *c = state;
	struct span span = {nanoseconds(s->started), nanoseconds(s->started + s->seconds)};
	/* One thread steps, so they overlap by the rounding of clocks at most. */
	span.begin = span.begin > c->last_end ? span.begin : c->last_end;
	span.end = span.end > span.begin ? span.end : span.begin;
	c->last_end = span.end;
	begin_slice(c, THREAD_STEPS, arena_printf(&c->arena, "step %" PRId64, s->step), span);
	text_printf(&c->json, "\"step\":%" PRId64 ",\"seconds\":%.9g", s->step, s->seconds);
	if (s->allocations != PROFILE_UNKNOWN)
		text_printf(&c->json, ",\"allocations\":%" PRId64 ",\"bytes_allocated\":%" PRId64,
		            s->allocations, s->bytes);
	if (c->profile->agents.known)
		text_printf(&c->json, ",\"agents\":%" PRId64, s->agents);
	end_slice(c, span);
}

/* ---- the file ----------------------------------------------------------------------------- */

static int by_time(const void *a, const void *b)
{
	const struct event *x = a, *y = b;
	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	if (x->length != y->length)
		return x->length < y->length ? 1 : -1;
	return x->number < y->number ? -1 : 1;
}

static void write_other_data(struct chrome *c)
{
	struct text *out = c->job->out;
	const struct profile *p = c->profile;
	text_string(
	        out,
	        "\"displayTimeUnit\":\"ms\",\n\"otherData\":{\"writer\":\"memprof " MEMPROF_VERSION
	        "\",\"command\":");
	escape_json(out, p->run.command);
	text_printf(out, ",\"allocations\":\"%s\"",
	            !p->heap     ? "not recorded"
	            : p->sampled ? "estimated from samples"
	                         : "counted");
	text_string(out, ",\"host\":");
	escape_json(out, p->trace->header.host);
	text_printf(
	        out,
	        ",\"started\":\"%s\",\"steps\":%" PRId64 ",\"steps_in_full\":%zu,\"note\":"
	        "\"Only the slowest steps are shown one by one. All steps and their phases are "
	        "aggregated by window: a slice named (sum) is as long as all its calls together "
	        "(shortened where they began in an earlier window: see its arguments), and where "
	        "it begins means nothing.\"}}\n",
	        p->run.started, p->steps.count, p->slowest_count);
}

static void end(void *state)
{
	struct chrome *c = state;
	struct text *out = c->job->out;
	qsort(c->events, c->count, sizeof(*c->events), by_time);
	text_string(out, "{\"traceEvents\":[\n");
	for (size_t i = 0; i < c->count; i++)
		text_printf(out, "{%s}%s\n", c->events[i].json, i + 1 < c->count ? "," : "");
	text_string(out, "],\n");
	write_other_data(c);
	text_free(&c->json);
	arena_free(&c->arena);
	free(c->events);
	free(c->first);
	free(c->next);
	free(c->present);
	free(c);
}

const struct exporter export_chrome = {
        .name = "chrome",
        .summary = "for Perfetto: counters over time, the slowest steps (JSON)",
        .begin = begin,
        .window = window,
        .step = step,
        .end = end,
};
