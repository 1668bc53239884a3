/* observation/observe.h: from the world to what one agent sees of it. */
#ifndef SIM_OBSERVATION_OBSERVE_H
#define SIM_OBSERVATION_OBSERVE_H

#include "agents/agent.h"
#include "observation/view.h"
#include "world.h"

/* What a thread needs to look, kept from look to look where the world reuses its buffers. Start
 * from {0}; release with lookout_release. */
struct lookout {
	struct spatial_hits agents, resources;
};

void lookout_release(struct lookout *lookout);

/* What an agent sees of the world as it stands, into *VIEW, whose cells are made if there are none
 * (observation_release). The first look at a state updates what the agent remembers: it fades, and
 * what others left in the last step is taken in; to look again changes nothing. Reads the world and
 * writes the agent's own memory alone, so that agents may look at once. Profiled within the
 * caller's phase as spatial_index and splat. */
void observe(const struct world *world, struct agent *agent, struct lookout *lookout,
             struct observation *view);

#endif
