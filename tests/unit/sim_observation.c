/* What an agent sees: splats conserve what they share out, memory fades and moves as it should, and
 * the hybrid storage holds to the bit what a plain array would. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "decision/kinds.h"
#include "observation/kinds.h"
#include "observation/observe.h"
#include "observation/perception.h"
#include "rng.h"
#include "spatial/kinds.h"

#define SIZE  13
#define CELLS (SIZE * SIZE)

/* ---- the oracle: a layer that is an array */

struct plain {
	struct layer base;
	float cells[CELLS];
};

static const struct layer_kind layer_plain;

static struct layer *plain_create(int size)
{
	struct plain *plain = calloc(1, sizeof *plain);
	ck_assert_int_eq(size, SIZE);
	plain->base = (struct layer){&layer_plain, size};
	return &plain->base;
}

static void plain_destroy(struct layer *layer)
{
	free(layer);
}

static float *plain_cell(struct layer *layer, int column, int row)
{
	return &((struct plain *)layer)->cells[row * SIZE + column];
}

static void plain_add(struct layer *layer, int column, int row, float value)
{
	*plain_cell(layer, column, row) += value;
}

static void plain_put(struct layer *layer, int column, int row, float value)
{
	*plain_cell(layer, column, row) = value;
}

static void plain_load(struct layer *layer, const float *cells)
{
	memcpy(((struct plain *)layer)->cells, cells, CELLS * sizeof *cells);
}

static void plain_clear(struct layer *layer)
{
	memset(((struct plain *)layer)->cells, 0, CELLS * sizeof(float));
}

static void plain_fade(struct layer *layer, float factor)
{
	float *cells = ((struct plain *)layer)->cells;
	for (int i = 0; i < CELLS; i++) {
		cells[i] *= factor;
		if (cells[i] < LAYER_FAINT)
			cells[i] = 0;
	}
}

static void plain_shift(struct layer *layer, int columns, int rows)
{
	float moved[CELLS] = {0};
	for (int row = 0; row < SIZE; row++)
		for (int column = 0; column < SIZE; column++)
			if (column + columns >= 0 && column + columns < SIZE && row + rows >= 0 &&
			    row + rows < SIZE)
				moved[(row + rows) * SIZE + column + columns] =
				        *plain_cell(layer, column, row);
	plain_load(layer, moved);
}

static void plain_render(const struct layer *layer, float *cells)
{
	memcpy(cells, ((const struct plain *)layer)->cells, CELLS * sizeof *cells);
}

static const struct layer_kind layer_plain = {
        "plain",    plain_create, plain_destroy, plain_add,   plain_put,
        plain_load, plain_clear,  plain_fade,    plain_shift, plain_render,
};

/* ---- tests */

static double sum_of(const struct layer *layer)
{
	float cells[CELLS];
	double sum = 0;
	layer->kind->render(layer, cells);
	for (int i = 0; i < CELLS; i++)
		sum += cells[i];
	return sum;
}

START_TEST(splat_conserves)
{
	struct rng rng = rng_stream(1, RNG_AGENT, 1, 1);
	for (int i = 0; i < 1000; i++) {
		struct layer *layer = layer_hybrid.create(SIZE);
		float value = (float)rng_between(&rng, 0.1, 100);
		layer_splat(layer, SPLAT_BILINEAR, rng_between(&rng, 0, SIZE - 1),
		            rng_between(&rng, 0, SIZE - 1), value);
		ck_assert_double_eq_tol(sum_of(layer) / (double)value, 1, 1e-6);
		layer_hybrid.destroy(layer);
	}
}
END_TEST

START_TEST(splat_shares_by_distance)
{
	float cells[CELLS];
	struct layer *layer = layer_hybrid.create(SIZE);
	layer_splat(layer, SPLAT_BILINEAR, 4.25, 7.5, 8);
	layer_hybrid.render(layer, cells);
	ck_assert_float_eq(cells[7 * SIZE + 4], 3);
	ck_assert_float_eq(cells[7 * SIZE + 5], 1);
	ck_assert_float_eq(cells[8 * SIZE + 4], 3);
	ck_assert_float_eq(cells[8 * SIZE + 5], 1);
	layer_hybrid.destroy(layer);
}
END_TEST

