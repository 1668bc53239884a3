/* sim_summary_json.c: the default report, for programs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/estimate.h"
#include "report/beside.h"
#include "report/json_functions.h"
#include "report/lists.h"
#include "report/report.h"

/* Leading call-sites that are given, of each order, unless told. */
#define SITES_DEFAULT 1000

/* Leading functions that are given, unless told. */
#define FUNCTIONS_DEFAULT 1000

/* ---- steps ------------------------------------------------------------------------------- */

/* Of a run without steps there is no time of steps: null, not 0. */
static json_t *steps_of(const struct profile *p)
{
	const struct profile_steps *s = &p->steps;
	bool any = s->count > 0;
	json_t *steps = json_object();
	json_set(steps, "count", json_count(s->count));
	json_set(steps, "wall_seconds", json_number_of(s->wall));
	json_set(steps, "per_second", any ? json_number_of(s->per_second) : json_null());
	json_set(steps, "mean", any ? json_number_of(s->mean) : json_null());
	json_set(steps, "p50", json_number_of(s->p50));
	json_set(steps, "p95", json_number_of(s->p95));
	json_set(steps, "p99", json_number_of(s->p99));
	json_set(steps, "max", any ? json_number_of(s->max) : json_null());
	json_set(steps, "max_step", any ? json_count(s->max_step) : json_null());
	json_set_estimate(steps, p->sampled, "allocations", s->allocations,
	                  s->allocations_variance);
	json_set_estimate(steps, p->sampled, "bytes_allocated", s->bytes, s->bytes_variance);
	json_set(steps, "cpu_seconds", json_number_of(s->cpu));
	return steps;
}

