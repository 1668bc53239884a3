/* stage.h: who acts in a step, and the two times in it when all look at once.
 *
 *     stage_begin ─▶ stage_decide ─▶ (acts, one by one) ─▶ stage_judge
 *
 *     state k ──look, decide──▶ choices ──act──▶ state k + 1 ──look──▶ rewards, lessons
 *
 * All agents see the same state: that of the step's begin, before anyone has acted, when they
 * decide; that of its end when they look at what came of it. So they can look in any order, and by
 * any number of threads, with one result. They do so by blocks: so many views are there at a time.
 *
 * Looks for each act: 2, before and after; 3, once more before (as a policy and a critic that each
 * look for themselves); 1, after, and what is seen then is kept until the next decision. What is
 * seen is the same in all three, and so is what comes of it: time is traded for memory.
 */
#ifndef SIM_STAGE_H
#define SIM_STAGE_H

#include "action/action.h"
#include "world.h"

/* One agent's part in a step. */
struct turn {
	struct agent *agent;
	struct rng rng;
	struct choice choice;
	struct outcome outcome;
	bool acted;                       /* not killed by one who acted before */
	double resources, resources_left; /* before and after the act */
	double health, sight;             /* before */
	double reward;
};

struct stage {
	struct turn *turns; /* by rising id of agents */
	size_t count, capacity;
	struct lookout *lookouts; /* one for each thread */
	unsigned threads;
	struct observation *views; /* one for each turn of a block */
};

/* Everything that a stage holds. NULL is nothing. */
void stage_destroy(struct stage *stage);

/* Makes the list of those who act: the living. The stage is the world's. */
struct stage *stage_begin(struct world *world);

/* All look and choose. The index must be up to date. Profiled as phases observation, decision. */
void stage_decide(struct world *world);

/* All who acted look at what came of it; rewards are set, and networks learn. The index must be up
 * to date. Profiled as phases observation, reward, learning. */
void stage_judge(struct world *world);

#endif
