/* Every kind of spatial index finds what brute force finds, in the same order, wherever points lie.
 */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rng.h"
#include "spatial/index.h"

#define SIDE 100.0

static const char *const kinds[] = {"kdtree", "kdtree-batched", "quadtree", "grid", "brute"};

typedef struct spatial_point place_fn(struct rng *rng, uint32_t i);

static struct spatial_point at(double x, double y)
{
	return (struct spatial_point){.x = x, .y = y};
}

static struct spatial_point anywhere(struct rng *rng, uint32_t i)
{
	(void)i;
	double x = rng_between(rng, 0, SIDE);
	return at(x, rng_between(rng, 0, SIDE));
}

static struct spatial_point clustered(struct rng *rng, uint32_t i)
{
	double x = 10 + 40 * (i % 3) + rng_between(rng, -1, 1);
	return at(x, 20 + 30 * (i % 2) + rng_between(rng, -1, 1));
}

static struct spatial_point all_at_one_point(struct rng *rng, uint32_t i)
{
	(void)rng, (void)i;
	return at(50, 50);
}

static struct spatial_point on_a_column(struct rng *rng, uint32_t i)
{
	(void)i;
	return at(50, rng_between(rng, 0, SIDE));
}

static struct spatial_point on_a_diagonal(struct rng *rng, uint32_t i)
{
	(void)rng;
	return at(i % 100, i % 100);
}

/* Whole coordinates and whole radii: many points exactly on the rim, many equal keys. */
static struct spatial_point on_a_lattice(struct rng *rng, uint32_t i)
{
	(void)rng;
	return at(i * 7 % 20 * 5, i * 3 % 20 * 5);
}

static struct spatial_point outside_the_world(struct rng *rng, uint32_t i)
{
	double x = rng_between(rng, -1e9, 1e9);
	return i % 2 ? at(x, -1e6) : at(-3, x);
}

static place_fn *const places[] = {anywhere,      clustered,    all_at_one_point, on_a_column,
                                   on_a_diagonal, on_a_lattice, outside_the_world};

static const uint32_t counts[] = {0, 1, 2, 3, 8, 9, 10, 17, 64, 1000};

static struct spatial_point *scatter(place_fn *place, uint32_t count)
{
	struct rng rng = rng_stream(1, RNG_AGENT, count, 0);
	struct spatial_point *points = malloc((count ? count : 1) * sizeof *points);
	for (uint32_t i = 0; i < count; i++) {
		points[i] = place(&rng, i);
		points[i].id = (i * 7919 + 13) % 100003 + 1; /* unique, in no order */
	}
	return points;
}

static struct spatial_index *index_of(const char *kind, place_fn *place, uint32_t count)
{
	struct spatial_index *index = spatial_create(spatial_kind_find(kind), 6);
	spatial_build(index, scatter(place, count), count);
	return index;
}

static void assert_same_hits(const struct spatial_index *index, const struct spatial_index *oracle,
                             double x, double y, double radius)
{
	static struct spatial_hits hits, wanted;
	spatial_hits_clear(&hits);
	spatial_hits_clear(&wanted);
	spatial_query_radius(index, x, y, radius, &hits);
	spatial_query_radius(oracle, x, y, radius, &wanted);
	ck_assert_uint_eq(hits.count, wanted.count);
	for (size_t i = 0; i < hits.count; i++) {
		ck_assert_uint_eq(hits.points[i].id, wanted.points[i].id);
		ck_assert(i == 0 || hits.points[i - 1].id < hits.points[i].id);
	}
}

static void assert_same_nearest(const struct spatial_index *index,
                                const struct spatial_index *oracle, double x, double y,
                                size_t wanted)
{
	static struct spatial_hits hits, truth;
	spatial_hits_clear(&hits);
	spatial_hits_clear(&truth);
	spatial_query_nearest(index, x, y, wanted, &hits);
	spatial_query_nearest(oracle, x, y, wanted, &truth);
	ck_assert_uint_eq(hits.count, truth.count);
	for (size_t i = 0; i < hits.count; i++)
		ck_assert_uint_eq(hits.points[i].id, truth.points[i].id);
}

/* Queries of all kinds, in and around the world. */
static void assert_agree(const struct spatial_index *index, const struct spatial_index *oracle,
                         uint64_t stream, int queries)
{
	struct rng rng = rng_stream(2, RNG_AGENT, stream, 0);
	for (int query = 0; query < queries; query++) {
		/* Every other query lies on the lattice, its rim on other nodes. */
		double grain = query % 2 ? 5 : 0.5;
		double x = grain * floor(rng_between(&rng, -10, SIDE + 10) / grain);
		double y = grain * floor(rng_between(&rng, -10, SIDE + 10) / grain);
		double radius = query % 25 ? query % 20 * grain : 1e7;
		assert_same_hits(index, oracle, x, y, radius);
		assert_same_nearest(index, oracle, query % 50 ? x : 1e12 * x, y,
		                    (size_t)query % 7 * (size_t)query % 31);
	}
}

START_TEST(agrees_with_brute_force)
{
	place_fn *place = places[_i];
	for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
		for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
			struct spatial_index *index = index_of(kinds[k], place, counts[c]);
			struct spatial_index *oracle = index_of("brute", place, counts[c]);
			assert_agree(index, oracle, c, 100);
			spatial_destroy(index);
			spatial_destroy(oracle);
		}
	}
}
END_TEST

/* Points that move, some a little and some far, that come and go, all of them at last to one place:
 * an index that is brought up to date answers as one that is made of them. */
