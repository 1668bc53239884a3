/* resources.h: the places where resources grow. They never move and never disappear. */
#ifndef SIM_RESOURCES_H
#define SIM_RESOURCES_H

#include <stdint.h>

#include "params.h"

struct resource {
	uint32_t id; /* from 1 */
	double x, y, amount;
};

/* The places of a new world, each up to 30 % full, clear of obstacles or not: what
 * lies on one can be gathered from beside it. The caller frees the array of
 * params->resource_sites. */
struct resource *resources_create(const struct params *params, uint64_t seed);

/* Lets one step pass: each place may regrow, up to its capacity. */
void resources_regrow(struct resource *resources, const struct params *params, uint64_t seed,
                      uint64_t step);

/* Takes at most WANTED from a place; returns what was taken. */
double resource_take(struct resource *resource, double wanted);

#endif
