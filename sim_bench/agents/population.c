/* agents/population.c: joining, dying and leaving; see population.h. */
#include "agents/population.h"

#include "memory.h"

struct agent *population_join(struct population *population)
{
	if (population->count == population->capacity) {
		population->capacity = population->capacity ? population->capacity * 2 : 16;
		population->agents = NEED(
		        realloc(population->agents, population->capacity * sizeof(struct agent *)));
	}
	struct agent *agent = NEED(calloc(1, sizeof *agent));
	agent->id = ++population->next_id;
	agent->alive = true;
	population->agents[population->count++] = agent;
	population->living++;
	return agent;
}

void population_kill(struct population *population, struct agent *agent)
{
	if (!agent->alive)
		return;
	agent->alive = false;
	population->living--;
}

struct agent **population_living(const struct population *population, size_t *count)
{
	*count = 0;
	if (population->living == 0)
		return NULL;
	struct agent **living = NEED(malloc(population->living * sizeof(struct agent *)));
	for (size_t i = 0; i < population->count; i++)
		if (population->agents[i]->alive)
			living[(*count)++] = population->agents[i];
	return living;
}

static void agent_free(const struct population *population, struct agent *agent)
{
	if (agent->mind)
		population->forget(agent->mind);
	perception_destroy(agent->perception);
	observation_free(agent->seen);
	free(agent);
}

void population_bury(struct population *population)
{
	size_t kept = 0;
	for (size_t i = 0; i < population->count; i++) {
		struct agent *agent = population->agents[i];
		if (agent->alive)
			population->agents[kept++] = agent;
		else
			agent_free(population, agent);
	}
	population->count = kept;
}

void population_release(struct population *population)
{
	for (size_t i = 0; i < population->count; i++)
		agent_free(population, population->agents[i]);
	free(population->agents);
	*population = (struct population){0};
}
