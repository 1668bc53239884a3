/* agents/population.h: all agents, in order of their ids.
 *
 * Agents join at the end (ids only rise) and leave by population_bury, which keeps the order. So a
 * walk over the population is always by rising id, which is the order in which agents act.
 */
#ifndef SIM_AGENTS_POPULATION_H
#define SIM_AGENTS_POPULATION_H

#include <stddef.h>

#include "agents/agent.h"

struct population {
	struct agent **agents;
	size_t count, capacity; /* count includes the dead that are not buried yet */
	size_t living;
	uint32_t next_id;
	void (*forget)(struct mind *mind); /* how minds are released; NULL: there are none */
};

/* A new living agent with the next id; everything but id and alive is 0. It belongs to the
 * population. */
struct agent *population_join(struct population *population);

/* Marks an agent dead. It stays in memory until population_bury. */
void population_kill(struct population *population, struct agent *agent);

/* The living, by rising id, as a list that later births and deaths do not touch. The caller frees
 * it; *COUNT is set to its length. NULL when nobody lives. */
struct agent **population_living(const struct population *population, size_t *count);

/* Removes and frees the dead. */
void population_bury(struct population *population);

/* Frees everything. */
void population_release(struct population *population);

#endif
