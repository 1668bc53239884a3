/* histogram.h: counts of durations by log-linear bucket, as traces carry them.
 *
 * Below 2·TRACE_HIST_SUB ticks a bucket is one tick wide, above it is at most 1/64 of its value, so
 * the middle of a bucket is within 0.8 % of each value in it. Counts are kept sparse: memory
 * follows what was added, not the range.
 */
#ifndef ANALYZER_TRACE_HISTOGRAM_H
#define ANALYZER_TRACE_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Buckets beyond this would begin above 2^62 ticks. */
#define HISTOGRAM_BUCKETS (64u * 57u)

struct histogram_entry {
	uint32_t bucket;
	int64_t count;
};

struct histogram {
	struct histogram_entry *entries; /* a zeroed struct is an empty histogram */
	size_t count, capacity;
	size_t merged; /* the first so many are sorted, each bucket once */
};

void histogram_add(struct histogram *histogram, uint32_t bucket, int64_t count);

/* How many values there are. */
int64_t histogram_total(const struct histogram *histogram);

/* The lowest value of a bucket. */
int64_t histogram_low(uint32_t bucket);

/* The value below or at which the share `q` (0…1) of all values lies: the smallest bucket with
 * cumulative count ≥ q · total, its middle, kept within [min, max]. −1 if there are no values. */
double histogram_quantile(struct histogram *histogram, double q, int64_t min, int64_t max);

void histogram_free(struct histogram *histogram);

#endif
