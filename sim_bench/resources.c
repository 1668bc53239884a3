/* resources.c: growth and taking; see resources.h. */
#include "resources.h"

#include <math.h>

#include "memory.h"
#include "rng.h"

struct resource *resources_create(const struct params *params, uint64_t seed)
{
	struct resource *resources = NEED(malloc(params->resource_sites * sizeof *resources));
	for (uint32_t i = 0; i < params->resource_sites; i++) {
		struct rng rng = rng_stream(seed, RNG_RESOURCE, i + 1, 0);
		resources[i] = (struct resource){
		        .id = i + 1,
		        .x = rng_between(&rng, 0, params->world_side),
		        .y = rng_between(&rng, 0, params->world_side),
		        .amount = rng_between(&rng, 0, 0.3) * params->resource_capacity,
		};
	}
	return resources;
}

void resources_regrow(struct resource *resources, const struct params *params, uint64_t seed,
                      uint64_t step)
{
	for (uint32_t i = 0; i < params->resource_sites; i++) {
		struct rng rng = rng_stream(seed, RNG_RESOURCE, resources[i].id, step);
		if (rng_chance(&rng, params->regrow_chance))
			resources[i].amount = fmin(params->resource_capacity,
			                           resources[i].amount + params->regrow_amount);
	}
}

double resource_take(struct resource *resource, double wanted)
{
	double taken = fmin(wanted, resource->amount);
	resource->amount -= taken;
	return taken;
}
