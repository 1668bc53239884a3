/* lists.c: see lists.h. */
#include "report/lists.h"

#include <stdlib.h>
#include <string.h>

int64_t site_figure(const struct call_site *site, enum site_order order)
{
	switch (order) {
	case BY_ALLOCATIONS:
		return site->fields[TRACE_CELL_ALLOCATIONS];
	case BY_BYTES:
		return site->fields[TRACE_CELL_ALLOCATED_BYTES];
	case AT_PEAK:
		return site->fields[TRACE_CELL_PEAK_BYTES];
	case LIVE_AT_EXIT:
		return site->live_bytes;
	}
	return 0;
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
