/* analyzer_memory_stats.c: estimates with intervals, against what is known of them. */
#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "stats/autocorrelation.h"
#include "stats/plane.h"
#include "stats/student.h"
#include "stats/trend.h"

#define POINTS 30
#define RUNS   2000

static double x[POINTS], y[POINTS], z[POINTS];
static uint64_t seed;

/* xorshift64*, and the sum of twelve: mean 0, deviation 1. */
static double noise(void)
{
	double sum = -6;
	for (int i = 0; i < 12; i++) {
		seed ^= seed >> 12;
		seed ^= seed << 25;
		seed ^= seed >> 27;
		sum += (double)((seed * 0x2545f4914f6cdd1dull) >> 11) / 9007199254740992.0;
	}
	return sum;
}

/* Distances grow, as those of a recorder's windows do. */
static void setup(void)
{
	seed = 88172645463325252ull;
	for (int i = 0; i < POINTS; i++)
		x[i] = i < 16 ? i + 1 : x[i - 1] * 17 / 16;
}

START_TEST(student_is_as_in_the_tables)
{
	ck_assert_double_eq_tol(student_975(1), 12.706, 0.001);
	ck_assert_double_eq_tol(student_975(2), 4.303, 0.001);
	ck_assert_double_eq_tol(student_975(3), 3.182, 0.016);
	ck_assert_double_eq_tol(student_975(5), 2.571, 0.002);
	ck_assert_double_eq_tol(student_975(10), 2.228, 0.001);
	ck_assert_double_eq_tol(student_975(1000), 1.962, 0.001);
	ck_assert(isnan(student_975(0)));
}
END_TEST

START_TEST(a_line_is_found_exactly)
{
	for (int i = 0; i < POINTS; i++)
		y[i] = 7 + 3 * x[i];
	struct trend ranks = trend_by_ranks(x, y, POINTS, NAN);
	struct trend changes = trend_by_changes(x, y, POINTS);
	ck_assert_double_eq_tol(ranks.slope, 3, 1e-9);
	ck_assert_double_eq_tol(ranks.low, 3, 1e-9);
	ck_assert_double_eq_tol(ranks.high, 3, 1e-9);
	ck_assert_double_eq(ranks.autocorrelation, 0);
	ck_assert_double_eq_tol(changes.slope, 3, 1e-9);
	ck_assert_double_eq_tol(changes.high - changes.low, 0, 1e-6);
}
END_TEST

START_TEST(ranks_do_not_mind_a_few_wild_points)
{
	for (int i = 0; i < POINTS; i++)
		y[i] = 7 + 3 * x[i] + 0.01 * noise();
	y[3] = 1e6;
	y[20] = -1e6;
	y[29] = 0;
	ck_assert_double_eq_tol(trend_by_ranks(x, y, POINTS, NAN).slope, 3, 0.05);
}
END_TEST

/* Of the distances 1, 1 and 2 the longest pair has half the weight: the median lies at its slope.
 */
START_TEST(distant_pairs_weigh_more)
{
	const double at[] = {0, 1, 2}, level[] = {0, 0, 10};
	ck_assert_double_eq_tol(trend_by_ranks(at, level, 3, 0).slope, 5, 1e-12);
}
END_TEST

START_TEST(few_points_tell_nothing)
{
	struct trend two = trend_by_ranks(x, y, 2, NAN);
	ck_assert(isnan(two.slope) && isinf(two.low) && isinf(two.high));
	ck_assert(isnan(trend_by_changes(x, y, 2).slope));
	/* Of four points no order is rare enough for 95 %. */
	ck_assert(isinf(trend_by_ranks(x, x, 4, NAN).low));
	ck_assert(isnan(plane_fit(x, y, y, 4).x.value));
}
END_TEST

static bool covers(struct trend t, double slope)
{
	return t.low <= slope && slope <= t.high;
}

START_TEST(intervals_by_ranks_cover_with_white_noise)
{
	int known = 0, estimated = 0;
	for (int run = 0; run < RUNS; run++) {
		for (int i = 0; i < POINTS; i++)
			y[i] = 0.1 * x[i] + noise();
		known += covers(trend_by_ranks(x, y, POINTS, 0), 0.1);
		estimated += covers(trend_by_ranks(x, y, POINTS, NAN), 0.1);
	}
	/* 95 % ± 4 standard errors; not knowing that nothing is remembered makes them wider. */
	ck_assert_int_ge(known, RUNS * 93 / 100);
	ck_assert_int_le(known, RUNS * 97 / 100);
	ck_assert_int_ge(estimated, known);
}
END_TEST

