/* stage.c: looking, deciding and judging, by blocks of agents; see stage.h. */
#include "stage.h"

#include <memprof/memprof.h>

#include "memory.h"
#include "observation/observe.h"
#include "parallel.h"

/* Turns whose views are there at the same time: enough work for all threads, little memory. */
#define BLOCK 1024

/* What resources coming into sight are worth, in the unit of one resource. */
#define REWARD_SIGHT 0.1

/* What a lost point of health is worth. */
#define REWARD_HEALTH 0.05

/* A range of turns, for parallel_for. */
struct block {
	struct world *world;
	struct turn *turns;
};

/* ---- the list ------------------------------------------------------------------------------ */

static struct stage *stage_create(const struct world *world)
{
	struct stage *stage = NEED(calloc(1, sizeof *stage));
	stage->threads = world->components.threads;
	stage->lookouts = NEED(calloc(stage->threads, sizeof *stage->lookouts));
	stage->views = NEED(calloc(BLOCK, sizeof *stage->views));
	return stage;
}

void stage_destroy(struct stage *stage)
{
	if (!stage)
		return;
	for (unsigned i = 0; i < stage->threads; i++)
		lookout_release(&stage->lookouts[i]);
	for (size_t i = 0; i < BLOCK; i++)
		observation_release(&stage->views[i]);
	free(stage->lookouts);
	free(stage->views);
	free(stage->turns);
	free(stage);
}

static void make_room(struct stage *stage, size_t count)
{
	if (count <= stage->capacity)
		return;
	free(stage->turns);
	stage->capacity = count + count / 2;
	stage->turns = NEED(malloc(stage->capacity * sizeof *stage->turns));
}

struct stage *stage_begin(struct world *world)
{
	struct stage *stage = world->stage ? world->stage : stage_create(world);
	const struct population *population = &world->population;
	world->stage = stage;
	make_room(stage, population->living);
	stage->count = 0;
	for (size_t i = 0; i < population->count; i++) {
		struct agent *agent = population->agents[i];
		if (agent->alive)
			stage->turns[stage->count++] = (struct turn){
			        .agent = agent,
			        .rng = rng_stream(world->seed, RNG_AGENT, agent->id, world->step),
			};
	}
	return stage;
}

static struct decision_seat seat_of(const struct world *world, const struct turn *turn)
{
	return (struct decision_seat){
	        .agent = turn->agent->id,
	        .slot = (size_t)(turn - world->stage->turns),
	        .weights = turn->agent->weights,
	        .mind = turn->agent->mind,
	};
}

/* ---- looking ------------------------------------------------------------------------------- */

/* Where turn I of a block has its view. */
static struct observation *view_of(const struct world *world, struct agent *agent, size_t i)
{
	if (world->components.looks > 1)
		return &world->stage->views[i];
	if (!agent->seen)
		agent->seen = NEED(calloc(1, sizeof *agent->seen));
	return agent->seen;
}

static void look_before(void *context, size_t i, unsigned worker)
{
	const struct block *block = context;
	struct world *world = block->world;
	struct agent *agent = block->turns[i].agent;
	struct lookout *lookout = &world->stage->lookouts[worker];
	struct observation *view = view_of(world, agent, i);

	if (world->components.looks == 1 && agent->looked == world->state)
		return;
	observe(world, agent, lookout, view);
	if (world->components.looks == 3)
		observe(world, agent, lookout, view);
}

static void look_after(void *context, size_t i, unsigned worker)
{
	const struct block *block = context;
	const struct turn *turn = &block->turns[i];
	if (turn->acted && turn->agent->alive)
		observe(block->world, turn->agent, &block->world->stage->lookouts[worker],
		        view_of(block->world, turn->agent, i));
}

static void release_views(struct world *world, size_t count)
{
	if (world->components.reuse_buffers || world->components.looks == 1)
		return;
	for (size_t i = 0; i < count; i++)
		observation_release(&world->stage->views[i]);
}

