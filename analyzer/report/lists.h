/* lists.h: the lists that every format of the summary shows: which, in which order. */
#ifndef ANALYZER_REPORT_LISTS_H
#define ANALYZER_REPORT_LISTS_H

#include "model/profile.h"

enum site_order { BY_ALLOCATIONS, BY_BYTES, AT_PEAK, LIVE_AT_EXIT };

/* The figure that an order sorts by. */
int64_t site_figure(const struct call_site *site, enum site_order order);

/* All sites, largest figure first; equal ones by label, then phase. Free with free(). */
const struct call_site **sites_sorted(const struct profile *profile, enum site_order order);

/* Phases by self time, largest first. Free with free(). */
const struct profile_phase **phases_sorted(const struct profile *profile);

#endif
