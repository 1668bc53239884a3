/* hash.c: a chain of mixed words over the state; see hash.h. */
#include "hash.h"

#include <string.h>

#include "memory.h"
#include "rng.h"

static uint64_t with_word(uint64_t hash, uint64_t word)
{
	/* The product makes the chain depend on the order of the words. */
	return rng_mix(hash * UINT64_C(0x9fb21c651e98df25) + word + 1);
}

static uint64_t with_real(uint64_t hash, double value)
{
	uint64_t bits;
	memcpy(&bits, &value, sizeof bits);
	return with_word(hash, bits);
}

static uint64_t with_floats(uint64_t hash, const float *values, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t bits;
		memcpy(&bits, &values[i], sizeof bits);
		hash = with_word(hash, bits);
	}
	return hash;
}

static uint64_t with_trace(uint64_t hash, const struct trace_left *trace)
{
	hash = with_word(hash, trace->step);
	hash = with_real(hash, trace->x);
	hash = with_real(hash, trace->y);
	return with_floats(hash, &trace->strength, 1);
}

/* What is seen anew each time follows from the rest of the state and is left out. */
static uint64_t with_memory(uint64_t hash, const struct perception *perception)
{
	size_t layer_cells = (size_t)(perception->size * perception->size);
	float *cells = NEED(malloc(CHANNEL_COUNT * layer_cells * sizeof *cells));
	perception_render(perception, cells);
	for (size_t c = 0; c < CHANNEL_COUNT; c++)
		if (channel_infos[c].persistence != INSTANT)
			hash = with_floats(hash, cells + c * layer_cells, layer_cells);
	free(cells);
	return hash;
}

static uint64_t with_agent(uint64_t hash, const struct agent *agent)
{
	hash = with_word(hash, (uint64_t)agent->id << 32 | agent->parent);
	hash = with_word(hash, (uint64_t)agent->generation << 32 | agent->starving);
	hash = with_word(hash, (uint64_t)agent->kind << 1 | agent->defending);
	hash = with_word(hash, agent->born);
	hash = with_word(hash, agent->looked);
	hash = with_real(hash, agent->x);
	hash = with_real(hash, agent->y);
	hash = with_real(hash, agent->goal_x);
	hash = with_real(hash, agent->goal_y);
	hash = with_real(hash, agent->resources);
	hash = with_real(hash, agent->health);
	hash = with_real(hash, agent->reward);
	hash = with_floats(hash, agent->weights, ACTION_COUNT);
	hash = with_trace(hash, &agent->trail);
	hash = with_trace(hash, &agent->hurt);
	hash = with_trace(hash, &agent->signal);
	return with_memory(hash, agent->perception);
}

/* What was learned, by all together and by each. */
static uint64_t with_learned(uint64_t hash, const struct world *world)
{
	const struct decision_kind *kind = world->components.decide;
	if (kind->hash)
		hash = with_word(hash, kind->hash(world->decider));
	for (size_t i = 0; kind->mind_hash && i < world->population.count; i++)
		if (world->population.agents[i]->alive)
			hash = with_word(hash, kind->mind_hash(world->population.agents[i]->mind));
	return hash;
}

uint64_t world_hash(const struct world *world)
{
	uint64_t hash = with_word(world->seed, world->step);
	hash = with_word(hash, world->state);
	for (uint32_t i = 0; i < world->params.resource_sites; i++)
		hash = with_real(hash, world->resources[i].amount);
	for (size_t i = 0; i < world->population.count; i++)
		if (world->population.agents[i]->alive)
			hash = with_agent(hash, world->population.agents[i]);
	return with_learned(hash, world);
}
