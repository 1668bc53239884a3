/* lists.h: the lists that every format of the reports shows: which, in which order. */
#ifndef ANALYZER_REPORT_LISTS_H
#define ANALYZER_REPORT_LISTS_H

#include "model/profile.h"

enum site_order {
	BY_ALLOCATIONS,
	BY_BYTES,
	AT_PEAK,
	LIVE_AT_EXIT,
	BY_CHURN,        /* allocations that were freed again */
	BY_TEMPORARIES,  /* freed before the same thread allocated again */
	BY_STEP_LOCAL,   /* freed in the step that made them */
	BY_SHORT_LIVED,  /* freed within 10 ms */
	BY_CROSS_FREES,  /* freed by another thread than allocated */
	BY_SLACK,        /* usable − requested bytes of all that was allocated */
	BY_REALLOCATION, /* bytes that reallocations brought, less those that they took away */
};

/* The figure that an order sorts by. */
int64_t site_figure(const struct call_site *site, enum site_order order);

/* Its variance, in sampled mode. */
struct variance site_variance(const struct call_site *site, enum site_order order);

/* Bytes that the allocator gave beyond what was asked for: of all allocations and reallocations,
 * and of what is live at the end. 0 in a trace that does not tell what it gave. */
int64_t site_slack(const struct call_site *site);
int64_t site_live_slack(const struct call_site *site);

/* Adds the counters of a site to those of `sum`. */
void site_add(struct call_site *sum, const struct call_site *site);

/* The counters of all sites. */
struct call_site sites_total(const struct profile *profile);

/* All sites, largest figure first; equal ones by label, then phase. Free with free(). */
const struct call_site **sites_sorted(const struct profile *profile, enum site_order order);

/* Phases by self time, largest first. Free with free(). */
const struct profile_phase **phases_sorted(const struct profile *profile);

#endif
