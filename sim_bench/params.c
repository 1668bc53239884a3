/* params.c: defaults, scaling and description of the list in params.h. */
#include "params.h"

#include <math.h>

struct params params_for(uint32_t agents)
{
	struct params params = {
#define PARAM_SET(NAME, VALUE, TEXT) .NAME = VALUE,
	        PARAM_LIST(PARAM_SET, PARAM_SET)
#undef PARAM_SET
	};
	double ratio = (double)agents / PARAMS_BASELINE_AGENTS;

	params.initial_agents = agents;
	params.population_cap = agents <= 10 ? 40 : agents * 4;
	/* Whole cells, so that the grids cover the world exactly. */
	params.world_side = fmax(20.0, round(params.world_side * sqrt(ratio)));
	params.resource_sites = (uint32_t)fmax(1.0, round(params.resource_sites * ratio));
	return params;
}

const struct param_info *params_describe(size_t *count)
{
	static const struct param_info infos[] = {
#define PARAM_REAL(NAME, VALUE, TEXT)  {#NAME, TEXT, offsetof(struct params, NAME), true},
#define PARAM_COUNT(NAME, VALUE, TEXT) {#NAME, TEXT, offsetof(struct params, NAME), false},
	        PARAM_LIST(PARAM_REAL, PARAM_COUNT)
#undef PARAM_REAL
#undef PARAM_COUNT
	};
	*count = sizeof infos / sizeof infos[0];
	return infos;
}

double params_value(const struct params *params, const struct param_info *info)
{
	const char *at = (const char *)params + info->offset;
	return info->real ? *(const double *)(const void *)at
	                  : (double)*(const uint32_t *)(const void *)at;
}
