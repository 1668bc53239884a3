/* analyzer_scaling_study.c: what laws mean at a size to come, of studies whose laws are known. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../scaling/generate.h"
#include "scaling/breaks.h"
#include "scaling/caches.h"
#include "scaling/gate.h"
#include "scaling/outlook.h"
#include "scaling/study.h"
#include "trace/trace.h"

#define MIB (1024.0 * 1024.0)

static struct study study;
static struct failure failure;
static const double far_sizes[] = {100000};

static void setup(void)
{
	struct study_options options = {.predict = far_sizes, .predict_count = 1};
	study_begin(&study, &options);
	failure = (struct failure){0};
}

static void teardown(void)
{
	study_free(&study);
}

/* A row of c0 + c1·f(n), exact, from 100 to 1,600. */
static void add(enum subject subject, const char *path, enum metric kind, double c0, double c1,
                const char *law)
{
	struct law_set set = law_set(false);
	struct study_row *row = study_row(&study, subject, path, kind, metric_info(kind)->name);
	for (int i = 0; i < 5; i++) {
		double n = 100 << i;
		series_add(&row->series, n, n,
		           c0 + c1 * law_value(&set.laws[law_find(set, law)], n));
	}
}

START_TEST(the_limit_is_reached_where_the_law_says)
{
	add(SUBJECT_RUN, "run", METRIC_RSS, 10 * MIB, 0.01 * MIB, "n");
	study.limit = 1010 * MIB;
	study.limit_kind = STUDY_CGROUP;
	ck_assert(study_fit(&study, &failure));
	struct outlook_memory m = outlook_memory(&study, study_target(&study));
	ck_assert_double_eq_tol(m.reached, 100000, 1);
	ck_assert_double_eq_tol(m.at.value, 1010 * MIB, 1);
	ck_assert_double_eq_tol(m.beyond, 62.5, 1e-9);
	m = outlook_memory(&study, 50000);
	ck_assert(m.within);
	ck_assert_int_eq(m.fits, VERDICT_SURE);
	m = outlook_memory(&study, 200000);
	ck_assert(!m.within);
	ck_assert_int_eq(m.fits, VERDICT_SURE);
}
END_TEST

START_TEST(what_stays_reaches_no_limit)
{
	add(SUBJECT_RUN, "run", METRIC_PEAK, 10 * MIB, 0, "n");
	study.limit = 1010 * MIB;
	study.limit_kind = STUDY_MACHINE;
	ck_assert(study_fit(&study, &failure));
	ck_assert(isinf(outlook_memory(&study, 1e6).reached));
}
END_TEST

START_TEST(a_quadratic_phase_overtakes_a_linear_one)
{
	/* 1e-3·n and 1e-7·n² meet at n = 10,000. */
	add(SUBJECT_PHASE, "linear", METRIC_SELF, 0, 1e-3, "n");
	add(SUBJECT_PHASE, "quadratic", METRIC_SELF, 0, 1e-7, "n^2");
	ck_assert(study_fit(&study, &failure));
	struct outlook_crossing crossings[4];
	ck_assert_uint_eq(outlook_crossings(&study, 5000, crossings, 4), 0);
	ck_assert_uint_eq(outlook_crossings(&study, 100000, crossings, 4), 1);
	ck_assert_str_eq(crossings[0].riser->path, "quadratic");
	ck_assert_double_eq_tol(crossings[0].n, 10000, 1);
}
END_TEST

START_TEST(a_cache_that_is_left_unseen_raises_what_times_may_be)
{
	/* The heap leaves 1 MiB at 200, and 100 MiB at 20,000. */
	add(SUBJECT_RUN, "run", METRIC_PEAK, 0, MIB / 200, "n");
	add(SUBJECT_STEP, "step", METRIC_CPU, 0, 1e-3, "n");
	caches_note(&study, (int64_t)MIB, (int64_t)(100 * MIB));
	ck_assert(study_fit(&study, &failure));
	ck_assert(study.caches[0].seen);
	ck_assert_double_eq_tol(study.caches[0].left_at, 200, 1e-6);
	ck_assert(!study.caches[1].seen);
	ck_assert_double_eq_tol(study.caches[1].left_at, 20000, 1);
	const struct study_row *time = study_find(&study, SUBJECT_STEP, "step", METRIC_CPU);
	const struct study_row *heap = study_find(&study, SUBJECT_RUN, "run", METRIC_PEAK);
	ck_assert_double_eq_tol(study_predict(&study, time, 19000).interval.high, 19, 1e-6);
	struct fit_prediction beyond = study_predict(&study, time, 30000);
	ck_assert_double_eq_tol(beyond.value, 30, 1e-6);
	ck_assert_double_eq_tol(beyond.interval.low, 30, 1e-6);
	ck_assert_double_eq_tol(beyond.interval.high, 30 * CACHES_RAISE, 1e-6);
	ck_assert_double_eq_tol(study_predict(&study, heap, 30000).interval.high, 150 * MIB, 1);
}
END_TEST

