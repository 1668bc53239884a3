/* Durations of steps: quantiles within 1 %, maximum exact; and durations as people read them. */
#include <check.h>
#include <stdlib.h>

#include "format.h"
#include "rng.h"
#include "steptimes.h"

static int by_value(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
	return (a > b) - (a < b);
}

/* Durations over twelve powers of ten. */
START_TEST(quantiles_are_within_one_percent)
{
	enum { COUNT = 10000 };
	static uint64_t values[COUNT];
	static const double shares[] = {0.01, 0.5, 0.95, 0.99, 0.999};
	struct steptimes *times = calloc(1, sizeof *times);
	struct rng rng = rng_stream(1, RNG_AGENT, 1, 1);
	for (int i = 0; i < COUNT; i++) {
		values[i] = rng_next(&rng) >> (24 + i % 40);
		steptimes_add(times, (uint64_t)i + 1, values[i]);
	}
	qsort(values, COUNT, sizeof values[0], by_value);
	for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
		double truth = (double)values[(int)(shares[i] * COUNT) - 1];
		ck_assert_double_eq_tol((double)steptimes_quantile(times, shares[i]), truth,
		                        0.01 * truth + 0.5);
	}
	ck_assert_uint_eq(times->max_ns, values[COUNT - 1]);
	ck_assert_uint_eq(steptimes_quantile(times, 1), times->max_ns);
	free(times);
}
END_TEST

START_TEST(few_steps)
{
	struct steptimes *times = calloc(1, sizeof *times);
	ck_assert_uint_eq(steptimes_quantile(times, 0.5), 0);
	steptimes_add(times, 1, 100);
	ck_assert_uint_eq(steptimes_quantile(times, 0.5), 100);
	ck_assert_uint_eq(steptimes_quantile(times, 0.99), 100);
	steptimes_add(times, 2, UINT64_MAX);
	ck_assert_uint_eq(times->max_step, 2);
	ck_assert_uint_eq(steptimes_quantile(times, 0.5), 100);
	free(times);
}
END_TEST

START_TEST(durations_as_text)
{
	static const struct {
		double seconds;
		const char *text;
	} rows[] = {
	        {0, "0.00 ns"},         {812e-9, "812 ns"},    {4.214e-6, "4.21 µs"},
	        {0.0781, "78.1 ms"},    {0.9999, "1.00 s"},    {1.944, "1.94 s"},
	        {192, "3 min 12 s"},    {119.6, "2 min 00 s"}, {7500, "2 h 05 min"},
	        {3599.7, "1 h 00 min"},
	};
	char text[FORMAT_SIZE];
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		ck_assert_str_eq(format_seconds(text, rows[i].seconds), rows[i].text);
}
END_TEST

START_TEST(counts_as_text)
{
	char text[FORMAT_SIZE];
	ck_assert_str_eq(format_count(text, 0), "0");
	ck_assert_str_eq(format_count(text, 999), "999");
	ck_assert_str_eq(format_count(text, 1000), "1,000");
	ck_assert_str_eq(format_count(text, 1234567), "1,234,567");
	ck_assert_str_eq(format_count(text, UINT64_MAX), "18,446,744,073,709,551,615");
	ck_assert_str_eq(format_rate(text, 1612.4), "1,612");
	ck_assert_str_eq(format_rate(text, 12.34), "12.3");
	ck_assert_str_eq(format_rate(text, 0.0421), "0.042");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sim step times");
	TCase *tests = tcase_create("step times");
	tcase_add_test(tests, quantiles_are_within_one_percent);
	tcase_add_test(tests, few_steps);
	tcase_add_test(tests, durations_as_text);
	tcase_add_test(tests, counts_as_text);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
