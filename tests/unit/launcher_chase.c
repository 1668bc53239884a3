/* launcher_chase.c: where a cache ends, told from curves; and that a curve is one. */
#include "launcher/chase.h"

#include <check.h>
#include <stdlib.h>

#define MIB (1u << 20)

/* A last level of 4 MiB before memory of 240 ns. */
START_TEST(the_last_fast_range_is_the_reach)
{
	const struct chase_point points[] = {{MIB / 2, 4},   {MIB, 11},      {2 * MIB, 14},
	                                     {4 * MIB, 19},  {8 * MIB, 150}, {16 * MIB, 220},
	                                     {32 * MIB, 240}};
	ck_assert_uint_eq(chase_reach(points, 7), 4 * MIB);
}
END_TEST

/* All of it lies in a cache, or the loads were never told apart. */
START_TEST(a_flat_curve_tells_nothing)
{
	const struct chase_point points[] = {{MIB, 11}, {2 * MIB, 13}, {4 * MIB, 14}};
	ck_assert_uint_eq(chase_reach(points, 3), 0);
	ck_assert_uint_eq(chase_reach(points, 1), 0);
	ck_assert_uint_eq(chase_reach(points, 0), 0);
}
END_TEST

START_TEST(a_measured_curve_rises)
{
	struct chase_point points[CHASE_POINTS_MOST];
	size_t count = chase_measure(points, 4 * MIB, 5);
	ck_assert_uint_eq(count, 9); /* from a quarter of a MiB, two steps for each doubling */
	ck_assert_double_gt(points[0].nanoseconds, 0);
	for (size_t i = 1; i < count; i++) {
		ck_assert_uint_gt(points[i].bytes, points[i - 1].bytes);
		ck_assert_double_ge(points[i].nanoseconds, points[i - 1].nanoseconds);
	}
}
END_TEST

/* Without any time the first range is not made, so there is nothing to tell. */
START_TEST(time_is_bounded)
{
	struct chase_point points[CHASE_POINTS_MOST];
	ck_assert_uint_eq(chase_measure(points, 64 * MIB, 0), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("chase");
	TCase *tcase = tcase_create("chase");
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, the_last_fast_range_is_the_reach);
	tcase_add_test(tcase, a_flat_curve_tells_nothing);
	tcase_add_test(tcase, a_measured_curve_rises);
	tcase_add_test(tcase, time_is_bounded);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
