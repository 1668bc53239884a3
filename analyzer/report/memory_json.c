/* memory_json.c: where memory goes, for programs: the figures of memory_text.c, unrounded. */
#include <stdlib.h>

#include "model/estimate.h"
#include "report/json_parts.h"
#include "report/lists.h"
#include "report/report.h"

/* Rows of each list, unless told. */
#define SITES_DEFAULT 1000

/* ---- over the run ------------------------------------------------------------------------- */

static json_t *point_of(const struct profile_point *point)
{
	json_t *o = json_object();
	json_set(o, "seconds", json_number_of(point->time));
	json_set(o, "steps", json_number_of(point->steps));
	json_set(o, "agents", json_number_of(point->agents));
	json_set(o, "live_bytes", json_number_of(point->live));
	json_set(o, "rss_bytes", json_number_of(point->rss));
	json_set(o, "rss_anonymous_bytes", json_number_of(point->anon));
	json_set(o, "rss_file_bytes", json_number_of(point->file));
	json_set(o, "rss_shared_bytes", json_number_of(point->shmem));
	json_set(o, "swap_bytes", json_number_of(point->swap));
	json_set(o, "profiler_bytes", json_number_of(point->profiler));
	json_set(o, "unexplained_bytes", json_number_of(point->unexplained));
	json_set(o, "allocator_taken_seconds", json_number_of(point->taken));
	json_set(o, "allocator_allocated_bytes", json_number_of(point->allocated));
	json_set(o, "allocator_active_bytes", json_number_of(point->active));
	json_set(o, "allocator_metadata_bytes", json_number_of(point->metadata));
	json_set(o, "allocator_resident_bytes", json_number_of(point->resident));
	json_set(o, "allocator_retained_bytes", json_number_of(point->retained));
	json_set(o, "resident_by_live", json_number_of(point->fragmentation));
	return o;
}

static json_t *timeline_of(const struct profile *p)
{
	json_t *list = json_array();
	for (size_t i = 0; i < p->points_count; i++)
		json_array_append_new(list, point_of(&p->points[i]));
	return list;
}

/* ---- call-sites --------------------------------------------------------------------------- */

/* Each list has rows sorted by the figure it is named for, and `others`: what the sites that are
 * not given amount to. */
static const struct {
	enum site_order order;
	const char *name;
} lists[] = {
        {AT_PEAK, "at_peak"},
        {LIVE_AT_EXIT, "live_at_exit"},
        {BY_CHURN, "churn"},
        {BY_TEMPORARIES, "temporaries"},
        {BY_STEP_LOCAL, "step_local"},
        {BY_SHORT_LIVED, "short_lived"},
        {BY_CROSS_FREES, "cross_thread_frees"},
        {BY_SLACK, "slack"},
        {BY_REALLOCATION, "growth_by_reallocation"},
};

static void add_counters(json_t *o, const struct profile *p, const struct call_site *site)
{
	const int64_t *f = site->fields;
	const struct variance *v = site->variances.fields;
	json_set_estimate(o, p->sampled, "allocations", f[TRACE_CELL_ALLOCATIONS],
	                  v[TRACE_CELL_ALLOCATIONS]);
	json_set_estimate(o, p->sampled, "bytes_allocated", f[TRACE_CELL_ALLOCATED_BYTES],
	                  v[TRACE_CELL_ALLOCATED_BYTES]);
	json_set_estimate(o, p->sampled, "frees", f[TRACE_CELL_FREES], v[TRACE_CELL_FREES]);
	json_set_estimate(o, p->sampled, "bytes_freed", f[TRACE_CELL_FREED_BYTES],
	                  v[TRACE_CELL_FREED_BYTES]);
	json_set_estimate(o, p->sampled, "temporary_allocations", f[TRACE_CELL_TEMPORARIES],
	                  v[TRACE_CELL_TEMPORARIES]);
	json_set_estimate(o, p->sampled, "freed_in_step", f[TRACE_CELL_LIFE_STEPS_0],
	                  v[TRACE_CELL_LIFE_STEPS_0]);
	json_set_estimate(o, p->sampled, "freed_within_10_ms", f[TRACE_CELL_LIFE_TIME_0],
	                  v[TRACE_CELL_LIFE_TIME_0]);
	json_set_estimate(o, p->sampled, "cross_thread_frees", f[TRACE_CELL_CROSS_FREES],
	                  v[TRACE_CELL_CROSS_FREES]);
	json_set_estimate(o, p->sampled, "slack_bytes", site_slack(site),
	                  variance_slack(&site->variances));
	json_set_estimate(o, p->sampled, "live_slack_bytes", site_live_slack(site),
	                  variance_live_slack(&site->variances));
	json_set_estimate(o, p->sampled, "reallocations", f[TRACE_CELL_MOVED_IN],
	                  v[TRACE_CELL_MOVED_IN]);
	json_set_estimate(o, p->sampled, "reallocated_bytes", f[TRACE_CELL_MOVED_IN_BYTES],
	                  v[TRACE_CELL_MOVED_IN_BYTES]);
	json_set_estimate(o, p->sampled, "growth_by_reallocation_bytes",
	                  site_figure(site, BY_REALLOCATION),
	                  variance_realloc_growth(&site->variances));
	json_set_estimate(o, p->sampled, "peak_bytes", f[TRACE_CELL_PEAK_BYTES],
	                  v[TRACE_CELL_PEAK_BYTES]);
	json_set_estimate(o, p->sampled, "live_at_exit_bytes", site->live_bytes,
	                  variance_live_bytes(&site->variances));
	json_set_estimate(o, p->sampled, "live_at_exit_allocations", site->live_blocks,
	                  variance_live_blocks(&site->variances));
	json_set_lifetimes(o, p->sampled, f, v);
	json_set_sizes(o, p->sampled, f, v);
	if (p->sampled)
		json_set(o, "sampled_blocks", json_count(f[TRACE_CELL_SAMPLED]));
}

