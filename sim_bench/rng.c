/* rng.c: SplitMix64 streams named by their purpose; see rng.h. */
#include "rng.h"

/* 2^64 divided by the golden ratio, odd: the step of the Weyl sequence below SplitMix64. */
#define WEYL_STEP UINT64_C(0x9e3779b97f4a7c15)

uint64_t rng_mix(uint64_t value)
{
	value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
	return value ^ (value >> 31);
}

struct rng rng_stream(uint64_t seed, enum rng_purpose purpose, uint64_t a, uint64_t b)
{
	/* Each part is mixed before the next is added: (1, 2) and (2, 1) are different streams. */
	uint64_t name = rng_mix(seed + WEYL_STEP);
	name = rng_mix(name ^ (uint64_t)purpose) + WEYL_STEP;
	name = rng_mix(name ^ a) + WEYL_STEP;
	name = rng_mix(name ^ b);
	return (struct rng){name};
}

uint64_t rng_next(struct rng *rng)
{
	rng->state += WEYL_STEP;
	return rng_mix(rng->state);
}

double rng_unit(struct rng *rng)
{
	return (double)(rng_next(rng) >> 11) * 0x1p-53;
}

double rng_between(struct rng *rng, double low, double high)
{
	return low + (high - low) * rng_unit(rng);
}

bool rng_chance(struct rng *rng, double probability)
{
	return rng_unit(rng) < probability;
}
