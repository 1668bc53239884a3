/* rng.h: random numbers by counter.
 *
 * There is no shared generator. Whoever needs chance asks for a stream named by what it is for:
 * (seed, purpose, a, b), such as (42, RNG_AGENT, agent id, step). A stream is a SplitMix64 sequence
 * whose start is a hash of its name, so that
 *   - the same name always yields the same numbers,
 *   - nobody's draws depend on the order in which others draw: results stay the same when agents
 *     are visited in another order or by several threads.
 *
 * Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
 * Streams are plain values; each is used by one thread at a time.
 */
#ifndef SIM_RNG_H
#define SIM_RNG_H

#include <stdbool.h>
#include <stdint.h>

/* What a stream is for. The numbers are part of every result: never renumber, only append. */
enum rng_purpose {
	RNG_TERRAIN = 1,  /* a, b: cell column and row */
	RNG_RESOURCE = 2, /* a: resource id, b: step */
	RNG_SPAWN = 3,    /* a: agent id */
	RNG_AGENT = 4,    /* a: agent id, b: step */
	RNG_NETWORK = 5,  /* a: agent id, 0: that of all */
	RNG_REPLAY = 6,   /* a: agent id, or lesson of a step, b: step */
};

struct rng {
	uint64_t state;
};

/* The 64-bit finalizer of SplitMix64: a bijection that spreads every input bit over all outputs. */
uint64_t rng_mix(uint64_t value);

/* The stream of that name, at its start. */
struct rng rng_stream(uint64_t seed, enum rng_purpose purpose, uint64_t a, uint64_t b);

/* 64 uniform bits. */
uint64_t rng_next(struct rng *rng);

/* Uniform in [0, 1), with 53 bits. */
double rng_unit(struct rng *rng);

/* Uniform in [low, high). */
double rng_between(struct rng *rng, double low, double high);

/* True with the given probability; 0 and less never, 1 and more always. */
bool rng_chance(struct rng *rng, double probability);

#endif
