/* analyzer_usage.c: what the kernel counted in phases: what is their own, what is not known, and
 * what time that no phase accounts for mostly is. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "model/profile.h"
#include "trace_builder.h"

#define MS 1000000ll

/* Of phases: calls, inclusive, self, entered, step_self, step_inclusive. */
#define TIMES 0xd07ll
/* usage_calls, usage_ticks, minor_faults, waits, preempted, system_ns. */
#define USAGE 0x137000ll

static struct builder b;
static struct profile *p;

static void setup(void)
{
	static const char *const strings[] = {"outer", "inner", "short"};
	builder_begin(&b);
	builder_header(&b, 1, 3);
	builder_strings(&b, 1, 3, strings);
	builder_bulk(&b, TRACE_PHASES, 1, LIST(0, 1, 1, 2, 1, 3));
	p = NULL;
}

static void teardown(void)
{
	profile_free(p);
	builder_end(&b);
}

/* 10 steps of 100 ms, 90 of them in "outer", 30 in "inner" in that, 10 in a thousand of "short". Of
 * "outer" the kernel counted so much, of the steps 7 faults more. */
static void make(long long faults, long long waits, long long preempted, long long system)
{
	struct failure failure = {0};
	builder_window(&b, 0, 1000 * MS, 2);
	builder_text(&b, "steps");
	builder_map(&b, 8);
	builder_key_integer(&b, "ended", 10);
	builder_key_integer(&b, "ticks", 1000 * MS);
	builder_key_integer(&b, "unaccounted", 100 * MS);
	builder_key_integer(&b, "begun", 10);
	builder_key_integer(&b, "usage_calls", 10);
	builder_key_integer(&b, "usage_ticks", 1000 * MS);
	builder_key_integer(&b, "minor_faults", faults + 7);
	builder_key_integer(&b, "waits", waits);
	builder_key_list(&b, "phases",
	                 LIST(1, 0, TIMES | USAGE, 10, 900 * MS, 500 * MS, 10, 500 * MS, 900 * MS,
	                      10, 900 * MS, faults, waits, preempted, system, 2, 0, TIMES | USAGE,
	                      10, 300 * MS, 300 * MS, 10, 300 * MS, 300 * MS, 10, 300 * MS, 100, 2,
	                      1, 20 * MS, 3, 0, TIMES, 10000, 100 * MS, 100 * MS, 10000, 100 * MS,
	                      100 * MS));
	builder_finish(&b, 1000 * MS);
	struct trace *t = builder_parse(&b, &failure);
	ck_assert_msg(t != NULL, "%s", failure.message);
	ck_assert_str_eq(t->damage, "");
	p = profile_build(t);
}

static const struct profile_phase *phase(const char *path)
{
	for (size_t i = 0; i < p->phases_count; i++)
		if (strcmp(p->phases[i].path, path) == 0)
			return &p->phases[i];
	ck_abort_msg("no phase %s", path);
	return NULL;
}

static enum hunt_cause cause_in(uint32_t id)
{
	for (size_t i = 0; i < p->hunts.count; i++)
		if (p->hunts.list[i].phase == id)
			return p->hunts.list[i].cause;
	ck_abort_msg("phase %u is not hunted", id);
	return HUNT_CAUSE_UNKNOWN;
}

START_TEST(children_are_taken_off)
{
	make(1100, 12, 5, 50 * MS);
	const struct usage *all = &phase("outer")->usage, *own = &phase("outer")->usage_self;
	ck_assert(all->known && own->known);
	ck_assert_int_eq(all->minor_faults, 1100);
	ck_assert_int_eq(own->minor_faults, 1000);
	ck_assert_int_eq(own->waits, 10);
	ck_assert_int_eq(own->preempted, 4);
	ck_assert_double_eq_tol(own->system, 0.03, 1e-9);
	ck_assert_double_eq_tol(all->covered, 1, 1e-9);
	ck_assert(own->with_short && !all->with_short);
	ck_assert(!phase("outer/short")->usage.known);
	ck_assert_int_eq(p->unaccounted_usage.minor_faults, 7);
	ck_assert_int_eq(p->unaccounted_usage.waits, 0);
}
END_TEST

START_TEST(half_a_second_of_kernel_and_faults_enough_are_page_faults)
{
	make(400100, 12, 5, 320 * MS);
	ck_assert_int_eq(cause_in(1), HUNT_CAUSE_FAULTS);
}
END_TEST

START_TEST(with_few_faults_it_is_the_kernel)
{
	make(1100, 12, 5, 320 * MS);
	ck_assert_int_eq(cause_in(1), HUNT_CAUSE_KERNEL);
}
END_TEST

START_TEST(without_samples_nothing_else_is_said)
{
	make(1100, 12, 5, 50 * MS);
	ck_assert_int_eq(cause_in(1), HUNT_CAUSE_UNKNOWN);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("usage");
	TCase *tests = tcase_create("usage");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, children_are_taken_off);
	tcase_add_test(tests, half_a_second_of_kernel_and_faults_enough_are_page_faults);
	tcase_add_test(tests, with_few_faults_it_is_the_kernel);
	tcase_add_test(tests, without_samples_nothing_else_is_said);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
