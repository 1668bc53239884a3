/* weight.c: see weight.h. */
#include "weight.h"
#include "poisson.h"
#include "shared/region.h"

static uint64_t in_units(double value, uint32_t bits)
{
	return (uint64_t)(value * (double)(1u << bits) + 0.5);
}

struct mp_weight mp_weight_of(uint64_t size, uint64_t usable, uint64_t length, uint64_t mean)
{
	double p = mp_poisson_inclusion(length, mean);
	double variance = (1 - p) / (p * p);
	double bytes = (double)size, slack = (double)usable - (double)size;
	return (struct mp_weight){
	        .count = in_units(1 / p, MP_ESTIMATE_COUNT_BITS),
	        .bytes = in_units(bytes / p, MP_ESTIMATE_BYTES_BITS),
	        .usable = in_units((double)usable / p, MP_ESTIMATE_BYTES_BITS),
	        .count_variance = variance,
	        .bytes_variance = variance * bytes * bytes,
	        .slack_variance = variance * slack * slack,
	};
}