START_TEST(a_cache_that_only_the_largest_size_leaves_is_not_seen_yet)
{
	/* Of 100 … 1,600, only the last is beyond what the heap holds at 1,000. */
	add(SUBJECT_RUN, "run", METRIC_PEAK, 0, MIB / 1000, "n");
	add(SUBJECT_STEP, "step", METRIC_CPU, 0, 1e-3, "n");
	caches_note(&study, (int64_t)MIB, (int64_t)(100 * MIB));
	ck_assert(study_fit(&study, &failure));
	ck_assert(!study.caches[0].seen);
	ck_assert_double_eq_tol(study.caches[0].left_at, 1000, 1e-6);
	const struct study_row *time = study_find(&study, SUBJECT_STEP, "step", METRIC_CPU);
	ck_assert_double_eq_tol(study_predict(&study, time, 6400).interval.high, 6.4 * CACHES_RAISE,
	                        1e-6);
}
END_TEST

START_TEST(caches_that_nobody_names_raise_nothing)
{
	add(SUBJECT_RUN, "run", METRIC_PEAK, 0, MIB / 200, "n");
	add(SUBJECT_STEP, "step", METRIC_CPU, 0, 1e-3, "n");
	caches_note(&study, TRACE_UNKNOWN, TRACE_UNKNOWN);
	ck_assert(study_fit(&study, &failure));
	ck_assert_ptr_null(study.caches[0].name);
	ck_assert_ptr_null(study.caches[1].name);
	ck_assert_double_eq(caches_raise(&study, 1e9), 1);
}
END_TEST

START_TEST(memory_is_no_less_than_what_the_heap_will_hold)
{
	/* Small processes are mostly what each process has: RSS alone says 46 MiB. */
	add(SUBJECT_RUN, "run", METRIC_PEAK, 0, 0.01 * MIB, "n");
	add(SUBJECT_RUN, "run", METRIC_RSS, 12 * MIB, 0.3 * MIB, "sqrt n");
	study.limit = 100 * MIB;
	study.limit_kind = STUDY_GIVEN;
	ck_assert(study_fit(&study, &failure));
	struct outlook_memory m = outlook_memory(&study, 12800);
	ck_assert_int_eq(m.row->kind, METRIC_PEAK);
	ck_assert_double_eq_tol(m.times, 1, 1e-9);
	/* The mean of what RSS lay above the heap: from 8 MiB at 1,600 to 14.5 at 200. */
	ck_assert_double_eq_tol(m.base, (14 + 14.2426 + 14 + 12.4853 + 8) / 5 * MIB, 0.01 * MIB);
	ck_assert_double_eq_tol(m.at.value, m.base + 128 * MIB, 1);
	ck_assert_double_eq_tol(m.at.interval.low, 136 * MIB, 1);
	ck_assert_double_eq_tol(m.reached, (100 * MIB - m.base) / (0.01 * MIB), 1);
	ck_assert_int_eq(m.verdict, VERDICT_LIKELY);
	ck_assert(!m.within);
	/* Where RSS says more than the heap, it is believed. */
	m = outlook_memory(&study, 1700);
	ck_assert_int_eq(m.row->kind, METRIC_RSS);
}
END_TEST

