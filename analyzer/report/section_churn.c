/* section_churn.c: call-sites by what becomes of their blocks: freed again, at once, in the step
 * that made them, by another thread; larger than asked for; grown by realloc.
 *
 * Each list's figure adds up to the run's total of it. A block that was reallocated belongs to the
 * call-site that reallocated it last, so its free does. */
#include <math.h>

#include "model/estimate.h"
#include "report/sections.h"
#include "report/site_list.h"

static double share(double part, double whole)
{
	return whole > 0 ? part / whole : NAN;
}

/* ---- cells --------------------------------------------------------------------------------- */

/* The figure per step, and its share of all sites'. */
#define COUNT_CELLS(name, NAME)                                                                    \
	SITE_CELL(name)                                                                            \
	{                                                                                          \
		return view_count(v, one->phase, SITE_BOTH(one, NAME));                            \
	}                                                                                          \
	SITE_CELL(name##_share)                                                                    \
	{                                                                                          \
		return view_share(v, SITE_BOTH(one, NAME), SITE_BOTH(all, NAME));                  \
	}

/* Its share of the site's own frees, besides. */
#define FREED_CELLS(name, NAME)                                                                    \
	COUNT_CELLS(name, NAME)                                                                    \
	SITE_CELL(name##_of_freed)                                                                 \
	{                                                                                          \
		return view_share(v, SITE_BOTH(one, NAME), SITE_BOTH(one, FREES));                 \
	}

COUNT_CELLS(freed, FREES)
FREED_CELLS(temporaries, TEMPORARIES)
FREED_CELLS(step_local, LIFE_STEPS_0)
FREED_CELLS(short_lived, LIFE_TIME_0)
FREED_CELLS(cross_frees, CROSS_FREES)

SITE_CELL(freed_bytes)
{
	return view_bytes(v, one->phase, SITE_BOTH(one, FREED_BYTES));
}

SITE_CELL(slack)
{
	return view_bytes(v, one->phase, SITE_FIGURE(one, BY_SLACK));
}

SITE_CELL(slack_share)
{
	return view_share(v, SITE_FIGURE(one, BY_SLACK), SITE_FIGURE(all, BY_SLACK));
}

SITE_CELL(slack_of_usable)
{
	return unit_percent(
	        share((double)site_slack(one),
	              SITE_FIELD(one, ALLOCATED_USABLE) + SITE_FIELD(one, MOVED_IN_USABLE)));
}

SITE_CELL(live_slack)
{
	double bytes = (double)site_live_slack(one);
	return view_estimate(v, unit_bytes(bytes), bytes, variance_live_slack(&one->variances));
}

SITE_CELL(growth)
{
	return view_bytes(v, one->phase, SITE_FIGURE(one, BY_REALLOCATION));
}

SITE_CELL(reallocations)
{
	return view_count(v, one->phase, SITE_BOTH(one, MOVED_IN));
}

SITE_CELL(brought)
{
	return view_bytes(v, one->phase, SITE_BOTH(one, MOVED_IN_BYTES));
}

SITE_CELL(mean_brought)
{
	return unit_bytes(share(SITE_FIELD(one, MOVED_IN_BYTES), SITE_FIELD(one, MOVED_IN)));
}

/* ---- lists -------------------------------------------------------------------------------- */

static const struct site_list by_churn = {
        BY_CHURN,
        "CALL-SITES BY CHURN",
        "allocations that were freed again; lifetime: the median block's",
        "fg",
        {{"churn/step", "churn", freed},
         {"%", "%", freed_share},
         {"bytes/step", "bytes", freed_bytes},
         {"lifetime", "lifetime", cell_lifetime}}};

static const struct site_list by_temporaries = {
        BY_TEMPORARIES,
        "CALL-SITES BY TEMPORARIES",
        "freed before the same thread allocated again",
        "gf",
        {{"temporary/step", "temporary", temporaries},
         {"%", "%", temporaries_share},
         {"of its frees %", "of its frees %", temporaries_of_freed},
         {"allocs/step", "allocations", cell_allocations}}};

/* Without steps the nearest that time can tell. */
static const struct site_list by_step_local = {BY_STEP_LOCAL,
                                               "CALL-SITES BY STEP-LOCAL BLOCKS",
                                               "freed in the step that made them",
                                               "gf",
                                               {{"in step/step", NULL, step_local},
                                                {"%", NULL, step_local_share},
                                                {"of its frees %", NULL, step_local_of_freed},
                                                {"allocs/step", NULL, cell_allocations}}};

static const struct site_list by_short_lived = {BY_SHORT_LIVED,
                                                "CALL-SITES BY SHORT-LIVED BLOCKS",
                                                "freed within 10 ms, by a clock of 50 ms",
                                                "gf",
                                                {{NULL, "short-lived", short_lived},
                                                 {NULL, "%", short_lived_share},
                                                 {NULL, "of its frees %", short_lived_of_freed},
                                                 {NULL, "allocations", cell_allocations}}};

static const struct site_list by_cross_frees = {
        BY_CROSS_FREES,
        "CALL-SITES BY CROSS-THREAD FREES",
        "freed by another thread than allocated",
        "gf",
        {{"cross/step", "cross", cross_frees},
         {"%", "%", cross_frees_share},
         {"of its frees %", "of its frees %", cross_frees_of_freed},
         {"allocs/step", "allocations", cell_allocations}}};

static const struct site_list by_slack = {BY_SLACK,
                                          "CALL-SITES BY SLACK",
                                          "usable less requested bytes, of all blocks made",
                                          "eg",
                                          {{"slack/step", "slack", slack},
                                           {"%", "%", slack_share},
                                           {"of usable %", "of usable %", slack_of_usable},
                                           {"live at the end", "live at the end", live_slack}}};

static const struct site_list by_reallocation = {
        BY_REALLOCATION,
        "CALL-SITES BY GROWTH THROUGH REALLOC",
        "bytes of blocks reallocated here, less of those reallocated away",
        "gfe",
        {{"growth/step", "growth", growth},
         {"reallocs/step", "reallocations", reallocations},
         {"new bytes/step", "new bytes", brought},
         {"mean size", "mean size", mean_brought}}};

void section_churn(struct view *v)
{
	site_list_write(v, &by_churn);
	site_list_write(v, &by_temporaries);
	site_list_write(v, v->steps ? &by_step_local : &by_short_lived);
	site_list_write(v, &by_cross_frees);
	site_list_write(v, &by_slack);
	site_list_write(v, &by_reallocation);
}
