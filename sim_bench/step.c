/* step.c: the order of things in a step; see step.h. */
#include "step.h"

#include <math.h>
#include <memprof/memprof.h>

#include "stage.h"

/* How near an agent comes to its goal before it takes a new one, in cells. */
#define GOAL_REACHED 2.0

static struct outcome carry_out(struct world *world, struct agent *agent,
                                const struct choice *choice, struct rng *rng)
{
	struct outcome outcome = act(world, agent, choice, rng);
	if (hypot(agent->goal_x - agent->x, agent->goal_y - agent->y) < GOAL_REACHED)
		world_new_goal(world, agent, rng);
	return outcome;
}

static void act_in_turn(struct world *world, struct turn *turn)
{
	turn->agent->defending = false;
	turn->outcome = carry_out(world, turn->agent, &turn->choice, &turn->rng);
	turn->resources_left = turn->agent->resources;
	turn->acted = true;
}

static void all_act(struct world *world)
{
	struct stage *stage = world->stage;
	for (size_t i = 0; i < stage->count; i++)
		if (stage->turns[i].agent->alive) /* not killed by one who acted before */
			act_in_turn(world, &stage->turns[i]);
}

static void write_down(struct world *world, const struct turn *turn)
{
	turn->agent->reward += turn->reward;
	journal_add_action(&world->journal, &(struct action_record){
	                                            .agent = turn->agent->id,
	                                            .target = turn->outcome.target,
	                                            .kind = turn->choice.kind,
	                                            .success = turn->outcome.success,
	                                            .resources_before = turn->resources,
	                                            .resources_after = turn->resources_left,
	                                            .reward = turn->reward,
	                                    });
}

static void all_write_down(struct world *world)
{
	const struct stage *stage = world->stage;
	for (size_t i = 0; i < stage->count; i++)
		if (stage->turns[i].acted)
			write_down(world, &stage->turns[i]);
}

static void starve(struct world *world, struct agent *agent)
{
	journal_add_incident(&world->journal, &(struct incident_record){
	                                              .agent = agent->id,
	                                              .health_before = agent->health,
	                                              .health_after = 0,
	                                              .cause = "starvation",
	                                      });
	agent->health = 0;
	world_death(world, agent);
}

static void age(struct world *world, struct agent *agent)
{
	const struct params *params = &world->params;
	agent->resources = fmax(0, agent->resources - params->metabolism);
	if (agent->resources > 0) {
		agent->starving = 0;
		agent->health = fmin(params->full_health, agent->health + params->healing);
	} else if (++agent->starving >= params->starvation_steps) {
		starve(world, agent);
	}
}

static void age_all(struct world *world)
{
	for (size_t i = 0; i < world->population.count; i++)
		if (world->population.agents[i]->alive)
			age(world, world->population.agents[i]);
}

/* The dead and the journal of the last step go; the list of who acts is made. */
static void begin(struct world *world)
{
	world->step++;
	population_bury(&world->population);
	journal_clear(&world->journal);
	stage_begin(world);
}

static void count_events(const struct world *world)
{
	memprof_agents(world->population.living);
	memprof_count("actions", (int64_t)world->journal.action_count);
	memprof_count("births", (int64_t)world->journal.births);
	memprof_count("deaths", (int64_t)world->journal.death_count);
}

bool step_run(struct world *world, struct dblog *log, struct step_metrics *metrics)
{
	bool logged = true;

	MEMPROF_PHASE ("population")
		begin(world);
	MEMPROF_PHASE ("spatial_index")
		world_refresh_index(world);
	stage_decide(world);
	MEMPROF_PHASE ("action")
		all_act(world);
	MEMPROF_PHASE ("resources") {
		resources_regrow(world->resources, &world->params, world->seed, world->step);
	}
	MEMPROF_PHASE ("population")
		age_all(world);
	world->state = world->step;
	MEMPROF_PHASE ("spatial_index")
		world_refresh_index(world);
	stage_judge(world);
	MEMPROF_PHASE ("reward")
		all_write_down(world);
	MEMPROF_PHASE ("metrics") {
		*metrics = metrics_of(world);
		count_events(world);
	}
	if (log)
		MEMPROF_PHASE ("db_logging")
			logged = dblog_step(log, world, metrics);
	return logged;
}