START_TEST(without_sizes_asked_for_one_is_predicted)
{
	study.options.predict_count = 0;
	add(SUBJECT_STEP, "step", METRIC_CPU, 1, 2, "n");
	ck_assert(study_fit(&study, &failure));
	ck_assert_uint_eq(study.targets_count, 1);
	ck_assert_double_eq_tol(study.targets[0], 6400, 1e-9);
	ck_assert_double_eq_tol(study.rows[0].predictions[0].value, 12801, 1e-6);
}
END_TEST

START_TEST(steps_that_wait_are_told)
{
	add(SUBJECT_STEP, "step", METRIC_CPU, 0, 1e-3, "n");
	add(SUBJECT_STEP, "step", METRIC_WALL, 0, 2e-3, "n");
	ck_assert(study_fit(&study, &failure));
	ck_assert_uint_eq(study.warnings_count, 1);
	ck_assert_ptr_nonnull(strstr(study.warnings[0], "ran for 50 to 50 %"));
}
END_TEST

START_TEST(expectations_are_of_the_class_or_below)
{
	struct gates gates = {0};
	add(SUBJECT_PHASE, "observation", METRIC_WALL, 1, 1, "n log n");
	add(SUBJECT_PHASE, "act/observation", METRIC_WALL, 1, 1, "n");
	add(SUBJECT_PHASE, "observation", METRIC_ALLOCATIONS, 1, 1, "n^3");
	ck_assert(study_fit(&study, &failure));
	ck_assert(gates_judge(&gates, &study, "observation=quadratic", &failure));
	ck_assert_uint_eq(gates.count, 2); /* times alone, of both */
	ck_assert_int_eq(gates_worst(&gates), GATE_KEPT);
	ck_assert(gates_judge(&gates, &study, "act/observation=linear,observation=n", &failure));
	ck_assert_int_eq(gates_worst(&gates), GATE_BROKEN);
	gates_free(&gates);
}
END_TEST

START_TEST(a_size_that_would_decide_lies_outside)
{
	struct study_row *row = study_row(&study, SUBJECT_OTHER, "x", METRIC_OTHER, "y");
	uint64_t state = 99;
	const struct noise_model noise = {"", 0.05, false};
	for (int i = 0; i < 5; i++)
		for (int k = 0; k < 5; k++) {
			double n = 1000 + 150 * i;
			series_add(&row->series, n, n, n * (1 + generate_error(&state, &noise)));
		}
	ck_assert(study_fit(&study, &failure));
	row = &study.rows[0];
	ck_assert_int_ne(row->fit.verdict, VERDICT_SURE);
	struct outlook_plan plan = outlook_plan(row);
	ck_assert(plan.needed && isfinite(plan.n));
	ck_assert(plan.n < 1000 || plan.n > 1600);
	ck_assert_double_gt(fabs(plan.one / plan.other - 1), 0.05);
}
END_TEST

START_TEST(the_published_classifier_says_what_it_says)
{
	add(SUBJECT_OTHER, "n", METRIC_OTHER, 0, 1, "n");
	add(SUBJECT_OTHER, "n^1.5", METRIC_OTHER, 0, 1, "n^1.5");
	ck_assert(study_fit(&study, &failure));
	ck_assert_str_eq(outlook_published(&study.rows[0]), "near-linear");
	ck_assert_str_eq(outlook_published(&study.rows[1]), "quadratic or worse");
}
END_TEST

static struct breaks breaks_of(const double *values, size_t sizes, double error)
{
	struct series series = {0};
	struct breaks breaks;
	struct fit fit;
	uint64_t state = 1234;
	const struct noise_model noise = {"", error, false};
	for (size_t i = 0; i < sizes; i++)
		for (int k = 0; k < 5; k++)
			series_add(&series, (double)(100 << i), (double)(100 << i),
			           values[i] * (1 + generate_error(&state, &noise)));
	series_finish(&series);
	breaks_fit(&breaks, &fit, &series, law_set(false), &(struct fit_traits){0});
	ck_assert_str_eq(fit_law(&fit)->name, "n");
	fit_free(&fit);
	breaks_free(&breaks);
	series_free(&series);
	return breaks;
}

