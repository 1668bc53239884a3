/* The command line: what was asked for arrives, what is out of range is refused by name, and
 * --quick fills only what was not given. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "settings.h"

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
	ck_assert_str_eq(config.spatial, "kdtree");
	ck_assert_int_eq(config.task, TASK_RUN);
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
	ck_assert_str_eq(config.spatial, "brute");
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
	        "--steps 0",
	        "--steps 1000000001",
	        "--agents 0",
	        "--agents -1",
	        "--agents 100001",
	        "--seed 18446744073709551616",
	        "--agents 5,",
	        "--agents ,5",
	        "--agents 5,x",
	        "--radius 0",
	        "--radius 17",
	        "--looks 4",
	        "--threads 0",
	        "--threads 257",
	        "--db-buffer 0",
	        "--kinds 1:1",
	        "--kinds 0:0:0",
	        "--kinds 1:1:1:1",
	        "--density 0",
	        "--density nan",
	        "--density 1e4",
	        "--training yes",
	        "--db-profile fast",
	        "--repeat 0",
	        "--repeat 1001",
	        "--suite small",
	        "--bench all",
	        "--resume=",
	        "--config=",
	        "--seed -1",
	        "--steps 1e3",
	        "--steps 10x",
	        "--steps +5",
	        "--steps=",
	        "--spatial tree",
	        "--spatial=",
	        "--out=",
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

/* A file in a directory of the test's own, with that text. */
static const char *file_with(const char *text)
{
	static char path[] = "/tmp/sim_config.ini.XXXXXX";
	strcpy(path + strlen(path) - 6, "XXXXXX");
	int descriptor = mkstemp(path);
	ck_assert_int_ge(descriptor, 0);
	FILE *file = fdopen(descriptor, "w");
	fputs(text, file);
	fclose(file);
	return path;
}

static enum config_result parse_with(const char *text, const char *more, struct config *config)
{
	char line[256];
	const char *path = file_with(text);
	snprintf(line, sizeof line, "%s --config %s", more, path);
	enum config_result result = parse(line, config);
	unlink(path);
	return result;
}

/* The command line over the file, the file over --quick, wherever they stand. */
START_TEST(a_file_fills_what_was_not_given)
{
	struct config config;
	ck_assert_int_eq(parse_with("[simulation]\nsteps = 7 ; few\nagents = 9\n[components]\n"
	                            "spatial = grid\n[database]\ndb = some where.db\n",
	                            "--agents 11 --quick", &config),
	                 CONFIG_RUN);
	ck_assert_uint_eq(config.steps, 7);
	ck_assert_uint_eq(config.agents, 11);
	ck_assert_str_eq(config.spatial, "grid");
	ck_assert_str_eq(config.db, "some where.db");
	config_release(&config);
}
END_TEST

START_TEST(a_file_is_refused_by_line)
{
	static const char *const files[][2] = {
	        {"[simulation]\n\nsteps = 0\n", ":3: steps: '0' is not a whole number from 1 to "
	                                        "1000000000"},
	        {"[components]\nsteps = 5\n", ":2: steps: belongs below [simulation]"},
	        {"[simulation]\nstep = 5\n", ":2: step: there is no such setting (see "
	                                     "--print-config)"},
	        {"[simulation]\nsteps = 5\nsteps = 6\n", ":3: steps: is set twice"},
	        {"[simulation]\nsteps 5\n", ":2: this is neither [section] nor name = value"},
	        {"[simulation\n", ":1: this is neither [section] nor name = value"},
	        /* Of several mistakes the first is told. */
	        {"[simulation]\nradius = 40\nsteps\n", ":2: radius: '40' is not a whole number "
	                                               "from 1 to 16"},
	};
	struct config config;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		ck_assert_int_eq(parse_with(files[i][0], "--steps 3", &config), CONFIG_BAD);
		const char *said = strstr(error, ".ini.");
		ck_assert_msg(said && strcmp(strchr(said, ':'), files[i][1]) == 0, "%s", error);
	}
}
END_TEST

/* What --print-config writes gives, read again, the same. */
START_TEST(a_printed_configuration_is_read_back)
{
	struct config first, second;
	char *text = NULL, *again = NULL;
	size_t size;
	ck_assert_int_eq(
	        parse("--steps 27 --agents 11,13 --seed 18446744073709551615 --density 0.1 "
	              "--kinds 5:0:2 --training on --buffers reused --db none",
	              &first),
	        CONFIG_RUN);
	FILE *file = open_memstream(&text, &size);
	settings_print(&first, file);
	fclose(file);
	ck_assert_int_eq(parse_with(text, "", &second), CONFIG_RUN);
	file = open_memstream(&again, &size);
	settings_print(&second, file);
	fclose(file);
	ck_assert_str_eq(again, text);
	ck_assert_uint_eq(second.agent_points, 2);
	ck_assert(second.training && second.reuse_buffers && second.seed == UINT64_MAX);
	config_release(&second);
	free(text);
	free(again);
}
END_TEST

START_TEST(several_agent_counts_are_a_sweep)
{
	struct config config;
	ck_assert_int_eq(parse("--agents 100,200,400 --repeat 3", &config), CONFIG_RUN);
	ck_assert_int_eq(config.task, TASK_SWEEP);
	ck_assert_uint_eq(config.agent_points, 3);
	ck_assert_uint_eq(config.agent_counts[2], 400);
	ck_assert_uint_eq(config.repeat, 3);
	ck_assert_int_eq(parse("--agents 100", &config), CONFIG_RUN);
	ck_assert_int_eq(config.task, TASK_RUN);
	ck_assert_int_eq(parse("--agents 100,200 --suite phase1", &config), CONFIG_BAD);
	ck_assert_int_eq(parse("--suite phase1 --quick", &config), CONFIG_BAD);
	ck_assert_int_eq(parse("--bench spatial --steps 30", &config), CONFIG_BAD);
	ck_assert_int_eq(parse("--bench spatial --agents 30", &config), CONFIG_BAD);
	ck_assert_int_eq(parse("--bench spatial", &config), CONFIG_RUN);
	ck_assert_int_eq(config.task, TASK_BENCH);
}
END_TEST

/* A world has the place and the resources that its agents need, unless it is told. */
START_TEST(params_follow_the_configuration)
{
	struct config config;
	ck_assert_int_eq(parse("--agents 3000 --density 4 --cap 5000 --kinds 2:0:1 --radius 3 "
	                       "--population fixed",
	                       &config),
	                 CONFIG_RUN);
	struct params params = config_params(&config);
	ck_assert_double_eq(params.world_side, 500);
	ck_assert_uint_eq(params.resource_sites, 2000);
	ck_assert_uint_eq(params.population_cap, 5000);
	ck_assert_uint_eq(params.observation_radius, 3);
	ck_assert_uint_eq(params.system_part, 2);
	ck_assert_uint_eq(params.fixed_population, 1);
	ck_assert_int_eq(parse("--agents 3000 --world 70 --resources 5", &config), CONFIG_RUN);
	params = config_params(&config);
	ck_assert_double_eq(params.world_side, 70);
	ck_assert_uint_eq(params.resource_sites, 5);
	ck_assert_int_eq(parse("--agents 100000 --density 0.001", &config), CONFIG_BAD);
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
	tcase_add_test(tests, a_file_fills_what_was_not_given);
	tcase_add_test(tests, a_file_is_refused_by_line);
	tcase_add_test(tests, a_printed_configuration_is_read_back);
	tcase_add_test(tests, several_agent_counts_are_a_sweep);
	tcase_add_test(tests, params_follow_the_configuration);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
