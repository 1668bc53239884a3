/* action/action.h: a choice becomes a deed.
 *
 * What an action does is in a table by kind in action.c. An action that cannot be done (nobody
 * near, nothing there, too poor) fails: it costs the turn and nothing else.
 *
 * Acts are done one after another, and meet who stood near when the step began and still lives:
 * the index is that of the step's begin, as is what the choice was made from.
 */
#ifndef SIM_ACTION_ACTION_H
#define SIM_ACTION_ACTION_H

#include "action/kinds.h"
#include "world.h"

struct outcome {
	bool success;
	uint32_t target; /* the other agent, or 0 */
	double reward;   /* of the deed itself */
};

/* Does what AGENT, which is alive, chose. RNG is its stream of this step. Writes health incidents,
 * births and deaths into the journal, marks the index out of date where somebody moved. */
struct outcome act(struct world *world, struct agent *agent, const struct choice *choice,
                   struct rng *rng);

#endif
