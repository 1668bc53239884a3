/* json_growth.c: call-sites that grow with age, as JSON. */
#include <math.h>

#include "report/json_parts.h"

static json_t *trend_of(const struct trend *trend)
{
	json_t *o = json_object();
	json_set(o, "slope", json_number_of(trend->slope));
	json_set(o, "low", json_number_of(trend->low));
	json_set(o, "high", json_number_of(trend->high));
	json_set(o, "autocorrelation", json_number_of(trend->autocorrelation));
	return o;
}

static json_t *slope_of(const struct slope *slope)
{
	json_t *o = json_object();
	json_set(o, "slope", json_number_of(slope->value));
	json_set(o, "low", json_number_of(slope->low));
	json_set(o, "high", json_number_of(slope->high));
	return o;
}

static json_t *beside_agents_of(const struct growth *row)
{
	if (isnan(row->parts.shared))
		return json_null();
	json_t *o = json_object();
	json_set(o, "by_age", slope_of(&row->parts.x));
	json_set(o, "by_agents", slope_of(&row->parts.z));
	json_set(o, "shared", json_number_of(row->parts.shared));
	return o;
}

static json_t *row_of(const struct profile *p, const struct growth *row)
{
	json_t *o = json_object();
	json_set(o, "call_site", json_integer(row->site - p->sites.sites));
	json_set(o, "label", json_text(row->site->label));
	json_set(o, "file", *row->site->file ? json_text(row->site->file) : json_null());
	json_set(o, "line", *row->site->file ? json_count(row->site->line) : json_null());
	json_set(o, "phase", json_text(profile_phase_path(p, row->site->phase)));
	json_set(o, "verdict", json_text(growth_verdict_name(row->verdict)));
	json_set(o, "reason", json_text(row->reason));
	json_set(o, "whole", trend_of(&row->whole));
	json_set(o, "last_third", trend_of(&row->late));
	json_set(o, "slope_before_last_third", json_number_of(row->before));
	json_set(o, "gained_bytes", json_number_of(row->gained));
	json_set(o, "held_bytes", json_number_of(row->held));
	json_set(o, "peak_bytes", json_count(row->site->fields[TRACE_CELL_PEAK_BYTES]));
	json_set(o, "come_and_go_bytes_at_most", json_number_of(row->swing));
	json_set(o, "beside_agents", beside_agents_of(row));
	json_set(o, "stopped_at", json_number_of(row->stopped));
	json_set(o, "limit_at", json_number_of(row->limit_age));
	json_set(o, "limit_in_seconds", json_number_of(row->limit_seconds));
	return o;
}

json_t *json_growth(const struct profile *p)
{
	static const char *const limits[] = {[LIMIT_NONE] = NULL,
	                                     [LIMIT_MACHINE] = "machine",
	                                     [LIMIT_CGROUP] = "cgroup",
	                                     [LIMIT_ADDRESS_SPACE] = "address_space"};
	const struct growths *all = &p->growths;
	bool fitted = all->points >= GROWTH_POINTS_MIN;
	json_t *o = json_object(), *rows = json_array();
	for (size_t i = 0; i < all->count; i++)
		json_array_append_new(rows, row_of(p, &all->rows[i]));
	json_set(o, "age", json_text(all->by_step ? "steps" : "seconds"));
	json_set(o, "points", json_integer((json_int_t)all->points));
	json_set(o, "points_needed", json_integer(GROWTH_POINTS_MIN));
	json_set(o, "from", fitted ? json_number_of(all->from) : json_null());
	json_set(o, "to", fitted ? json_number_of(all->to) : json_null());
	json_set(o, "seconds_per_age", fitted ? json_number_of(all->pace) : json_null());
	json_set(o, "agents_grow", json_boolean(all->agents_grow));
	json_set(o, "agents", all->agents_grow ? trend_of(&all->agents) : json_null());
	json_set(o, "limit", limits[all->limit] ? json_text(limits[all->limit]) : json_null());
	json_set(o, "limit_bytes",
	         limits[all->limit] ? json_number_of(all->limit_bytes) : json_null());
	json_set(o, "rss_bytes",
	         limits[all->limit] ? json_number_of(all->limit_base) : json_null());
	json_set(o, "sure_slope", p->heap ? json_number_of(all->sure_slope) : json_null());
	json_set(o, "sure_limit_at", json_number_of(all->sure_limit_age));
	json_set(o, "sure_limit_in_seconds", json_number_of(all->sure_limit_seconds));
	json_set(o, "call_sites_not_examined", json_integer((json_int_t)all->unexamined));
	json_set(o, "call_sites", rows);
	return o;
}
