/* analyzer_scaling_within.c: what one run tells of agents and of age, on runs whose truth is known.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer_memory.h"
#include "scaling/within.h"

#define WINDOWS 40
#define CROWDS  20 /* call-sites that follow the population */
#define SWING   60 /* steps from the fewest agents to the most */

static struct memory_run run;
static struct within within;
static struct profile *p;
static long long last_step;

/* As a busy machine lets a recorder cut them. */
static long long irregular(long long window)
{
	return 4 + (window * 37) % 29;
}

static long long swinging(long long step, uint64_t *seed)
{
	(void)seed;
	long long along = step % (2 * SWING);
	return 100 + 2 * (along < SWING ? along : 2 * SWING - along);
}

static void to_level(struct memory_site *s, long long level)
{
	if (level > s->live)
		memory_make(s, 1, level - s->live);
	else if (level < s->live)
		memory_drop(s, 1, s->live - level, 1);
}

/* At the end of the last step everything is freed, in the window that the step is in. */
static void crowds(struct memory_site *s, long long step, long long agents)
{
	to_level(s, step == last_step ? 0 : 1000 * agents);
}

static void leaks(struct memory_site *s, long long step, long long agents)
{
	(void)agents;
	to_level(s, step == last_step ? 0 : 50 * step);
}

static void does_both(struct memory_site *s, long long step, long long agents)
{
	to_level(s, step == last_step ? 0 : 1000 * agents + 50 * step);
}

static void setup(void)
{
	memset(&run, 0, sizeof(run));
	run.windows = WINDOWS;
	run.window_steps = irregular;
	run.agents = swinging;
	last_step = 0;
	for (long long window = 0; window < WINDOWS; window++)
		last_step += irregular(window);
	p = NULL;
}

static void teardown(void)
{
	within_free(&within);
	profile_free(p);
}

static void build(void)
{
	struct failure failure = {0};
	p = memory_profile(&run);
	ck_assert_ptr_nonnull(p);
	ck_assert(within_build(&within, p, "run", &failure));
}

static size_t place_of(const char *function)
{
	for (size_t i = 0; i < within.count; i++)
		if (within.rows[i].bytes && strstr(within.rows[i].path, function))
			return i;
	ck_abort_msg("no row of %s", function);
}

START_TEST(agents_and_age_are_told_apart_exactly)
{
	memory_add(&run, "crowds", crowds);
	memory_add(&run, "leaks", leaks);
	memory_add(&run, "does_both", does_both);
	build();
	const struct within_row *row = &within.rows[place_of("crowds")];
	ck_assert_int_eq(row->cause, WITHIN_AGENTS);
	ck_assert_str_eq(row->law->name, "n");
	ck_assert_double_eq_tol(row->agents.value, 1000, 1e-6);
	row = &within.rows[place_of("leaks")];
	ck_assert_int_eq(row->cause, WITHIN_AGE);
	ck_assert_double_eq_tol(row->age.value, 50, 1e-6);
	row = &within.rows[place_of("does_both")];
	ck_assert_int_eq(row->cause, WITHIN_BOTH);
	ck_assert_double_eq_tol(row->agents.value, 1000, 1e-6);
	ck_assert_double_eq_tol(row->age.value, 50, 1e-6);
}
END_TEST

/* A leak of 50 bytes a step beside 20 sites that swing with the population: the order is by what
 * either makes over the run. */
START_TEST(what_grows_most_comes_first_whatever_with)
{
	for (int i = 0; i < CROWDS; i++)
		memory_add(&run, "crowds", crowds);
	memory_add(&run, "leaks", leaks);
	build();
	ck_assert_uint_ge(place_of("leaks"), place_of("crowds"));
	size_t leak = place_of("leaks");
	double effect = within.rows[leak].effect;
	ck_assert_double_eq_tol(effect, 50.0 * (double)last_step, 50.0 * 60);
	for (size_t i = 1; i < within.count; i++)
		if (within.rows[i].bytes == within.rows[i - 1].bytes &&
		    within.rows[i].cause != WITHIN_NEITHER)
			ck_assert_double_ge(within.rows[i - 1].effect, within.rows[i].effect);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("analyzer_scaling_within");
	TCase *tests = tcase_create("within");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, agents_and_age_are_told_apart_exactly);
	tcase_add_test(tests, what_grows_most_comes_first_whatever_with);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
