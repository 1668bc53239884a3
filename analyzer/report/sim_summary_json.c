/* sim_summary_json.c: the default report, for programs.
 *
 * Seconds, bytes and counts, nothing rounded. A figure that is not known is null, a list without
 * data is empty. Keys are only ever added; `schema_version` changes if one had to change meaning.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/lists.h"
#include "report/report.h"

#define SCHEMA_VERSION 1

/* Leading call-sites that are given, of each order, unless told. */
#define SITES_DEFAULT 1000

/* Frames of a call-site's stack that are given. */
#define STACK_MAX 64

/* ---- values ------------------------------------------------------------------------------- */

static json_t *number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *count(int64_t value)
{
	return value == PROFILE_UNKNOWN ? json_null() : json_integer(value);
}

/* Paths and names need not be UTF-8; JSON must. Bytes that are not become U+FFFD. */
static json_t *string(const char *value)
{
	json_t *plain = json_string(value);
	if (plain)
		return plain;
	struct text fixed = {0};
	for (; *value; value++)
		if ((unsigned char)*value < 0x80)
			text_add(&fixed, value, 1);
		else
			text_string(&fixed, "\xef\xbf\xbd");
	plain = json_string(fixed.bytes ? fixed.bytes : "");
	text_free(&fixed);
	return plain;
}