/* Calls WORK for each turn of a block, by all threads. */
static void all(struct world *world, size_t first, size_t count, parallel_fn *work)
{
	struct block block = {world, world->stage->turns + first};
	parallel_for(world->components.threads, count, work, &block);
}

static size_t block_size(const struct stage *stage, size_t first)
{
	return stage->count - first < BLOCK ? stage->count - first : BLOCK;
}

/* ---- deciding ------------------------------------------------------------------------------ */

static void decide(void *context, size_t i, unsigned worker)
{
	const struct block *block = context;
	struct world *world = block->world;
	struct turn *turn = &block->turns[i];
	const struct observation *view = view_of(world, turn->agent, i);
	const struct decision_seat seat = seat_of(world, turn);

	(void)worker;
	turn->resources = view->resources;
	turn->health = view->health;
	turn->sight = observation_sum(view, CHANNEL_RESOURCES);
	world->components.decide->decide(world->decider, &seat, view, &turn->rng, &turn->choice);
}

void stage_decide(struct world *world)
{
	struct stage *stage = world->stage;
	const struct decision_kind *kind = world->components.decide;

	if (kind->begin)
		MEMPROF_PHASE ("decision")
			kind->begin(world->decider, stage->count);
	for (size_t first = 0; first < stage->count; first += BLOCK) {
		size_t count = block_size(stage, first);
		MEMPROF_PHASE ("observation")
			all(world, first, count, look_before);
		MEMPROF_PHASE ("decision")
			all(world, first, count, decide);
		MEMPROF_PHASE ("observation")
			release_views(world, count);
	}
	if (kind->decide_all)
		MEMPROF_PHASE ("decision")
			kind->decide_all(world->decider);
}

/* ---- judging ------------------------------------------------------------------------------- */

/* How the act changed what the agent has and what it sees; the dead see nothing. */
static double reward_of(const struct world *world, const struct turn *turn,
                        const struct observation *after)
{
	double sight = after ? observation_sum(after, CHANNEL_RESOURCES) - turn->sight : 0;
	double health = (after ? after->health : 0) - turn->health;
	return turn->outcome.reward + REWARD_SIGHT * sight +
	       REWARD_HEALTH * health * world->params.full_health;
}

static void judge(void *context, size_t i, unsigned worker)
{
	const struct block *block = context;
	struct turn *turn = &block->turns[i];
	(void)worker;
	if (turn->acted)
		turn->reward = reward_of(block->world, turn,
		                         turn->agent->alive ? view_of(block->world, turn->agent, i)
		                                            : NULL);
}

static void learn(void *context, size_t i, unsigned worker)
{
	const struct block *block = context;
	struct world *world = block->world;
	const struct turn *turn = &block->turns[i];
	(void)worker;
	if (!turn->acted)
		return;
	const struct decision_seat seat = seat_of(world, turn);
	const struct lesson lesson = {
	        .step = world->step,
	        .kind = turn->choice.kind,
	        .reward = turn->reward,
	        .after = turn->agent->alive ? view_of(world, turn->agent, i) : NULL,
	};
	world->components.decide->learn(world->decider, &seat, &lesson);
}

void stage_judge(struct world *world)
{
	struct stage *stage = world->stage;
	const struct decision_kind *kind = world->components.decide;
	bool training = world->components.training && kind->learn;

	for (size_t first = 0; first < stage->count; first += BLOCK) {
		size_t count = block_size(stage, first);
		MEMPROF_PHASE ("observation")
			all(world, first, count, look_after);
		MEMPROF_PHASE ("reward")
			all(world, first, count, judge);
		if (training)
			MEMPROF_PHASE ("learning")
				all(world, first, count, learn);
		MEMPROF_PHASE ("observation")
			release_views(world, count);
	}
	if (training && kind->learn_all)
		MEMPROF_PHASE ("learning")
			kind->learn_all(world->decider, world->step);
}
