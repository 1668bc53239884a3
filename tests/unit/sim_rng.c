/* Streams of chance: reproducible, independent of each other, uniform. */
#include <check.h>
#include <stdlib.h>

#include "rng.h"

START_TEST(same_name_same_numbers)
{
	struct rng a = rng_stream(42, RNG_AGENT, 7, 100), b = rng_stream(42, RNG_AGENT, 7, 100);
	for (int i = 0; i < 100; i++)
		ck_assert_uint_eq(rng_next(&a), rng_next(&b));
}
END_TEST

/* A change of any part of the name gives another stream, also when parts swap their values. */
START_TEST(other_name_other_numbers)
{
	const uint64_t first = rng_next(&(struct rng){rng_stream(1, RNG_AGENT, 2, 3).state});
	struct rng others[] = {
	        rng_stream(2, RNG_AGENT, 2, 3), rng_stream(1, RNG_SPAWN, 2, 3),
	        rng_stream(1, RNG_AGENT, 3, 2), rng_stream(1, RNG_AGENT, 2, 4),
	        rng_stream(1, RNG_AGENT, 4, 3), rng_stream(0, RNG_AGENT, 2, 3),
	};
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		ck_assert_uint_ne(rng_next(&others[i]), first);
}
END_TEST

START_TEST(unit_is_uniform)
{
	/* Chi-square of 100 cells and 100,000 draws, one from each of as many streams, as agents
	 * and steps draw them. 99 degrees of freedom: above 160 is a chance of one in 10,000. */
	double cells[100] = {0}, chi = 0;
	for (uint64_t agent = 0; agent < 100; agent++) {
		for (uint64_t step = 0; step < 1000; step++) {
			struct rng rng = rng_stream(42, RNG_AGENT, agent, step);
			double value = rng_unit(&rng);
			ck_assert(value >= 0 && value < 1);
			cells[(int)(value * 100)]++;
		}
	}
	for (int i = 0; i < 100; i++)
		chi += (cells[i] - 1000) * (cells[i] - 1000) / 1000;
	ck_assert_double_lt(chi, 160);
}
END_TEST

START_TEST(chance_keeps_its_ends)
{
	struct rng rng = rng_stream(1, RNG_AGENT, 1, 1);
	int hits = 0;
	for (int i = 0; i < 10000; i++) {
		ck_assert(!rng_chance(&rng, 0));
		ck_assert(rng_chance(&rng, 1));
		hits += rng_chance(&rng, 0.1);
	}
	ck_assert_int_gt(hits, 850);
	ck_assert_int_lt(hits, 1150);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sim rng");
	TCase *tests = tcase_create("rng");
	tcase_add_test(tests, same_name_same_numbers);
	tcase_add_test(tests, other_name_other_numbers);
	tcase_add_test(tests, unit_is_uniform);
	tcase_add_test(tests, chance_keeps_its_ends);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