static json_t *site_of(const struct profile *p, const struct call_site *site)
{
	json_t *o = json_object();
	json_set(o, "call_site", json_integer(site - p->sites.sites));
	json_set(o, "label", json_text(site->label));
	json_set(o, "function", *site->function ? json_text(site->function) : json_null());
	json_set(o, "file", *site->file ? json_text(site->file) : json_null());
	json_set(o, "line", *site->file ? json_count(site->line) : json_null());
	json_set(o, "module", json_text(site->module));
	json_set(o, "own", json_boolean(site->own));
	json_set(o, "phase", json_text(profile_phase_path(p, site->phase)));
	add_counters(o, p, site);
	return o;
}

static json_t *list_of(const struct profile *p, enum site_order order, size_t top)
{
	const struct call_site **sorted = sites_sorted(p, order);
	struct call_site others = {0};
	json_t *list = json_object(), *rows = json_array(), *rest = json_object();
	int64_t count = 0, figure = 0;
	struct variance variance = {0};
	for (size_t i = 0; i < p->sites.count; i++) {
		int64_t own = site_figure(sorted[i], order);
		figure += own;
		variance_add(&variance, site_variance(sorted[i], order));
		if (own > 0 && json_array_size(rows) < top) {
			json_array_append_new(rows, site_of(p, sorted[i]));
		} else if (own != 0) {
			site_add(&others, sorted[i]);
			count++;
		}
	}
	json_set(rest, "call_sites", json_count(count));
	json_set_estimate(rest, p->sampled, "figure", site_figure(&others, order),
	                  site_variance(&others, order));
	add_counters(rest, p, &others);
	json_set_estimate(list, p->sampled, "total", figure, variance);
	json_set(list, "rows", rows);
	json_set(list, "others", rest);
	free(sorted);
	return list;
}

static json_t *lists_of(const struct profile *p, size_t top)
{
	if (!p->heap)
		return json_null();
	json_t *all = json_object();
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		json_set(all, lists[i].name, list_of(p, lists[i].order, top));
	return all;
}

static json_t *all_sites_of(const struct profile *p)
{
	struct call_site total = sites_total(p);
	if (!p->heap)
		return json_null();
	json_t *o = json_object();
	add_counters(o, p, &total);
	return o;
}

json_t *memory_json(const struct profile *p, const struct report_options *options)
{
	json_t *document = json_object();
	json_set(document, "schema_version", json_integer(JSON_SCHEMA_VERSION));
	json_set(document, "report", json_text("memory"));
	json_set(document, "run", json_run(p));
	json_set(document, "totals", json_totals(p));
	json_set(document, "timeline", timeline_of(p));
	json_set(document, "growth", json_growth(p));
	json_set(document, "all_call_sites", all_sites_of(p));
	json_set(document, "call_sites", lists_of(p, options->top ? options->top : SITES_DEFAULT));
	return document;
}
