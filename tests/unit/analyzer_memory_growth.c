/* analyzer_memory_growth.c: what grows with age and what does not, on runs whose truth is known. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "analyzer_memory.h"

static struct memory_run run;
static struct profile *p;

/* As a recorder cuts them: first of equal length, then a sixteenth of the run; steps take a little
 * more or less time. */
static long long as_recorded(long long window)
{
	double length = window < 16 ? 25 : 25 * pow(17.0 / 16, (double)(window - 16));
	return (long long)length + (window * 7) % 5;
}

/* ---- what sites do -------------------------------------------------------------------------- */

static void leaks(struct memory_site *s, long long step, long long agents)
{
	(void)step, (void)agents;
	memory_make(s, 1, 1000);
}

/* Beside the leak a hundred times as much comes and goes within each step. */
static void leaks_and_churns(struct memory_site *s, long long step, long long agents)
{
	(void)step, (void)agents;
	memory_make(s, 101, 101000);
	memory_drop(s, 100, 100000, 0);
}

static void fills(struct memory_site *s, long long step, long long agents)
{
	(void)agents;
	if (step <= 400)
		memory_make(s, 1, 2000);
}

/* Each step takes in what is missing of 4 MB, less and less. */
static void fills_ever_slower(struct memory_site *s, long long step, long long agents)
{
	(void)step, (void)agents;
	memory_make(s, 1, (4000000 - s->live) / 600);
}

static void to_level(struct memory_site *s, double level)
{
	long long change = (long long)level - s->live;
	if (change > 0)
		memory_make(s, 1, change);
	else if (change < 0)
		memory_drop(s, 1, -change, 3);
}

static void noisy(struct memory_site *s, long long step, long long agents)
{
	(void)step, (void)agents;
	to_level(s, 1e6 + 4e5 * (memory_random(&s->random) - 0.5));
}

static void saws(struct memory_site *s, long long step, long long agents)
{
	(void)agents;
	memory_make(s, 1, 1000);
	for (long long lived = 0; step % 100 == 0 && lived < 100; lived++)
		memory_drop(s, 1, 1000, lived);
}

static void wanders(struct memory_site *s, long long step, long long agents)
{
	(void)agents;
	if (step == 1)
		s->level = 1e6;
	s->level += 2e4 * (memory_random(&s->random) - 0.5);
	to_level(s, s->level < 0 ? 0 : s->level);
}

static void follows_agents(struct memory_site *s, long long step, long long agents)
{
	(void)step;
	to_level(s, 5000.0 * (double)agents);
}

static void follows_both(struct memory_site *s, long long step, long long agents)
{
	to_level(s, 5000.0 * (double)agents + 3000.0 * (double)step);
}

/* ---- fixture ------------------------------------------------------------------------------ */

static void setup(void)
{
	memset(&run, 0, sizeof(run));
	run.windows = 50;
	run.window_steps = as_recorded;
	run.clean_up = true;
	p = NULL;
}

static void teardown(void)
{
	profile_free(p);
}

static void build(void)
{
	p = memory_profile(&run);
	ck_assert_ptr_nonnull(p);
	ck_assert_str_eq(p->trace->damage, "");
}

/* NULL: the site is not listed. */
static const struct growth *growth_of(const char *name)
{
	for (size_t i = 0; i < p->growths.count; i++)
		if (strcmp(p->growths.rows[i].site->function, name) == 0)
			return &p->growths.rows[i];
	return NULL;
}

static enum growth_verdict verdict_of(const char *name)
{
	const struct growth *g = growth_of(name);
	return g ? g->verdict : GROWTH_NONE;
}

/* ---- tests -------------------------------------------------------------------------------- */

START_TEST(a_leak_is_sure_and_its_slope_exact)
{
	memory_add(&run, "leaks", leaks);
	build();
	const struct growth *g = growth_of("leaks");
	ck_assert_ptr_nonnull(g);
	ck_assert_int_eq(g->verdict, GROWTH_SURE);
	ck_assert_double_eq_tol(g->whole.slope, 1000, 10);
	ck_assert_double_eq_tol(g->late.slope, 1000, 10);
	ck_assert_double_le(g->whole.low, 1000 + 1e-6);
	ck_assert_double_ge(g->whole.high, 1000 - 1e-6);
	ck_assert_uint_eq(p->growths.sure, 1);
}
END_TEST

