/* The rules of the simulation, the course of a run, and the hash that stands for its state. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "action/action.h"
#include "decision/kinds.h"
#include "hash.h"
#include "observation/kinds.h"
#include "spatial/kinds.h"
#include "step.h"

static struct world *new_world(uint32_t agents, uint64_t seed, const struct spatial_kind *spatial)
{
	const struct params params = params_for(agents);
	const struct components components = {.spatial = spatial,
	                                      .storage = &layer_hybrid,
	                                      .decide = &decision_weights,
	                                      .threads = 1,
	                                      .looks = 2};
	return world_create(&params, &components, seed);
}

static struct world *world_of(uint32_t agents)
{
	return new_world(agents, 42, &spatial_kdtree);
}

static struct rng chance(void)
{
	return rng_stream(1, RNG_AGENT, 1, 1);
}

static struct outcome do_action(struct world *world, struct agent *agent, enum action_kind kind)
{
	struct rng rng = chance();
	world_refresh_index(world);
	return act(world, agent, &(struct choice){.kind = kind}, &rng);
}

static void stand_at(struct world *world, struct agent *agent, double x, double y)
{
	agent->x = x;
	agent->y = y;
	world->agents_moved = true;
}

/* Agents at the start: thirds of each kind, ids from 1, inside the world, off the obstacles. */
START_TEST(start)
{
	struct world *world = world_of(30);
	int kinds[AGENT_KIND_COUNT] = {0};
	ck_assert_uint_eq(world->population.living, 30);
	for (size_t i = 0; i < 30; i++) {
		const struct agent *agent = world->population.agents[i];
		ck_assert_uint_eq(agent->id, i + 1);
		ck_assert(world_free_at(world, agent->x, agent->y));
		kinds[agent->kind]++;
	}
	for (int kind = 0; kind < AGENT_KIND_COUNT; kind++)
		ck_assert_int_eq(kinds[kind], 10);
	ck_assert_uint_eq(world->params.resource_sites, 20);
	ck_assert_double_eq(world->params.world_side, 100);
	world_destroy(world);
}
END_TEST

START_TEST(density_stays)
{
	const struct params params = params_for(3000);
	ck_assert_uint_eq(params.initial_agents, 3000);
	ck_assert_uint_eq(params.resource_sites, 2000);
	ck_assert_double_eq_tol(params.world_side * params.world_side / 3000, 10000.0 / 30, 1);
	ck_assert_uint_gt(params.population_cap, 3000);
}
END_TEST

START_TEST(starvation_kills_in_time)
{
	struct world *world = world_of(1);
	struct step_metrics metrics;
	struct agent *agent = world->population.agents[0];
	for (uint32_t i = 0; i < world->params.resource_sites; i++)
		world->resources[i].amount = 0;
	world->params.regrow_chance = 0;
	agent->resources = 0;

	for (uint32_t step = 1; step < world->params.starvation_steps; step++) {
		ck_assert(step_run(world, NULL, &metrics));
		ck_assert_uint_eq(metrics.agents, 1);
		ck_assert_uint_eq(agent->starving, step);
	}
	ck_assert(step_run(world, NULL, &metrics));
	ck_assert_uint_eq(metrics.agents, 0);
	ck_assert_uint_eq(metrics.deaths, 1);
	ck_assert_str_eq(world->journal.incidents[0].cause, "starvation");

	/* An empty world goes on. */
	ck_assert(step_run(world, NULL, &metrics));
	ck_assert_uint_eq(metrics.agents, 0);
	ck_assert_uint_eq(metrics.deaths, 0);
	world_destroy(world);
}
END_TEST

START_TEST(birth)
{
	struct world *world = world_of(3);
	struct agent *parent = world->population.agents[1];
	parent->resources = 11;
	parent->generation = 4;
	world->params.birth_chance = 1;
	struct outcome outcome = do_action(world, parent, ACTION_REPRODUCE);
	ck_assert(outcome.success);
	ck_assert_uint_eq(world->population.living, 4);
	ck_assert_double_eq_tol(parent->resources, 11 - world->params.birth_cost, 1e-12);

	const struct agent *child = world->population.agents[3];
	ck_assert_uint_eq(child->id, outcome.target);
	ck_assert_uint_eq(child->parent, parent->id);
	ck_assert_uint_eq(child->generation, 5);
	ck_assert_int_eq(child->kind, parent->kind);
	ck_assert_double_eq(child->resources, 5);
	ck_assert(hypot(child->x - parent->x, child->y - parent->y) < 2);
	ck_assert_uint_eq(world->journal.births, 1);
	world_destroy(world);
}
END_TEST

