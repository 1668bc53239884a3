/* weight.h: what a sampled block counts for: 1/p blocks, p being the probability with which it was
 * sampled (region.h, struct mp_estimates; poisson.h). */
#ifndef MP_PRELOAD_WEIGHT_H
#define MP_PRELOAD_WEIGHT_H

#include <stdint.h>

/* What one event of a sampled block adds: in the units of the sums. */
struct mp_weight {
	uint64_t count, bytes, usable;
	double count_variance, bytes_variance, slack_variance;
};

/* Of a block of `size` requested and `usable` given bytes, which was sampled by its `length`. */
struct mp_weight mp_weight_of(uint64_t size, uint64_t usable, uint64_t length, uint64_t mean);

#endif
