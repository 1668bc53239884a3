/* decision/decision.h: from an observation to a choice.
 *
 * The decision sees an observation, the agent's own weights and its stream of chance; it includes
 * nothing of the world, so it cannot know more than the agent does. It changes nothing but the
 * stream.
 *
 * To add a way to decide: a function of the type decision_fn in a file of this directory.
 */
#ifndef SIM_DECISION_DECISION_H
#define SIM_DECISION_DECISION_H

#include "action/kinds.h"
#include "observation/view.h"
#include "rng.h"

/* What agents of a run decide by, fixed for the run. */
struct decision_limits {
	double birth_threshold; /* resources below which reproducing is pointless */
	double share_amount;    /* resources below which sharing is pointless */
	double move_reach;      /* longest move, in cells */
};

typedef struct choice decision_fn(const struct observation *view, const float *weights,
                                  const struct decision_limits *limits, struct rng *rng);

/* Draws an action by weight: the agent's own weights, each multiplied by what the view suggests
 * (no resources in sight: move; poor: gather; enemies: attack or defend …). Moves lead to the best
 * resource in sight, else towards the goal. */
decision_fn decide_by_weights;

#endif
