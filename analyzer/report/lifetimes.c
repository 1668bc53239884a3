/* lifetimes.c: see lifetimes.h. */
#include "report/lifetimes.h"

#include "model/estimate.h"

static const char *const steps_names[TRACE_LIFE_STEPS + 1] = {
        "in step",      "1 step",        "2–3 steps",    "4–7 steps",     "8–15 steps",
        "16–31 steps",  "32–63 steps",   "64–127 steps", "128–255 steps", "256–511 steps",
        "512–1k steps", "over 1k steps", "to the end"};
static const char *const time_names[TRACE_LIFE_TIME + 1] = {
        "<10 ms",  "10–40 ms", "40–160 ms", "160–640 ms", "0.6–2.6 s",   "2.6–10 s",
        "10–41 s", "41–164 s", "3–11 min",  "11–44 min",  "over 44 min", "to the end"};

const struct lifetimes lifetimes_steps = {TRACE_CELL_LIFE_STEPS_0, TRACE_LIFE_STEPS, steps_names};
const struct lifetimes lifetimes_time = {TRACE_CELL_LIFE_TIME_0, TRACE_LIFE_TIME, time_names};

double lifetimes_in(const struct lifetimes *l, const struct call_site *site, int bucket)
{
	if (bucket < l->count)
		return (double)site->fields[l->first + bucket];
	return site->live_blocks > 0 ? (double)site->live_blocks : 0;
}

struct variance lifetimes_variance(const struct lifetimes *l, const struct call_site *site,
                                   int bucket)
{
	if (bucket < l->count)
		return site->variances.fields[l->first + bucket];
	return variance_live_blocks(&site->variances);
}

const char *lifetimes_median(const struct lifetimes *l, const struct call_site *site)
{
	double all = 0, sum = 0;
	for (int i = 0; i <= l->count; i++)
		all += lifetimes_in(l, site, i);
	if (all <= 0)
		return "—";
	for (int i = 0; i < l->count; i++)
		if ((sum += lifetimes_in(l, site, i)) * 2 >= all)
			return l->names[i];
	return l->names[l->count];
}
