/* bench/database.c: writing steps, by number of rows, profile, buffer, transaction, writer and
 * place. A row is an operation; a call writes the rows of one step. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench.h"
#include "dblog/dblog.h"
#include "dblog/schema.h"
#include "decision/decision.h"
#include "interrupt.h"
#include "memory.h"
#include "step.h"

struct writing {
	struct world *world;
	struct dblog *log;
	struct step_metrics metrics;
};

struct write_case {
	const char *profile;
	uint64_t buffer, batch, steps;
	bool thread, memory;
	uint32_t agents;
};

/* The same step again, under the next number. */
static void next_step(void *context)
{
	struct writing *writing = context;
	writing->world->step++;
}

static void write_step(void *context)
{
	struct writing *writing = context;
	dblog_step(writing->log, writing->world, &writing->metrics);
}

static void remove_database(const char *path)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
	char name[PATH_MAX + 16];
	for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
		snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
		unlink(name);
	}
}

static struct world *make_world(uint32_t agents)
{
	struct params params = params_for(agents);
	const struct components components = {
	        .spatial = spatial_kind_find("grid"),
	        .storage = layer_kind_find("hybrid"),
	        .decide = decision_kind_find("weights"),
	        .threads = 1,
	        .looks = 2,
	};
	params.fixed_population = 1;
	return world_create(&params, &components, 42);
}

static struct dblog *open_log(const struct write_case *wanted, const char *path)
{
	const struct dblog_settings settings = {
	        .profile = dblog_profile_find(wanted->profile),
	        .buffer_rows = wanted->buffer,
	        .batch_rows = wanted->batch,
	        .thread = wanted->thread,
	};
	const struct dblog_run about = {
	        .started = "", .parameters = "{}", .agents = wanted->agents};
	char error[256];
	struct dblog *log = dblog_open(wanted->memory ? DBLOG_IN_MEMORY : path, &settings, &about,
	                               error, sizeof error);
	if (!log)
		fprintf(stderr, "sim_bench: bench database: %s\n", error);
	return log;
}

static void measure_steps(struct bench *bench, const struct write_case *wanted,
                          struct writing *writing)
{
	uint64_t rows = writing->metrics.agents + writing->world->params.resource_sites + 1 +
	                writing->world->journal.incident_count +
	                writing->world->journal.action_count;
	const struct bench_calls calls = {next_step, write_step, writing, rows, wanted->steps};
	bench_measure(bench, &calls,
	              "write: %s, %s, %s, buffer %llu, batch %llu, %llu rows a step, %llu steps",
	              wanted->profile, wanted->memory ? "memory" : "disk",
	              wanted->thread ? "thread" : "sync", (unsigned long long)wanted->buffer,
	              (unsigned long long)wanted->batch, (unsigned long long)rows,
	              (unsigned long long)wanted->steps);
}

static void measure_write(struct bench *bench, const struct write_case *wanted)
{
	char path[PATH_MAX], error[256];
	struct dblog_totals totals;
	snprintf(path, sizeof path, "%s/bench.db", bench->directory);
	struct writing writing = {.world = make_world(wanted->agents)};
	step_run(writing.world, NULL, &writing.metrics);
	writing.log = open_log(wanted, path);
	if (writing.log) {
		dblog_begin(writing.log, writing.world);
		measure_steps(bench, wanted, &writing);
		if (!dblog_close(writing.log, "finished", 0, &totals, error, sizeof error))
			fprintf(stderr, "sim_bench: bench database: %s\n", error);
	}
	remove_database(path);
	world_destroy(writing.world);
}

void bench_database(struct bench *bench)
{
	static const struct write_case cases[] = {
	        {"balanced", 1000, 0, 100, false, false, 100},
	        {"performance", 1000, 0, 100, false, false, 100},
	        {"safety", 1000, 0, 100, false, false, 100},
	        {"memory", 1000, 0, 100, false, false, 100},
	        {"balanced", 1000, 0, 100, false, true, 100},
	        {"balanced", 1, 0, 100, false, false, 100},
	        {"balanced", 100, 0, 100, false, false, 100},
	        {"balanced", 10000, 0, 100, false, false, 100},
	        {"balanced", 1000, 1000, 100, false, false, 100},
	        {"balanced", 1000, 10000, 100, false, false, 100},
	        {"balanced", 1000, 100000, 100, false, false, 100},
	        {"balanced", 1000, 0, 100, true, false, 100},
	        {"balanced", 1000, 10000, 100, true, false, 100},
	        {"balanced", 1000, 0, 100, false, false, 10},
	        {"balanced", 1000, 0, 100, false, false, 1000},
	        {"balanced", 1000, 0, 1000, false, false, 100},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0] && !interrupt_signal(); i++)
		measure_write(bench, &cases[i]);
}
