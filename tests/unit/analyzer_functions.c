/* analyzer_functions.c: functions, files, categories and components of a trace whose truth is
 * known: recursion, inlining, a library, an allocator, and a worker thread.
 *
 *     main ─ walk ─ walk ─┬─ [hold, and push inlined in it] ─ xmalloc      frames 8, 9, 9, 10, 11
 *                         └─ sqlite3_step ─ read                           frames 12, 13
 *     main ─ nobody's code in a stripped library                           frame 14
 */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/categories.h"
#include "model/profile.h"
#include "trace_builder.h"

static struct builder b;
static struct profile *p;
static struct rules components, categories;

/* Samples: stack, phase, role, how many, CPU time in ns. 100 samples of 1 ms:
 * 40 push, 20 walk (10 in each depth), 15 read, 10 sqlite3_step, 10 stripped, 5 main by a worker.
 */
static void build(void)
{
	static const char *const strings[] = {"/project/sim",
	                                      "/usr/lib/libsqlite3.so.0",
	                                      "/usr/lib/libc.so.6",
	                                      "/usr/lib/libodd.so.1",
	                                      "main",
	                                      "/project/src/main.c",
	                                      "walk",
	                                      "/project/src/walk.c",
	                                      "hold",
	                                      "/project/src/hold.cpp",
	                                      "push",
	                                      "/usr/include/c++/12/vector",
	                                      "xmalloc",
	                                      "sqlite3_step",
	                                      "read",
	                                      "observe"};
	struct failure failure = {0};
	builder_begin(&b);
	builder_header(&b, 1, 2);
	builder_strings(&b, 1, sizeof(strings) / sizeof(strings[0]), strings);
	for (int module = 1; module <= 4; module++)
		builder_module(&b, module, module);
	builder_bulk(&b, TRACE_FRAMES, 8,
	             LIST(1, 16, 1, 32, 1, 48, 1, 64, 2, 16, 3, 16, 4, 16, 1, 30));
	/* 1 main  2 walk  3 walk walk  4 … hold  5 … xmalloc  6 … sqlite  7 … read  8 odd */
	builder_bulk(&b, TRACE_STACKS, 1,
	             LIST(0, 8, 1, 9, 2, 9, 3, 10, 4, 11, 3, 12, 6, 13, 1, 14));
	builder_bulk(&b, TRACE_PHASES, 1, LIST(0, 16));
	builder_bulk(&b, TRACE_CELLS, 1, LIST(5, 1, 6, 1));
	builder_symbols(&b, LIST(8, 1, 5, 6, 10, 5, 9, 1, 7, 8, 21, 20, 10, 2, 11, 12, 99, 90, 9,
	                         10, 33, 30, 11, 1, 13, 8, 44, 40, 12, 1, 14, 0, 0, 0, 13, 1, 15, 0,
	                         0, 0, 15, 1, 7, 8, 20, 20));
	builder_module_symbols(&b, 1, "debug", 1);
	builder_module_symbols(&b, 2, "symtab", 1);
	builder_module_symbols(&b, 3, "symtab", 1);
	builder_module_symbols(&b, 4, "none", 1);
	builder_window(&b, 0, 1000000000, 1);
	builder_key_list(&b, "cells", LIST(1, 0x2003, 30, 3000, 600, 2, 0x2003, 10, 500, 500));
	builder_samples(&b, 0,
	                LIST(4, 1, 0, 40, 40000000, 2, 1, 0, 10, 10000000, 3, 1, 0, 10, 10000000, 7,
	                     1, 0, 15, 15000000, 6, 1, 0, 10, 10000000, 8, 1, 0, 10, 10000000, 1, 1,
	                     1, 5, 5000000));
	/* walk, by main and by itself */
	builder_calls(
	        &b, 0,
	        LIST(15, 0, 1, 0, 7, 400000000, 900000000, 0, 15, 15, 1, 0, 3, 100000000, 0, 0));
	builder_finish(&b, 1000000000);
	struct trace *t = builder_parse(&b, &failure);
	ck_assert_msg(t != NULL && !t->damage[0], "%s%s", failure.message, t ? t->damage : "");
	struct profile_options options = {.categories = &categories, .components = &components};
	p = profile_build_with(t, &options);
}

static void setup(void)
{
	struct failure failure;
	ck_assert(rules_add(&components, "spatial=walk,hold", &failure));
	ck_assert(rules_add(&components, "store=sqlite3_*", &failure));
	ck_assert(rules_add(&components, "idle=never_there", &failure));
	build();
}

