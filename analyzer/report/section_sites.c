/* section_sites.c: call-sites, by allocations, by bytes, at the peak, and live at exit. */
#include <math.h>

#include "model/estimate.h"
#include "report/sections.h"
#include "report/site_list.h"

/* ---- cells --------------------------------------------------------------------------------- */

SITE_CELL(allocations_share)
{
	return view_share(v, SITE_BOTH(one, ALLOCATIONS), SITE_BOTH(all, ALLOCATIONS));
}

SITE_CELL(temporary_share)
{
	return view_share(v, SITE_BOTH(one, TEMPORARIES), SITE_BOTH(one, ALLOCATIONS));
}

SITE_CELL(bytes_share)
{
	return view_share(v, SITE_BOTH(one, ALLOCATED_BYTES), SITE_BOTH(all, ALLOCATED_BYTES));
}

SITE_CELL(mean_size)
{
	double allocations = SITE_FIELD(one, ALLOCATIONS);
	return unit_bytes(allocations > 0 ? SITE_FIELD(one, ALLOCATED_BYTES) / allocations : NAN);
}

SITE_CELL(at_peak)
{
	struct unit bytes = unit_bytes(SITE_FIELD(one, PEAK_BYTES));
	return view_estimate(v, bytes, SITE_BOTH(one, PEAK_BYTES));
}

SITE_CELL(peak_share)
{
	return view_share(v, SITE_BOTH(one, PEAK_BYTES), SITE_BOTH(all, PEAK_BYTES));
}

SITE_CELL(live)
{
	struct unit bytes = unit_bytes((double)one->live_bytes);
	return view_estimate(v, bytes, SITE_FIGURE(one, LIVE_AT_EXIT));
}

SITE_CELL(live_share)
{
	return view_share(v, SITE_FIGURE(one, LIVE_AT_EXIT), SITE_FIGURE(all, LIVE_AT_EXIT));
}

SITE_CELL(live_blocks)
{
	return view_estimate(v, unit_count(one->live_blocks), (double)one->live_blocks,
	                     variance_live_blocks(&one->variances));
}

SITE_CELL(all_allocations)
{
	struct unit count = unit_count(one->fields[TRACE_CELL_ALLOCATIONS]);
	return view_estimate(v, count, SITE_BOTH(one, ALLOCATIONS));
}

/* ---- lists -------------------------------------------------------------------------------- */

static const struct site_list by_allocations = {BY_ALLOCATIONS,
                                                "CALL-SITES BY ALLOCATIONS",
                                                "lifetime: the median block's",
                                                "hgf",
                                                {{"allocs/step", "allocations", cell_allocations},
                                                 {"%", "%", allocations_share},
                                                 {"bytes/step", "bytes", cell_bytes},
                                                 {"lifetime", "lifetime", cell_lifetime},
                                                 {"temporary %", "temporary %", temporary_share}}};

static const struct site_list by_bytes = {BY_BYTES,
                                          "CALL-SITES BY BYTES ALLOCATED",
                                          "",
                                          "gf",
                                          {{"bytes/step", "bytes", cell_bytes},
                                           {"%", "%", bytes_share},
                                           {"allocs/step", "allocations", cell_allocations},
                                           {"mean size", "mean size", mean_size}}};

static const struct site_list at_the_peak = {
        AT_PEAK,
        "CALL-SITES AT THE PEAK",
        "",
        NULL,
        {{"at peak", "at peak", at_peak}, {"%", "%", peak_share}}};

static const struct site_list live_at_exit = {LIVE_AT_EXIT,
                                              "CALL-SITES LIVE AT EXIT",
                                              "",
                                              "gf",
                                              {{"live", "live", live},
                                               {"%", "%", live_share},
                                               {"blocks", "blocks", live_blocks},
                                               {"allocations", "allocations", all_allocations}}};

void section_allocating(struct view *v)
{
	site_list_write(v, &by_allocations);
	site_list_write(v, &by_bytes);
}

void section_held(struct view *v)
{
	site_list_write(v, &at_the_peak);
	site_list_write(v, &live_at_exit);
}
