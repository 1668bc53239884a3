/* launcher_caches.c: sizes of caches from what a kernel tells, and on this machine. */
#include "launcher/caches.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static void put(const char *directory, const char *name, const char *content)
{
	char path[256];
	snprintf(path, sizeof path, "%s/%s", directory, name);
	FILE *out = fopen(path, "w");
	ck_assert_ptr_nonnull(out);
	fputs(content, out);
	fclose(out);
}

static void put_index(const char *directory, int index, const char *level, const char *type,
                      const char *size)
{
	char path[128];
	snprintf(path, sizeof path, "%s/index%d", directory, index);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	put(path, "level", level);
	put(path, "type", type);
	put(path, "size", size);
}

static void drop(const char *directory)
{
	char command[256];
	snprintf(command, sizeof command, "rm -r '%s'", directory);
	ck_assert_int_eq(system(command), 0);
}

START_TEST(levels_are_read_and_instructions_are_none)
{
	char directory[] = "/tmp/caches.XXXXXX";
	ck_assert_ptr_nonnull(mkdtemp(directory));
	put_index(directory, 0, "1\n", "Data\n", "48K\n");
	put_index(directory, 1, "1\n", "Instruction\n", "32K\n");
	put_index(directory, 2, "2\n", "Unified\n", "1024K\n");
	put_index(directory, 3, "3\n", "Unified\n", "32M\n");
	struct caches caches = caches_read(directory);
	ck_assert_uint_eq(caches.bytes[0], 48u << 10);
	ck_assert_uint_eq(caches.bytes[1], 1u << 20);
	ck_assert_uint_eq(caches.bytes[2], 32u << 20);
	drop(directory);
}
END_TEST

START_TEST(what_is_not_told_is_not_known)
{
	struct caches caches = caches_read("/nonexistent");
	for (int i = 0; i < CACHES_LEVELS; i++)
		ck_assert_uint_eq(caches.bytes[i], 0);
}
END_TEST

/* Whoever tells it: a level is larger than the one before. */
START_TEST(this_machine)
{
	struct caches caches = caches_find();
	ck_assert_uint_gt(caches.bytes[0], 4096);
	ck_assert_uint_gt(caches.bytes[1], caches.bytes[0]);
	if (caches.bytes[2])
		ck_assert_uint_gt(caches.bytes[2], caches.bytes[1]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("caches");
	TCase *tcase = tcase_create("caches");
	tcase_add_test(tcase, levels_are_read_and_instructions_are_none);
	tcase_add_test(tcase, what_is_not_told_is_not_known);
	tcase_add_test(tcase, this_machine);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