START_TEST(a_leak_below_a_hundred_times_its_churn_is_sure)
{
	struct memory_site *s = memory_add(&run, "leaks_and_churns", leaks_and_churns);
	s->across = 100000;
	build();
	const struct growth *g = growth_of("leaks_and_churns");
	ck_assert_ptr_nonnull(g);
	ck_assert_msg(g->verdict == GROWTH_SURE, "%s", g->reason);
	ck_assert_double_eq_tol(g->whole.slope, 1000, 50);
	ck_assert_double_lt(g->whole.low, 1000);
	ck_assert_double_gt(g->whole.high, 1000);
}
END_TEST

START_TEST(a_cache_that_fills_is_no_leak)
{
	memory_add(&run, "fills", fills);
	build();
	const struct growth *g = growth_of("fills");
	ck_assert_ptr_nonnull(g);
	ck_assert_int_eq(g->verdict, GROWTH_STOPPED);
	/* The window in which step 400 ended. */
	ck_assert_double_ge(g->stopped, 400);
	ck_assert_double_le(g->stopped, 440);
	ck_assert(isnan(g->limit_age));
}
END_TEST

START_TEST(a_cache_that_fills_ever_slower_is_no_leak)
{
	memory_add(&run, "fills_ever_slower", fills_ever_slower);
	build();
	enum growth_verdict verdict = verdict_of("fills_ever_slower");
	ck_assert(verdict == GROWTH_UNSURE || verdict == GROWTH_STOPPED);
}
END_TEST

START_TEST(noise_and_saws_do_not_grow)
{
	memory_add(&run, "noisy", noisy);
	memory_add(&run, "saws", saws);
	build();
	ck_assert_int_gt(verdict_of("noisy"), GROWTH_UNSURE);
	ck_assert_int_gt(verdict_of("saws"), GROWTH_UNSURE);
}
END_TEST

static long long nearly_in_step(long long window)
{
	(void)window;
	return 101;
}

/* Windows of 101 steps see a saw of 100 steps rise by one step's bytes a window. */
START_TEST(a_saw_nearly_in_step_with_the_windows_is_not_sure)
{
	run.windows = 60;
	run.window_steps = nearly_in_step;
	memory_add(&run, "saws", saws);
	build();
	enum growth_verdict verdict = verdict_of("saws");
	ck_assert(verdict == GROWTH_UNSURE || verdict == GROWTH_NONE);
}
END_TEST

/* Levels that wander without a direction: about one in forty looks like growth to a fair test of
 * the whole run; that the last third agrees makes it rarer. */
START_TEST(what_wanders_is_hardly_ever_sure)
{
	for (int i = 0; i < 200; i++)
		memory_add(&run, "wanders", wanders);
	build();
	ck_assert_uint_le(p->growths.sure, 4);
}
END_TEST

START_TEST(intervals_of_noisy_leaks_hold_the_truth)
{
	size_t held = 0, sure = 0;
	for (int i = 0; i < 200; i++)
		memory_add(&run, "leaks", leaks)->across = 200000;
	build();
	for (size_t i = 0; i < p->growths.count; i++) {
		const struct growth *g = &p->growths.rows[i];
		held += g->whole.low <= 1000 && g->whole.high >= 1000;
		sure += g->verdict <= GROWTH_LIKELY;
	}
	ck_assert_uint_eq(p->growths.count, 200);
	ck_assert_uint_ge(held, 184);
	ck_assert_uint_ge(sure, 190);
}
END_TEST

/* Agents move up and down as they grow, so that they and age can be told apart. */
static long long growing_agents(long long step, uint64_t *seed)
{
	return 300 + step / 20 +
	       (long long)(80 * sin((double)step / 130) + 20 * memory_random(seed));
}