START_TEST(splat_at_the_rim_loses_what_is_outside)
{
	struct layer *layer = layer_hybrid.create(SIZE);
	layer_splat(layer, SPLAT_BILINEAR, -0.5, 3, 1);
	ck_assert_double_eq_tol(sum_of(layer), 0.5, 1e-7);
	layer_hybrid.clear(layer);
	layer_splat(layer, SPLAT_BILINEAR, SIZE - 0.75, SIZE - 0.75, 1);
	ck_assert_double_eq_tol(sum_of(layer), 0.75 * 0.75, 1e-7);
	layer_hybrid.clear(layer);
	layer_splat(layer, SPLAT_BILINEAR, -1, 3, 1);
	layer_splat(layer, SPLAT_BILINEAR, SIZE, 3, 1);
	layer_splat(layer, SPLAT_BILINEAR, 1e300, -1e300, 1);
	layer_splat(layer, SPLAT_BILINEAR, NAN, 3, 1);
	ck_assert_double_eq(sum_of(layer), 0);
	layer_hybrid.destroy(layer);
}
END_TEST

/* The factors are those that the simulation's description states. */
START_TEST(memory_fades_by_its_factor)
{
	ck_assert_float_eq(channel_infos[CHANNEL_KNOWN_EMPTY].factor, 0.98f);
	ck_assert_float_eq(channel_infos[CHANNEL_DAMAGE_HEAT].factor, 0.85f);
	ck_assert_float_eq(channel_infos[CHANNEL_TRAILS].factor, 0.90f);
	ck_assert_float_eq(channel_infos[CHANNEL_ALLY_SIGNAL].factor, 0.92f);

	struct perception *perception = perception_create(&layer_hybrid, SIZE / 2);
	struct layer *heat = perception->layers[CHANNEL_DAMAGE_HEAT];
	struct layer *landmarks = perception->layers[CHANNEL_LANDMARKS];
	heat->kind->put(heat, 2, 3, 1);
	landmarks->kind->put(landmarks, 2, 3, 1);
	for (int step = 1; step <= 10; step++) {
		perception_age(perception);
		ck_assert_double_eq_tol(sum_of(heat), pow(0.85, step), 1e-6);
	}
	ck_assert_double_eq(sum_of(landmarks), 1);
	for (int step = 0; step < 50; step++)
		perception_age(perception);
	ck_assert_double_eq(sum_of(heat), 0);
	perception_destroy(perception);
}
END_TEST

/* What was seen in a cell of the world stays in that cell when the agent walks. */
START_TEST(memory_stays_where_it_was)
{
	float cells[CELLS];
	struct perception *perception = perception_create(&layer_hybrid, SIZE / 2);
	struct layer *trails = perception->layers[CHANNEL_TRAILS];
	perception_place(perception, 50, 50);
	trails->kind->put(trails, 6, 6, 1); /* the world's cell 50, 50 */
	perception_place(perception, 53, 49);
	trails->kind->render(trails, cells);
	ck_assert_float_eq(cells[7 * SIZE + 3], 1);
	perception_place(perception, 80, 49);
	ck_assert_double_eq(sum_of(trails), 0);
	perception_destroy(perception);
}
END_TEST

static void do_same(struct layer *a, struct layer *b, struct rng *rng)
{
	float cells[CELLS];
	int column = (int)rng_between(rng, 0, SIZE), row = (int)rng_between(rng, 0, SIZE);
	float value = (float)rng_between(rng, 0, 2);
	int which = (int)rng_between(rng, 0, 100);

	if (which < 55) {
		a->kind->add(a, column, row, value);
		b->kind->add(b, column, row, value);
	} else if (which < 75) {
		a->kind->put(a, column, row, value);
		b->kind->put(b, column, row, value);
	} else if (which < 85) {
		a->kind->fade(a, value / 2);
		b->kind->fade(b, value / 2);
	} else if (which < 97) {
		a->kind->shift(a, column - 6, row - 6);
		b->kind->shift(b, column - 6, row - 6);
	} else if (which < 98) {
		for (int i = 0; i < CELLS; i++)
			cells[i] = (float)rng_unit(rng);
		a->kind->load(a, cells);
		b->kind->load(b, cells);
	} else {
		a->kind->clear(a);
		b->kind->clear(b);
	}
}

START_TEST(hybrid_equals_array)
{
	struct layer *hybrid = layer_hybrid.create(SIZE), *plain = layer_plain.create(SIZE);
	struct rng rng = rng_stream(3, RNG_AGENT, (uint64_t)_i, 0);
	float held[CELLS], wanted[CELLS];
	for (int i = 0; i < 20000; i++) {
		do_same(hybrid, plain, &rng);
		hybrid->kind->render(hybrid, held);
		plain->kind->render(plain, wanted);
		ck_assert_int_eq(memcmp(held, wanted, sizeof held), 0);
	}
	hybrid->kind->destroy(hybrid);
	plain->kind->destroy(plain);
}
END_TEST