static json_t *per_agent_step_of(const struct profile *p)
{
	double agent_steps = p->agents.agent_steps;
	if (!p->agents.known || agent_steps <= 0 || !p->steps.count)
		return json_null();
	json_t *per = json_object();
	json_set(per, "seconds", json_number_of(p->steps.wall / agent_steps));
	json_set(per, "allocations",
	         json_number_of(p->heap ? (double)p->steps.allocations / agent_steps : NAN));
	json_set(per, "bytes_allocated",
	         json_number_of(p->heap ? (double)p->steps.bytes / agent_steps : NAN));
	if (p->sampled) {
		json_set(per, "allocations_error",
		         json_number_of(estimate_error(p->steps.allocations_variance) /
		                        agent_steps));
		json_set(per, "bytes_allocated_error",
		         json_number_of(estimate_error(p->steps.bytes_variance) / agent_steps));
	}
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

static json_t *waiting_from(enum waiting_from from)
{
	switch (from) {
	case WAITING_BY_CLOCK:
		return json_string("clock");
	case WAITING_BY_SAMPLES:
		return json_string("samples");
	default:
		return json_null();
	}
}

/* What the kernel counted; null where that was not read. */
static json_t *usage_of(const struct usage *usage)
{
	json_t *o = json_object();
	if (!usage->known) {
		json_decref(o);
		return json_null();
	}
	json_set(o, "calls_read", json_count(usage->calls));
	json_set(o, "covered", json_number_of(usage->covered));
#define X(name) json_set(o, #name, json_count(usage->name));
	USAGE_COUNTS(X)
#undef X
	json_set(o, "system_seconds", json_number_of(usage->system));
	json_set(o, "with_short_phases", json_boolean(usage->with_short));
	return o;
}

static json_t *phase_of(const struct profile *p, const struct profile_phase *row)
{
	const struct variance *v = row->variances.fields;
	bool entered = row->calls > 0;
	json_t *phase = json_object();
	json_set(phase, "path", json_text(row->path));
	json_set(phase, "calls", json_count(row->calls));
	json_set(phase, "entered", json_count(row->entered));
	json_set(phase, "inclusive_seconds", json_number_of(row->inclusive));
	json_set(phase, "self_seconds", json_number_of(row->self));
	json_set(phase, "share", json_number_of(row->share));
	json_set(phase, "cpu_seconds", json_number_of(row->cpu));
	json_set(phase, "cores", json_number_of(row->cores));
	json_set(phase, "cpu_estimated", json_boolean(row->cpu_estimated));
	json_set(phase, "waiting_seconds", json_number_of(row->waiting));
	json_set(phase, "waiting_error_seconds", json_number_of(row->waiting_error));
	json_set(phase, "waiting_from", waiting_from(row->waiting_from));
	json_set(phase, "usage", usage_of(&row->usage));
	json_set(phase, "usage_self", usage_of(&row->usage_self));
	json_set(phase, "mean", json_number_of(row->per_call));
	json_set(phase, "p50", json_number_of(row->p50));
	json_set(phase, "p95", json_number_of(row->p95));
	json_set(phase, "p99", json_number_of(row->p99));
	json_set(phase, "max", entered ? json_number_of(row->max) : json_null());
	json_set(phase, "outside_steps_self_seconds", json_number_of(row->self_outside));
	json_set(phase, "outside_steps_inclusive_seconds", json_number_of(row->inclusive_outside));
	json_set(phase, "marking_seconds", json_number_of(row->marking));
	json_set_estimate(phase, p->sampled, "allocations", row->allocations,
	                  v[TRACE_CELL_ALLOCATIONS]);
	json_set_estimate(phase, p->sampled, "reallocations", row->reallocations,
	                  v[TRACE_CELL_MOVED_IN]);
	json_set_estimate(phase, p->sampled, "bytes_allocated", row->bytes,
	                  v[TRACE_CELL_ALLOCATED_BYTES]);
	json_set_estimate(phase, p->sampled, "temporary_allocations", row->temporaries,
	                  v[TRACE_CELL_TEMPORARIES]);
	json_set_estimate(phase, p->sampled, "live_bytes_end", row->live_bytes,
	                  variance_live_bytes(&row->variances));
	json_set(phase, "flags", flags_of(row->flags));
	return phase;
}

static json_t *phases_of(const struct profile *p)
{
	json_t *list = json_array();
	for (size_t i = 0; i < p->phases_count; i++)
		json_array_append_new(list, phase_of(p, &p->phases[i]));
	return list;
}

static json_t *cause_of(enum hunt_cause cause)
{
	static const char *const names[] = {
	        [HUNT_CAUSE_WAITING] = "waiting",    [HUNT_CAUSE_PUSHED] = "preempted",
	        [HUNT_CAUSE_FAULTS] = "page_faults", [HUNT_CAUSE_KERNEL] = "kernel",
	        [HUNT_CAUSE_CODE] = "code",
	};
	return cause == HUNT_CAUSE_UNKNOWN ? json_null() : json_string(names[cause]);
}

static json_t *hunt_of(const struct profile *p, const struct hunt *hunt)
{
	json_t *o = json_object(), *list = json_array();
	json_set(o, "phase",
	         hunt->phase ? json_text(profile_phase_path(p, hunt->phase)) : json_null());
	json_set(o, "seconds", json_number_of(hunt->seconds));
	json_set(o, "share", json_number_of(hunt->share));
	json_set(o, "cpu_seconds", json_number_of(hunt->cpu));
	json_set(o, "off_cpu_seconds", json_number_of(hunt->off_cpu));
	json_set(o, "samples", json_number_of(hunt->samples));
	json_set(o, "usage", usage_of(&hunt->usage));
	json_set(o, "mostly", cause_of(hunt->cause));
	for (size_t i = 0; i < hunt->functions_count; i++) {
		const struct profile_function *f = &p->functions.list[hunt->functions[i].function];
		json_t *one = json_object();
		json_set(one, "name", json_text(f->name));
		json_set(one, "seconds", json_number_of(hunt->functions[i].seconds));
		json_array_append_new(list, one);
	}
	json_set(o, "functions", list);
	return o;
}

static json_t *unaccounted_of(const struct profile *p)
{
	json_t *list = json_array();
	for (size_t i = 0; i < p->hunts.count; i++)
		json_array_append_new(list, hunt_of(p, &p->hunts.list[i]));
	return list;
}

/* What the kernel counts of the process. */
static json_t *process_of(const struct profile *p)
{
	const struct trace_process *k = &p->trace->process;
	json_t *o = json_object();
	json_set(o, "minor_faults", json_count(k->known ? k->minor_faults : PROFILE_UNKNOWN));
	json_set(o, "major_faults", json_count(k->known ? k->major_faults : PROFILE_UNKNOWN));
	json_set(o, "voluntary_switches",
	         json_count(k->known ? k->voluntary_switches : PROFILE_UNKNOWN));
	json_set(o, "involuntary_switches",
	         json_count(k->known ? k->involuntary_switches : PROFILE_UNKNOWN));
	json_set(o, "read_bytes", json_count(k->known ? k->read_bytes : PROFILE_UNKNOWN));
	json_set(o, "written_bytes", json_count(k->known ? k->written_bytes : PROFILE_UNKNOWN));
	json_set(o, "user_seconds", json_number_of(p->run.user));
	json_set(o, "system_seconds", json_number_of(p->run.system));
	return o;
}

static json_t *workers_of(const struct profile *p)
{
	json_t *list = json_array();
	for (size_t i = 0; i < p->workers_count; i++) {
		const struct profile_worker_phase *row = &p->workers[i];
		json_t *phase = json_object();
		json_set(phase, "path", json_text(row->path));
		json_set(phase, "calls", json_count(row->calls));
		json_set(phase, "inclusive_seconds", json_number_of(row->inclusive));
		json_set(phase, "self_seconds", json_number_of(row->self));
		json_set(phase, "p50", json_number_of(row->p50));
		json_array_append_new(list, phase);
	}
	return list;
}

/* ---- call-sites --------------------------------------------------------------------------- */

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
	int64_t sites = 0;
	struct call_site sum = {0};
	if (!p->heap)
		return json_null();
	for (size_t i = 0; i < p->sites.count; i++) {
		const struct call_site *site = &p->sites.sites[i];
		if (given[i])
			continue;
		sites++;
		site_add(&sum, site);
	}
	json_t *o = json_object();
	json_set(o, "call_sites", json_count(sites));
	json_set_estimate(o, p->sampled, "allocations", site_figure(&sum, BY_ALLOCATIONS),
	                  site_variance(&sum, BY_ALLOCATIONS));
	json_set_estimate(o, p->sampled, "bytes_allocated", site_figure(&sum, BY_BYTES),
	                  site_variance(&sum, BY_BYTES));
	json_set_estimate(o, p->sampled, "peak_bytes", site_figure(&sum, AT_PEAK),
	                  site_variance(&sum, AT_PEAK));
	json_set_estimate(o, p->sampled, "live_at_exit_bytes", site_figure(&sum, LIVE_AT_EXIT),
	                  site_variance(&sum, LIVE_AT_EXIT));
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
			json_array_append_new(list, json_site(p, sorted[i]));
	json_set(document, "call_sites", list);
	json_set(document, "call_sites_omitted", omitted_of(p, given));
	free(sorted);
	free(given);
}