START_TEST(no_birth_when_poor_unlucky_or_full)
{
	struct world *world = world_of(3);
	struct agent *parent = world->population.agents[0];
	world->params.birth_chance = 1;
	parent->resources = 10.99;
	ck_assert(!do_action(world, parent, ACTION_REPRODUCE).success);
	parent->resources = 50;
	world->params.birth_chance = 0;
	ck_assert(!do_action(world, parent, ACTION_REPRODUCE).success);
	world->params.birth_chance = 1;
	world->params.population_cap = 3;
	ck_assert(!do_action(world, parent, ACTION_REPRODUCE).success);
	ck_assert_double_eq(parent->resources, 50);
	ck_assert_uint_eq(world->population.living, 3);
	world_destroy(world);
}
END_TEST

START_TEST(gathering_takes_from_the_nearest)
{
	struct world *world = world_of(30);
	struct agent *agent = world->population.agents[0];
	struct resource *resource = &world->resources[4];
	stand_at(world, agent, resource->x, resource->y);
	agent->resources = 1;
	resource->amount = 2;
	ck_assert(do_action(world, agent, ACTION_GATHER).success);
	ck_assert_double_eq(agent->resources, 3);
	ck_assert_double_eq(resource->amount, 0);
	for (uint32_t i = 0; i < world->params.resource_sites; i++)
		world->resources[i].amount = 0;
	ck_assert(!do_action(world, agent, ACTION_GATHER).success);
	ck_assert_double_eq(agent->resources, 3);
	world_destroy(world);
}
END_TEST

static struct world *meeting(struct agent **self, struct agent **ally, struct agent **enemy)
{
	struct world *world = world_of(4); /* kinds: system, independent, control, system */
	*self = world->population.agents[0];
	*enemy = world->population.agents[1];
	*ally = world->population.agents[3];
	stand_at(world, *self, 10, 10);
	stand_at(world, *enemy, 12, 10);
	stand_at(world, *ally, 10, 12);
	stand_at(world, world->population.agents[2], 18, 18);
	return world;
}

START_TEST(attack)
{
	struct agent *self, *ally, *enemy;
	struct world *world = meeting(&self, &ally, &enemy);
	double damage = world->params.attack_damage;
	struct outcome outcome = do_action(world, self, ACTION_ATTACK);
	ck_assert(outcome.success);
	ck_assert_uint_eq(outcome.target, enemy->id);
	ck_assert_double_eq(enemy->health, 100 - damage);
	ck_assert_double_eq(ally->health, 100);

	enemy->defending = true;
	do_action(world, self, ACTION_ATTACK);
	ck_assert_double_eq(enemy->health, 100 - damage * 1.5);

	enemy->health = 1;
	do_action(world, self, ACTION_ATTACK);
	ck_assert(!enemy->alive);
	ck_assert_uint_eq(world->population.living, 3);
	ck_assert_uint_eq(world->journal.death_count, 1);
	ck_assert_uint_eq(world->journal.incident_count, 3);
	/* The dead are not there any more: nobody in reach is an enemy now. */
	ck_assert(!do_action(world, self, ACTION_ATTACK).success);
	world_destroy(world);
}
END_TEST

/* Who died in this step is in the index still, and is met by nobody. */
START_TEST(the_dead_are_not_met)
{
	struct agent *self, *ally, *enemy;
	struct world *world = meeting(&self, &ally, &enemy);
	struct rng rng = chance();
	world_refresh_index(world);
	world_death(world, enemy);
	world_death(world, ally);
	self->resources = 7;
	ck_assert(!act(world, self, &(struct choice){.kind = ACTION_ATTACK}, &rng).success);
	ck_assert(!act(world, self, &(struct choice){.kind = ACTION_SHARE}, &rng).success);
	world_destroy(world);
}
END_TEST

/* One who moved away in this step is met where it stood when the step began. */
START_TEST(acts_meet_who_stood_there)
{
	struct agent *self, *ally, *enemy;
	struct world *world = meeting(&self, &ally, &enemy);
	struct rng rng = chance();
	world_refresh_index(world);
	stand_at(world, enemy, 19, 1);
	struct outcome outcome = act(world, self, &(struct choice){.kind = ACTION_ATTACK}, &rng);
	ck_assert_uint_eq(outcome.target, enemy->id);
	ck_assert(!do_action(world, self, ACTION_ATTACK).success);
	world_destroy(world);
}
END_TEST