START_TEST(breaks_are_found_under_noise_and_only_where_they_are)
{
	double broken[10], straight[10], buffer[6];
	for (int i = 0; i < 10; i++) {
		double n = 100 << i;
		broken[i] = i < 5 ? 50 : 20 + 30 * n / 1600;
		straight[i] = 10 + n;
	}
	for (int i = 0; i < 6; i++) {
		double n = 100 << i;
		buffer[i] = 5 * n + 10 * fmin(n, 300);
	}
	struct breaks b = breaks_of(broken, 10, 0.02);
	ck_assert(b.found && b.known_below);
	ck_assert_int_eq(b.below.law, LAW_CONSTANT);
	ck_assert_double_eq_tol(b.at, 1600, 700);
	ck_assert(!breaks_of(straight, 10, 0.02).found);
	ck_assert(!breaks_of(straight, 6, 0.02).found);
	b = breaks_of(buffer, 6, 1e-4);
	ck_assert(b.found && !b.known_below);
	ck_assert_double_eq(b.last_below, 200);
}
END_TEST

/* 512 bytes an agent up to 1,000 of them, and then no more: of `sizes` sizes, doubling from 100. */
static struct study_row *add_full(const char *path, int sizes)
{
	struct study_row *row = study_row(&study, SUBJECT_CALL_SITE, path, METRIC_PEAK,
	                                  metric_info(METRIC_PEAK)->name);
	for (int i = 0; i < sizes; i++)
		for (int k = 0; k < 2; k++)
			series_add(&row->series, 100 << i, 100 << i, 512 * fmin(100 << i, 1000));
	return row;
}

START_TEST(what_was_full_grows_no_more)
{
	add_full("full", 6); /* flat at 1,600 and 3,200 */
	add_full("young", 5);
	ck_assert(study_fit(&study, &failure));
	const struct study_row *full = &study.rows[0], *young = &study.rows[1];
	ck_assert_int_eq(full->fit.law, LAW_CONSTANT);
	ck_assert_int_eq(full->fit.verdict, VERDICT_LIKELY);
	ck_assert(full->breaks.found && full->breaks.known_below);
	ck_assert_str_eq(fit_law(&full->breaks.below)->name, "n");
	ck_assert_double_eq_tol(full->breaks.at, 1000, 1e-6);
	ck_assert_double_eq_tol(full->predictions[0].value, 512000, 1e-6);
	/* One size that is off the law says nothing of what comes. */
	ck_assert(!young->breaks.found);
	ck_assert_int_ne(young->fit.verdict, VERDICT_SURE);
}
END_TEST

START_TEST(a_peak_that_bends_is_the_sum_of_its_parts)
{
	add_full("buffer", 6);
	struct study_row *table = study_row(&study, SUBJECT_CALL_SITE, "table", METRIC_PEAK,
	                                    metric_info(METRIC_PEAK)->name);
	for (int i = 0; i < 6; i++)
		series_add(&table->series, 100 << i, 100 << i, 64 * (100 << i));
	struct study_row *whole =
	        study_row(&study, SUBJECT_RUN, "run", METRIC_PEAK, metric_info(METRIC_PEAK)->name);
	for (int i = 0; i < 6; i++)
		for (int k = 0; k < 2; k++) {
			int n = 100 << i;
			series_add(&whole->series, n, n, 64 * n + 512 * fmin(n, 1000));
		}
	study.limit = 10 * MIB;
	study.limit_kind = STUDY_GIVEN;
	ck_assert(study_fit(&study, &failure));
	ck_assert(study.by_parts);
	const struct study_row *row = study_find(&study, SUBJECT_RUN, "run", METRIC_PEAK);
	ck_assert_int_ne(row->fit.verdict, VERDICT_SURE);
	ck_assert_double_eq_tol(row->predictions[0].value, 6400000 + 512000, 1);
	struct outlook_memory m = outlook_memory(&study, 100000);
	ck_assert_double_eq_tol(m.at.value, 6400000 + 512000, 1);
	ck_assert_double_eq_tol(m.reached, (10 * MIB - 512000) / 64, 1);
	ck_assert_int_eq(m.fits, VERDICT_LIKELY);
}
END_TEST

