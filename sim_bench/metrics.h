/* metrics.h: a step in numbers, over all living agents. */
#ifndef SIM_METRICS_H
#define SIM_METRICS_H

#include "world.h"

struct step_metrics {
	uint64_t agents, by_kind[AGENT_KIND_COUNT];
	uint64_t births, deaths, attacks, hits;
	uint32_t max_generation;
	double site_resources;              /* sum over all places */
	double mean_resources, mean_health; /* of the living; 0 when there are none */
	double mean_age, mean_reward;       /* steps; summed reward of a life */
	double gathered, shared;            /* in this step */
};

/* Counts the world as it stands at the end of a step. */
struct step_metrics metrics_of(const struct world *world);

#endif