/* ---- memory beside the heap ----------------------------------------------------------------- */

/* One kind of memory, with its first `top` sites by live bytes. */
static json_t *kind_of(const struct profile *p, const struct beside_kind *kind, size_t top)
{
	const int64_t *f = kind->total.fields;
	json_t *o = json_object(), *list = json_array();
	json_set(o, "memory", json_text(kind->pool ? "pool" : "mapped"));
	json_set(o, "pool", kind->pool ? json_text(kind->pool) : json_null());
	json_set(o, "allocations", json_count(f[TRACE_CELL_ALLOCATIONS]));
	json_set(o, "frees", json_count(f[TRACE_CELL_FREES]));
	json_set(o, "reallocations", json_count(f[TRACE_CELL_MOVED_IN]));
	json_set(o, "bytes_allocated", json_count(f[TRACE_CELL_ALLOCATED_BYTES]));
	json_set(o, "live_at_exit_bytes", json_count(kind->total.live_bytes));
	json_set(o, "live_at_exit_allocations", json_count(kind->total.live_blocks));
	for (size_t i = 0; i < kind->count && i < top; i++)
		json_array_append_new(list, json_site(p, kind->sites[i]));
	json_set(o, "call_sites", list);
	return o;
}

static json_t *beside_heap_of(const struct profile *p, size_t top)
{
	struct beside beside = beside_of(p);
	json_t *list = json_array();
	for (size_t i = 0; i < beside.count; i++)
		json_array_append_new(list, kind_of(p, &beside.kinds[i], top));
	beside_free(&beside);
	return list;
}

/* ---- the rest ----------------------------------------------------------------------------- */

static json_t *timeline_of(const struct profile *p)
{
	json_t *list = json_array();
	for (size_t i = 0; i < p->points_count; i++) {
		json_t *point = json_object();
		json_set(point, "seconds", json_number_of(p->points[i].time));
		json_set(point, "live_bytes", json_number_of(p->points[i].live));
		json_set(point, "rss_bytes", json_number_of(p->points[i].rss));
		json_set(point, "mean_step_seconds", json_number_of(p->points[i].step_mean));
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
		json_set(step, "step", json_count(s->step));
		json_set(step, "seconds", json_number_of(s->seconds));
		json_set(step, "started_seconds", json_number_of(s->started));
		json_set(step, "allocations", json_count(s->allocations));
		json_set(step, "bytes_allocated", json_count(s->bytes));
		json_set(step, "agents", p->agents.known ? json_count(s->agents) : json_null());
		json_array_append_new(list, step);
	}
	return list;
}

static json_t *counters_of(const struct profile *p)
{
	json_t *counters = json_object();
	for (size_t i = 0; i < p->trace->counters_count; i++) {
		json_t *name = json_text(p->trace->strings[p->trace->counters[i].name]);
		json_set(counters, json_string_value(name),
		         json_count(p->trace->counters[i].value));
		json_decref(name);
	}
	return counters;
}

json_t *sim_summary_json(const struct profile *p, const struct report_options *options)
{
	json_t *document = json_object();
	json_set(document, "schema_version", json_integer(JSON_SCHEMA_VERSION));
	json_set(document, "run", json_run(p));
	json_set(document, "totals", json_totals(p));
	json_set(document, "steps", steps_of(p));
	json_set(document, "per_agent_step", per_agent_step_of(p));
	json_set(document, "phases", phases_of(p));
	json_set(document, "unaccounted_seconds", json_number_of(p->unaccounted));
	json_set(document, "unaccounted_usage", usage_of(&p->unaccounted_usage));
	json_set(document, "unaccounted", unaccounted_of(p));
	json_set(document, "process", process_of(p));
	json_set(document, "worker_phases", workers_of(p));
	json_add_functions(document, p, options, options->top ? options->top : FUNCTIONS_DEFAULT);
	add_sites(document, p, options->top ? options->top : SITES_DEFAULT);
	json_set(document, "beside_heap",
	         beside_heap_of(p, options->top ? options->top : SITES_DEFAULT));
	json_set(document, "slowest_steps", slowest_of(p));
	json_set(document, "timeline", timeline_of(p));
	json_set(document, "growth", json_growth(p));
	json_set(document, "counters", counters_of(p));
	json_set(document, "recommendations", json_array());
	return document;
}