static void teardown(void)
{
	profile_free(p);
	builder_end(&b);
	rules_free(&components);
	rules_free(&categories);
}

static const struct profile_function *function(const char *name)
{
	for (size_t i = 0; i < p->functions.count; i++)
		if (strcmp(p->functions.list[i].name, name) == 0)
			return &p->functions.list[i];
	ck_abort_msg("no function %s", name);
}

static const struct profile_group *group(const struct profile_group *groups, size_t count,
                                         const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(groups[i].name, name) == 0)
			return &groups[i];
	ck_abort_msg("no group %s", name);
}

#define GROUP(of, name) group(p->functions.of, p->functions.of##_count, name)

static void check_time(const char *name, double self, double inclusive)
{
	const struct profile_function *f = function(name);
	ck_assert_double_eq_tol(f->tally.self.values[STACK_TIME], self / 1000, 1e-9);
	ck_assert_double_eq_tol(f->tally.inclusive.values[STACK_TIME], inclusive / 1000, 1e-9);
	ck_assert_double_eq(f->tally.self.samples, self);
	ck_assert_double_eq(f->tally.inclusive.samples, inclusive);
}

START_TEST(time_is_the_innermost_functions_and_recursion_counts_once)
{
	check_time("push", 40, 40);
	check_time("hold", 0, 40);
	check_time("walk", 20, 85);
	check_time("read", 15, 15);
	check_time("sqlite3_step", 10, 25);
	check_time("[libodd.so.1]", 10, 10);
	check_time("main", 5, 100);
}
END_TEST

START_TEST(site_time_is_the_users_own_functions)
{
	ck_assert_double_eq(function("hold")->tally.site.samples, 40);
	ck_assert_double_eq(function("walk")->tally.site.samples, 45);
	ck_assert_double_eq(function("main")->tally.site.samples, 15);
	ck_assert_double_eq(function("push")->tally.site.samples, 0);
}
END_TEST

START_TEST(memory_goes_past_what_passes_it_on)
{
	const struct tally *hold = &function("hold")->tally, *push = &function("push")->tally;
	ck_assert_double_eq(function("xmalloc")->tally.self.values[STACK_ALLOCATIONS], 0);
	ck_assert_double_eq(push->self.values[STACK_ALLOCATIONS], 30);
	ck_assert_double_eq(hold->site.values[STACK_ALLOCATIONS], 30);
	ck_assert_double_eq(hold->inclusive.values[STACK_BYTES], 3000);
	ck_assert_double_eq(hold->inclusive.values[STACK_PEAK], 600);
	ck_assert_double_eq(function("walk")->tally.inclusive.values[STACK_ALLOCATIONS], 40);
	ck_assert_double_eq(function("walk")->tally.site.values[STACK_BYTES], 500);
	ck_assert_double_eq(function("sqlite3_step")->tally.self.values[STACK_BYTES], 500);
}
END_TEST

START_TEST(all_lists_add_up_to_the_run)
{
	struct tally sums[3] = {0};
	const struct functions *f = &p->functions;
	const struct {
		const struct profile_group *groups;
		size_t count;
	} lists[] = {{f->files, f->files_count},
	             {f->categories, f->categories_count},
	             {f->components, f->components_count}};
	for (int list = 0; list < 3; list++)
		for (size_t i = 0; i < lists[list].count; i++) {
			sums[list].self.samples += lists[list].groups[i].tally.self.samples;
			sums[list].self.values[STACK_BYTES] +=
			        lists[list].groups[i].tally.self.values[STACK_BYTES];
		}
	for (int list = 0; list < 3; list++) {
		ck_assert_double_eq(sums[list].self.samples, 100);
		ck_assert_double_eq(sums[list].self.values[STACK_BYTES], 3500);
	}
	ck_assert_double_eq(f->all.samples, 100);
	ck_assert_double_eq_tol(f->all.values[STACK_TIME], 0.1, 1e-12);
}
END_TEST

START_TEST(files_group_functions_and_count_once)
{
	const struct profile_group *walk = GROUP(files, "/project/src/walk.c");
	ck_assert_uint_eq(walk->functions, 2);
	ck_assert(walk->own);
	ck_assert_double_eq(walk->tally.self.samples, 20);
	ck_assert_double_eq(walk->tally.inclusive.samples, 85);
	ck_assert(!GROUP(files, "/usr/include/c++/12/vector")->own);
}
END_TEST