START_TEST(sharing_moves_resources)
{
	struct agent *self, *ally, *enemy;
	struct world *world = meeting(&self, &ally, &enemy);
	self->resources = 7;
	ally->resources = 2;
	struct outcome outcome = do_action(world, self, ACTION_SHARE);
	ck_assert_uint_eq(outcome.target, ally->id);
	ck_assert_double_eq(self->resources + ally->resources, 9);
	ck_assert_double_eq(ally->resources, 2 + world->params.share_amount);
	self->resources = world->params.share_amount / 2;
	ck_assert(!do_action(world, self, ACTION_SHARE).success);
	self->resources = 7;
	stand_at(world, ally, 19, 1);
	ck_assert(!do_action(world, self, ACTION_SHARE).success);
	ck_assert_double_eq(self->resources, 7);
	world_destroy(world);
}
END_TEST

START_TEST(moves_stay_inside_and_off_obstacles)
{
	struct world *world = world_of(30);
	struct agent *agent = world->population.agents[0];
	struct rng rng = chance();
	int moved = 0;
	for (int i = 0; i < 5000; i++) {
		struct choice choice = {ACTION_MOVE, rng_between(&rng, -30, 30),
		                        rng_between(&rng, -30, 30)};
		agent->resources = 5;
		moved += act(world, agent, &choice, &rng).success;
		ck_assert(world_free_at(world, agent->x, agent->y));
	}
	ck_assert_int_gt(moved, 4000);
	world_destroy(world);
}
END_TEST

static uint64_t hash_after(uint64_t seed, const struct components *components, int steps)
{
	const struct params params = params_for(60);
	struct world *world = world_create(&params, components, seed);
	struct step_metrics metrics;
	for (int i = 0; i < steps; i++)
		step_run(world, NULL, &metrics);
	uint64_t hash = world_hash(world);
	world_destroy(world);
	return hash;
}

static const struct components baseline = {
        .spatial = &spatial_kdtree,
        .storage = &layer_hybrid,
        .decide = &decision_weights,
        .threads = 1,
        .looks = 2,
};

START_TEST(course_depends_on_the_seed)
{
	uint64_t hash = hash_after(42, &baseline, 150);
	ck_assert_uint_eq(hash_after(42, &baseline, 150), hash);
	ck_assert_uint_ne(hash_after(43, &baseline, 150), hash);
	ck_assert_uint_ne(hash_after(42, &baseline, 149), hash);
	struct components other = baseline;
	other.splat = SPLAT_NEAREST;
	ck_assert_uint_ne(hash_after(42, &other, 150), hash);
}
END_TEST

/* Each index, storage, number of looks and of threads, buffers reused or not, alone and mixed. */
START_TEST(course_does_not_depend_on_the_components)
{
	uint64_t hash = hash_after(42, &baseline, 150);
	const struct spatial_kind *spatial;
	const struct layer_kind *storage;
	for (size_t i = 0; (spatial = spatial_kind_at(i)) != NULL; i++) {
		struct components other = baseline;
		other.spatial = spatial;
		ck_assert_uint_eq(hash_after(42, &other, 150), hash);
		other.threads = (unsigned)i + 2;
		other.looks = (unsigned)i % 3 + 1;
		ck_assert_uint_eq(hash_after(42, &other, 150), hash);
	}
	for (size_t i = 0; (storage = layer_kind_at(i)) != NULL; i++) {
		for (unsigned looks = 1; looks <= 3; looks++) {
			struct components other = baseline;
			other.storage = storage;
			other.looks = looks;
			other.reuse_buffers = i == 0;
			ck_assert_uint_eq(hash_after(42, &other, 150), hash);
			other.reuse_buffers = i == 1;
			other.threads = 3;
			ck_assert_uint_eq(hash_after(42, &other, 150), hash);
		}
	}
}
END_TEST

/* Networks too, learning or not, choose alike for any number of threads; what they learn is part
 * of the state. */
START_TEST(networks_do_not_depend_on_threads)
{
	static const struct decision_kind *const kinds[] = {&decision_network,
	                                                    &decision_network_batched};
	char error[256];
	for (int i = 0; i < 4; i++) {
		struct components other = baseline;
		other.decide = kinds[i % 2];
		other.training = i >= 2;
		ck_assert_msg(other.decide->available(error, sizeof error), "%s", error);
		uint64_t hash = hash_after(42, &other, 40);
		ck_assert_uint_ne(hash, hash_after(42, &baseline, 40));
		other.threads = 3;
		other.looks = 1;
		other.spatial = &spatial_grid;
		ck_assert_uint_eq(hash_after(42, &other, 40), hash);
		other.training = !other.training;
		ck_assert_uint_ne(hash_after(42, &other, 40), hash);
	}
}
END_TEST

