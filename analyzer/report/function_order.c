/* function_order.c: see function_order.h. */
#include "report/function_order.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A tenth of so many is known to a fifth of it. */
#define SAMPLES_TO_RANK_BY 1000

enum function_time functions_time(const struct profile *p, bool own)
{
	const struct functions *f = &p->functions;
	bool few = own && f->own_samples < SAMPLES_TO_RANK_BY;
	if (f->all.samples > 0 && !(few && f->calls_count))
		return FUNCTION_TIME_SAMPLED;
	return f->calls_count ? FUNCTION_TIME_COUNTED : FUNCTION_TIME_NONE;
}

static bool sampled(const struct profile *p, bool own)
{
	return functions_time(p, own) == FUNCTION_TIME_SAMPLED;
}

bool functions_have_time(const struct profile *p)
{
	return functions_time(p, false) != FUNCTION_TIME_NONE;
}

/* At which samples are taken at most, as the manual says. */
#define FREQUENCY_HIGH 999

struct time_missing functions_time_missing(const struct profile *p)
{
	int64_t hz = p->trace->header.sampling_hz;
	if (hz == TRACE_UNKNOWN)
		return (struct time_missing){"CPU time was not sampled; record it", "199"};
	if (hz < FREQUENCY_HIGH)
		return (struct time_missing){"the run was too short for a sample; record more",
		                             "999"};
	return (struct time_missing){"the run was too short for a sample; run longer", NULL};
}

double function_self(const struct profile *p, const struct profile_function *f, bool own)
{
	return sampled(p, own) ? f->tally.self.values[STACK_TIME] : f->counted_self;
}

double function_inclusive(const struct profile *p, const struct profile_function *f, bool own)
{
	return sampled(p, own) ? f->tally.inclusive.values[STACK_TIME] : f->counted_inclusive;
}

const struct figures *function_memory(const struct profile_function *f, bool site_memory)
{
	return site_memory ? &f->tally.site : &f->tally.self;
}

/* ---- orders ------------------------------------------------------------------------------ */

static double by_self(const struct profile *p, const struct profile_function *f, bool site)
{
	return function_self(p, f, site);
}

static double by_inclusive(const struct profile *p, const struct profile_function *f, bool site)
{
	return function_inclusive(p, f, site);
}

double function_with_libraries(const struct profile *p, const struct profile_function *f, bool own)
{
	return sampled(p, own) ? f->tally.site.values[STACK_TIME] : NAN;
}

static double by_site(const struct profile *p, const struct profile_function *f, bool site)
{
	return function_with_libraries(p, f, site);
}

static double by_calls(const struct profile *p, const struct profile_function *f, bool site)
{
	(void)p, (void)site;
	return f->calls == PROFILE_UNKNOWN ? NAN : (double)f->calls;
}

static double by_allocations(const struct profile *p, const struct profile_function *f, bool site)
{
	(void)p;
	return function_memory(f, site)->values[STACK_ALLOCATIONS];
}

static double by_bytes(const struct profile *p, const struct profile_function *f, bool site)
{
	(void)p;
	return function_memory(f, site)->values[STACK_BYTES];
}

static double by_peak(const struct profile *p, const struct profile_function *f, bool site)
{
	(void)p;
	return function_memory(f, site)->values[STACK_PEAK];
}

static const struct function_order orders[] = {
        {"self", "self time", "SELF TIME", by_self, {"self_seconds", "counted_self_seconds"}},
        {"inclusive",
         "inclusive time",
         "INCLUSIVE TIME",
         by_inclusive,
         {"inclusive_seconds", "counted_inclusive_seconds"}},
        {"site",
         "time with libraries",
         "TIME WITH LIBRARIES",
         by_site,
         {"site_seconds", "site_seconds"}},
        {"calls", "calls", "CALLS", by_calls, {"calls", "calls"}},
        {"allocations",
         "allocations",
         "ALLOCATIONS",
         by_allocations,
         {"allocations", "allocations"}},
        {"bytes",
         "bytes allocated",
         "BYTES ALLOCATED",
         by_bytes,
         {"bytes_allocated", "bytes_allocated"}},
        {"peak", "bytes at the peak", "BYTES AT THE PEAK", by_peak, {"peak_bytes", "peak_bytes"}},
        {"name", "name", "NAME", NULL, {"name", "name"}},
        {NULL, NULL, NULL, NULL, {NULL, NULL}},
};

const struct function_order *function_orders(void)
{
	return orders;
}