START_TEST(categories_are_by_the_rules_that_ship)
{
	ck_assert_uint_eq(function("push")->category, CATEGORY_PROGRAM);
	ck_assert_uint_eq(function("read")->category, CATEGORY_KERNEL);
	ck_assert_uint_eq(function("sqlite3_step")->category, CATEGORY_DATABASE);
	ck_assert_uint_eq(function("[libodd.so.1]")->category, CATEGORY_OTHER);
	ck_assert_double_eq(GROUP(categories, "program")->tally.self.samples, 65);
	ck_assert_double_eq(GROUP(categories, "database")->tally.self.samples, 10);
	ck_assert_double_eq(GROUP(categories, "database")->tally.inclusive.samples, 25);
	ck_assert_double_eq(GROUP(categories, "kernel/wait")->tally.self.samples, 15);
	ck_assert_double_eq(GROUP(categories, "database")->tally.self.values[STACK_BYTES], 500);
}
END_TEST

START_TEST(users_rules_go_before_those_that_ship)
{
	struct failure failure;
	teardown();
	ck_assert(rules_add(&categories, "disk=read", &failure));
	ck_assert(rules_add(&categories, "program=module:libodd*", &failure));
	build();
	ck_assert_double_eq(GROUP(categories, "disk")->tally.self.samples, 15);
	ck_assert_double_eq(GROUP(categories, "kernel/wait")->tally.self.samples, 0);
	ck_assert_double_eq(GROUP(categories, "program")->tally.self.samples, 75);
	ck_assert_uint_eq(p->functions.components_count, 0);
}
END_TEST

START_TEST(a_stack_is_of_its_nearest_component)
{
	const struct profile_group *spatial = GROUP(components, "spatial");
	ck_assert_double_eq(spatial->tally.self.samples, 60);
	ck_assert_double_eq(spatial->tally.inclusive.samples, 85);
	ck_assert_double_eq(spatial->tally.self.values[STACK_ALLOCATIONS], 30);
	ck_assert_double_eq(GROUP(components, "store")->tally.self.samples, 25);
	ck_assert_double_eq(GROUP(components, "store")->tally.self.values[STACK_BYTES], 500);
	ck_assert_double_eq(GROUP(components, "idle")->tally.self.samples, 0);
	ck_assert_double_eq(GROUP(components, "")->tally.self.samples, 15);
}
END_TEST

START_TEST(calls_are_those_that_were_counted)
{
	ck_assert_int_eq(function("walk")->calls, 10);
	ck_assert_double_eq_tol(function("walk")->counted_self, 0.5, 1e-9);
	ck_assert_double_eq_tol(function("walk")->counted_inclusive, 0.9, 1e-9);
	ck_assert_int_eq(function("hold")->calls, PROFILE_UNKNOWN);
	ck_assert(isnan(function("hold")->counted_self));
	ck_assert_uint_eq(p->functions.calls_count, 2);
	ck_assert_uint_eq(p->functions.calls[0].caller, FUNCTION_NONE);
	ck_assert_uint_eq(p->functions.calls[1].caller, p->functions.calls[1].function);
}
END_TEST

START_TEST(shares_have_wilsons_interval)
{
	struct proportion share = functions_share(&p->functions, &function("push")->tally.self);
	ck_assert_double_eq_tol(share.share, 0.4, 1e-12);
	/* As statsmodels' proportion_confint(40, 100, method="wilson") says. */
	ck_assert_double_eq_tol(share.low, 0.3094013, 1e-6);
	ck_assert_double_eq_tol(share.high, 0.4979974, 1e-6);
	share = proportion_of(0, 10);
	ck_assert_double_eq(share.low, 0);
	ck_assert_double_eq_tol(share.high, 0.2775328, 1e-6);
	ck_assert(isnan(proportion_of(0, 0).share));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("functions");
	TCase *c = tcase_create("functions");
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, time_is_the_innermost_functions_and_recursion_counts_once);
	tcase_add_test(c, site_time_is_the_users_own_functions);
	tcase_add_test(c, memory_goes_past_what_passes_it_on);
	tcase_add_test(c, all_lists_add_up_to_the_run);
	tcase_add_test(c, files_group_functions_and_count_once);
	tcase_add_test(c, categories_are_by_the_rules_that_ship);
	tcase_add_test(c, users_rules_go_before_those_that_ship);
	tcase_add_test(c, a_stack_is_of_its_nearest_component);
	tcase_add_test(c, calls_are_those_that_were_counted);
	tcase_add_test(c, shares_have_wilsons_interval);
	suite_add_tcase(suite, c);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
