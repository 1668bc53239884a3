/* analyzer_scaling_fit.c: the laws that are found, against series whose law is known. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../scaling/generate.h"
#include "scaling/fit.h"
#include "stats/student.h"

/* Draws of each kind of noise: enough that a fault of a few percent shows, few enough for each
 * build. The whole table is made by tests/scaling/simulate.c. */
#define DRAWS 400
#define SEED  20240607u

static struct fit fit_of(const double *n, const double *values, size_t count, bool wide)
{
	struct series series = {0};
	struct fit fit;
	for (size_t i = 0; i < count; i++)
		series_add(&series, n[i], n[i], values[i]);
	series_finish(&series);
	fit_series(&fit, &series, law_set(wide), &(struct fit_traits){0});
	series_free(&series);
	return fit;
}

static const double sizes[] = {100, 200, 400, 800, 1600};

START_TEST(each_law_is_found_exactly_without_noise)
{
	for (int wide = 0; wide < 2; wide++) {
		struct law_set set = law_set(wide);
		for (size_t law = 0; law < set.count; law++) {
			double values[5], c1 = law == LAW_CONSTANT ? 0 : 2.5;
			for (int i = 0; i < 5; i++)
				values[i] = 1000 + c1 * law_value(&set.laws[law], sizes[i]);
			struct fit fit = fit_of(sizes, values, 5, wide);
			ck_assert_str_eq(fit_law(&fit)->name, set.laws[law].name);
			ck_assert(fit.exact && fit.verdict == VERDICT_SURE);
			ck_assert_double_eq_tol(fit.least.c0, 1000, 1e-4);
			ck_assert_double_eq_tol(fit.least.c1, c1, 1e-6);
			fit_free(&fit);
		}
	}
}
END_TEST

START_TEST(laws_are_in_the_order_of_their_growth)
{
	for (int wide = 0; wide < 2; wide++) {
		struct law_set set = law_set(wide);
		for (size_t i = 1; i < set.count; i++)
			ck_assert_int_lt(law_compare(&set.laws[i - 1], &set.laws[i]), 0);
		ck_assert_int_eq(law_find(set, "linear"), law_find(set, "n"));
		ck_assert_int_eq(law_find(set, "exponential"), -1);
	}
}
END_TEST

/* The limits are below what the large simulation finds by more than chance can make here. */
static const struct {
	struct noise_model noise;
	double right;
} cells[] = {
        {{"uniform 1 %", 0.01, false}, 0.985},   {{"uniform 2.5 %", 0.025, false}, 0.98},
        {{"uniform 5 %", 0.05, false}, 0.965},   {{"uniform 10 %", 0.10, false}, 0.915},
        {{"one-sided 10 %", 0.10, true}, 0.925},
};

START_TEST(noisy_laws_are_found_and_doubt_is_told)
{
	uint64_t state = SEED + (uint64_t)_i;
	int right = 0, sure = 0, sure_right = 0, covered = 0, constants = 0, grown = 0;
	for (int k = 0; k < DRAWS; k++) {
		struct series series = {0};
		struct fit fit;
		struct draw draw = generate_series(&state, &cells[_i].noise, -1, &series);
		fit_series(&fit, &series, law_set(false), &(struct fit_traits){0});
		struct fit_prediction p = fit_predict(&fit, 6400);
		double truth = generate_truth(&draw, 6400);
		right += fit.law == draw.law;
		sure += fit.verdict == VERDICT_SURE;
		sure_right += fit.verdict == VERDICT_SURE && fit.law == draw.law;
		covered += p.interval.low <= truth && truth <= p.interval.high;
		constants += draw.law == LAW_CONSTANT;
		grown += draw.law == LAW_CONSTANT && fit.law != LAW_CONSTANT;
		ck_assert(fit.least.c0 >= 0 && fit.least.c1 >= 0);
		fit_free(&fit);
		series_free(&series);
	}
	ck_assert_double_ge((double)right / DRAWS, cells[_i].right);
	ck_assert_int_gt(sure, DRAWS / 2);
	ck_assert_double_ge((double)sure_right / sure, 0.985);
	ck_assert_double_ge((double)covered / DRAWS, 0.92);
	ck_assert_double_le((double)covered / DRAWS, 0.99);
	ck_assert_int_gt(constants, 20);
	ck_assert_int_le(grown, 3);
}
END_TEST

START_TEST(two_laws_that_say_the_same_are_not_told_apart)
{
	/* Between 1,000 and 1,200 agents n and n log n differ by less than the noise. */
	const double n[] = {1000, 1100, 1200, 1000, 1100, 1200};
	const double values[] = {1.00, 1.11, 1.20, 1.02, 1.09, 1.22};
	struct fit fit = fit_of(n, values, 6, false);
	ck_assert_int_ne(fit.verdict, VERDICT_SURE);
	struct fit_prediction p = fit_predict(&fit, 100000);
	ck_assert_double_gt(p.interval.high / p.interval.low, 10);
	fit_free(&fit);
}
END_TEST