START_TEST(intervals_by_ranks_cover_with_noise_that_remembers)
{
	int covered = 0;
	for (int run = 0; run < RUNS; run++) {
		double e = 0;
		for (int i = 0; i < POINTS; i++)
			y[i] = 0.1 * x[i] + (e = 0.4 * e + noise());
		covered += covers(trend_by_ranks(x, y, POINTS, NAN), 0.1);
	}
	ck_assert_int_ge(covered, RUNS * 91 / 100);
}
END_TEST

START_TEST(intervals_by_changes_cover_with_what_wanders)
{
	int covered = 0;
	for (int run = 0; run < RUNS; run++) {
		y[0] = 0;
		for (int i = 1; i < POINTS; i++) {
			double stretch = x[i] - x[i - 1];
			y[i] = y[i - 1] + 0.1 * stretch + sqrt(stretch) * noise();
		}
		covered += covers(trend_by_changes(x, y, POINTS), 0.1);
	}
	ck_assert_int_ge(covered, RUNS * 93 / 100);
	ck_assert_int_le(covered, RUNS * 97 / 100);
}
END_TEST

START_TEST(autocorrelation_is_without_its_bias)
{
	double e[200], sum = 0;
	for (int run = 0; run < 500; run++) {
		for (int i = 0; i < 200; i++)
			e[i] = (i ? 0.6 * e[i - 1] : 0) + noise();
		sum += autocorrelation(e, 200, 1) / 500;
	}
	ck_assert_double_eq_tol(sum, 0.6, 0.02);
	ck_assert_double_eq(autocorrelation(e, 7, 1), 0);
	ck_assert_double_eq(autocorrelation(e, 200, 1e12), 0);
	ck_assert_double_eq_tol(autocorrelation_inflation(0.6), 4, 1e-12);
}
END_TEST

START_TEST(a_plane_tells_its_two_slopes_apart)
{
	int x_covered = 0, z_covered = 0;
	for (int run = 0; run < RUNS; run++) {
		for (int i = 0; i < POINTS; i++) {
			z[i] = 2 * x[i] + 20 * noise();
			y[i] = 5 + 0.1 * x[i] + 0.3 * z[i] + noise();
		}
		struct plane p = plane_fit(x, z, y, POINTS);
		x_covered += p.x.low <= 0.1 && 0.1 <= p.x.high;
		z_covered += p.z.low <= 0.3 && 0.3 <= p.z.high;
		ck_assert(p.shared > 0 && p.shared < 1);
	}
	ck_assert_int_ge(x_covered, RUNS * 93 / 100);
	ck_assert_int_ge(z_covered, RUNS * 93 / 100);
}
END_TEST

START_TEST(a_plane_of_one_line_is_not_told_apart)
{
	for (int i = 0; i < POINTS; i++)
		y[i] = z[i] = 2 * x[i];
	struct plane p = plane_fit(x, z, y, POINTS);
	ck_assert(isnan(p.x.value) && isnan(p.z.value));
	ck_assert_double_eq_tol(p.shared, 1, 1e-9);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("analyzer: statistics");
	TCase *tests = tcase_create("trends");
	tcase_add_checked_fixture(tests, setup, NULL);
	tcase_add_test(tests, student_is_as_in_the_tables);
	tcase_add_test(tests, a_line_is_found_exactly);
	tcase_add_test(tests, ranks_do_not_mind_a_few_wild_points);
	tcase_add_test(tests, distant_pairs_weigh_more);
	tcase_add_test(tests, few_points_tell_nothing);
	tcase_add_test(tests, intervals_by_ranks_cover_with_white_noise);
	tcase_add_test(tests, intervals_by_ranks_cover_with_noise_that_remembers);
	tcase_add_test(tests, intervals_by_changes_cover_with_what_wanders);
	tcase_add_test(tests, autocorrelation_is_without_its_bias);
	tcase_add_test(tests, a_plane_tells_its_two_slopes_apart);
	tcase_add_test(tests, a_plane_of_one_line_is_not_told_apart);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
