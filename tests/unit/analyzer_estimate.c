/* analyzer_estimate.c: what follows from estimates and their variances, held against simple cases.
 */
#include "model/estimate.h"

#include <check.h>
#include <math.h>

#define NEAR(a, b) ck_assert(fabs((a) - (b)) <= 1e-9 * fabs(b))

START_TEST(errors_are_half_the_interval)
{
	NEAR(estimate_error(100), 19.6);
	ck_assert_double_eq(estimate_error(0), 0);
	ck_assert_double_eq(estimate_error(-1e-6), 0);
}
END_TEST

/* Of n equal samples that stand for w each the sum is n·w, and its variance, for large w, n·w². */
START_TEST(few_samples_give_no_error)
{
	ck_assert(estimate_of_few(7 * 500.0, 7 * 500.0 * 500.0));
	ck_assert(!estimate_of_few(8 * 500.0, 8 * 500.0 * 500.0));
	ck_assert(!estimate_of_few(1, 0));
	ck_assert(estimate_of_few(0, 0));
}
END_TEST

/* Of n equal samples of which k belong to the part, the share is binomial. */
START_TEST(a_share_is_as_sure_as_its_samples)
{
	double n = 400, k = 100, w = 500, share = k / n;
	double variance = estimate_share_variance(k * w, k * w * w, n * w, n * w * w);
	NEAR(variance, share * (1 - share) / n);
	NEAR(1 + estimate_share_variance(n * w, n * w * w, n * w, n * w * w), 1.0);
	ck_assert(isnan(estimate_share_variance(0, 0, 0, 0)));
}
END_TEST

START_TEST(what_is_live_is_what_came_and_did_not_go)
{
	struct trace_variances sum = {{0}}, v = {{0}};
	v.fields[TRACE_CELL_ALLOCATED_BYTES] = 9e6;
	v.fields[TRACE_CELL_MOVED_IN_BYTES] = 4e6;
	v.fields[TRACE_CELL_FREED_BYTES] = 5e6;
	v.fields[TRACE_CELL_MOVED_OUT_BYTES] = 2e6;
	v.fields[TRACE_CELL_ALLOCATED_USABLE] = 16e6;
	variances_add(&sum, &v);
	ck_assert(fabs(variance_live_bytes(&sum) - 6e6) < 1);
	NEAR(variance_realloc_growth(&sum), 6e6);
	NEAR(variance_usable(&sum), (3000.0 + 4000.0) * (3000.0 + 4000.0));
	/* Nothing is live: only what was rounded is left, and nobody takes that for a figure. */
	v.fields[TRACE_CELL_FREED_BYTES] = 11e6 + 1e-3;
	ck_assert(estimate_of_few(1, variance_live_bytes(&v)));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("estimate");
	TCase *cases = tcase_create("estimate");
	tcase_add_test(cases, errors_are_half_the_interval);
	tcase_add_test(cases, few_samples_give_no_error);
	tcase_add_test(cases, a_share_is_as_sure_as_its_samples);
	tcase_add_test(cases, what_is_live_is_what_came_and_did_not_go);
	suite_add_tcase(suite, cases);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
