/* world.h: everything that a simulation is made of.
 *
 *     terrain, resources (fixed places) ─┐
 *     population of agents ──────────────┼─▶ spatial indexes ──▶ who and what is near
 *     journal of the step ───────────────┘
 *
 * Invariants: the agents' index is rebuilt before a query if anything moved, was born or died since
 * (agents_moved); the resources' index is built once. Two worlds of the same parameters and seed go
 * through the same states, whatever kind of index or storage they use.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "agents/population.h"
#include "decision/decision.h"
#include "journal.h"
#include "params.h"
#include "resources.h"
#include "spatial/index.h"
#include "terrain.h"

/* The alternatives of which a run chooses one each; they change its cost, never its result. */
struct components {
	const struct spatial_kind *spatial;
	const struct layer_kind *storage;
	decision_fn *decide;
};

struct world {
	struct params params;
	struct components components;
	uint64_t seed;
	uint64_t step; /* 0 before the first */
	uint64_t turn; /* turns that agents have taken */
	struct terrain terrain;
	struct resource *resources;
	struct population population;
	struct spatial_index *agent_index, *resource_index;
	bool agents_moved;
	float *sight; /* the disk of sight: 1 for visible cells of a window */
	struct journal journal;
};

/* A world at step 0. Released by world_destroy. */
struct world *world_create(const struct params *params, const struct components *components,
                           uint64_t seed);
void world_destroy(struct world *world);

/* Living agents, and resource places, within RADIUS of a position, by rising id. Either list may be
 * NULL. Lists must be empty; the caller frees them. Profiled as phase spatial_index. */
void world_near(struct world *world, double x, double y, double radius, struct spatial_hits *agents,
                struct spatial_hits *resources);

/* Builds the agents' index again if anything changed since. Profiled as phase build. */
void world_refresh_index(struct world *world);

/* Adds a child of PARENT beside it: its kind, its generation plus one, its weights with
 * mutation. RNG is the parent's stream of this step. */
struct agent *world_birth(struct world *world, const struct agent *parent, struct rng *rng);

/* Kills an agent and writes it into the journal. */
void world_death(struct world *world, struct agent *agent);

/* Whether one can stand at a position: inside the world and not on an obstacle. */
bool world_free_at(const struct world *world, double x, double y);

/* A random goal for an agent. */
void world_new_goal(const struct world *world, struct agent *agent, struct rng *rng);

#endif
