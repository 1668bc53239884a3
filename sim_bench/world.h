/* world.h: everything that a simulation is made of.
 *
 *     terrain, resources (fixed places) ─┐
 *     population of agents ──────────────┼─▶ spatial indexes ──▶ who and what is near
 *     journal of the step ───────────────┘
 *
 * Invariants: the agents' index is what world_refresh_index made of it last, and queries change
 * nothing, so that any number of threads may ask at once; the resources' index is built once. Two
 * worlds of the same parameters and seed go through the same states, whatever components they use
 * that say so.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "agents/population.h"
#include "decision/decision.h"
#include "journal.h"
#include "observation/layer.h"
#include "params.h"
#include "resources.h"
#include "spatial/index.h"
#include "terrain.h"

/* The alternatives of which a run chooses one each. They change what it costs; what it results in
 * depends on decide and splat alone. */
struct components {
	const struct spatial_kind *spatial;
	const struct layer_kind *storage;
	const struct decision_kind *decide;
	bool training;
	enum splat_kind splat;
	unsigned threads;
	unsigned looks;     /* observations for each act: 3, 2, or 1 */
	bool reuse_buffers; /* what observing needs is kept, not allocated each time */
};

struct world {
	struct params params;
	struct components components;
	uint64_t seed;
	uint64_t step;  /* 0 before the first */
	uint64_t state; /* of what can be seen: the last step whose acts are done */
	struct terrain terrain;
	struct resource *resources;
	struct population population;
	struct spatial_index *agent_index, *resource_index;
	bool agents_moved;
	float *sight; /* the disk of sight: 1 for visible cells of a window */
	struct decider *decider;
	struct stage *stage; /* of step.c: made at the first step */
	struct journal journal;
};

/* A world at step 0. Released by world_destroy. */
struct world *world_create(const struct params *params, const struct components *components,
                           uint64_t seed);
void world_destroy(struct world *world);

/* Agents as of the last refresh (some may have died since), and resource places, within RADIUS of a
 * position, by rising id. Either list may be NULL. Lists must be empty; the caller frees them.
 * Profiled as phase spatial_index. */
void world_near(const struct world *world, double x, double y, double radius,
                struct spatial_hits *agents, struct spatial_hits *resources);

/* Brings the agents' index up to date if anyone moved, was born or died since. Profiled as phase
 * build. */
void world_refresh_index(struct world *world);

/* Adds a child of PARENT beside it: its kind, its generation plus one, its weights with
 * mutation. RNG is the parent's stream of this step. */
struct agent *world_birth(struct world *world, const struct agent *parent, struct rng *rng);

/* Kills an agent and writes it into the journal; in a fixed population it starts anew instead. */
void world_death(struct world *world, struct agent *agent);

/* Whether one can stand at a position: inside the world and not on an obstacle. */
bool world_free_at(const struct world *world, double x, double y);

/* A random goal for an agent. */
void world_new_goal(const struct world *world, struct agent *agent, struct rng *rng);

#endif
