/* lifetimes.h: the buckets of lifetimes (TRACE_FORMAT.md) in words, and their medians. */
#ifndef ANALYZER_REPORT_LIFETIMES_H
#define ANALYZER_REPORT_LIFETIMES_H

#include <stdbool.h>

#include "model/callsites.h"

/* One of the two histograms. Bucket `count` is what outlives them all: blocks live at the end. */
struct lifetimes {
	int first, count; /* fields of a cell */
	const char *const *names;
};

extern const struct lifetimes lifetimes_steps, lifetimes_time;

/* Blocks in a bucket from 0 to `count`. */
double lifetimes_in(const struct lifetimes *lifetimes, const struct call_site *site, int bucket);

/* The variance of that, in sampled mode. */
struct variance lifetimes_variance(const struct lifetimes *lifetimes, const struct call_site *site,
                                   int bucket);

/* The bucket that half of all blocks, those still live included, do not outlive, as a word; "—" if
 * no lifetimes were recorded. */
const char *lifetimes_median(const struct lifetimes *lifetimes, const struct call_site *site);

#endif
