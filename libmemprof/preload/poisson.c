/* poisson.c: see poisson.h. */
#include "poisson.h"

#define STEP  0x9e3779b97f4a7c15ull
#define LN_2  0.693147180559945309417
#define SQRT2 1.41421356237309504880

static uint64_t mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

uint64_t mp_random_next(uint64_t *state)
{
	return mix(*state += STEP);
}

uint64_t mp_random_next_shared(uint64_t *state)
{
	return mix(__atomic_add_fetch(state, STEP, __ATOMIC_RELAXED));
}

/* The natural logarithm of a positive, normal number: ln(m · 2^e) = e · ln 2 + 2 · artanh(z) with
 * z = (m − 1) / (m + 1). With m from √½ to √2 is |z| < 0.172, and nine terms of the series leave
 * less than 10^-15. */
static double logarithm(double x)
{
	union {
		double value;
		uint64_t bits;
	} u = {x};
	int exponent = (int)(u.bits >> 52) - 1023;
	u.bits = (u.bits & ((1ull << 52) - 1)) | 1023ull << 52;
	if (u.value > SQRT2) {
		u.value /= 2;
		exponent++;
	}
	double z = (u.value - 1) / (u.value + 1), square = z * z, sum = 0;
	for (int term = 17; term >= 1; term -= 2)
		sum = sum * square + 1.0 / term;
	return exponent * LN_2 + 2 * z * sum;
}

/* 1 − exp(−x) for 0 <= x <= ln 2, without the cancellation that a difference would have: the
 * series of exp(−x) − 1 by Horner's rule, negated. Sixteen terms leave less than 10^-16. */
static double one_less_exponential_small(double x)
{
	double sum = 0;
	for (int term = 16; term >= 1; term--)
		sum = (1 - sum) * x / term;
	return sum;
}

/* 1 − exp(−x) for x >= 0. */
static double one_less_exponential(double x)
{
	if (x > 40)
		return 1; /* to the last digit */
	double halvings = (double)(int)(x / LN_2);
	double rest = one_less_exponential_small(x - halvings * LN_2);
	double scale = 1;
	for (int i = 0; i < (int)halvings; i++)
		scale /= 2;
	return halvings > 0 ? 1 - scale * (1 - rest) : rest;
}

uint64_t mp_poisson_gap(uint64_t random, uint64_t mean)
{
	/* From 2^-53 to 1 − 2^-53, every 2^-52, all of them representable: never 0, never 1. */
	double uniform = ((double)(random >> 12) + 0.5) * 0x1p-52;
	double gap = -logarithm(uniform) * (double)mean;
	uint64_t whole = (uint64_t)gap;
	return whole + ((double)whole < gap);
}

double mp_poisson_inclusion(uint64_t length, uint64_t mean)
{
	return one_less_exponential((double)length / (double)mean);
}
