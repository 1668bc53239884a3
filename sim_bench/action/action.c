/* action/action.c: the deeds by kind; see action.h.
 *
 * Who is near is asked of the spatial index, nearest first by distance and then by id, so that the
 * target of a deed does not depend on the kind of index.
 */
#include "action/action.h"

#include <math.h>

const char *const action_names[ACTION_COUNT] = {
#define ACTION_NAME(SYMBOL, NAME) NAME,
        ACTION_LIST(ACTION_NAME)
#undef ACTION_NAME
};

/* Rewards of deeds, in the unit of one resource. */
#define REWARD_HIT   0.5
#define REWARD_KILL  2.0
#define REWARD_SHARE 0.3
#define REWARD_BIRTH 5.0

static const struct outcome failed = {.success = false};

static void leave_trace(struct trace_left *trace, const struct world *world, double x, double y,
                        double strength)
{
	*trace = (struct trace_left){world->step, x, y, (float)strength};
}

static double clamp_inside(double value, double side)
{
	/* The far edge belongs to no cell. */
	return fmin(fmax(value, 0), nextafter(side, 0));
}

static struct outcome do_move(struct world *world, struct agent *agent, const struct choice *choice,
                              struct rng *rng)
{
	(void)rng;
	double side = world->params.world_side;
	double x = clamp_inside(agent->x + choice->dx, side);
	double y = clamp_inside(agent->y + choice->dy, side);

	if (!world_free_at(world, x, y) || (x == agent->x && y == agent->y))
		return failed;
	leave_trace(&agent->trail, world, agent->x, agent->y, 1);
	agent->x = x;
	agent->y = y;
	world->agents_moved = true;
	double cost = world->params.move_cost *
	              (double)terrain_cost(&world->terrain, (int)floor(x), (int)floor(y));
	agent->resources = fmax(0, agent->resources - cost);
	return (struct outcome){.success = true};
}

static double squared_distance(const struct agent *agent, const struct spatial_point *point)
{
	double dx = point->x - agent->x, dy = point->y - agent->y;
	return dx * dx + dy * dy;
}

static struct resource *nearest_stocked(struct world *world, const struct agent *agent)
{
	struct spatial_hits hits = {0};
	struct resource *nearest = NULL;
	double least = INFINITY;
	world_near(world, agent->x, agent->y, world->params.gather_reach, NULL, &hits);
	for (size_t i = 0; i < hits.count; i++) {
		struct resource *resource = hits.points[i].item;
		double distance = squared_distance(agent, &hits.points[i]);
		if (resource->amount > 0 && distance < least) {
			least = distance;
			nearest = resource;
		}
	}
	spatial_hits_free(&hits);
	return nearest;
}

static struct outcome do_gather(struct world *world, struct agent *agent,
                                const struct choice *choice, struct rng *rng)
{
	(void)choice, (void)rng;
	struct resource *resource = nearest_stocked(world, agent);
	if (!resource)
		return failed;
	double taken = resource_take(resource, world->params.gather_amount);
	agent->resources += taken;
	world->journal.gathered += taken;
	return (struct outcome){.success = true, .reward = taken};
}

static struct agent *nearest_enemy(struct world *world, const struct agent *agent)
{
	struct spatial_hits hits = {0};
	struct agent *nearest = NULL;
	double least = INFINITY;
	world_near(world, agent->x, agent->y, world->params.meeting_reach, &hits, NULL);
	for (size_t i = 0; i < hits.count; i++) {
		struct agent *other = hits.points[i].item;
		double distance = squared_distance(agent, &hits.points[i]);
		if (other->alive && other->kind != agent->kind && distance < least) {
			least = distance;
			nearest = other;
		}
	}
	spatial_hits_free(&hits);
	return nearest;
}

