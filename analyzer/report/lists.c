/* lists.c: see lists.h. */
#include "report/lists.h"

#include <stdlib.h>
#include <string.h>

#include "model/estimate.h"

int64_t site_slack(const struct call_site *site)
{
	const int64_t *f = site->fields;
	int64_t usable = f[TRACE_CELL_ALLOCATED_USABLE] + f[TRACE_CELL_MOVED_IN_USABLE];
	int64_t asked = f[TRACE_CELL_ALLOCATED_BYTES] + f[TRACE_CELL_MOVED_IN_BYTES];
	return usable ? usable - asked : 0;
}

int64_t site_live_slack(const struct call_site *site)
{
	const int64_t *f = site->fields;
	int64_t usable = f[TRACE_CELL_ALLOCATED_USABLE] - f[TRACE_CELL_FREED_USABLE] +
	                 f[TRACE_CELL_MOVED_IN_USABLE] - f[TRACE_CELL_MOVED_OUT_USABLE];
	return usable ? usable - site->live_bytes : 0;
}

int64_t site_figure(const struct call_site *site, enum site_order order)
{
	const int64_t *f = site->fields;
	switch (order) {
	case BY_ALLOCATIONS:
		return f[TRACE_CELL_ALLOCATIONS];
	case BY_BYTES:
		return f[TRACE_CELL_ALLOCATED_BYTES];
	case AT_PEAK:
		return f[TRACE_CELL_PEAK_BYTES];
	case LIVE_AT_EXIT:
		return site->live_bytes;
	case BY_CHURN:
		return f[TRACE_CELL_FREES];
	case BY_TEMPORARIES:
		return f[TRACE_CELL_TEMPORARIES];
	case BY_STEP_LOCAL:
		return f[TRACE_CELL_LIFE_STEPS_0];
	case BY_SHORT_LIVED:
		return f[TRACE_CELL_LIFE_TIME_0];
	case BY_CROSS_FREES:
		return f[TRACE_CELL_CROSS_FREES];
	case BY_SLACK:
		return site_slack(site);
	case BY_REALLOCATION:
		return f[TRACE_CELL_MOVED_IN_BYTES] - f[TRACE_CELL_MOVED_OUT_BYTES];
	}
	return 0;
}

struct variance site_variance(const struct call_site *site, enum site_order order)
{
	static const enum trace_cell_field fields[] = {
	        [BY_ALLOCATIONS] = TRACE_CELL_ALLOCATIONS,
	        [BY_BYTES] = TRACE_CELL_ALLOCATED_BYTES,
	        [AT_PEAK] = TRACE_CELL_PEAK_BYTES,
	        [BY_CHURN] = TRACE_CELL_FREES,
	        [BY_TEMPORARIES] = TRACE_CELL_TEMPORARIES,
	        [BY_STEP_LOCAL] = TRACE_CELL_LIFE_STEPS_0,
	        [BY_SHORT_LIVED] = TRACE_CELL_LIFE_TIME_0,
	        [BY_CROSS_FREES] = TRACE_CELL_CROSS_FREES,
	};
	switch (order) {
	case LIVE_AT_EXIT:
		return variance_live_bytes(&site->variances);
	case BY_SLACK:
		return variance_slack(&site->variances);
	case BY_REALLOCATION:
		return variance_realloc_growth(&site->variances);
	default:
		return site->variances.fields[fields[order]];
	}
}

void site_add(struct call_site *sum, const struct call_site *site)
{
	for (int i = 0; i < TRACE_CELL_FIELDS_COUNT; i++)
		sum->fields[i] += site->fields[i];
	sum->live_bytes += site->live_bytes;
	sum->live_blocks += site->live_blocks;
	variances_add(&sum->variances, &site->variances);
}

struct call_site sites_total(const struct profile *p)
{
	struct call_site total = {0};
	for (size_t i = 0; i < p->sites.count; i++)
		site_add(&total, &p->sites.sites[i]);
	return total;
}

static int compare_sites(const void *a, const void *b, void *order)
{
	const struct call_site *x = *(const struct call_site *const *)a;
	const struct call_site *y = *(const struct call_site *const *)b;
	int64_t fx = site_figure(x, *(enum site_order *)order);
	int64_t fy = site_figure(y, *(enum site_order *)order);
	if (fx != fy)
		return fx < fy ? 1 : -1;
	int labels = strcmp(x->label, y->label);
	if (labels)
		return labels;
	return (x->phase > y->phase) - (x->phase < y->phase);
}

const struct call_site **sites_sorted(const struct profile *p, enum site_order order)
{
	size_t count = p->sites.count;
	const struct call_site **sites = mem_zero(count * sizeof(const struct call_site *));
	for (size_t i = 0; i < count; i++)
		sites[i] = &p->sites.sites[i];
	if (count)
		qsort_r(sites, count, sizeof(const struct call_site *), compare_sites, &order);
	return sites;
}

static int compare_phases(const void *a, const void *b)
{
	const struct profile_phase *x = *(const struct profile_phase *const *)a;
	const struct profile_phase *y = *(const struct profile_phase *const *)b;
	if (x->self != y->self)
		return x->self < y->self ? 1 : -1;
	return (x->id > y->id) - (x->id < y->id);
}

const struct profile_phase **phases_sorted(const struct profile *p)
{
	size_t count = p->phases_count;
	const struct profile_phase **phases =
	        mem_zero(count * sizeof(const struct profile_phase *));
	for (size_t i = 0; i < count; i++)
		phases[i] = &p->phases[i];
	if (count)
		qsort(phases, count, sizeof(const struct profile_phase *), compare_phases);
	return phases;
}