static struct world *world_with(const struct layer_kind *storage)
{
	const struct params params = params_for(30);
	const struct components components = {.spatial = &spatial_kdtree,
	                                      .storage = storage,
	                                      .decide = &decision_weights,
	                                      .threads = 1,
	                                      .looks = 2};
	struct world *world = world_create(&params, &components, 42);
	world_refresh_index(world);
	return world;
}

/* A look of one agent; the caller frees the view. */
static struct observation *look(struct world *world, struct agent *agent)
{
	struct observation *view = calloc(1, sizeof *view);
	struct lookout lookout = {0};
	observe(world, agent, &lookout, view);
	lookout_release(&lookout);
	return view;
}

/* The same world seen through both storages, agent by agent. */
START_TEST(views_do_not_depend_on_storage)
{
	struct world *a = world_with(&layer_hybrid), *b = world_with(&layer_plain);
	for (size_t i = 0; i < a->population.count; i++) {
		struct observation *left = look(a, a->population.agents[i]);
		struct observation *right = look(b, b->population.agents[i]);
		ck_assert_int_eq(
		        memcmp(left->cells, right->cells, CHANNEL_COUNT * CELLS * sizeof(float)),
		        0);
		observation_free(left);
		observation_free(right);
	}
	world_destroy(a);
	world_destroy(b);
}
END_TEST

/* An agent sees its own health at the centre, another agent where that one stands, and by kind. */
START_TEST(agents_are_seen_where_they_stand)
{
	struct world *world = world_with(&layer_hybrid);
	struct agent *self = world->population.agents[0], *ally = world->population.agents[3],
	             *enemy = world->population.agents[1];
	for (size_t i = 0; i < world->population.count; i++)
		world->population.agents[i]->x = world->population.agents[i]->y = 90.5;
	self->x = self->y = 20.5;
	ally->x = 22.5, ally->y = 19.5;
	enemy->x = 17.5, enemy->y = 20.5;
	self->health = 50, enemy->health = 25;
	world->agents_moved = true;
	world_refresh_index(world);

	struct observation *view = look(world, self);
	ck_assert_float_eq(observation_channel(view, CHANNEL_SELF_HEALTH)[6 * SIZE + 6], 0.5f);
	ck_assert_float_eq(observation_channel(view, CHANNEL_ALLIES)[5 * SIZE + 8], 1);
	ck_assert_float_eq(observation_channel(view, CHANNEL_ENEMIES)[6 * SIZE + 3], 0.25f);
	ck_assert_double_eq(observation_sum(view, CHANNEL_ALLIES), 1);
	ck_assert_double_eq(observation_sum(view, CHANNEL_ENEMIES), 0.25);
	ck_assert_float_eq(observation_channel(view, CHANNEL_KNOWN_EMPTY)[5 * SIZE + 8], 0);
	observation_free(view);
	world_destroy(world);
}
END_TEST

/* What others do is seen once by each who looks, not again at every look. */
START_TEST(traces_are_seen_once)
{
	struct world *world = world_with(&layer_hybrid);
	struct agent *self = world->population.agents[0], *other = world->population.agents[1];
	self->x = self->y = other->x = other->y = 50.5;
	world->state = 10;
	world->agents_moved = true;
	world_refresh_index(world);
	other->hurt = (struct trace_left){10, 52.5, 50.5, 0.5f};

	struct observation *first = look(world, self);
	ck_assert_double_eq(observation_sum(first, CHANNEL_DAMAGE_HEAT), 0.5);
	struct observation *again = look(world, self);
	ck_assert_double_eq(observation_sum(again, CHANNEL_DAMAGE_HEAT), 0.5);
	world->state = 11;
	struct observation *next = look(world, self);
	ck_assert_double_eq_tol(observation_sum(next, CHANNEL_DAMAGE_HEAT), 0.425, 1e-6);
	observation_free(first);
	observation_free(again);
	observation_free(next);
	world_destroy(world);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sim observation");
	TCase *tests = tcase_create("observation");
	tcase_add_test(tests, splat_conserves);
	tcase_add_test(tests, splat_shares_by_distance);
	tcase_add_test(tests, splat_at_the_rim_loses_what_is_outside);
	tcase_add_test(tests, memory_fades_by_its_factor);
	tcase_add_test(tests, memory_stays_where_it_was);
	tcase_add_loop_test(tests, hybrid_equals_array, 0, 5);
	tcase_add_test(tests, views_do_not_depend_on_storage);
	tcase_add_test(tests, agents_are_seen_where_they_stand);
	tcase_add_test(tests, traces_are_seen_once);
	tcase_set_timeout(tests, 60);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
