/* The decision knows an observation and nothing else, chooses by its weights, and never chooses
 * what it can see to be pointless. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "decision/blas.h"
#include "decision/brain.h"
#include "decision/decision.h"
#include "decision/kinds.h"

/* These would not compile if decision.h let the world in. */
struct world {
	int none;
};
struct agent {
	int none;
};

#define RADIUS 6
#define SIZE   (2 * RADIUS + 1)
#define DRAWS  20000

static const struct decision_settings limits = {
        .birth_threshold = 11, .share_amount = 1, .move_reach = 4};

static float cells[CHANNEL_COUNT * SIZE * SIZE];
static struct observation view;

/* An agent in good health, neither poor nor rich, that sees an empty plain. */
static void empty_plain(void)
{
	memset(cells, 0, sizeof cells);
	view = (struct observation){
	        .radius = RADIUS, .size = SIZE, .resources = 5, .health = 1, .cells = cells};
	for (int i = 0; i < SIZE * SIZE; i++)
		cells[CHANNEL_VISIBILITY * SIZE * SIZE + i] = 1;
}

static void show(enum channel channel, int dx, int dy, float value)
{
	cells[(channel * SIZE + RADIUS + dy) * SIZE + RADIUS + dx] = value;
}

static struct choice choose(const float *weights, struct rng *rng)
{
	struct decider *decider = decider_create(&decision_weights, &limits);
	const struct decision_seat seat = {.agent = 1, .weights = weights};
	struct choice choice;
	decider->kind->decide(decider, &seat, &view, rng, &choice);
	decider_destroy(decider);
	return choice;
}

static void count_choices(const float *weights, int counts[ACTION_COUNT])
{
	memset(counts, 0, ACTION_COUNT * sizeof *counts);
	for (uint64_t i = 0; i < DRAWS; i++) {
		struct rng rng = rng_stream(1, RNG_AGENT, 1, i);
		counts[choose(weights, &rng).kind]++;
	}
}

static const float even[ACTION_COUNT] = {1, 1, 1, 1, 1, 1, 1};

START_TEST(nothing_pointless)
{
	int counts[ACTION_COUNT];
	empty_plain();
	count_choices(even, counts);
	ck_assert_int_eq(counts[ACTION_GATHER], 0);
	ck_assert_int_eq(counts[ACTION_ATTACK], 0);
	ck_assert_int_eq(counts[ACTION_SHARE], 0);
	ck_assert_int_eq(counts[ACTION_REPRODUCE], 0);
	ck_assert_int_gt(counts[ACTION_MOVE], 0);
	ck_assert_int_gt(counts[ACTION_PASS], 0);

	view.resources = 11;
	show(CHANNEL_ALLIES, 2, 0, 1);
	show(CHANNEL_ENEMIES, -3, 1, 1);
	show(CHANNEL_RESOURCES, 1, 1, 0.5f);
	count_choices(even, counts);
	for (int a = 0; a < ACTION_COUNT; a++)
		ck_assert_int_gt(counts[a], 0);
}
END_TEST

START_TEST(weights_are_chances)
{
	/* On an empty plain: move × 1.5, defend × 0.2, pass × 1. */
	const float weights[ACTION_COUNT] = {
	        [ACTION_MOVE] = 2, [ACTION_DEFEND] = 5, [ACTION_PASS] = 1};
	int counts[ACTION_COUNT];
	empty_plain();
	count_choices(weights, counts);
	ck_assert_double_eq_tol((double)counts[ACTION_MOVE] / DRAWS, 3.0 / 5, 0.015);
	ck_assert_double_eq_tol((double)counts[ACTION_DEFEND] / DRAWS, 1.0 / 5, 0.015);
	ck_assert_double_eq_tol((double)counts[ACTION_PASS] / DRAWS, 1.0 / 5, 0.015);
}
END_TEST

START_TEST(no_weights_pass)
{
	const float none[ACTION_COUNT] = {0};
	int counts[ACTION_COUNT];
	empty_plain();
	count_choices(none, counts);
	ck_assert_int_eq(counts[ACTION_PASS], DRAWS);
}
END_TEST

static const float move_only[ACTION_COUNT] = {[ACTION_MOVE] = 1};

/* Mean direction of many moves; each is within reach. */
static void mean_move(double *dx, double *dy)
{
	*dx = *dy = 0;
	for (uint64_t i = 0; i < 1000; i++) {
		struct rng rng = rng_stream(1, RNG_AGENT, 2, i);
		struct choice choice = choose(move_only, &rng);
		ck_assert_int_eq(choice.kind, ACTION_MOVE);
		ck_assert(hypot(choice.dx, choice.dy) <= limits.move_reach + 1e-9);
		*dx += choice.dx / 1000;
		*dy += choice.dy / 1000;
	}
}

START_TEST(moves_lead_to_resources_else_to_the_goal)
{
	double dx, dy;
	empty_plain();
	show(CHANNEL_GOAL, -6, 0, 1);
	mean_move(&dx, &dy);
	ck_assert(dx < -3 && fabs(dy) < 0.3);

	show(CHANNEL_RESOURCES, 0, 5, 1);
	mean_move(&dx, &dy);
	ck_assert(dy > 3 && fabs(dx) < 0.3);

	/* What is out of sight leads nowhere. */
	cells[(CHANNEL_VISIBILITY * SIZE + RADIUS + 5) * SIZE + RADIUS] = 0;
	mean_move(&dx, &dy);
	ck_assert(dx < -3 && fabs(dy) < 0.3);
}
END_TEST

/* Which action is worth something depends on what is seen: the network finds out from experience.
 */
START_TEST(a_network_learns_what_pays)
{
	char message[256];
	ck_assert_msg(blas_load(message, sizeof message), "%s", message);
	struct brain *brain = brain_create(rng_stream(1, RNG_NETWORK, 1, 0), 500);
	struct rng rng = rng_stream(2, RNG_AGENT, 1, 0);
	float seen[2][BRAIN_INPUTS], values[2 * ACTION_COUNT];
	memset(seen, 0, sizeof seen);
	seen[0][3] = seen[1][40] = 1;
	uint64_t before = brain_hash(brain);
	for (uint64_t i = 0; i < 20000; i++) {
		int which = (int)(rng_next(&rng) % 2);
		enum action_kind action = (enum action_kind)(rng_next(&rng) % ACTION_COUNT);
		bool pays = action == (which ? ACTION_GATHER : ACTION_SHARE);
		brain_remember(brain, seen[which], action, pays, NULL);
		brain_learn(brain, rng_stream(2, RNG_REPLAY, 1, i));
	}
	brain_values(brain, 2, seen[0], values);
	for (int a = 0; a < ACTION_COUNT; a++) {
		ck_assert_float_eq_tol(values[a], a == ACTION_SHARE, 0.35f);
		ck_assert_float_eq_tol(values[ACTION_COUNT + a], a == ACTION_GATHER, 0.35f);
	}
	ck_assert_uint_ne(brain_hash(brain), before);
	brain_destroy(brain);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sim decision");
	TCase *tests = tcase_create("decision");
	tcase_add_test(tests, nothing_pointless);
	tcase_add_test(tests, a_network_learns_what_pays);
	tcase_add_test(tests, weights_are_chances);
	tcase_add_test(tests, no_weights_pass);
	tcase_add_test(tests, moves_lead_to_resources_else_to_the_goal);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
