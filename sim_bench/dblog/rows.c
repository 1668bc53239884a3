/* dblog/rows.c: see rows.h. */
#include "dblog/rows.h"

#include <string.h>

#include "memory.h"

/* Makes room for COUNT rows in all, and empties the list. */
#define MAKE_ROOM(LIST, COUNT)                                                                     \
	do {                                                                                       \
		size_t count_ = (COUNT);                                                           \
		(LIST)->count = 0;                                                                 \
		if (count_ > (LIST)->capacity) {                                                   \
			(LIST)->capacity = count_ + count_ / 2;                                    \
			free((LIST)->rows);                                                        \
			(LIST)->rows = NEED(malloc((LIST)->capacity * sizeof *(LIST)->rows));      \
		}                                                                                  \
	} while (0)

/* Copies a list of the journal. */
#define COPY_LIST(LIST, FROM, COUNT)                                                               \
	do {                                                                                       \
		MAKE_ROOM(LIST, COUNT);                                                            \
		if ((COUNT) > 0)                                                                   \
			memcpy((LIST)->rows, FROM, (COUNT) * sizeof *(LIST)->rows);                \
		(LIST)->count = (COUNT);                                                           \
	} while (0)

static struct agent_row agent_row_of(const struct agent *agent, const struct params *params)
{
	struct agent_row row = {
	        .id = agent->id,
	        .parent = agent->parent,
	        .generation = agent->generation,
	        .kind = agent->kind,
	        .born = agent->born,
	        .x = agent->x,
	        .y = agent->y,
	        .resources = params->initial_resources,
	        .health = params->full_health,
	};
	memcpy(row.weights, agent->weights, sizeof row.weights);
	return row;
}

/* New agents are the last of the population, by rising id. */
static void copy_new_agents(struct step_rows *rows, const struct world *world, uint32_t last_agent)
{
	const struct population *population = &world->population;
	size_t first = population->count;
	while (first > 0 && population->agents[first - 1]->id > last_agent)
		first--;
	MAKE_ROOM(&rows->agents, population->count - first);
	for (size_t i = first; i < population->count; i++)
		rows->agents.rows[rows->agents.count++] =
		        agent_row_of(population->agents[i], &world->params);
}

static void copy_states(struct step_rows *rows, const struct world *world)
{
	const struct population *population = &world->population;
	MAKE_ROOM(&rows->states, population->living);
	for (size_t i = 0; i < population->count; i++) {
		const struct agent *agent = population->agents[i];
		if (!agent->alive)
			continue;
		rows->states.rows[rows->states.count++] = (struct agent_state_row){
		        .id = agent->id,
		        .starving = agent->starving,
		        .defending = agent->defending,
		        .age = world->step - agent->born,
		        .x = agent->x,
		        .y = agent->y,
		        .resources = agent->resources,
		        .health = agent->health,
		        .reward = agent->reward,
		};
	}
}

static void copy_resources(struct step_rows *rows, const struct world *world)
{
	MAKE_ROOM(&rows->resources, world->params.resource_sites);
	for (uint32_t i = 0; i < world->params.resource_sites; i++) {
		const struct resource *resource = &world->resources[i];
		rows->resources.rows[rows->resources.count++] = (struct resource_row){
		        resource->id, resource->x, resource->y, resource->amount};
	}
}

void rows_of_agents(struct step_rows *rows, const struct world *world, uint32_t last_agent)
{
	rows->step = world->step;
	rows->has_step = false;
	rows->deaths.count = rows->states.count = rows->resources.count = 0;
	rows->incidents.count = rows->actions.count = 0;
	copy_new_agents(rows, world, last_agent);
}

void rows_of_step(struct step_rows *rows, const struct world *world,
                  const struct step_metrics *metrics, uint32_t last_agent)
{
	const struct journal *journal = &world->journal;
	rows->step = world->step;
	rows->has_step = true;
	rows->metrics = *metrics;
	copy_new_agents(rows, world, last_agent);
	copy_states(rows, world);
	copy_resources(rows, world);
	COPY_LIST(&rows->deaths, journal->deaths, journal->death_count);
	COPY_LIST(&rows->incidents, journal->incidents, journal->incident_count);
	COPY_LIST(&rows->actions, journal->actions, journal->action_count);
}

void rows_release(struct step_rows *rows)
{
	free(rows->agents.rows);
	free(rows->deaths.rows);
	free(rows->states.rows);
	free(rows->resources.rows);
	free(rows->incidents.rows);
	free(rows->actions.rows);
	*rows = (struct step_rows){0};
}
