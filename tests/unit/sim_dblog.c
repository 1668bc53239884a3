/* The database: it holds what happened, whole steps at a time, and keeps them when it cannot go on.
 */
#include <check.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "dblog/dblog.h"
#include "dblog/schema.h"
#include "decision/kinds.h"
#include "observation/kinds.h"
#include "spatial/kinds.h"
#include "step.h"

static char path[] = "/tmp/sim_dblog.XXXXXX";
static char error[256];

static const struct dblog_run about = {
        .started = "2024-05-01T12:00:00+0000",
        .parameters = "{}",
        .seed = UINT64_MAX,
        .steps = 1000,
        .agents = 30,
};

static void make_place(void)
{
	strcpy(path + strlen(path) - 6, "XXXXXX");
	int descriptor = mkstemp(path);
	ck_assert_int_ge(descriptor, 0);
	close(descriptor);
	unlink(path);
}

static void remove_place(void)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	char name[64];
	for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
		snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
		unlink(name);
	}
}

#define BUFFER_ROWS 1000

static struct world *new_world(void)
{
	const struct params params = params_for(30);
	const struct components components = {.spatial = &spatial_kdtree,
	                                      .storage = &layer_hybrid,
	                                      .decide = &decision_weights,
	                                      .threads = 1,
	                                      .looks = 2};
	return world_create(&params, &components, 42);
}

/* The settings of a run that is told nothing. */
static struct dblog_settings usual(void)
{
	return (struct dblog_settings){.profile = dblog_profile_find("balanced"),
	                               .buffer_rows = BUFFER_ROWS};
}

static struct dblog *open_log(const struct world *world, const struct dblog_settings *settings)
{
	struct dblog *log = dblog_open(path, settings, &about, error, sizeof error);
	ck_assert_msg(log != NULL, "%s", error);
	ck_assert(dblog_begin(log, world));
	return log;
}

