/* launcher_paths.c: patterns, names of further traces, quoting. */
#include "launcher/paths.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void expect_expanded(const char *pattern, const char *expected)
{
	const char *why = NULL;
	char *path = paths_expand(pattern, 4711, &why);
	ck_assert_ptr_nonnull(path);
	ck_assert_str_eq(path, expected);
	free(path);
}

START_TEST(patterns)
{
	char host[256] = "", expected[300];
	gethostname(host, sizeof host - 1);
	snprintf(expected, sizeof expected, "%s.4711", host);
	setenv("MEMPROF_TEST_JOB", "17", 1);
	unsetenv("MEMPROF_TEST_NONE");
	expect_expanded("plain", "plain");
	expect_expanded("", "");
	expect_expanded("a%pb%p", "a4711b4711");
	expect_expanded("%h.%p", expected);
	expect_expanded("job%q{MEMPROF_TEST_JOB}.mp", "job17.mp");
	expect_expanded("job%q{MEMPROF_TEST_NONE}.mp", "job.mp");
	expect_expanded("100%%", "100%");
}
END_TEST

START_TEST(wrong_patterns)
{
	static const char *const wrong[] = {"%", "a%z", "%q", "%qX", "%q{", "%q{A", "%q{}"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		const char *why = NULL;
		ck_assert_ptr_null(paths_expand(wrong[i], 1, &why));
		ck_assert_ptr_nonnull(why);
	}
}
END_TEST

START_TEST(pid_in_pattern)
{
	ck_assert(paths_has_pid("a.%p.mp"));
	ck_assert(!paths_has_pid("a.%%p.mp"));
	ck_assert(!paths_has_pid("a.%h.mp%"));
	ck_assert(paths_has_pid("%%%p"));
}
END_TEST

static void expect_numbered(const char *path, int number, const char *expected)
{
	char *numbered = paths_numbered(path, number);
	ck_assert_str_eq(numbered, expected);
	free(numbered);
}

START_TEST(numbered)
{
	expect_numbered("run/trace.msgpack", 12, "run/trace.12.msgpack");
	expect_numbered("run.d/trace", 12, "run.d/trace.12");
	expect_numbered("run/.hidden", 1, "run/.hidden.1");
	expect_numbered("foo.mp", 0, "foo.0.mp");
}
END_TEST

static void expect_quoted(const char *path, const char *expected)
{
	char *quoted = paths_quoted(path);
	ck_assert_str_eq(quoted, expected);
	free(quoted);
}

START_TEST(quoted)
{
	expect_quoted("results/a-1.mp", "results/a-1.mp");
	expect_quoted("", "''");
	expect_quoted("my run", "'my run'");
	expect_quoted("it's", "'it'\\''s'");
	expect_quoted("$HOME", "'$HOME'");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("paths");
	TCase *tcase = tcase_create("paths");
	tcase_add_test(tcase, patterns);
	tcase_add_test(tcase, wrong_patterns);
	tcase_add_test(tcase, pid_in_pattern);
	tcase_add_test(tcase, numbered);
	tcase_add_test(tcase, quoted);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