START_TEST(what_falls_has_no_law_here)
{
	const double values[] = {10, 8, 6, 4, 2};
	struct fit fit = fit_of(sizes, values, 5, false);
	ck_assert_int_eq(fit.verdict, VERDICT_CANNOT_TELL);
	ck_assert_ptr_nonnull(strstr(fit.reason, "falls"));
	fit_free(&fit);
}
END_TEST

START_TEST(repetitions_that_agree_do_not_make_a_misfit_sure)
{
	/* Repetitions to four digits, but sizes 5 % off any law, up and down. */
	double n[15], values[15];
	const double off[] = {1.05, 0.95, 1.05, 0.95, 1.05};
	for (int i = 0; i < 15; i++) {
		n[i] = sizes[i / 3];
		values[i] = n[i] * off[i / 3] * (1 + 1e-4 * (i % 3));
	}
	struct fit fit = fit_of(n, values, 15, false);
	struct fit_prediction p = fit_predict(&fit, 6400);
	ck_assert_double_ge(p.interval.high / p.interval.low, 1.1);
	ck_assert_double_le(p.interval.low, 6400 * 0.97);
	ck_assert_double_ge(p.interval.high, 6400 * 1.03);
	fit_free(&fit);
}
END_TEST

START_TEST(the_minimum_is_taken_where_delays_are_one_sided)
{
	double n[25], values[25];
	const double delay[] = {0, 0.01, 0.3, 0.02, 0.08};
	for (int i = 0; i < 25; i++) {
		n[i] = sizes[i / 5];
		values[i] = n[i] * (1 + delay[(i + i / 5) % 5]);
	}
	struct fit fit = fit_of(n, values, 25, false);
	ck_assert_str_eq(fit_law(&fit)->name, "n");
	ck_assert_str_eq(fit_reduction_name(fit.reduction), "minimum");
	ck_assert_double_eq_tol(fit_predict(&fit, 3200).value, 3200, 3200 * 0.03);
	fit_free(&fit);
}
END_TEST

START_TEST(times_that_were_disturbed_five_fold_move_nothing)
{
	struct series series = {0};
	struct fit fit;
	const double delay[] = {1, 1.01, 1.015, 3, 5};
	for (int i = 0; i < 25; i++)
		series_add(&series, sizes[i / 5], sizes[i / 5],
		           (50 + sizes[i / 5]) * delay[(i * 3 + i / 5) % 5]);
	series_finish(&series);
	fit_series(&fit, &series, law_set(false), &(struct fit_traits){.times = true});
	ck_assert_str_eq(fit_law(&fit)->name, "n");
	ck_assert_int_eq(fit.verdict, VERDICT_SURE);
	struct fit_prediction p = fit_predict(&fit, 6400);
	ck_assert_double_eq_tol(p.value, 6450, 6450 * 0.01);
	ck_assert_double_lt(p.interval.high, 6450 * 1.1);
	fit_free(&fit);
	series_free(&series);
}
END_TEST

/* One run of each size: nothing but the sizes tells how far times are off, and that they are off to
 * one side alone is not proven. */
START_TEST(times_measured_once_have_intervals_too)
{
	uint64_t state = SEED;
	int covered = 0, draws = 300;
	const struct noise_model noise = {"", 0.05, false};
	for (int k = 0; k < draws; k++) {
		struct series series = {0};
		struct fit fit;
		for (int i = 0; i < 6; i++)
			series_add(&series, 100 << i, 100 << i,
			           (50 + (100 << i)) * (1 + generate_error(&state, &noise)));
		series_finish(&series);
		fit_series(&fit, &series, law_set(false), &(struct fit_traits){.times = true});
		struct fit_prediction p = fit_predict(&fit, 12800);
		covered += p.interval.low <= 12850 && 12850 <= p.interval.high;
		fit_free(&fit);
		series_free(&series);
	}
	ck_assert_msg(covered >= 0.9 * draws, "%d of %d", covered, draws);
}
END_TEST

/* c0 + c1·n + c2·n² with five repetitions, the lowest of which count. */
static struct fit fit_of_sum(double c0, double c1, double c2, double error)
{
	struct series series = {0};
	struct fit fit;
	uint64_t state = SEED;
	const struct noise_model noise = {"", error, true};
	for (int i = 0; i < 6; i++)
		for (int k = 0; k < 5; k++) {
			double n = 100 << i;
			series_add(&series, n, n,
			           (c0 + c1 * n + c2 * n * n) *
			                   (1 + generate_error(&state, &noise)));
		}
	series_finish(&series);
	fit_series(&fit, &series, law_set(false), &(struct fit_traits){.times = true});
	series_free(&series);
	return fit;
}