/* Six sizes, five runs, delays of 20 %: n^1.5 describes a·n + b·n² well enough. */
static void add_noisy(enum subject subject, const char *path, enum metric kind, double linear,
                      double quadratic)
{
	uint64_t state = 4711;
	const struct noise_model noise = {"", 0.2, true};
	struct study_row *row = study_row(&study, subject, path, kind, metric_info(kind)->name);
	for (int i = 0; i < 6; i++)
		for (int k = 0; k < 5; k++) {
			double n = 100 << i;
			series_add(&row->series, n, n,
			           (linear * n + quadratic * n * n) *
			                   (1 + generate_error(&state, &noise)));
		}
}

/* The step's n², and what of it is a phase's. */
static const struct study_row *add_step(double quadratic, double phase)
{
	add_noisy(SUBJECT_STEP, "step", METRIC_CPU, 3e-6, quadratic);
	add_noisy(SUBJECT_STEP, "step", METRIC_WALL, 3e-6, quadratic);
	add_noisy(SUBJECT_PHASE, "see/query", METRIC_SELF, 0, phase);
	ck_assert(study_fit(&study, &failure));
	ck_assert_int_eq(study_find(&study, SUBJECT_PHASE, "see/query", METRIC_SELF)->fit.verdict,
	                 VERDICT_SURE);
	return study_find(&study, SUBJECT_STEP, "step", METRIC_CPU);
}

START_TEST(a_whole_grows_as_fast_as_its_parts)
{
	const struct study_row *step = add_step(2e-9, 2e-9);
	double truth = 3e-6 * 12800 + 2e-9 * 12800 * 12800;
	ck_assert_str_eq(fit_law(&step->fit)->name, "n^2");
	ck_assert_ptr_nonnull(fit_lower(&step->fit));
	ck_assert_int_eq(step->fit.verdict, VERDICT_LIKELY);
	struct fit_prediction p = study_predict(&study, step, 12800);
	ck_assert_double_eq_tol(p.value / truth, 1, 0.15);
	ck_assert(p.interval.low <= truth && truth <= p.interval.high);
}
END_TEST

/* sim_bench by brute force with a network, microseconds a step at 100, 200, … 3,200 agents, five
 * runs of each, on a machine with busy neighbours: n log n + n^3 lies nearest. 12,800 took 402,639.
 */
static const double brute_step[6][5] = {
        {388.8, 392.7, 397.4, 417.3, 558.1},          {755.9, 757.3, 763.5, 767.4, 1115.7},
        {1619.7, 1638.3, 1665.4, 1679.4, 2510.2},     {3823.6, 3934.3, 3949.7, 3981.7, 6174.6},
        {9812.9, 10617.7, 10738.3, 11155.2, 17140.7}, {32744, 34196.1, 34934.2, 34952.7, 50763.5}};
static const double brute_query[6][5] = {
        {28.6, 30.2, 30.9, 35, 54.5},          {101.8, 102.9, 106, 114.4, 187},
        {367.1, 402.7, 405.8, 408.1, 857.1},   {1584.5, 1587.8, 1621, 1748.5, 2748.1},
        {5248, 5663, 5756.7, 5998.7, 10637.9}, {21320.2, 21564.1, 22157, 22825.2, 37611.4}};

static void add_measured(enum subject subject, const char *path, enum metric kind,
                         const double values[6][5])
{
	struct study_row *row = study_row(&study, subject, path, kind, metric_info(kind)->name);
	for (int i = 0; i < 6; i++)
		for (int k = 0; k < 5; k++)
			series_add(&row->series, 100 << i, 100 << i, values[i][k] * 1e-6);
}

START_TEST(a_whole_grows_no_faster_than_the_part_that_makes_most_of_it)
{
	add_measured(SUBJECT_STEP, "step", METRIC_CPU, brute_step);
	add_measured(SUBJECT_STEP, "step", METRIC_WALL, brute_step);
	add_measured(SUBJECT_PHASE, "see/query", METRIC_SELF, brute_query);
	ck_assert(study_fit(&study, &failure));
	const struct study_row *query = study_find(&study, SUBJECT_PHASE, "see/query", METRIC_SELF);
	ck_assert_str_eq(fit_law(&query->fit)->name, "n^2");
	ck_assert_int_eq(query->fit.verdict, VERDICT_SURE);
	const struct study_row *step = study_find(&study, SUBJECT_STEP, "step", METRIC_CPU);
	ck_assert_str_eq(fit_law(&step->fit)->name, "n^2");
	struct fit_prediction p = study_predict(&study, step, 12800);
	ck_assert_double_eq_tol(p.value / 402639e-6, 1, 0.15);
	ck_assert(p.interval.low <= 402639e-6 && 402639e-6 <= p.interval.high);
}
END_TEST

