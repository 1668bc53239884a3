/* json_parts.c: see json_parts.h. */
#include "report/json_parts.h"

#include <math.h>
#include <stdio.h>

#include "base/text.h"
#include "model/estimate.h"

/* ---- values ------------------------------------------------------------------------------- */

json_t *json_number_of(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

json_t *json_count(int64_t value)
{
	return value == PROFILE_UNKNOWN ? json_null() : json_integer(value);
}

json_t *json_text(const char *value)
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

void json_set(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

/* A figure that is 0 is made up of no sample: what was not seen may be there. */
static json_t *error_of(int64_t value, struct variance variance)
{
	if (value == PROFILE_UNKNOWN || estimate_of_few((double)value, variance))
		return json_null();
	return json_number_of(estimate_error(variance));
}

void json_set_estimate(json_t *object, bool sampled, const char *key, int64_t value,
                       struct variance variance)
{
	char name[64];
	json_set(object, key, json_count(value));
	if (!sampled)
		return;
	snprintf(name, sizeof(name), "%s_error", key);
	json_set(object, name, error_of(value, variance));
}

static json_t *counts_of(const int64_t *fields, int length)
{
	json_t *list = json_array();
	for (int i = 0; i < length; i++)
		json_array_append_new(list, json_count(fields[i]));
	return list;
}

static json_t *errors_of(const int64_t *fields, const struct variance *variances, int length)
{
	json_t *list = json_array();
	for (int i = 0; i < length; i++)
		json_array_append_new(list, error_of(fields[i], variances[i]));
	return list;
}

void json_set_lifetimes(json_t *object, bool sampled, const int64_t *f, const struct variance *v)
{
	const int64_t *steps = f + TRACE_CELL_LIFE_STEPS_0, *time = f + TRACE_CELL_LIFE_TIME_0;
	json_set(object, "freed_by_steps_lived", counts_of(steps, TRACE_LIFE_STEPS));
	json_set(object, "freed_by_time_lived", counts_of(time, TRACE_LIFE_TIME));
	if (!sampled)
		return;
	json_set(object, "freed_by_steps_lived_error",
	         errors_of(steps, v + TRACE_CELL_LIFE_STEPS_0, TRACE_LIFE_STEPS));
	json_set(object, "freed_by_time_lived_error",
	         errors_of(time, v + TRACE_CELL_LIFE_TIME_0, TRACE_LIFE_TIME));
}

void json_set_sizes(json_t *object, bool sampled, const int64_t *f, const struct variance *v)
{
	json_set(object, "allocations_by_size", counts_of(f + TRACE_CELL_SIZE_0, TRACE_SIZES));
	if (sampled)
		json_set(object, "allocations_by_size_error",
		         errors_of(f + TRACE_CELL_SIZE_0, v + TRACE_CELL_SIZE_0, TRACE_SIZES));
}

/* ---- run, totals --------------------------------------------------------------------------- */

static json_t *warnings_of(const struct profile *p)
{
	json_t *list = json_array();
	for (size_t i = 0; i < p->warnings_count; i++)
		json_array_append_new(list, json_text(p->warnings[i]));
	return list;
}

static json_t *params_of(const struct profile *p)
{
	const struct trace_facts *facts = &p->trace->facts;
	json_t *params = json_object();
	for (size_t i = 0; i < facts->params_count; i++) {
		json_t *name = json_text(facts->params[i].name);
		json_set(params, json_string_value(name), json_text(facts->params[i].value));
		json_decref(name);
	}
	return params;
}

static void add_cost(json_t *run, const struct profile_cost *cost)
{
	bool known = cost->known;
	json_set(run, "profiler_overhead_share", known ? json_number_of(cost->share) : json_null());
	json_set(run, "profiler_overhead_seconds",
	         known ? json_number_of(cost->seconds) : json_null());
	json_set(run, "profiler_memory_bytes", known ? json_count(cost->memory) : json_null());
	json_set(run, "stack_audits", known ? json_count(cost->audits) : json_null());
	json_set(run, "stack_audit_mismatches",
	         known ? json_count(cost->audit_mismatches) : json_null());
}

json_t *json_run(const struct profile *p)
{
	const struct profile_run *r = &p->run;
	const struct trace_header *h = &p->trace->header;
	const struct profile_agents *a = &p->agents;
	json_t *run = json_object();
	json_set(run, "command", json_text(r->command));
	json_set(run, "name", p->trace->facts.name ? json_text(p->trace->facts.name) : json_null());
	json_set(run, "executable", json_text(h->exe));
	json_set(run, "pid", json_count(h->pid));
	json_set(run, "host", json_text(h->host));
	json_set(run, "started", json_text(r->started));
	json_set(run, "wall_seconds", json_number_of(r->wall));
	json_set(run, "cpu_seconds", json_number_of(r->cpu));
	json_set(run, "user_seconds", json_number_of(r->user));
	json_set(run, "system_seconds", json_number_of(r->system));
	json_set(run, "cores", json_count(r->cores));
	json_set(run, "cpu_per_core", json_array());
	json_set(run, "steps", json_count(p->steps.count));
	json_set(run, "agents_first", a->known ? json_count(a->first) : json_null());
	json_set(run, "agents_last", a->known ? json_count(a->last) : json_null());
	json_set(run, "agents_mean", a->known ? json_number_of(a->mean) : json_null());
	json_set(run, "agents_max", a->known ? json_count(a->max) : json_null());
	json_set(run, "complete", json_boolean(r->complete));
	json_set(run, "ending", json_text(r->ending));
	json_set(run, "mode", json_text(h->mode));
	json_set(run, "sample_bytes", json_count(h->sample_bytes));
	json_set(run, "allocator", json_text(h->allocator));
	json_set(run, "recorder", json_text(h->writer));
	add_cost(run, &p->cost);
	json_set(run, "params", params_of(p));
	json_set(run, "warnings", warnings_of(p));
	return run;
}

json_t *json_totals(const struct profile *p)
{
	const struct profile_totals *t = &p->totals;
	const int64_t *f = t->fields;
	const struct variance *v = t->variances.fields;
	json_t *totals = json_object();
	json_set_estimate(totals, p->sampled, "allocations", f[TRACE_CELL_ALLOCATIONS],
	                  v[TRACE_CELL_ALLOCATIONS]);
	json_set_estimate(totals, p->sampled, "frees", f[TRACE_CELL_FREES], v[TRACE_CELL_FREES]);
	json_set_estimate(totals, p->sampled, "reallocations", f[TRACE_CELL_MOVED_IN],
	                  v[TRACE_CELL_MOVED_IN]);
	json_set_estimate(totals, p->sampled, "bytes_allocated", f[TRACE_CELL_ALLOCATED_BYTES],
	                  v[TRACE_CELL_ALLOCATED_BYTES]);
	json_set_estimate(totals, p->sampled, "reallocated_bytes", f[TRACE_CELL_MOVED_IN_BYTES],
	                  v[TRACE_CELL_MOVED_IN_BYTES]);
	json_set_estimate(totals, p->sampled, "usable_bytes_allocated",
	                  f[TRACE_CELL_ALLOCATED_USABLE], variance_usable(&t->variances));
	json_set_estimate(totals, p->sampled, "bytes_freed", f[TRACE_CELL_FREED_BYTES],
	                  v[TRACE_CELL_FREED_BYTES]);
	json_set_estimate(totals, p->sampled, "peak_live_bytes", t->peak_bytes,
	                  v[TRACE_CELL_PEAK_BYTES]);
	json_set(totals, "peak_step", json_count(t->peak_step));
	json_set(totals, "peak_seconds", json_number_of(t->peak_time));
	json_set(totals, "peak_error_bytes", json_count(t->peak_error));
	json_set_estimate(totals, p->sampled, "live_at_exit_bytes", t->live_bytes,
	                  variance_live_bytes(&t->variances));
	json_set_estimate(totals, p->sampled, "live_at_exit_allocations", t->live_blocks,
	                  variance_live_blocks(&t->variances));
	json_set_estimate(totals, p->sampled, "temporary_allocations", f[TRACE_CELL_TEMPORARIES],
	                  v[TRACE_CELL_TEMPORARIES]);
	if (p->sampled)
		json_set(totals, "sampled_blocks", json_count(f[TRACE_CELL_SAMPLED]));
	json_set(totals, "peak_rss_bytes", json_count(t->peak_rss));
	json_set(totals, "mean_rss_bytes", json_number_of(t->mean_rss));
	return totals;
}
