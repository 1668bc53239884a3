/* launcher_status.c: window lengths, rates and times left, the status file there and back, and what
 * it is worth when nobody writes it any more. */
#include "launcher/human.h"
#include "launcher/progress.h"
#include "launcher/status_file.h"
#include "launcher/verdict.h"
#include "launcher/window_policy.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int windows_in(uint64_t seconds)
{
	int windows = 0;
	for (uint64_t at = 0; at < seconds * NS_PER_SECOND; windows++)
		at += window_length_ns(at, 1);
	return windows;
}

START_TEST(windows_grow)
{
	ck_assert_uint_eq(window_length_ns(0, 1), NS_PER_SECOND / 20);
	ck_assert_uint_eq(window_length_ns(4 * NS_PER_SECOND, 1), NS_PER_SECOND / 4);
	ck_assert_uint_eq(window_length_ns(3600 * NS_PER_SECOND, 1), 225 * NS_PER_SECOND);
	ck_assert_uint_eq(window_length_ns(4 * NS_PER_SECOND, 900), 225 * NS_PER_SECOND);
	ck_assert_uint_eq(window_length_ns(UINT64_MAX, UINT64_MAX), UINT64_MAX);
	ck_assert_int_le(windows_in(60), 90);
	ck_assert_int_le(windows_in(24 * 3600), 210);
}
END_TEST

START_TEST(rates)
{
	struct progress progress = {0};
	ck_assert_double_eq(progress_rate(&progress), 0);
	for (uint64_t second = 0; second < 30; second++)
		progress_look(&progress, second * NS_PER_SECOND, second * 10);
	ck_assert_double_eq_tol(progress_rate(&progress), 10, 1e-9);
	/* It slows down: what is older than the looks that are kept does not count. */
	for (uint64_t second = 30; second < 60; second++)
		progress_look(&progress, second * NS_PER_SECOND, 290 + (second - 29) * 2);
	ck_assert_double_eq_tol(progress_rate(&progress), 2, 1e-9);
	/* Another image begins at 0. */
	progress_look(&progress, 60 * NS_PER_SECOND, 0);
	ck_assert_double_eq(progress_rate(&progress), 0);
	progress_look(&progress, 61 * NS_PER_SECOND, 5);
	ck_assert_double_eq_tol(progress_rate(&progress), 5, 1e-9);
}
END_TEST

START_TEST(time_left)
{
	ck_assert_double_lt(progress_seconds_left(10, 0, 5), 0);
	ck_assert_double_lt(progress_seconds_left(10, 100, 0), 0);
	ck_assert_double_eq_tol(progress_seconds_left(10, 100, 9), 10, 1e-9);
	ck_assert_double_eq(progress_seconds_left(100, 100, 9), 0);
	ck_assert_double_eq(progress_seconds_left(120, 100, 9), 0);
}
END_TEST

static void expect_seconds(double seconds, const char *expected)
{
	char text[HUMAN_SIZE];
	human_seconds(text, seconds);
	ck_assert_str_eq(text, expected);
}

START_TEST(numbers_for_people)
{
	char text[HUMAN_SIZE];
	human_bytes(text, 1023);
	ck_assert_str_eq(text, "1023 B");
	human_bytes(text, 1024 * 1024 - 1);
	ck_assert_str_eq(text, "1.00 MiB");
	human_count(text, 1234567);
	ck_assert_str_eq(text, "1,234,567");
	human_count(text, 999);
	ck_assert_str_eq(text, "999");
	expect_seconds(0.004, "0.00 s");
	expect_seconds(9.999, "10.0 s");
	expect_seconds(59.99, "1 min 00 s");
	expect_seconds(3599.7, "1 h 00 min");
	expect_seconds(22320, "6 h 12 min");
}
END_TEST

static char path[64];

static void make_path(void)
{
	strcpy(path, "/tmp/memprof-status-XXXXXX");
	close(mkstemp(path));
}

static void remove_path(void)
{
	unlink(path);
}

