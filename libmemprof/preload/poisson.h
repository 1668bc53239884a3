/* poisson.h: which bytes of a stream are sampled, when each is with the same small probability and
 * independently of all others.
 *
 * Points lie on the stream of allocated bytes as a Poisson process does: from one to the next it is
 * an exponentially distributed number of bytes, `mean` of them on average. A block is sampled if
 * at least one point lies in its bytes: with probability
 *
 *     p(length) = 1 − exp(−length / mean)
 *
 * whatever came before, since the exponential distribution has no memory. For the same reason the
 * rest of a sampled block may be skipped: the next point is looked for from its end on.
 *
 * Distances are rounded up to whole bytes, which changes nothing: ceil(x) <= length exactly if
 * x <= length, for whole lengths.
 *
 * No mathematics library is at hand inside other people's programs, so logarithm and exponential
 * are in here, to 13 digits and more. Nothing here has a state but the generator's. */
#ifndef MP_PRELOAD_POISSON_H
#define MP_PRELOAD_POISSON_H

#include <stdint.h>

/* The next 64 random bits (splitmix64: Steele, Lea and Flood, OOPSLA 2014, "Fast splittable
 * pseudorandom number generators"). Any state is a good one. */
uint64_t mp_random_next(uint64_t *state);

/* The same for a state that several threads share. */
uint64_t mp_random_next_shared(uint64_t *state);

/* Bytes to the next point, from 1: for `random` 64 random bits. */
uint64_t mp_poisson_gap(uint64_t random, uint64_t mean);

/* The probability that a block of this length is sampled, in (0, 1]; length and mean from 1. */
double mp_poisson_inclusion(uint64_t length, uint64_t mean);

#endif