START_TEST(growth_with_agents_is_said_to_be)
{
	run.agents = growing_agents;
	memory_add(&run, "follows_agents", follows_agents);
	memory_add(&run, "follows_both", follows_both);
	build();
	ck_assert(p->growths.agents_grow);
	const struct growth *agents = growth_of("follows_agents"),
	                    *both = growth_of("follows_both");
	ck_assert_ptr_nonnull(agents);
	ck_assert_msg(agents->parts.shared < 0.9, "the test's agents tell age: %g",
	              agents->parts.shared);
	ck_assert_int_eq(agents->verdict, GROWTH_AGENTS);
	ck_assert_double_eq_tol(agents->parts.z.value, 5000, 1);
	ck_assert_double_eq_tol(agents->parts.x.value, 0, 1);
	ck_assert_int_lt(both->verdict, GROWTH_AGENTS);
	ck_assert_double_eq_tol(both->parts.x.value, 3000, 1);
	ck_assert_double_eq_tol(both->parts.z.value, 5000, 1);
}
END_TEST

static long long steady_agents(long long step, uint64_t *seed)
{
	(void)seed;
	return 100 + step / 2;
}

START_TEST(where_agents_grow_in_step_with_age_nothing_is_sure)
{
	run.agents = steady_agents;
	memory_add(&run, "leaks", leaks);
	build();
	ck_assert(p->growths.agents_grow);
	ck_assert_int_eq(verdict_of("leaks"), GROWTH_UNSURE);
}
END_TEST

START_TEST(the_least_limit_is_where_it_ends)
{
	run.cgroup = 256ll << 20;
	memory_add(&run, "leaks", leaks);
	build();
	const struct growths *all = &p->growths;
	ck_assert_int_eq(all->limit, LIMIT_CGROUP);
	/* RSS is 16 MiB and 1,000 bytes a step. */
	double step = (240.0 * 1048576) / 1000;
	ck_assert_double_eq_tol(all->rows[0].limit_age, step, step * 0.001);
	ck_assert_double_eq_tol(all->rows[0].limit_seconds, (step - all->to) * 0.01, step * 1e-5);
	ck_assert_double_eq_tol(all->sure_limit_age, all->rows[0].limit_age, 1e-6);
}
END_TEST

START_TEST(too_few_windows_tell_nothing)
{
	run.windows = GROWTH_POINTS_MIN - 1;
	memory_add(&run, "leaks", leaks);
	build();
	ck_assert_uint_eq(p->growths.points, GROWTH_POINTS_MIN - 1);
	ck_assert_uint_eq(p->growths.count, 0);
}
END_TEST

START_TEST(a_short_run_is_likely_at_most)
{
	run.windows = 12;
	memory_add(&run, "leaks", leaks);
	build();
	ck_assert_int_eq(verdict_of("leaks"), GROWTH_LIKELY);
	ck_assert_double_eq_tol(growth_of("leaks")->whole.slope, 1000, 10);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("analyzer: growth");
	TCase *tests = tcase_create("growth");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, a_leak_is_sure_and_its_slope_exact);
	tcase_add_test(tests, a_leak_below_a_hundred_times_its_churn_is_sure);
	tcase_add_test(tests, a_cache_that_fills_is_no_leak);
	tcase_add_test(tests, a_cache_that_fills_ever_slower_is_no_leak);
	tcase_add_test(tests, noise_and_saws_do_not_grow);
	tcase_add_test(tests, a_saw_nearly_in_step_with_the_windows_is_not_sure);
	tcase_add_test(tests, what_wanders_is_hardly_ever_sure);
	tcase_add_test(tests, intervals_of_noisy_leaks_hold_the_truth);
	tcase_add_test(tests, growth_with_agents_is_said_to_be);
	tcase_add_test(tests, where_agents_grow_in_step_with_age_nothing_is_sure);
	tcase_add_test(tests, the_least_limit_is_where_it_ends);
	tcase_add_test(tests, too_few_windows_tell_nothing);
	tcase_add_test(tests, a_short_run_is_likely_at_most);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
