/* The directory of a run: made where asked, never one that holds a run, nothing of an earlier run
 * touched; and the link to the trace, which replaces only a link of its own kind. */
#include <check.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rundir.h"

static char place[PATH_MAX];
static char error[512];

static void enter(void)
{
	const char *tmp = getenv("TMPDIR");
	snprintf(place, sizeof place, "%s/sim_rundir.XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(place));
	ck_assert_int_eq(chdir(place), 0);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status, (void)type, (void)walk;
	return remove(path);
}

static void leave(void)
{
	ck_assert_int_eq(chdir("/"), 0);
	nftw(place, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
}

static void assert_holds(const char *path, const char *text)
{
	char held[64] = "";
	FILE *file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	ck_assert_ptr_nonnull(fgets(held, sizeof held, file));
	fclose(file);
	ck_assert_str_eq(held, text);
}

static bool is_there(const char *path)
{
	struct stat status;
	return lstat(path, &status) == 0;
}

static bool create(const char *out, const char *db, struct rundir *dir)
{
	const struct config config = {.steps = 500, .agents = 30, .seed = 42, .out = out, .db = db};
	return rundir_create(&config, dir, error, sizeof error);
}

/* Runs of the same second have directories of their own. */
START_TEST(names_are_unique)
{
	struct rundir dirs[5];
	for (int i = 0; i < 5; i++) {
		ck_assert_msg(create(NULL, NULL, &dirs[i]), "%s", error);
		ck_assert_ptr_nonnull(strstr(dirs[i].path, "-a30-s500-seed42"));
		ck_assert_int_eq(strncmp(dirs[i].path, "results/", 8), 0);
		ck_assert(is_there(dirs[i].path));
		for (int j = 0; j < i; j++)
			ck_assert_str_ne(dirs[i].path, dirs[j].path);
	}
	for (int i = 0; i < 5; i++)
		rundir_release(&dirs[i]);
}
END_TEST

START_TEST(out_is_made_and_left_empty)
{
	struct rundir dir;
	ck_assert_msg(create("a/b/c", NULL, &dir), "%s", error);
	ck_assert_str_eq(dir.path, "a/b/c");
	ck_assert_str_eq(dir.json, "a/b/c/run.json");
	ck_assert_str_eq(dir.database, "a/b/c/sim.db");
	ck_assert_int_eq(rmdir("a/b/c"), 0); /* nothing was left in it */
	rundir_release(&dir);
}
END_TEST

START_TEST(a_run_is_never_overwritten)
{
	static const char *const files[] = {"run.json", "trace.msgpack", "log", "sim.db"};
	char path[64];
	struct rundir dir;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		ck_assert_int_eq(mkdir("old", 0777), 0);
		snprintf(path, sizeof path, "old/%s", files[i]);
		write_file(path, "earlier");
		ck_assert_msg(!create("old", NULL, &dir), "%s", files[i]);
		ck_assert_ptr_nonnull(strstr(error, files[i]));
		ck_assert_ptr_null(strchr(error, '\n'));
		assert_holds(path, "earlier");
		ck_assert_int_eq(unlink(path), 0);
		ck_assert_int_eq(rmdir("old"), 0);
	}
}
END_TEST

START_TEST(databases_are_never_overwritten)
{
	struct rundir dir;
	write_file("mine.db", "earlier");
	ck_assert(!create("new", "mine.db", &dir));
	assert_holds("mine.db", "earlier");
	ck_assert(!is_there("new"));
	ck_assert(!create("new", "nowhere/x.db", &dir));
	ck_assert(!is_there("new"));

	ck_assert(create("new", "none", &dir));
	ck_assert_ptr_null(dir.database);
	rundir_release(&dir);
	ck_assert_int_eq(rmdir("new"), 0);

	/* Names that SQLite would not take for files. */
	ck_assert(create("new", ":memory:", &dir));
	ck_assert_str_eq(dir.database, "./:memory:");
	rundir_release(&dir);
}
END_TEST

START_TEST(places_that_cannot_be_used)
{
	struct rundir dir;
	write_file("file", "earlier");
	ck_assert(!create("file", NULL, &dir));
	ck_assert(!create("file/below", NULL, &dir));
	ck_assert(!create("/proc/none", NULL, &dir));
	assert_holds("file", "earlier");
	ck_assert_int_eq(symlink("nowhere", "dangling"), 0);
	ck_assert(!create("dangling", NULL, &dir));
}
END_TEST

static void assert_link(const char *target)
{
	char held[PATH_MAX] = "";
	ck_assert_int_gt(readlink("trace.msgpack", held, sizeof held - 1), 0);
	ck_assert_str_eq(held, target);
}

static void assert_linked(const struct rundir *dir)
{
	char note[256];
	ck_assert_str_eq(rundir_link_trace(dir, note, sizeof note), "trace.msgpack");
	ck_assert_str_eq(note, "");
	assert_link(dir->trace);
}

static void assert_not_linked(const struct rundir *dir)
{
	char note[256];
	ck_assert_str_eq(rundir_link_trace(dir, note, sizeof note), dir->trace);
	ck_assert_str_ne(note, "");
}

/* A run's trace, present or gone, may be replaced. */
START_TEST(link_replaces_a_link_to_a_run)
{
	struct rundir first, second;
	ck_assert(create("first", NULL, &first) && create("second", NULL, &second));
	assert_linked(&first);
	write_file(first.json, "{}");
	assert_linked(&second);
	ck_assert_int_eq(rmdir("second"), 0);
	assert_linked(&first);
	rundir_release(&first);
	rundir_release(&second);
}
END_TEST

START_TEST(link_replaces_nothing_else)
{
	static const char *const targets[] = {"/etc/hosts", "elsewhere/trace.msgpack", "other"};
	struct rundir dir;
	ck_assert(create("run", NULL, &dir));
	ck_assert_int_eq(mkdir("elsewhere", 0777), 0);
	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
		ck_assert_int_eq(symlink(targets[i], "trace.msgpack"), 0);
		assert_not_linked(&dir);
		assert_link(targets[i]);
		ck_assert_int_eq(unlink("trace.msgpack"), 0);
	}
	write_file("trace.msgpack", "mine");
	assert_not_linked(&dir);
	assert_holds("trace.msgpack", "mine");
	rundir_release(&dir);
}
END_TEST

/* The run's directory itself is the current one: there is nothing to link. */
START_TEST(no_link_to_itself)
{
	char note[256];
	struct rundir dir;
	ck_assert(create(".", NULL, &dir));
	ck_assert_str_eq(rundir_link_trace(&dir, note, sizeof note), "trace.msgpack");
	ck_assert(!is_there("trace.msgpack"));
	rundir_release(&dir);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sim rundir");
	TCase *tests = tcase_create("rundir");
	tcase_add_checked_fixture(tests, enter, leave);
	tcase_add_test(tests, names_are_unique);
	tcase_add_test(tests, out_is_made_and_left_empty);
	tcase_add_test(tests, a_run_is_never_overwritten);
	tcase_add_test(tests, databases_are_never_overwritten);
	tcase_add_test(tests, places_that_cannot_be_used);
	tcase_add_test(tests, link_replaces_a_link_to_a_run);
	tcase_add_test(tests, link_replaces_nothing_else);
	tcase_add_test(tests, no_link_to_itself);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