static void set(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

/* ---- run, totals, steps ------------------------------------------------------------------- */

static json_t *warnings_of(const struct profile *p)
{
	json_t *list = json_array();
	for (size_t i = 0; i < p->warnings_count; i++)
		json_array_append_new(list, string(p->warnings[i]));
	return list;
}

static json_t *params_of(const struct profile *p)
{
	const struct trace_facts *facts = &p->trace->facts;
	json_t *params = json_object();
	for (size_t i = 0; i < facts->params_count; i++) {
		json_t *name = string(facts->params[i].name);
		set(params, json_string_value(name), string(facts->params[i].value));
		json_decref(name);
	}
	return params;
}

static void add_cost(json_t *run, const struct profile_cost *cost)
{
	bool known = cost->known;
	set(run, "profiler_overhead_share", known ? number(cost->share) : json_null());
	set(run, "profiler_overhead_seconds", known ? number(cost->seconds) : json_null());
	set(run, "profiler_memory_bytes", known ? count(cost->memory) : json_null());
	set(run, "stack_audits", known ? count(cost->audits) : json_null());
	set(run, "stack_audit_mismatches", known ? count(cost->audit_mismatches) : json_null());
}

static json_t *run_of(const struct profile *p)
{
	const struct profile_run *r = &p->run;
	const struct trace_header *h = &p->trace->header;
	const struct profile_agents *a = &p->agents;
	json_t *run = json_object();
	set(run, "command", string(r->command));
	set(run, "name", p->trace->facts.name ? string(p->trace->facts.name) : json_null());
	set(run, "executable", string(h->exe));
	set(run, "pid", count(h->pid));
	set(run, "host", string(h->host));
	set(run, "started", string(r->started));
	set(run, "wall_seconds", number(r->wall));
	set(run, "cpu_seconds", number(r->cpu));
	set(run, "user_seconds", number(r->user));
	set(run, "system_seconds", number(r->system));
	set(run, "cores", count(r->cores));
	set(run, "cpu_per_core", json_array());
	set(run, "steps", count(p->steps.count));
	set(run, "agents_first", a->known ? count(a->first) : json_null());
	set(run, "agents_last", a->known ? count(a->last) : json_null());
	set(run, "agents_mean", a->known ? number(a->mean) : json_null());
	set(run, "agents_max", a->known ? count(a->max) : json_null());
	set(run, "complete", json_boolean(r->complete));
	set(run, "ending", string(r->ending));
	set(run, "mode", string(h->mode));
	set(run, "allocator", string(h->allocator));
	set(run, "recorder", string(h->writer));
	add_cost(run, &p->cost);
	set(run, "params", params_of(p));
	set(run, "warnings", warnings_of(p));
	return run;
}

static json_t *totals_of(const struct profile *p)
{
	const struct profile_totals *t = &p->totals;
	const int64_t *f = t->fields;
	json_t *totals = json_object();
	set(totals, "allocations", count(f[TRACE_CELL_ALLOCATIONS]));
	set(totals, "frees", count(f[TRACE_CELL_FREES]));
	set(totals, "reallocations", count(f[TRACE_CELL_MOVED_IN]));
	set(totals, "bytes_allocated", count(f[TRACE_CELL_ALLOCATED_BYTES]));
	set(totals, "reallocated_bytes", count(f[TRACE_CELL_MOVED_IN_BYTES]));
	set(totals, "usable_bytes_allocated", count(f[TRACE_CELL_ALLOCATED_USABLE]));
	set(totals, "bytes_freed", count(f[TRACE_CELL_FREED_BYTES]));
	set(totals, "peak_live_bytes", count(t->peak_bytes));
	set(totals, "peak_step", count(t->peak_step));
	set(totals, "peak_seconds", number(t->peak_time));
	set(totals, "peak_error_bytes", count(t->peak_error));
	set(totals, "live_at_exit_bytes", count(t->live_bytes));
	set(totals, "live_at_exit_allocations", count(t->live_blocks));
	set(totals, "temporary_allocations", count(f[TRACE_CELL_TEMPORARIES]));
	set(totals, "peak_rss_bytes", count(t->peak_rss));
	set(totals, "mean_rss_bytes", number(t->mean_rss));
	return totals;
}

/* Of a run without steps there is no time of steps: null, not 0. */
static json_t *steps_of(const struct profile *p)
{
	const struct profile_steps *s = &p->steps;
	bool any = s->count > 0;
	json_t *steps = json_object();
	set(steps, "count", count(s->count));
	set(steps, "wall_seconds", number(s->wall));
	set(steps, "per_second", any ? number(s->per_second) : json_null());
	set(steps, "mean", any ? number(s->mean) : json_null());
	set(steps, "p50", number(s->p50));
	set(steps, "p95", number(s->p95));
	set(steps, "p99", number(s->p99));
	set(steps, "max", any ? number(s->max) : json_null());
	set(steps, "max_step", any ? count(s->max_step) : json_null());
	set(steps, "allocations", count(s->allocations));
	set(steps, "bytes_allocated", count(s->bytes));
	set(steps, "cpu_seconds", number(s->cpu));
	return steps;
}

static json_t *per_agent_step_of(const struct profile *p)
{
	double agent_steps = p->agents.agent_steps;
	if (!p->agents.known || agent_steps <= 0 || !p->steps.count)
		return json_null();
	json_t *per = json_object();
	set(per, "seconds", number(p->steps.wall / agent_steps));
	set(per, "allocations", number((double)p->steps.allocations / agent_steps));
	set(per, "bytes_allocated", number((double)p->steps.bytes / agent_steps));
	return per;
}

/* ---- phases ------------------------------------------------------------------------------- */

static json_t *flags_of(unsigned flags)
{
	static const struct {
		unsigned flag;
		const char *name;
	} names[] = {{PHASE_NEVER_ENTERED, "never_entered"},
	             {PHASE_NEVER_ENDED, "not_ended"},
	             {PHASE_BELOW_CLOCK, "below_clock"},
	             {PHASE_OUTSIDE_STEPS, "outside_steps"}};
	json_t *list = json_array();
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (flags & names[i].flag)
			json_array_append_new(list, json_string(names[i].name));
	return list;
}

static json_t *phase_of(const struct profile_phase *row)
{
	bool entered = row->calls > 0;
	json_t *phase = json_object();
	set(phase, "path", string(row->path));
	set(phase, "calls", count(row->calls));
	set(phase, "entered", count(row->entered));
	set(phase, "inclusive_seconds", number(row->inclusive));
	set(phase, "self_seconds", number(row->self));
	set(phase, "share", number(row->share));
	set(phase, "cpu_seconds", number(row->cpu));
	set(phase, "cores", number(row->cores));
	set(phase, "mean", number(row->per_call));
	set(phase, "p50", number(row->p50));
	set(phase, "p95", number(row->p95));
	set(phase, "p99", number(row->p99));
	set(phase, "max", entered ? number(row->max) : json_null());
	set(phase, "outside_steps_self_seconds", number(row->self_outside));
	set(phase, "outside_steps_inclusive_seconds", number(row->inclusive_outside));
	set(phase, "marking_seconds", number(row->marking));
	set(phase, "allocations", count(row->allocations));
	set(phase, "reallocations", count(row->reallocations));
	set(phase, "bytes_allocated", count(row->bytes));
	set(phase, "temporary_allocations", count(row->temporaries));
	set(phase, "live_bytes_end", count(row->live_bytes));
	set(phase, "flags", flags_of(row->flags));
	return phase;
}

static json_t *phases_of(const struct profile *p)
{
	json_t *list = json_array();
	for (size_t i = 0; i < p->phases_count; i++)
		json_array_append_new(list, phase_of(&p->phases[i]));
	return list;
}

static json_t *workers_of(const struct profile *p)
{
	json_t *list = json_array();
	for (size_t i = 0; i < p->workers_count; i++) {
		const struct profile_worker_phase *row = &p->workers[i];
		json_t *phase = json_object();
		set(phase, "path", string(row->path));
		set(phase, "calls", count(row->calls));
		set(phase, "inclusive_seconds", number(row->inclusive));
		set(phase, "self_seconds", number(row->self));
		set(phase, "p50", number(row->p50));
		json_array_append_new(list, phase);
	}
	return list;
}

/* ---- call-sites --------------------------------------------------------------------------- */

static void add_function(json_t *list, const struct code_function *f, const char *module)
{
	struct text line = {0};
	text_string(&line, *f->function ? f->function : "?");
	if (*f->file)
		text_printf(&line, " (%s:%u)", f->file, f->line);
	else
		text_printf(&line, " (%s)", module);
	json_array_append_new(list, string(line.bytes));
	text_free(&line);
}

static void add_frame(json_t *list, const struct profile *p, uint32_t id)
{
	const struct code_frame *frame = &p->code.frames[id];
	if (id < TRACE_FRAME_FIRST) {
		json_array_append_new(list, string(code_special_name(id)));
		return;
	}
	const char *module = p->code.modules[frame->module].name;
	for (uint32_t i = 0; i < frame->count; i++)
		add_function(list, &frame->functions[i], module);
	if (!frame->count) {
		struct text line = {0};
		text_printf(&line, "%s+0x%llx", module,
		            (unsigned long long)p->trace->frames[id].address);
		json_array_append_new(list, string(line.bytes));
		text_free(&line);
	}
}

/* Innermost first. */
static json_t *stack_of(const struct profile *p, uint32_t stack)
{
	json_t *list = json_array();
	for (; stack && json_array_size(list) < STACK_MAX; stack = p->trace->stacks[stack].parent)
		add_frame(list, p, p->trace->stacks[stack].frame);
	return list;
}

/* Freed blocks by lifetime, in the buckets of TRACE_FORMAT.md. */
static json_t *lifetimes_of(const int64_t *fields, int first, int length)
{
	json_t *list = json_array();
	for (int i = 0; i < length; i++)
		json_array_append_new(list, count(fields[first + i]));
	return list;
}

static json_t *site_of(const struct profile *p, const struct call_site *site)
{
	const int64_t *f = site->fields;
	json_t *o = json_object();
	set(o, "function", *site->function ? string(site->function) : json_null());
	set(o, "file", *site->file ? string(site->file) : json_null());
	set(o, "line", site->line ? count(site->line) : json_null());
	set(o, "module", string(site->module));
	set(o, "label", string(site->label));
	set(o, "own", json_boolean(site->own));
	set(o, "phase", string(profile_phase_path(p, site->phase)));
	set(o, "allocations", count(f[TRACE_CELL_ALLOCATIONS]));
	set(o, "frees", count(f[TRACE_CELL_FREES]));
	set(o, "reallocations", count(f[TRACE_CELL_MOVED_IN]));
	set(o, "bytes_allocated", count(f[TRACE_CELL_ALLOCATED_BYTES]));
	set(o, "usable_bytes_allocated", count(f[TRACE_CELL_ALLOCATED_USABLE]));
	set(o, "reallocated_bytes", count(f[TRACE_CELL_MOVED_IN_BYTES]));
	set(o, "temporary_allocations", count(f[TRACE_CELL_TEMPORARIES]));
	set(o, "cross_thread_frees", count(f[TRACE_CELL_CROSS_FREES]));
	set(o, "freed_by_steps_lived", lifetimes_of(f, TRACE_CELL_LIFE_STEPS_0, TRACE_LIFE_STEPS));
	set(o, "freed_by_time_lived", lifetimes_of(f, TRACE_CELL_LIFE_TIME_0, TRACE_LIFE_TIME));
	set(o, "peak_bytes", count(f[TRACE_CELL_PEAK_BYTES]));
	set(o, "live_at_exit_bytes", count(site->live_bytes));
	set(o, "live_at_exit_allocations", count(site->live_blocks));
	set(o, "stack", stack_of(p, site->stack));
	return o;
}

/* Marks the first `top` sites of an order. */
static void mark_top(const struct profile *p, enum site_order order, size_t top, bool *given)
{
	const struct call_site **sorted = sites_sorted(p, order);
	for (size_t i = 0; i < p->sites.count && i < top; i++)
		given[sorted[i] - p->sites.sites] = true;
	free(sorted);
}

/* What the sites that are not given amount to. */
static json_t *omitted_of(const struct profile *p, const bool *given)
{
	int64_t sites = 0, allocations = 0, bytes = 0, peak = 0, live = 0;
	for (size_t i = 0; i < p->sites.count; i++) {
		const struct call_site *site = &p->sites.sites[i];
		if (given[i])
			continue;
		sites++;
		allocations += site->fields[TRACE_CELL_ALLOCATIONS];
		bytes += site->fields[TRACE_CELL_ALLOCATED_BYTES];
		peak += site->fields[TRACE_CELL_PEAK_BYTES];
		live += site->live_bytes;
	}
	json_t *o = json_object();
	set(o, "call_sites", count(sites));
	set(o, "allocations", count(allocations));
	set(o, "bytes_allocated", count(bytes));
	set(o, "peak_bytes", count(peak));
	set(o, "live_at_exit_bytes", count(live));
	return o;
}

/* The sites that lead by allocations, bytes, at the peak or at exit, by bytes allocated. */
static void add_sites(json_t *document, const struct profile *p, size_t top)
{
	bool *given = mem_zero(p->sites.count * sizeof(*given));
	for (int order = BY_ALLOCATIONS; order <= LIVE_AT_EXIT; order++)
		mark_top(p, (enum site_order)order, top, given);
	const struct call_site **sorted = sites_sorted(p, BY_BYTES);
	json_t *list = json_array();
	for (size_t i = 0; i < p->sites.count; i++)
		if (given[sorted[i] - p->sites.sites])
			json_array_append_new(list, site_of(p, sorted[i]));
	set(document, "call_sites", list);
	set(document, "call_sites_omitted", omitted_of(p, given));
	free(sorted);
	free(given);
}

/* ---- the rest ----------------------------------------------------------------------------- */

static json_t *timeline_of(const struct profile *p)
{
	json_t *list = json_array();
	for (size_t i = 0; i < p->points_count; i++) {
		json_t *point = json_object();
		set(point, "seconds", number(p->points[i].time));
		set(point, "live_bytes", number(p->points[i].live));
		set(point, "rss_bytes", number(p->points[i].rss));
		set(point, "mean_step_seconds", number(p->points[i].step_mean));
		json_array_append_new(list, point);
	}
	return list;
}

static json_t *slowest_of(const struct profile *p)
{
	json_t *list = json_array();
	for (size_t i = 0; i < p->slowest_count; i++) {
		const struct profile_slow_step *s = &p->slowest[i];
		json_t *step = json_object();
		set(step, "step", count(s->step));
		set(step, "seconds", number(s->seconds));
		set(step, "started_seconds", number(s->started));
		set(step, "allocations", count(s->allocations));
		set(step, "bytes_allocated", count(s->bytes));
		set(step, "agents", p->agents.known ? count(s->agents) : json_null());
		json_array_append_new(list, step);
	}
	return list;
}

static json_t *counters_of(const struct profile *p)
{
	json_t *counters = json_object();
	for (size_t i = 0; i < p->trace->counters_count; i++) {
		json_t *name = string(p->trace->strings[p->trace->counters[i].name]);
		set(counters, json_string_value(name), count(p->trace->counters[i].value));
		json_decref(name);
	}
	return counters;
}

json_t *sim_summary_json(const struct profile *p, const struct report_options *options)
{
	json_t *document = json_object();
	set(document, "schema_version", json_integer(SCHEMA_VERSION));
	set(document, "run", run_of(p));
	set(document, "totals", totals_of(p));
	set(document, "steps", steps_of(p));
	set(document, "per_agent_step", per_agent_step_of(p));
	set(document, "phases", phases_of(p));
	set(document, "unaccounted_seconds", number(p->unaccounted));
	set(document, "worker_phases", workers_of(p));
	set(document, "functions", json_array());
	set(document, "files", json_array());
	set(document, "categories", json_array());
	set(document, "components", json_array());
	add_sites(document, p, options->top ? options->top : SITES_DEFAULT);
	set(document, "slowest_steps", slowest_of(p));
	set(document, "timeline", timeline_of(p));
	set(document, "counters", counters_of(p));
	set(document, "recommendations", json_array());
	return document;
}