START_TEST(a_part_that_is_not_seen_in_the_whole_raises_nothing)
{
	const struct study_row *step = add_step(0, 2e-11);
	ck_assert_ptr_null(fit_lower(&step->fit));
}
END_TEST

/* A journal that is empty at the peak of small runs, where that lies elsewhere. */
START_TEST(what_small_sizes_do_not_hold_is_a_part_all_the_same)
{
	for (int i = 0; i < 6; i++) {
		double n = 100 << i, journal = n < 400 ? 0 : 52 * n;
		struct study_row *row = study_row(&study, SUBJECT_CALL_SITE, "journal", METRIC_PEAK,
		                                  metric_info(METRIC_PEAK)->name);
		series_add(&row->series, n, n, journal);
		row = study_row(&study, SUBJECT_CALL_SITE, "table", METRIC_PEAK,
		                metric_info(METRIC_PEAK)->name);
		series_add(&row->series, n, n, 3000 * n);
		row = study_row(&study, SUBJECT_RUN, "run", METRIC_PEAK,
		                metric_info(METRIC_PEAK)->name);
		series_add(&row->series, n, n, 3000 * n + journal);
		row = study_row(&study, SUBJECT_OTHER, "given", METRIC_OTHER, "");
		series_add(&row->series, n, n, journal);
	}
	ck_assert(study_fit(&study, &failure));
	const struct study_row *journal =
	        study_find(&study, SUBJECT_CALL_SITE, "journal", METRIC_PEAK);
	ck_assert_ptr_null(journal->trouble);
	ck_assert_str_eq(fit_law(&journal->fit)->name, "n");
	ck_assert(journal->breaks.found && !journal->breaks.known_below);
	ck_assert_double_eq(journal->breaks.last_below, 200);
	ck_assert_double_eq(journal->breaks.first_above, 400);
	ck_assert_ptr_null(outlook_published(journal));
	const struct study_row *run = study_find(&study, SUBJECT_RUN, "run", METRIC_PEAK);
	ck_assert_double_eq_tol(study_predict(&study, run, 12800).value, 3052.0 * 12800, 1);
	/* What was measured elsewhere is refused as it was. */
	ck_assert_ptr_nonnull(study_find(&study, SUBJECT_OTHER, "given", METRIC_OTHER)->trouble);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("analyzer_scaling_study");
	TCase *tests = tcase_create("study");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, the_limit_is_reached_where_the_law_says);
	tcase_add_test(tests, what_stays_reaches_no_limit);
	tcase_add_test(tests, a_quadratic_phase_overtakes_a_linear_one);
	tcase_add_test(tests, a_cache_that_is_left_unseen_raises_what_times_may_be);
	tcase_add_test(tests, a_cache_that_only_the_largest_size_leaves_is_not_seen_yet);
	tcase_add_test(tests, caches_that_nobody_names_raise_nothing);
	tcase_add_test(tests, memory_is_no_less_than_what_the_heap_will_hold);
	tcase_add_test(tests, without_sizes_asked_for_one_is_predicted);
	tcase_add_test(tests, steps_that_wait_are_told);
	tcase_add_test(tests, expectations_are_of_the_class_or_below);
	tcase_add_test(tests, a_size_that_would_decide_lies_outside);
	tcase_add_test(tests, the_published_classifier_says_what_it_says);
	tcase_add_test(tests, what_was_full_grows_no_more);
	tcase_add_test(tests, a_peak_that_bends_is_the_sum_of_its_parts);
	tcase_add_test(tests, a_whole_grows_as_fast_as_its_parts);
	tcase_add_test(tests, a_whole_grows_no_faster_than_the_part_that_makes_most_of_it);
	tcase_add_test(tests, a_part_that_is_not_seen_in_the_whole_raises_nothing);
	tcase_add_test(tests, what_small_sizes_do_not_hold_is_a_part_all_the_same);
	tcase_add_test(tests, breaks_are_found_under_noise_and_only_where_they_are);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