START_TEST(a_sum_of_two_laws_is_told_from_the_law_between_them)
{
	/* As brute force: n^1.5 comes near, and says little more than half of it at 12,800. */
	const double truth = 5e-5 + 2e-6 * 12800 + 2.2e-9 * 12800 * 12800;
	struct fit fit = fit_of_sum(5e-5, 2e-6, 2.2e-9, 0.02);
	struct fit_prediction p = fit_predict(&fit, 12800);
	ck_assert_str_eq(fit_law(&fit)->name, "n^2");
	ck_assert_ptr_nonnull(fit_lower(&fit));
	ck_assert_str_eq(fit_lower(&fit)->name, "n");
	ck_assert_int_ne(fit.verdict, VERDICT_SURE);
	ck_assert_double_eq_tol(p.value, truth, 0.1 * truth);
	ck_assert_double_le(p.interval.low, truth);
	ck_assert_double_ge(p.interval.high, truth);
	ck_assert_double_eq_tol(fit_value(&fit, 12800), p.value, 1e-12);
	fit_free(&fit);
	/* One law alone is no sum, whatever its noise. */
	fit = fit_of_sum(5e-5, 0, 2.2e-9, 0.02);
	ck_assert_str_eq(fit_law(&fit)->name, "n^2");
	ck_assert_ptr_null(fit_lower(&fit));
	fit_free(&fit);
}
END_TEST

START_TEST(one_size_that_differs_makes_no_law)
{
	/* A buffer that doubled once. */
	double n[12], values[12];
	for (int i = 0; i < 12; i++) {
		n[i] = 100 << (i / 2);
		values[i] = i < 10 ? 256 : 512;
	}
	struct fit fit = fit_of(n, values, 12, false);
	ck_assert_int_eq(fit.verdict, VERDICT_CANNOT_TELL);
	ck_assert_ptr_nonnull(strstr(fit.reason, "at the largest size only"));
	fit_free(&fit);
}
END_TEST

static void check_trouble(const double *n, const double *values, size_t count, const char *said)
{
	struct series series = {0};
	struct text why = {0};
	for (size_t i = 0; i < count; i++)
		series_add(&series, n[i], n[i], values[i]);
	series_finish(&series);
	ck_assert(!series_check(&series, &why));
	ck_assert_msg(strstr(why.bytes, said) != NULL, "%s", why.bytes);
	text_free(&why);
	series_free(&series);
}

START_TEST(what_cannot_be_fitted_is_said)
{
	check_trouble(sizes, (double[]){1, 2}, 2, "2 distinct sizes");
	check_trouble((double[]){100, 100, 100}, (double[]){1, 2, 3}, 3, "1 distinct size:");
	check_trouble(sizes, (double[]){1, 0, 3}, 3, "zero or negative");
	check_trouble(sizes, (double[]){1, -2, 3}, 3, "zero or negative");
	check_trouble(sizes, (double[]){1, NAN, 3}, 3, "no number");
	check_trouble((double[]){0, 1, 2}, (double[]){1, 2, 3}, 3, "size that is zero");
}
END_TEST

START_TEST(students_distribution_is_as_in_the_tables)
{
	ck_assert_double_eq_tol(student_below(12.706, 1), 0.975, 1e-5);
	ck_assert_double_eq_tol(student_below(2.776, 4), 0.975, 1e-4);
	ck_assert_double_eq_tol(student_below(-2.064, 24), 0.025, 1e-4);
	ck_assert_double_eq_tol(student_below(2.060, 25), 0.975, 1e-4);
	ck_assert_double_eq_tol(student_below(1.9623, 1000), 0.975, 1e-5);
	ck_assert_double_eq_tol(student_below(0, 7), 0.5, 1e-12);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("analyzer_scaling_fit");
	TCase *tests = tcase_create("fit");
	tcase_add_test(tests, each_law_is_found_exactly_without_noise);
	tcase_add_test(tests, laws_are_in_the_order_of_their_growth);
	tcase_add_loop_test(tests, noisy_laws_are_found_and_doubt_is_told, 0, 5);
	tcase_add_test(tests, two_laws_that_say_the_same_are_not_told_apart);
	tcase_add_test(tests, what_falls_has_no_law_here);
	tcase_add_test(tests, repetitions_that_agree_do_not_make_a_misfit_sure);
	tcase_add_test(tests, the_minimum_is_taken_where_delays_are_one_sided);
	tcase_add_test(tests, times_that_were_disturbed_five_fold_move_nothing);
	tcase_add_test(tests, times_measured_once_have_intervals_too);
	tcase_add_test(tests, a_sum_of_two_laws_is_told_from_the_law_between_them);
	tcase_add_test(tests, one_size_that_differs_makes_no_law);
	tcase_add_test(tests, what_cannot_be_fitted_is_said);
	tcase_add_test(tests, students_distribution_is_as_in_the_tables);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