/* The first column of the first row of a query, as text. */
static const char *ask(const char *sql)
{
	static char answer[256];
	sqlite3 *db;
	sqlite3_stmt *statement;
	ck_assert_int_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
	answer[0] = '\0';
	if (sqlite3_step(statement) == SQLITE_ROW)
		snprintf(answer, sizeof answer, "%s",
		         (const char *)sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return answer;
}

static uint64_t ask_number(const char *sql)
{
	return strtoull(ask(sql), NULL, 10);
}

static void assert_sound(void)
{
	ck_assert_str_eq(ask("PRAGMA integrity_check"), "ok");
	ck_assert_str_eq(ask("PRAGMA foreign_key_check"), "");
}

static uint64_t all_rows(void)
{
	return ask_number("SELECT (SELECT count(*) FROM simulations)"
	                  "+(SELECT count(*) FROM agents)+(SELECT count(*) FROM agent_states)"
	                  "+(SELECT count(*) FROM resource_states)"
	                  "+(SELECT count(*) FROM simulation_steps)"
	                  "+(SELECT count(*) FROM agent_actions)"
	                  "+(SELECT count(*) FROM health_incidents)");
}

START_TEST(rows_are_what_happened)
{
	enum { STEPS = 400 };
	const struct dblog_settings settings = usual();
	struct world *world = new_world();
	struct dblog *log = open_log(world, &settings);
	struct step_metrics metrics;
	struct dblog_totals totals;
	uint64_t actions = 0, states = 0, births = 0, deaths = 0, incidents = 0;
	for (int i = 0; i < STEPS; i++) {
		ck_assert(step_run(world, log, &metrics));
		actions += world->journal.action_count;
		incidents += world->journal.incident_count;
		states += metrics.agents;
		births += metrics.births;
		deaths += metrics.deaths;
	}
	ck_assert(dblog_close(log, "finished", 0xabc, &totals, error, sizeof error));

	assert_sound();
	ck_assert_uint_eq(totals.steps, STEPS);
	ck_assert_uint_eq(totals.rows, all_rows());
	ck_assert_uint_eq(ask_number("SELECT count(*) FROM agent_actions"), actions);
	ck_assert_uint_eq(ask_number("SELECT count(*) FROM agent_states"), states);
	ck_assert_uint_eq(ask_number("SELECT count(*) FROM health_incidents"), incidents);
	ck_assert_uint_eq(ask_number("SELECT count(*) FROM agents"), 30 + births);
	ck_assert_uint_eq(ask_number("SELECT count(death_time) FROM agents"), deaths);
	ck_assert_uint_eq(ask_number("SELECT count(*) FROM resource_states"), STEPS * 20);
	ck_assert_str_eq(ask("SELECT status FROM simulations"), "finished");
	ck_assert_str_eq(ask("SELECT final_hash FROM simulations"), "0000000000000abc");
	ck_assert_str_eq(ask("SELECT seed FROM simulations"), "18446744073709551615");
	ck_assert_str_eq(ask("PRAGMA journal_mode"), "wal");
	ck_assert_uint_eq(ask_number("SELECT rows_logged FROM simulations"), totals.rows);
	ck_assert_uint_eq(ask_number("SELECT last_step FROM simulations"), STEPS);
	world_destroy(world);
}
END_TEST

/* Another connection sees each step when it is done, without its actions until 1,000 are held. */
START_TEST(a_step_is_a_transaction)
{
	const struct dblog_settings settings = usual();
	struct world *world = new_world();
	struct dblog *log = open_log(world, &settings);
	struct step_metrics metrics;
	struct dblog_totals totals;
	uint64_t actions = 0;
	for (uint64_t step = 1; step <= 60; step++) {
		ck_assert(step_run(world, log, &metrics));
		actions += world->journal.action_count;
		ck_assert_uint_eq(ask_number("SELECT max(step_number) FROM simulation_steps"),
		                  step);
		ck_assert_uint_eq(ask_number("SELECT count(*) FROM agent_actions"),
		                  (actions - 1) / BUFFER_ROWS * BUFFER_ROWS);
	}
	ck_assert(dblog_close(log, "finished", 0, &totals, error, sizeof error));
	ck_assert_uint_eq(ask_number("SELECT count(*) FROM agent_actions"), actions);
	world_destroy(world);
}
END_TEST

/* All that can be said of what is in the tables, but for times and the order of actions. */
static uint64_t fingerprint(void)
{
	return ask_number(
	        "SELECT (SELECT total(resource_level + current_health * age + position_x) "
	        "FROM agent_states) + (SELECT total(reward * agent_id * step_number) FROM "
	        "agent_actions) + (SELECT total(amount * step_number) FROM "
	        "resource_states) + (SELECT total(death_time) FROM agents)");
}

/* Whatever the profile, the buffer, the transactions and the thread: the same rows. */
START_TEST(settings_change_no_row)
{
	enum { STEPS = 80 };
	uint64_t rows = 0, print = 0;
	for (unsigned i = 0; i < 12; i++) {
		const struct dblog_settings settings = {
		        .profile = dblog_profile_at(i % 4),
		        .buffer_rows = i % 3 == 0   ? 1
		                       : i % 3 == 1 ? 37
		                                    : 100000,
		        .batch_rows = i % 5 == 0 ? 0 : i * 300,
		        .thread = i >= 6,
		};
		struct world *world = new_world();
		struct dblog *log = open_log(world, &settings);
		struct step_metrics metrics;
		struct dblog_totals totals;
		for (int step = 0; step < STEPS; step++)
			ck_assert(step_run(world, log, &metrics));
		ck_assert(dblog_close(log, "finished", 0, &totals, error, sizeof error));
		assert_sound();
		ck_assert_uint_eq(totals.steps, STEPS);
		ck_assert_uint_eq(totals.rows, all_rows());
		ck_assert_uint_eq(ask_number("SELECT rows_logged FROM simulations"), all_rows());
		if (i == 0) {
			rows = all_rows();
			print = fingerprint();
		}
		ck_assert_uint_eq(all_rows(), rows);
		ck_assert_uint_eq(fingerprint(), print);
		world_destroy(world);
		remove_place();
	}
}
END_TEST

/* A transaction goes on until it has its rows. */
START_TEST(a_batch_is_committed_when_it_is_full)
{
	struct dblog_settings settings = usual();
	settings.batch_rows = 500;
	struct world *world = new_world();
	struct dblog *log = open_log(world, &settings);
	struct step_metrics metrics;
	struct dblog_totals totals;
	uint64_t commits = 0, before = dblog_totals(log).rows;
	for (uint64_t step = 1; step <= 60; step++) {
		ck_assert(step_run(world, log, &metrics));
		uint64_t committed = dblog_totals(log).rows;
		ck_assert_uint_eq(all_rows(), committed);
		ck_assert(committed == before || committed >= before + 500);
		commits += committed != before;
		before = committed;
	}
	ck_assert_uint_gt(commits, 2);
	ck_assert_uint_lt(commits, 20);
	ck_assert(dblog_close(log, "finished", 0, &totals, error, sizeof error));
	world_destroy(world);
}
END_TEST

/* A limit on the size of files stands for a full disk. */
START_TEST(full_disk_keeps_what_was_committed)
{
	const struct rlimit limit = {500000, 500000};
	const struct dblog_settings settings = usual();
	struct world *world = new_world();
	struct dblog *log = open_log(world, &settings);
	struct step_metrics metrics;
	struct dblog_totals totals;
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	uint64_t steps = 0;
	while (steps < 1000 && step_run(world, log, &metrics))
		steps++;
	ck_assert_uint_lt(steps, 1000);
	ck_assert_ptr_nonnull(dblog_error(log));
	ck_assert(!step_run(world, log, &metrics)); /* and stays failed */
	ck_assert_uint_eq(dblog_totals(log).steps, steps);
	ck_assert(!dblog_close(log, "failed", 0, &totals, error, sizeof error));
	ck_assert_str_ne(error, "");

	assert_sound();
	ck_assert_uint_eq(ask_number("SELECT count(*) FROM simulation_steps"), steps);
	ck_assert_uint_eq(all_rows(), totals.rows);
	world_destroy(world);
}
END_TEST

START_TEST(cannot_open)
{
	const struct dblog_settings settings = usual();
	ck_assert_ptr_null(dblog_open("/proc/no/sim.db", &settings, &about, error, sizeof error));
	ck_assert_str_ne(error, "");
	ck_assert_ptr_null(dblog_open("/", &settings, &about, error, sizeof error));
	FILE *file = fopen(path, "w");
	fputs("this is no database, and long enough to be seen not to be one: sixteen bytes", file);
	fclose(file);
	ck_assert_ptr_null(dblog_open(path, &settings, &about, error, sizeof error));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sim dblog");
	TCase *tests = tcase_create("dblog");
	tcase_add_checked_fixture(tests, make_place, remove_place);
	tcase_add_test(tests, rows_are_what_happened);
	tcase_add_test(tests, a_step_is_a_transaction);
	tcase_add_test(tests, settings_change_no_row);
	tcase_add_test(tests, a_batch_is_committed_when_it_is_full);
	tcase_add_test(tests, full_disk_keeps_what_was_committed);
	tcase_add_test(tests, cannot_open);
	tcase_set_timeout(tests, 60);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
