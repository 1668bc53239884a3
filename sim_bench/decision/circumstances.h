/* decision/circumstances.h: what a view suggests, for all ways to decide.
 *
 *     weight of an action = the agent's own × a factor for what it sees,  0 if it is pointless
 *     chance of an action = its weight / sum of the weights
 */
#ifndef SIM_DECISION_CIRCUMSTANCES_H
#define SIM_DECISION_CIRCUMSTANCES_H

#include <stdbool.h>

#include "decision/decision.h"

/* What a view says, in a few numbers. */
struct situation {
	double allies, enemies; /* summed health in sight */
	double damage;          /* summed damage heat */
	bool resource_seen, resource_near;
	double resource_dx, resource_dy; /* to the best place in sight, in cells */
	double goal_dx, goal_dy;         /* to the goal, or to the rim in its direction */
};

struct situation situation_of(const struct observation *view);

/* The weights of all actions, from the agent's OWN. */
void situation_weigh(const struct observation *view, const struct situation *situation,
                     const struct decision_settings *settings, const float *own,
                     double weights[ACTION_COUNT]);

/* Draws an action by its weight. */
enum action_kind situation_draw(const double weights[ACTION_COUNT], struct rng *rng);

/* The choice of an action. A move leads to the best resource in sight, else towards the goal, by at
 * most REACH cells. */
struct choice situation_choice(const struct situation *situation, enum action_kind kind,
                               double reach, struct rng *rng);

#endif
