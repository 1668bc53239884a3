/* step.c: the order of things in a step; see step.h. */
#include "step.h"

#include <math.h>
#include <memprof/memprof.h>

#include "action/action.h"
#include "memory.h"
#include "observation/observe.h"

/* How near an agent comes to its goal before it takes a new one, in cells. */
#define GOAL_REACHED 2.0

/* What resources coming into sight are worth, in the unit of one resource. */
#define REWARD_SIGHT 0.1

/* What a lost point of health is worth. */
#define REWARD_HEALTH 0.05

/* How the turn changed what the agent has, and what it sees. */
static double reward_of(const struct world *world, const struct observation *before,
                        const struct observation *after, const struct outcome *outcome)
{
	double sight = observation_sum(after, CHANNEL_RESOURCES) -
	               observation_sum(before, CHANNEL_RESOURCES);
	double health = (after->health - before->health) * world->params.full_health;
	return outcome->reward + REWARD_SIGHT * sight + REWARD_HEALTH * health;
}

static struct decision_limits limits_of(const struct params *params)
{
	return (struct decision_limits){
	        .birth_threshold = params->birth_threshold,
	        .share_amount = params->share_amount,
	        .move_reach = params->move_reach,
	};
}

static struct outcome carry_out(struct world *world, struct agent *agent,
                                const struct choice *choice, struct rng *rng)
{
	struct outcome outcome = act(world, agent, choice, rng);
	if (hypot(agent->goal_x - agent->x, agent->goal_y - agent->y) < GOAL_REACHED)
		world_new_goal(world, agent, rng);
	return outcome;
}

static void write_down(struct world *world, struct agent *agent, const struct choice *choice,
                       const struct outcome *outcome, double resources_before, double reward)
{
	agent->reward += reward;
	journal_add_action(&world->journal, &(struct action_record){
	                                            .agent = agent->id,
	                                            .target = outcome->target,
	                                            .kind = choice->kind,
	                                            .success = outcome->success,
	                                            .resources_before = resources_before,
	                                            .resources_after = agent->resources,
	                                            .reward = reward,
	                                    });
}

static void take_turn(struct world *world, struct agent *agent,
                      const struct decision_limits *limits)
{
	struct rng rng = rng_stream(world->seed, RNG_AGENT, agent->id, world->step);
	struct observation *before, *after;
	struct choice choice;
	struct outcome outcome;
	double resources = agent->resources;

	world->turn++;
	agent->defending = false;
	MEMPROF_PHASE("observation") before = observe(world, agent, LOOK_NEW_STEP);
	MEMPROF_PHASE("decision")
	{
		choice = world->components.decide(before, agent->weights, limits, &rng);
	}
	MEMPROF_PHASE("action") outcome = carry_out(world, agent, &choice, &rng);
	MEMPROF_PHASE("observation") after = observe(world, agent, LOOK_AGAIN);
	MEMPROF_PHASE("reward")
	{
		write_down(world, agent, &choice, &outcome, resources,
		           reward_of(world, before, after, &outcome));
		observation_free(before);
		observation_free(after);
	}
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
static struct agent **begin(struct world *world, size_t *count)
{
	world->step++;
	population_bury(&world->population);
	journal_clear(&world->journal);
	return population_living(&world->population, count);
}

static void all_take_turns(struct world *world, struct agent **living, size_t count)
{
	const struct decision_limits limits = limits_of(&world->params);
	for (size_t i = 0; i < count; i++)
		if (living[i]->alive) /* not killed by one who acted before */
			take_turn(world, living[i], &limits);
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
	struct agent **living;
	size_t count;
	bool logged = true;

	MEMPROF_PHASE("population") living = begin(world, &count);
	all_take_turns(world, living, count);
	MEMPROF_PHASE("resources")
	{
		resources_regrow(world->resources, &world->params, world->seed, world->step);
	}
	MEMPROF_PHASE("population")
	{
		free(living);
		age_all(world);
	}
	MEMPROF_PHASE("metrics")
	{
		*metrics = metrics_of(world);
		count_events(world);
	}
	if (log)
		MEMPROF_PHASE("db_logging") logged = dblog_step(log, world, metrics);
	MEMPROF_PHASE("spatial_index") world_refresh_index(world);
	return logged;
}
