/* observation/observe.h: from the world to what one agent sees of it. */
#ifndef SIM_OBSERVATION_OBSERVE_H
#define SIM_OBSERVATION_OBSERVE_H

#include "agents/agent.h"
#include "observation/view.h"
#include "world.h"

enum look {
	LOOK_NEW_STEP, /* first in a step: memory fades, and what others left since is taken in */
	LOOK_AGAIN,    /* later in the same step: only what is there now */
};

/* What an agent sees now; updates what it remembers. The caller frees the view by
 * observation_free. Profiled within the caller's phase as spatial_index and splat. */
struct observation *observe(struct world *world, struct agent *agent, enum look look);

#endif