/* The smallest change of anything that matters changes the hash, and undoing it restores it. */
START_TEST(hash_sees_everything)
{
	struct world *world = world_of(30);
	struct step_metrics metrics;
	for (int i = 0; i < 10; i++)
		step_run(world, NULL, &metrics);
	struct agent *agent = world->population.agents[7];
	double *const reals[] = {
	        &agent->x,      &agent->y,      &agent->goal_x,    &agent->goal_y,
	        &agent->health, &agent->reward, &agent->resources, &world->resources[19].amount,
	};
	uint64_t hash = world_hash(world);
	for (size_t i = 0; i < sizeof reals / sizeof reals[0]; i++) {
		double held = *reals[i];
		*reals[i] = nextafter(held, 1e9);
		ck_assert_uint_ne(world_hash(world), hash);
		*reals[i] = held;
		ck_assert_uint_eq(world_hash(world), hash);
	}
	agent->weights[ACTION_PASS] = nextafterf(agent->weights[ACTION_PASS], 1);
	ck_assert_uint_ne(world_hash(world), hash);
	agent->weights[ACTION_PASS] = nextafterf(agent->weights[ACTION_PASS], 0);
	agent->starving++;
	ck_assert_uint_ne(world_hash(world), hash);
	agent->starving--;
	struct layer *trails = agent->perception->layers[CHANNEL_TRAILS];
	trails->kind->add(trails, 0, 0, 1);
	ck_assert_uint_ne(world_hash(world), hash);
	world_destroy(world);
}
END_TEST

/* Neither extinct nor at the cap, from several starts. */
START_TEST(population_lasts)
{
	struct world *world = new_world(30, (uint64_t)_i, &spatial_kdtree);
	struct step_metrics metrics;
	double sum = 0;
	for (int step = 1; step <= 3000; step++) {
		step_run(world, NULL, &metrics);
		ck_assert_uint_gt(metrics.agents, 8);
		ck_assert_uint_lt(metrics.agents, world->params.population_cap);
		sum += (double)metrics.agents;
	}
	ck_assert_double_gt(sum / 3000, 0.8 * 30);
	ck_assert_double_lt(sum / 3000, 1.5 * 30);
	world_destroy(world);
}
END_TEST

/* Agents and resources are counted the same way by the metrics and by hand. */
START_TEST(metrics_count)
{
	struct world *world = world_of(30);
	struct step_metrics metrics;
	uint64_t births = 0, deaths = 0;
	for (int step = 1; step <= 400; step++) {
		step_run(world, NULL, &metrics);
		births += metrics.births;
		deaths += metrics.deaths;
		ck_assert_uint_eq(metrics.agents, 30 + births - deaths);
		ck_assert_uint_eq(metrics.agents,
		                  metrics.by_kind[0] + metrics.by_kind[1] + metrics.by_kind[2]);
	}
	ck_assert_uint_gt(births, 0);
	ck_assert_uint_gt(deaths, 0);
	world_destroy(world);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sim world");
	TCase *tests = tcase_create("world");
	tcase_add_test(tests, start);
	tcase_add_test(tests, density_stays);
	tcase_add_test(tests, starvation_kills_in_time);
	tcase_add_test(tests, birth);
	tcase_add_test(tests, no_birth_when_poor_unlucky_or_full);
	tcase_add_test(tests, gathering_takes_from_the_nearest);
	tcase_add_test(tests, attack);
	tcase_add_test(tests, sharing_moves_resources);
	tcase_add_test(tests, moves_stay_inside_and_off_obstacles);
	tcase_add_test(tests, course_depends_on_the_seed);
	tcase_add_test(tests, course_does_not_depend_on_the_components);
	tcase_add_test(tests, networks_do_not_depend_on_threads);
	tcase_add_test(tests, the_dead_are_not_met);
	tcase_add_test(tests, acts_meet_who_stood_there);
	tcase_add_test(tests, hash_sees_everything);
	tcase_add_loop_test(tests, population_lasts, 1, 4);
	tcase_add_test(tests, metrics_count);
	tcase_set_timeout(tests, 60);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