START_TEST(updates_agree_with_brute_force)
{
	for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
		struct spatial_index *index = index_of(kinds[k], places[_i], 300);
		struct spatial_index *oracle = index_of("brute", places[_i], 300);
		struct rng rng = rng_stream(4, RNG_AGENT, k, 0);
		struct spatial_point world[400];
		struct spatial_point *start = scatter(places[_i], 300);
		memcpy(world, start, 300 * sizeof *world);
		free(start);
		for (uint32_t round = 0, count = 300; round < 60; round++) {
			for (uint32_t i = 0; i < count; i++) {
				double far = rng_chance(&rng, 0.1) ? 50 : 0.5;
				if (rng_chance(&rng, 0.4)) {
					world[i].x += rng_between(&rng, -far, far);
					world[i].y += rng_between(&rng, -far, far);
				}
				if (round == 50)
					world[i].x = world[i].y = 7;
			}
			if (round % 3 == 1) /* one goes */
			{
				count--;
				world[round % count] = world[count];
			}
			for (uint32_t born = 0; round % 2 && born < 3; born++, count++)
				world[count] = (struct spatial_point){
				        rng_between(&rng, 0, SIDE), rng_between(&rng, 0, SIDE),
				        200000 + 10 * round + born, NULL};
			struct spatial_point *copies[2];
			for (int i = 0; i < 2; i++) {
				copies[i] = malloc(count * sizeof *world);
				memcpy(copies[i], world, count * sizeof *world);
			}
			spatial_update(index, copies[0], count);
			spatial_build(oracle, copies[1], count);
			assert_agree(index, oracle, round, 20);
		}
		spatial_destroy(index);
		spatial_destroy(oracle);
	}
}
END_TEST

/* Truth by hand: of equal distances the lower id comes first, and no more than there are. */
START_TEST(nearest_are_in_order)
{
	for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
		struct spatial_point *points = calloc(4, sizeof *points);
		points[0] = (struct spatial_point){1, 0, 40, NULL};
		points[1] = (struct spatial_point){0, -1, 20, NULL};
		points[2] = (struct spatial_point){-1, 0, 30, NULL};
		points[3] = (struct spatial_point){0, 0.5, 90, NULL};
		struct spatial_index *index = spatial_create(spatial_kind_find(kinds[k]), 6);
		spatial_build(index, points, 4);
		static const uint32_t order[] = {90, 20, 30, 40};
		for (size_t wanted = 0; wanted <= 6; wanted++) {
			struct spatial_hits hits = {0};
			spatial_query_nearest(index, 0, 0, wanted, &hits);
			ck_assert_uint_eq(hits.count, wanted < 4 ? wanted : 4);
			for (size_t i = 0; i < hits.count; i++)
				ck_assert_uint_eq(hits.points[i].id, order[i]);
			spatial_hits_free(&hits);
		}
		spatial_destroy(index);
	}
}
END_TEST

/* Truth by hand: the rim belongs to the circle, radius 0 finds the point itself. */
START_TEST(rim_is_inside)
{
	for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
		struct spatial_point *points = calloc(3, sizeof *points);
		points[0] = (struct spatial_point){3, 4, 30, NULL};
		points[1] = (struct spatial_point){0, 0, 10, NULL};
		points[2] = (struct spatial_point){3, nextafter(4, 5), 20, NULL};
		struct spatial_index *index = spatial_create(spatial_kind_find(kinds[k]), 6);
		spatial_build(index, points, 3);

		struct spatial_hits hits = {0};
		spatial_query_radius(index, 0, 0, 5, &hits);
		ck_assert_uint_eq(hits.count, 2);
		ck_assert_uint_eq(hits.points[0].id, 10);
		ck_assert_uint_eq(hits.points[1].id, 30);
		spatial_hits_free(&hits);

		spatial_query_radius(index, 0, 0, 0, &hits);
		ck_assert_uint_eq(hits.count, 1);
		spatial_hits_free(&hits);

		spatial_query_radius(index, 0, 0, -1, &hits);
		ck_assert_uint_eq(hits.count, 0);
		spatial_hits_free(&hits);
		spatial_destroy(index);
	}
}
END_TEST

START_TEST(rebuilding_replaces)
{
	for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
		struct spatial_index *index = index_of(kinds[k], anywhere, 500);
		struct spatial_hits hits = {0};
		spatial_build(index, scatter(all_at_one_point, 20), 20);
		spatial_query_radius(index, 50, 50, 1000, &hits);
		ck_assert_uint_eq(hits.count, 20);
		spatial_hits_free(&hits);
		spatial_build(index, NULL, 0);
		spatial_query_radius(index, 50, 50, 1000, &hits);
		ck_assert_uint_eq(hits.count, 0);
		spatial_hits_free(&hits);
		spatial_destroy(index);
	}
}
END_TEST

START_TEST(unknown_kind_is_none)
{
	ck_assert_ptr_null(spatial_kind_find("tree"));
	ck_assert_ptr_null(spatial_kind_find(""));
	for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
		ck_assert_ptr_nonnull(strstr(spatial_kind_names(), kinds[k]));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sim spatial");
	TCase *tests = tcase_create("spatial");
	tcase_add_loop_test(tests, agrees_with_brute_force, 0, sizeof places / sizeof places[0]);
	tcase_add_loop_test(tests, updates_agree_with_brute_force, 0,
	                    sizeof places / sizeof places[0]);
	tcase_add_test(tests, nearest_are_in_order);
	tcase_add_test(tests, rim_is_inside);
	tcase_add_test(tests, rebuilding_replaces);
	tcase_add_test(tests, unknown_kind_is_none);
	tcase_set_timeout(tests, 60);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
