/* analyzer_estimate.c: what follows from estimates and their variances, held against simple cases.
 */
#include "model/estimate.h"
#include "trace/variances.h"

#include <check.h>
#include <math.h>

#define NEAR(a, b) ck_assert(fabs((a) - (b)) <= 1e-9 * fabs(b))

/* Of n equal samples that stand for w each the sum is n·w, and its variance, for large w, n·w²;
 * each pulls by w³. */
static struct variance of_equal(double n, double w)
{
	return (struct variance){n * w * w, n * w * w * w};
}

START_TEST(errors_are_half_the_interval)
{
	NEAR(estimate_error((struct variance){100, 0}), 19.6);
	ck_assert_double_eq(estimate_error((struct variance){0, 0}), 0);
	ck_assert_double_eq(estimate_error((struct variance){-1e-6, 0}), 0);
	NEAR(estimate_error(of_equal(97, 5)), 1.96 * 5 * 10);
}
END_TEST

/* 400 samples that stand for 1.5 each, and 13 that stand for 40: the variance is that of the 13. */
START_TEST(few_samples_that_make_the_variance_up_widen_it)
{
	struct variance many = of_equal(400, 1.5), all = of_equal(13, 40);
	variance_add(&all, many);
	double widened = estimate_error(all) / (1.96 * sqrt(all.variance));
	ck_assert(widened > 1.07 && widened < 1.11);
	NEAR(estimate_error(variance_scaled(of_equal(26, 40), 0.5)),
	     estimate_error(of_equal(13, 40)));
}
END_TEST

START_TEST(few_samples_give_no_error)
{
	ck_assert(estimate_of_few(7 * 500.0, of_equal(7, 500)));
	ck_assert(!estimate_of_few(8 * 500.0, of_equal(8, 500)));
	ck_assert(!estimate_of_few(1, (struct variance){0, 0}));
	ck_assert(estimate_of_few(0, (struct variance){0, 0}));
}
END_TEST

/* Of n equal samples of which k belong to the part, the share is binomial. */
START_TEST(a_share_is_as_sure_as_its_samples)
{
	double n = 400, k = 100, w = 500, share = k / n;
	struct variance whole = of_equal(n, w), none = {0, 0};
	NEAR(estimate_share_variance(k * w, of_equal(k, w), n * w, whole).variance,
	     share * (1 - share) / n);
	NEAR(1 + estimate_error(estimate_share_variance(n * w, whole, n * w, whole)), 1.0);
	ck_assert(isnan(estimate_share_variance(0, none, 0, none).variance));
}
END_TEST

START_TEST(what_is_live_is_what_came_and_did_not_go)
{
	struct trace_variances sum = {0}, v = {0};
	v.fields[TRACE_CELL_ALLOCATED_BYTES] = (struct variance){9e6, 9e9};
	v.fields[TRACE_CELL_MOVED_IN_BYTES].variance = 4e6;
	v.fields[TRACE_CELL_FREED_BYTES] = (struct variance){5e6, 5e9};
	v.fields[TRACE_CELL_MOVED_OUT_BYTES].variance = 2e6;
	v.fields[TRACE_CELL_ALLOCATED_USABLE].variance = 16e6;
	variances_add(&sum, &v);
	ck_assert(fabs(variance_live_bytes(&sum).variance - 6e6) < 1);
	NEAR(variance_live_bytes(&sum).pull, 4e9);
	NEAR(variance_realloc_growth(&sum).variance, 6e6);
	NEAR(variance_usable(&sum).variance, (3000.0 + 4000.0) * (3000.0 + 4000.0));
	/* Nothing is live: only what was rounded is left, and nobody takes that for a figure. */
	v.fields[TRACE_CELL_FREED_BYTES].variance = 11e6 + 1e-3;
	ck_assert(estimate_of_few(1, variance_live_bytes(&v)));
}
END_TEST

/* 10 blocks of 100 bytes and 300 of 10,000, a sample every 4,096: what is freed is taken to be of
 * the same sizes, and what the few small ones count for is what counts. */
START_TEST(pulls_come_from_sizes)
{
	double small = exp(-100 / 4096.0), large = exp(-10000 / 4096.0); /* not sampled */
	double odds[] = {small / (1 - small), large / (1 - large)};
	int64_t count[] = {410, 327};
	int64_t sums[2] = {0};
	struct trace_cell cells[2] = {{0}, {.sums = sums}};
	struct trace_variances v[2] = {{{{0}}}};
	struct trace t = {.cells = cells, .cells_count = 2, .variances = v, .variances_count = 2};
	t.header.sample_bytes = 4096;
	const int bucket[] = {TRACE_CELL_SIZE_0 + 3, TRACE_CELL_SIZE_0 + 10};
	double bytes[] = {100, 10000}, blocks_pull = 0, bytes_pull = 0;
	for (int i = 0; i < 2; i++) {
		double variance = (double)count[i] * odds[i];
		cells[1].told |= TRACE_CELL_BIT(bucket[i]);
		sums[i] = count[i];
		v[1].fields[bucket[i]].variance = variance;
		v[1].fields[TRACE_CELL_ALLOCATIONS].variance += variance;
		v[1].fields[TRACE_CELL_FREES].variance += variance / 2;
		v[1].fields[TRACE_CELL_ALLOCATED_BYTES].variance += variance * bytes[i] * bytes[i];
		blocks_pull += variance * odds[i];
		bytes_pull += variance * odds[i] * pow(bytes[i], 3);
	}
	variances_find_pulls(&t);
	NEAR(v[1].fields[TRACE_CELL_ALLOCATIONS].pull, blocks_pull);
	NEAR(v[1].fields[TRACE_CELL_FREES].pull, blocks_pull / 2);
	NEAR(v[1].fields[TRACE_CELL_ALLOCATED_BYTES].pull, bytes_pull);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("estimate");
	TCase *cases = tcase_create("estimate");
	tcase_add_test(cases, errors_are_half_the_interval);
	tcase_add_test(cases, few_samples_that_make_the_variance_up_widen_it);
	tcase_add_test(cases, few_samples_give_no_error);
	tcase_add_test(cases, pulls_come_from_sizes);
	tcase_add_test(cases, a_share_is_as_sure_as_its_samples);
	tcase_add_test(cases, what_is_live_is_what_came_and_did_not_go);
	suite_add_tcase(suite, cases);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
