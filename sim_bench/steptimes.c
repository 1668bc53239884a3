/* steptimes.c: see steptimes.h.
 *
 * Buckets: below 2 × PARTS each value has its own; above, the leading PART_BITS + 1 bits of a value
 * name its bucket.
 */
#include "steptimes.h"

#include <math.h>

static unsigned bucket_of(uint64_t ns)
{
	if (ns < STEPTIMES_PARTS)
		return (unsigned)ns;
	unsigned shift = 63u - (unsigned)__builtin_clzll(ns) - STEPTIMES_PART_BITS;
	return (shift << STEPTIMES_PART_BITS) + (unsigned)(ns >> shift);
}

/* The middle of a bucket. */
static uint64_t bucket_value(unsigned bucket)
{
	if (bucket < 2 * STEPTIMES_PARTS)
		return bucket;
	unsigned shift = (bucket >> STEPTIMES_PART_BITS) - 1;
	uint64_t lead = bucket - (shift << STEPTIMES_PART_BITS);
	return (lead << shift) + (UINT64_C(1) << shift) / 2;
}

void steptimes_add(struct steptimes *times, uint64_t step, uint64_t ns)
{
	times->count++;
	times->sum_ns += ns;
	times->buckets[bucket_of(ns)]++;
	if (ns > times->max_ns) {
		times->max_ns = ns;
		times->max_step = step;
	}
}

uint64_t steptimes_quantile(const struct steptimes *times, double share)
{
	uint64_t rank = (uint64_t)ceil(share * (double)times->count), seen = 0;
	if (rank == 0)
		rank = 1;
	for (unsigned bucket = 0; bucket < STEPTIMES_BUCKETS; bucket++) {
		seen += times->buckets[bucket];
		if (seen >= rank) {
			uint64_t value = bucket_value(bucket);
			return value < times->max_ns ? value : times->max_ns;
		}
	}
	return 0;
}
