/* world.c: making a world, births and deaths, and who is near; see world.h. */
#include "world.h"

#include <math.h>
#include <memprof/memprof.h>

#include "memory.h"
#include "stage.h"

/* Tries at finding a free place for a new agent before it is put on an obstacle after all. */
#define PLACE_TRIES 64

/* A child appears this near to its parent, in cells. */
#define CRADLE 1.0

bool world_free_at(const struct world *world, double x, double y)
{
	return !terrain_blocked(&world->terrain, (int)floor(x), (int)floor(y));
}

void world_new_goal(const struct world *world, struct agent *agent, struct rng *rng)
{
	agent->goal_x = rng_between(rng, 0, world->params.world_side);
	agent->goal_y = rng_between(rng, 0, world->params.world_side);
}

static struct agent *new_agent(struct world *world, enum agent_kind kind)
{
	struct agent *agent = population_join(&world->population);
	agent->kind = kind;
	agent->resources = world->params.initial_resources;
	agent->health = world->params.full_health;
	agent->born = world->step;
	agent->looked = NEVER_LOOKED;
	agent->perception =
	        perception_create(world->components.storage, (int)world->params.observation_radius);
	if (world->components.decide->mind_create)
		agent->mind = world->components.decide->mind_create(world->decider, agent->id);
	world->agents_moved = true;
	return agent;
}

/* The kinds take turns, each as often as its part says. */
static enum agent_kind kind_of_start(const struct params *params, uint32_t i)
{
	const uint32_t parts[AGENT_KIND_COUNT] = {
	        [AGENT_SYSTEM] = params->system_part,
	        [AGENT_INDEPENDENT] = params->independent_part,
	        [AGENT_CONTROL] = params->control_part,
	};
	uint32_t at = i % (parts[0] + parts[1] + parts[2]);
	int kind = 0;
	while (at >= parts[kind])
		at -= parts[kind++];
	return (enum agent_kind)kind;
}

static void spawn(struct world *world, enum agent_kind kind)
{
	struct agent *agent = new_agent(world, kind);
	struct rng rng = rng_stream(world->seed, RNG_SPAWN, agent->id, 0);
	for (int tries = 0; tries < PLACE_TRIES; tries++) {
		agent->x = rng_between(&rng, 0, world->params.world_side);
		agent->y = rng_between(&rng, 0, world->params.world_side);
		if (world_free_at(world, agent->x, agent->y))
			break;
	}
	for (int a = 0; a < ACTION_COUNT; a++)
		agent->weights[a] = agent_kind_weights[kind][a];
	world_new_goal(world, agent, &rng);
}

static float mutated(float weight, double mutation, struct rng *rng)
{
	return weight * (float)(1 + rng_between(rng, -mutation, mutation));
}

struct agent *world_birth(struct world *world, const struct agent *parent, struct rng *rng)
{
	struct agent *child = new_agent(world, parent->kind);
	child->parent = parent->id;
	child->generation = parent->generation + 1;
	child->x = parent->x + rng_between(rng, -CRADLE, CRADLE);
	child->y = parent->y + rng_between(rng, -CRADLE, CRADLE);
	if (!world_free_at(world, child->x, child->y)) {
		child->x = parent->x;
		child->y = parent->y;
	}
	for (int a = 0; a < ACTION_COUNT; a++)
		child->weights[a] = mutated(parent->weights[a], world->params.mutation, rng);
	world_new_goal(world, child, rng);
	world->journal.births++;
	return child;
}

/* Where nobody dies: as it was at its start, where it is. */
static void start_anew(const struct params *params, struct agent *agent)
{
	agent->health = params->full_health;
	agent->resources = params->initial_resources;
	agent->starving = 0;
}

void world_death(struct world *world, struct agent *agent)
{
	if (world->params.fixed_population) {
		start_anew(&world->params, agent);
		return;
	}
	population_kill(&world->population, agent);
	journal_add_death(&world->journal, agent->id);
	world->agents_moved = true;
}

static struct spatial_point *agent_points(const struct population *population, size_t *count)
{
	*count = 0;
	if (population->living == 0)
		return NULL;
	struct spatial_point *points = NEED(malloc(population->living * sizeof *points));
	for (size_t i = 0; i < population->count; i++) {
		struct agent *agent = population->agents[i];
		if (agent->alive)
			points[(*count)++] =
			        (struct spatial_point){agent->x, agent->y, agent->id, agent};
	}
	return points;
}

void world_refresh_index(struct world *world)
{
	if (!world->agents_moved)
		return;
	MEMPROF_PHASE ("build") {
		size_t count;
		struct spatial_point *points = agent_points(&world->population, &count);
		spatial_update(world->agent_index, points, count);
		world->agents_moved = false;
	}
}

void world_near(const struct world *world, double x, double y, double radius,
                struct spatial_hits *agents, struct spatial_hits *resources)
{
	MEMPROF_PHASE ("spatial_index") {
		MEMPROF_PHASE ("query") {
			if (agents)
				spatial_query_radius(world->agent_index, x, y, radius, agents);
			if (resources)
				spatial_query_radius(world->resource_index, x, y, radius,
				                     resources);
		}
	}
	memprof_count("queries", (agents != NULL) + (resources != NULL));
}

static void index_resources(struct world *world)
{
	uint32_t count = world->params.resource_sites;
	struct spatial_point *points = NEED(malloc(count * sizeof *points));
	for (uint32_t i = 0; i < count; i++) {
		struct resource *resource = &world->resources[i];
		points[i] =
		        (struct spatial_point){resource->x, resource->y, resource->id, resource};
	}
	spatial_build(world->resource_index, points, count);
}

static struct decider *make_decider(const struct params *params,
                                    const struct components *components, uint64_t seed)
{
	const struct decision_settings settings = {
	        .birth_threshold = params->birth_threshold,
	        .share_amount = params->share_amount,
	        .move_reach = params->move_reach,
	        .seed = seed,
	        .threads = components->threads,
	        .training = components->training,
	};
	return decider_create(components->decide, &settings);
}

static float *disk_of_sight(int radius)
{
	int size = 2 * radius + 1;
	float *cells = NEED(malloc((size_t)(size * size) * sizeof *cells));
	for (int row = 0; row < size; row++) {
		for (int column = 0; column < size; column++) {
			int dx = column - radius, dy = row - radius;
			cells[row * size + column] = dx * dx + dy * dy <= radius * radius;
		}
	}
	return cells;
}

struct world *world_create(const struct params *params, const struct components *components,
                           uint64_t seed)
{
	struct world *world = NEED(calloc(1, sizeof *world));
	world->params = *params;
	world->components = *components;
	world->seed = seed;
	world->terrain = terrain_create((int)params->world_side, seed);
	world->resources = resources_create(params, seed);
	world->agent_index = spatial_create(components->spatial, params->observation_radius);
	world->resource_index = spatial_create(components->spatial, params->observation_radius);
	world->sight = disk_of_sight((int)params->observation_radius);
	world->decider = make_decider(params, components, seed);
	world->population.forget = components->decide->mind_destroy;
	index_resources(world);
	for (uint32_t i = 0; i < params->initial_agents; i++)
		spawn(world, kind_of_start(params, i));
	return world;
}

void world_destroy(struct world *world)
{
	if (!world)
		return;
	stage_destroy(world->stage);
	journal_clear(&world->journal);
	population_release(&world->population);
	decider_destroy(world->decider);
	spatial_destroy(world->agent_index);
	spatial_destroy(world->resource_index);
	terrain_release(&world->terrain);
	free(world->resources);
	free(world->sight);
	free(world);
}