const struct function_order *function_order_find(const char *name)
{
	for (const struct function_order *o = orders; o->name; o++)
		if (strcmp(o->name, name) == 0)
			return o;
	return NULL;
}

const char *function_order_names(void)
{
	return "self, inclusive, site, calls, allocations, bytes, peak, name";
}

bool function_order_is_of_time(const struct function_order *order)
{
	return order->figure == by_self || order->figure == by_inclusive ||
	       order->figure == by_site;
}

const struct function_order *function_order_of(const struct profile *p,
                                               const struct function_order *asked, bool own)
{
	const struct function_order *order = asked ? asked : orders;
	if (function_order_missing(p, order))
		order = orders;
	if (order == orders && own && p->code.interpreted && sampled(p, own))
		order = asked == orders ? order : function_order_find("site");
	if (function_order_is_of_time(order) && !functions_have_time(p) && p->heap)
		return function_order_find("allocations");
	return order;
}

const char *function_order_missing(const struct profile *p, const struct function_order *asked)
{
	if (!asked)
		return NULL;
	if (asked->figure == by_calls && !p->functions.calls_count)
		return "calls were not counted: build with -finstrument-functions and record with "
		       "memprof run --count-calls";
	bool of_memory = asked->figure == by_allocations || asked->figure == by_bytes ||
	                 asked->figure == by_peak;
	return of_memory && !p->heap ? "allocations were not recorded: record without --mode off"
	                             : NULL;
}

/* Times and memory of functions are of two kinds each, see the header. */
struct sorting {
	const struct profile *p;
	const struct function_order *order;
	bool site_memory, own_time;
};

static int largest_first(const struct sorting *s, typeof(by_self) *figure,
                         const struct profile_function *x, const struct profile_function *y)
{
	bool of_time = figure == by_self || figure == by_inclusive || figure == by_site;
	bool kind = of_time ? s->own_time : s->site_memory;
	double fx = figure(s->p, x, kind), fy = figure(s->p, y, kind);
	fx = isnan(fx) ? -INFINITY : fx;
	fy = isnan(fy) ? -INFINITY : fy;
	return fx == fy ? 0 : fx < fy ? 1 : -1;
}

static double by_samples(const struct profile *p, const struct profile_function *f, bool site)
{
	(void)p, (void)site;
	return f->tally.self.values[STACK_TIME];
}

/* Functions of equal figures are told apart by their inclusive time, so that those of no sample of
 * their own do not hide, by their names, those that did much by others; those of which no time was
 * counted, by their samples. */
static int compare(const void *a, const void *b, void *data)
{
	const struct profile_function *x = *(const struct profile_function *const *)a;
	const struct profile_function *y = *(const struct profile_function *const *)b;
	const struct sorting *s = data;
	int order = s->order->figure ? largest_first(s, s->order->figure, x, y) : 0;
	if (order == 0 && s->order->figure)
		order = largest_first(s, by_inclusive, x, y);
	if (order == 0 && s->order->figure)
		order = largest_first(s, by_samples, x, y);
	if (order != 0)
		return order;
	int names = strcmp(x->name, y->name);
	return names ? names : (x > y) - (x < y);
}

/* What stands for code without a name is listed only where something was measured. */
static bool is_listed(const struct profile_function *f)
{
	const double *at = f->tally.self.values, *below = f->tally.inclusive.values;
	bool any = f->named;
	for (int metric = 0; metric < STACK_METRICS; metric++)
		any = any || at[metric] != 0 || below[metric] != 0;
	return any;
}

static const struct profile_function **sort_listed(const struct sorting *sorting, size_t *count)
{
	const struct functions *f = &sorting->p->functions;
	const struct profile_function **sorted = mem_zero(f->count * sizeof(*sorted));
	*count = 0;
	for (size_t i = 0; i < f->count; i++)
		if (is_listed(&f->list[i]))
			sorted[(*count)++] = &f->list[i];
	if (*count)
		qsort_r(sorted, *count, sizeof(*sorted), compare, (void *)sorting);
	return sorted;
}

const struct profile_function **functions_sorted(const struct profile *p,
                                                 const struct function_order *order,
                                                 bool site_memory, size_t *count)
{
	return sort_listed(&(struct sorting){p, order, site_memory, site_memory}, count);
}

const struct profile_function **functions_sorted_for_programs(const struct profile *p,
                                                              const struct function_order *order,
                                                              size_t *count)
{
	return sort_listed(&(struct sorting){p, order, false, true}, count);
}

const char *function_order_field(const struct profile *p, const struct function_order *order)
{
	return order->fields[functions_time(p, true) == FUNCTION_TIME_COUNTED];
}
