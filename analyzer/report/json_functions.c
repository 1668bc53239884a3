/* json_functions.c: see json_functions.h. Times are CPU time by samples; of a run that was not
 * sampled they are null. */
#include "report/json_functions.h"

#include <math.h>
#include <stdlib.h>

#include "report/function_order.h"

static json_t *time_of(const struct profile *p, const struct figures *of)
{
	return p->functions.all.samples > 0 ? json_number_of(of->values[STACK_TIME]) : json_null();
}

static json_t *samples_of(const struct profile *p, const struct figures *of)
{
	return p->functions.all.samples > 0 ? json_count((int64_t)of->samples) : json_null();
}

/* The share of self time with the interval that 95 of 100 such hold the truth in. */
static void add_share(json_t *o, const struct profile *p, const struct figures *self)
{
	struct proportion share = functions_share(&p->functions, self);
	json_set(o, "share", json_number_of(share.share));
	json_t *interval = isnan(share.share) ? json_null() : json_array();
	if (json_is_array(interval)) {
		json_array_append_new(interval, json_number_of(share.low));
		json_array_append_new(interval, json_number_of(share.high));
	}
	json_set(o, "share_interval", interval);
}

static void add_memory(json_t *o, const struct profile *p, const struct figures *of,
                       const char *const names[4])
{
	for (int metric = STACK_ALLOCATIONS; metric <= STACK_LIVE; metric++)
		json_set_estimate(o, p->sampled, names[metric - STACK_ALLOCATIONS],
		                  p->heap ? llround(of->values[metric]) : PROFILE_UNKNOWN,
		                  of->variances.of[metric]);
}

static void add_tally(json_t *o, const struct profile *p, const struct tally *tally)
{
	static const char *const self[] = {"allocations", "bytes_allocated", "peak_bytes",
	                                   "live_at_exit_bytes"};
	static const char *const site[] = {"site_allocations", "site_bytes_allocated",
	                                   "site_peak_bytes", "site_live_at_exit_bytes"};
	static const char *const inclusive[] = {"inclusive_allocations",
	                                        "inclusive_bytes_allocated", "inclusive_peak_bytes",
	                                        "inclusive_live_at_exit_bytes"};
	json_set(o, "self_seconds", time_of(p, &tally->self));
	json_set(o, "inclusive_seconds", time_of(p, &tally->inclusive));
	json_set(o, "site_seconds", time_of(p, &tally->site));
	add_share(o, p, &tally->self);
	json_set(o, "samples", samples_of(p, &tally->self));
	json_set(o, "inclusive_samples", samples_of(p, &tally->inclusive));
	add_memory(o, p, &tally->self, self);
	add_memory(o, p, &tally->site, site);
	add_memory(o, p, &tally->inclusive, inclusive);
}

json_t *json_function(const struct profile *p, const struct profile_function *f)
{
	const struct functions *all = &p->functions;
	json_t *o = json_object();
	json_set(o, "name", json_text(f->name));
	json_set(o, "file", *f->file ? json_text(f->file) : json_null());
	json_set(o, "line", f->line ? json_count(f->line) : json_null());
	json_set(o, "module", *f->module ? json_text(f->module) : json_null());
	json_set(o, "category", json_text(all->categories[f->category].name));
	json_set(o, "component",
	         f->component == FUNCTION_NONE ? json_null()
	                                       : json_text(all->components[f->component].name));
	json_set(o, "own", json_boolean(f->own));
	json_set(o, "calls", json_count(f->calls));
	json_set(o, "counted_self_seconds", json_number_of(f->counted_self));
	json_set(o, "counted_inclusive_seconds", json_number_of(f->counted_inclusive));
	add_tally(o, p, &f->tally);
	return o;
}

static json_t *groups_of(const struct profile *p, const struct profile_group *groups, size_t count,
                         const char *key)
{
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++) {
		json_t *o = json_object();
		json_set(o, key, *groups[i].name ? json_text(groups[i].name) : json_null());
		json_set(o, "functions", json_count(groups[i].functions));
		json_set(o, "own", json_boolean(groups[i].own));
		add_tally(o, p, &groups[i].tally);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *sampling_of(const struct profile *p)
{
	const struct trace_header *h = &p->trace->header;
	json_t *o = json_object();
	json_set(o, "hz", json_count(h->sampling_hz));
	json_set(o, "samples", samples_of(p, &p->functions.all));
	json_set(o, "seconds", time_of(p, &p->functions.all));
	json_set(o, "calls_counted", json_boolean(h->count_calls));
	return o;
}

void json_add_functions(json_t *document, const struct profile *p,
                        const struct report_options *options, size_t top)
{
	const struct functions *f = &p->functions;
	const struct function_order *order = function_order_of(p, options->sort, false);
	size_t count;
	const struct profile_function **sorted = functions_sorted_for_programs(p, order, &count);
	json_t *list = json_array();
	for (size_t i = 0; i < count && i < top; i++)
		json_array_append_new(list, json_function(p, sorted[i]));
	free(sorted);
	json_set(document, "sampling", sampling_of(p));
	json_set(document, "functions_sorted_by", json_text(function_order_field(p, order)));
	json_set(document, "functions", list);
	json_set(document, "functions_omitted",
	         json_count(count > top ? (int64_t)(count - top) : 0));
	json_set(document, "files", groups_of(p, f->files, f->files_count, "file"));
	json_set(document, "categories", groups_of(p, f->categories, f->categories_count, "name"));
	json_set(document, "components", groups_of(p, f->components, f->components_count, "name"));
}