static struct status running_here(void)
{
	char host[256] = "";
	gethostname(host, sizeof host - 1);
	struct status status = {
	        .state = RUN_RUNNING,
	        .pid = 1 << 28, /* beyond what pids there are */
	        .launcher_pid = 1 << 28,
	        .host = strdup(host),
	        .boot_id = strdup("another boot"),
	        .command = strdup("./sim --name 'a \xff b'"),
	        .updated = (double)time(NULL) - 5,
	        .step = 12,
	        .last_step = 11,
	        .steps_expected = 100,
	        .steps_per_second = 2.5,
	        .eta_seconds = -1,
	        .step_seconds = -1,
	        .exit_status = -1,
	        .phases = {{strdup("a/b"), 0.75}, {strdup("c"), 0.25}},
	        .phases_count = 2,
	};
	return status;
}

START_TEST(there_and_back)
{
	struct status out = running_here(), in;
	ck_assert(status_save(path, &out));
	ck_assert_ptr_null(status_load(path, &in));
	ck_assert_str_eq(in.command, "./sim --name 'a ? b'");
	ck_assert_uint_eq(in.step, 12);
	ck_assert_uint_eq(in.steps_expected, 100);
	ck_assert_int_eq(in.exit_status, -1);
	ck_assert(!in.agents_known);
	ck_assert_double_lt(in.eta_seconds, 0);
	ck_assert_uint_eq(in.phases_count, 2);
	ck_assert_str_eq(in.phases[0].path, "a/b");
	ck_assert_ptr_null(in.trace);
	status_free(&in);
	status_free(&out);
}
END_TEST

START_TEST(what_is_no_status_file)
{
	static const char *const wrong[] = {
	        "",
	        "[",
	        "{}",
	        "3",
	        "[1]",
	        "{\"state\": \"asleep\", \"schema_version\": 1}",
	        "{\"state\": \"running\", \"schema_version\": 9}",
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct status status;
		FILE *file = fopen(path, "w");
		fputs(wrong[i], file);
		fclose(file);
		ck_assert_ptr_nonnull(status_load(path, &status));
		status_free(&status);
	}
	/* Types that are not as expected are as if they were not there. */
	FILE *file = fopen(path, "w");
	fputs("{\"state\":\"running\",\"schema_version\":1,\"pid\":\"x\",\"phases\":[3,{}],"
	      "\"host\":7}",
	      file);
	fclose(file);
	struct status status;
	ck_assert_ptr_null(status_load(path, &status));
	ck_assert_int_eq(status.pid, 0);
	ck_assert_uint_eq(status.phases_count, 0);
	status_free(&status);
}
END_TEST

START_TEST(verdicts)
{
	char text[512];
	struct status status = running_here();
	ck_assert_int_eq(verdict_of(&status), VERDICT_DIED); /* another boot */
	verdict_sentence(&status, text, sizeof text);
	ck_assert_ptr_nonnull(strstr(text, "died at step 12"));
	free(status.host);
	status.host = strdup("not-this-host");
	ck_assert_int_eq(verdict_of(&status), VERDICT_RUNNING);
	verdict_sentence(&status, text, sizeof text);
	ck_assert_ptr_nonnull(strstr(text, "s ago on not-this-host"));
	status.updated -= 3600;
	ck_assert_int_eq(verdict_of(&status), VERDICT_SILENT);
	status.state = RUN_CRASHED;
	status.signal = 9;
	status.out_of_memory = true;
	verdict_sentence(&status, text, sizeof text);
	ck_assert_ptr_nonnull(strstr(text, "at step 12: killed for lack of memory"));
	status_free(&status);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("status");
	TCase *tcase = tcase_create("status");
	tcase_add_checked_fixture(tcase, make_path, remove_path);
	tcase_add_test(tcase, windows_grow);
	tcase_add_test(tcase, rates);
	tcase_add_test(tcase, time_left);
	tcase_add_test(tcase, numbers_for_people);
	tcase_add_test(tcase, there_and_back);
	tcase_add_test(tcase, what_is_no_status_file);
	tcase_add_test(tcase, verdicts);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
