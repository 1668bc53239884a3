/* params.h: the numbers of the simulation, in one list.
 *
 * Each parameter has a name, a value for the baseline (30 agents) and a sentence. The list builds
 * the struct, its defaults, and what run.json, the database and the trace say of a run, so that
 * these cannot disagree.
 *
 * Density stays: params_for scales the area of the world and the number of resources with the
 * number of agents asked for. A run of 300 agents is ten baseline worlds in one, not one world with
 * ten times the hunger.
 */
#ifndef SIM_PARAMS_H
#define SIM_PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The number of agents that the values below are for. */
#define PARAMS_BASELINE_AGENTS 30

/* REAL(name, value, sentence) and COUNT(name, value, sentence) */
#define PARAM_LIST(REAL, COUNT)                                                                    \
	REAL(world_side, 100.0, "side of the square world, in cells")                              \
	COUNT(resource_sites, 20, "places where resources grow")                                   \
	REAL(resource_capacity, 30.0, "most that a place can hold")                                \
	REAL(regrow_chance, 0.1, "chance of a place to regrow in a step")                          \
	REAL(regrow_amount, 2.0, "what a place gains when it regrows")                             \
	COUNT(initial_agents, 30, "agents at the start")                                           \
	COUNT(system_part, 1, "system agents at the start, relative to the others")                \
	COUNT(independent_part, 1, "independent agents, as well")                                  \
	COUNT(control_part, 1, "control agents, as well")                                          \
	COUNT(fixed_population, 0, "1: no births, and who would die starts anew")                  \
	COUNT(population_cap, 120, "no births at this population or above")                        \
	COUNT(observation_radius, 6, "cells seen to each side")                                    \
	REAL(initial_resources, 5.0, "what an agent starts with, a child as well")                 \
	REAL(full_health, 100.0, "health at birth, and its upper bound")                           \
	REAL(metabolism, 0.12, "resources that an agent uses in a step")                           \
	REAL(move_cost, 0.04, "resources for a move over plain terrain")                           \
	REAL(move_reach, 4.0, "longest move, in cells")                                            \
	REAL(gather_reach, 4.0, "farthest place that can be gathered from, in cells")              \
	REAL(gather_amount, 3.0, "most that is gathered at once")                                  \
	REAL(meeting_reach, 6.0, "farthest agent to attack or share with, in cells")               \
	REAL(attack_damage, 12.0, "health that an attack takes")                                   \
	REAL(attack_cost, 0.1, "resources that an attack takes of the attacker")                   \
	REAL(attack_loot, 0.5, "resources that a successful attack takes of its target")           \
	REAL(defence, 0.5, "share of the damage that a defending agent avoids")                    \
	REAL(healing, 0.5, "health gained in a step by an agent that is not starving")             \
	REAL(share_amount, 1.0, "resources given to an ally at once")                              \
	REAL(birth_threshold, 11.0, "resources needed to reproduce")                               \
	REAL(birth_chance, 0.5, "chance that reproducing succeeds")                                \
	REAL(birth_cost, 6.0, "resources that a birth takes of the parent")                        \
	REAL(mutation, 0.1, "largest relative change of an inherited action weight")               \
	COUNT(starvation_steps, 25, "steps without resources that kill")

struct params {
#define PARAM_REAL(NAME, VALUE, TEXT)  double NAME;
#define PARAM_COUNT(NAME, VALUE, TEXT) uint32_t NAME;
	PARAM_LIST(PARAM_REAL, PARAM_COUNT)
#undef PARAM_REAL
#undef PARAM_COUNT
};

/* The parameters of a world for AGENTS agents (at least 1) at the baseline's density. */
struct params params_for(uint32_t agents);

/* One parameter for a reader: its name, its sentence, and where its value lies in the struct. */
struct param_info {
	const char *name;
	const char *text;
	size_t offset;
	bool real; /* a double; else a uint32_t */
};

/* All parameters in the order of the list; *COUNT is set to how many. Static storage. */
const struct param_info *params_describe(size_t *count);

/* The value of one parameter; counts are exact in a double. */
double params_value(const struct params *params, const struct param_info *info);

#endif
