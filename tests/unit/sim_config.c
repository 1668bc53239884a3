/* The command line: what was asked for arrives, what is out of range is refused by name, and
 * --quick fills only what was not given. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

#define WORDS_MOST 16

static char error[512];

/* Parses a line of words separated by blanks. */
static enum config_result parse(const char *line, struct config *config)
{
	static char copy[512];
	char *argv[WORDS_MOST + 2] = {(char *)"sim_bench"};
	int argc = 1;
	ck_assert_uint_lt(strlen(line), sizeof copy);
	strcpy(copy, line);
	for (char *word = strtok(copy, " "); word && argc <= WORDS_MOST; word = strtok(NULL, " "))
		argv[argc++] = word;
	return config_parse(argc, argv, config, error, sizeof error);
}

START_TEST(defaults)
{
	struct config config;
	ck_assert_int_eq(parse("", &config), CONFIG_RUN);
	ck_assert_uint_eq(config.steps, 1000);
	ck_assert_uint_eq(config.agents, 30);
	ck_assert_uint_eq(config.seed, 42);
	ck_assert_str_eq(config.spatial->name, "kdtree");
	ck_assert(config.profile && !config.quick && !config.out && !config.db);
}
END_TEST

START_TEST(each_option_arrives)
{
	struct config config;
	ck_assert_int_eq(parse("--steps 7 --agents=11 --seed 18446744073709551615 --spatial brute "
	                       "--out some/dir --db none --no-profile --quick",
	                       &config),
	                 CONFIG_RUN);
	ck_assert_uint_eq(config.steps, 7);
	ck_assert_uint_eq(config.agents, 11);
	ck_assert(config.seed == UINT64_MAX);
	ck_assert_str_eq(config.spatial->name, "brute");
	ck_assert_str_eq(config.out, "some/dir");
	ck_assert_str_eq(config.db, "none");
	ck_assert(!config.profile && config.quick);
}
END_TEST

START_TEST(quick_changes_what_was_not_given)
{
	struct config plain, quick;
	ck_assert_int_eq(parse("", &plain), CONFIG_RUN);
	ck_assert_int_eq(parse("--quick", &quick), CONFIG_RUN);
	ck_assert_uint_lt(quick.steps, plain.steps);
	ck_assert_int_eq(parse("--steps 500 --quick", &quick), CONFIG_RUN);
	ck_assert_uint_eq(quick.steps, 500);
	ck_assert_int_eq(parse("--quick --steps 500 --agents 200", &quick), CONFIG_RUN);
	ck_assert_uint_eq(quick.steps, 500);
	ck_assert_uint_eq(quick.agents, 200);
}
END_TEST

/* Both ends of every range, and what lies just beyond. */
START_TEST(ranges)
{
	static const char *const good[] = {
	        "--steps 1",       "--steps 1000000000", "--agents 1",
	        "--agents 100000", "--seed 0",           "--seed 18446744073709551615",
	};
	static const char *const bad[] = {
	        "--steps 0",       "--steps 1000000001",
	        "--agents 0",      "--agents -1",
	        "--agents 100001", "--seed 18446744073709551616",
	        "--seed -1",       "--steps 1e3",
	        "--steps 10x",     "--steps +5",
	        "--steps=",        "--spatial tree",
	        "--spatial=",      "--out=",
	        "--db=",
	};
	struct config config;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		ck_assert_msg(parse(good[i], &config) == CONFIG_RUN, "%s: %s", good[i], error);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		ck_assert_msg(parse(bad[i], &config) == CONFIG_BAD, "%s", bad[i]);
		ck_assert_msg(strncmp(error, bad[i], strcspn(bad[i], " =")) == 0,
		              "%s does not name its option: %s", bad[i], error);
		ck_assert_ptr_null(strchr(error, '\n'));
	}
}
END_TEST

START_TEST(messages)
{
	static const char *const lines[][2] = {
	        {"--steps 0", "--steps: '0' is not a whole number from 1 to 1000000000"},
	        {"--spatial tree", "--spatial: 'tree' is not one of "
	                           "kdtree|kdtree-batched|quadtree|grid|brute"},
	        {"--bogus", "unknown option '--bogus' (see --help)"},
	        {"--quick --bogus --steps 5", "unknown option '--bogus' (see --help)"},
	        {"--quick -n5", "unknown option '-n5' (see --help)"},
	        {"--steps", "option '--steps' needs a value (N)"},
	        {"--quick=yes", "option '--quick' takes no value"},
	        {"--s 5", "option '--s' is ambiguous (see --help)"},
	        {"file", "unexpected argument 'file' (options begin with --; see --help)"},
	};
	struct config config;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		ck_assert_int_eq(parse(lines[i][0], &config), CONFIG_BAD);
		ck_assert_str_eq(error, lines[i][1]);
	}
}
END_TEST

/* What a run says of itself is what it was asked for. */
START_TEST(description_agrees)
{
	struct config config;
	struct config_item items[CONFIG_ITEMS];
	ck_assert_int_eq(parse("--steps 7 --agents 11 --seed 5 --spatial brute --quick", &config),
	                 CONFIG_RUN);
	config_describe(&config, items);
	int seen = 0;
	for (int i = 0; i < CONFIG_ITEMS; i++) {
		if (strcmp(items[i].name, "steps") == 0)
			seen += items[i].number == 7;
		if (strcmp(items[i].name, "agents") == 0)
			seen += items[i].number == 11;
		if (strcmp(items[i].name, "seed") == 0)
			seen += items[i].number == 5;
		if (strcmp(items[i].name, "quick") == 0)
			seen += items[i].number == 1;
		if (strcmp(items[i].name, "spatial") == 0)
			seen += strcmp(items[i].text, "brute") == 0;
	}
	ck_assert_int_eq(seen, 5);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sim config");
	TCase *tests = tcase_create("config");
	tcase_add_test(tests, defaults);
	tcase_add_test(tests, each_option_arrives);
	tcase_add_test(tests, quick_changes_what_was_not_given);
	tcase_add_test(tests, ranges);
	tcase_add_test(tests, messages);
	tcase_add_test(tests, description_agrees);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
