/* metrics.c: one walk over population and resources; see metrics.h. */
#include "metrics.h"

static void count_agents(const struct world *world, struct step_metrics *metrics)
{
	for (size_t i = 0; i < world->population.count; i++) {
		const struct agent *agent = world->population.agents[i];
		if (!agent->alive)
			continue;
		metrics->agents++;
		metrics->by_kind[agent->kind]++;
		metrics->mean_resources += agent->resources;
		metrics->mean_health += agent->health;
		metrics->mean_age += (double)(world->step - agent->born);
		metrics->mean_reward += agent->reward;
		if (agent->generation > metrics->max_generation)
			metrics->max_generation = agent->generation;
	}
	if (metrics->agents == 0)
		return;
	double count = (double)metrics->agents;
	metrics->mean_resources /= count;
	metrics->mean_health /= count;
	metrics->mean_age /= count;
	metrics->mean_reward /= count;
}

struct step_metrics metrics_of(const struct world *world)
{
	const struct journal *journal = &world->journal;
	struct step_metrics metrics = {
	        .births = journal->births,
	        .deaths = journal->death_count,
	        .attacks = journal->attacks,
	        .hits = journal->hits,
	        .gathered = journal->gathered,
	        .shared = journal->shared,
	};
	count_agents(world, &metrics);
	for (uint32_t i = 0; i < world->params.resource_sites; i++)
		metrics.site_resources += world->resources[i].amount;
	return metrics;
}