static void hurt(struct world *world, struct agent *target, uint32_t by, double damage)
{
	double before = target->health;
	target->health = fmax(0, before - damage);
	leave_trace(&target->hurt, world, target->x, target->y, damage / world->params.full_health);
	journal_add_incident(&world->journal, &(struct incident_record){
	                                              .agent = target->id,
	                                              .by = by,
	                                              .health_before = before,
	                                              .health_after = target->health,
	                                              .cause = "attack",
	                                      });
	if (target->health <= 0)
		world_death(world, target);
}

static struct outcome do_attack(struct world *world, struct agent *agent,
                                const struct choice *choice, struct rng *rng)
{
	(void)choice, (void)rng;
	const struct params *params = &world->params;
	world->journal.attacks++;
	struct agent *target = nearest_enemy(world, agent);
	if (!target || agent->resources < params->attack_cost)
		return failed;
	agent->resources -= params->attack_cost;
	double loot = fmin(params->attack_loot, target->resources);
	target->resources -= loot;
	agent->resources += loot;
	hurt(world, target, agent->id,
	     params->attack_damage * (target->defending ? 1 - params->defence : 1));
	world->journal.hits++;
	return (struct outcome){
	        .success = true,
	        .target = target->id,
	        .reward = target->alive ? REWARD_HIT : REWARD_KILL,
	};
}

static struct agent *poorest_ally(struct world *world, const struct agent *agent)
{
	struct spatial_hits hits = {0};
	struct agent *poorest = NULL;
	world_near(world, agent->x, agent->y, world->params.meeting_reach, &hits, NULL);
	for (size_t i = 0; i < hits.count; i++) {
		struct agent *other = hits.points[i].item;
		if (other != agent && other->alive && other->kind == agent->kind &&
		    (!poorest || other->resources < poorest->resources))
			poorest = other;
	}
	spatial_hits_free(&hits);
	return poorest;
}

static struct outcome do_share(struct world *world, struct agent *agent,
                               const struct choice *choice, struct rng *rng)
{
	(void)choice, (void)rng;
	double amount = world->params.share_amount;
	struct agent *ally = poorest_ally(world, agent);
	if (!ally || agent->resources < amount)
		return failed;
	agent->resources -= amount;
	ally->resources += amount;
	world->journal.shared += amount;
	leave_trace(&agent->signal, world, agent->x, agent->y, 1);
	return (struct outcome){.success = true, .target = ally->id, .reward = REWARD_SHARE};
}

static struct outcome do_reproduce(struct world *world, struct agent *agent,
                                   const struct choice *choice, struct rng *rng)
{
	(void)choice;
	const struct params *params = &world->params;
	if (params->fixed_population || agent->resources < params->birth_threshold ||
	    world->population.living >= params->population_cap ||
	    !rng_chance(rng, params->birth_chance))
		return failed;
	agent->resources -= params->birth_cost;
	const struct agent *child = world_birth(world, agent, rng);
	return (struct outcome){.success = true, .target = child->id, .reward = REWARD_BIRTH};
}

static struct outcome do_defend(struct world *world, struct agent *agent,
                                const struct choice *choice, struct rng *rng)
{
	(void)world, (void)choice, (void)rng;
	agent->defending = true;
	return (struct outcome){.success = true};
}

static struct outcome do_pass(struct world *world, struct agent *agent, const struct choice *choice,
                              struct rng *rng)
{
	(void)world, (void)agent, (void)choice, (void)rng;
	return (struct outcome){.success = true};
}

typedef struct outcome deed_fn(struct world *, struct agent *, const struct choice *, struct rng *);

static deed_fn *const deeds[ACTION_COUNT] = {
        [ACTION_MOVE] = do_move,   [ACTION_GATHER] = do_gather,       [ACTION_ATTACK] = do_attack,
        [ACTION_SHARE] = do_share, [ACTION_REPRODUCE] = do_reproduce, [ACTION_DEFEND] = do_defend,
        [ACTION_PASS] = do_pass,
};

struct outcome act(struct world *world, struct agent *agent, const struct choice *choice,
                   struct rng *rng)
{
	return deeds[choice->kind](world, agent, choice, rng);
}
