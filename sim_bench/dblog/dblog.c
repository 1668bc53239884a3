/* dblog/dblog.c: binding and stepping of prepared statements; see dblog.h.
 *
 * Errors: the first one is kept, the open transaction is rolled back, and everything after it does
 * nothing (`failed`). So a step is a plain sequence of writes whose success is looked at once.
 */
#include "dblog/dblog.h"

#include <memprof/memprof.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "dblog/schema.h"
#include "memory.h"

#define SIMULATION_ID 1

struct held_action {
	uint64_t step;
	struct action_record record;
};

struct dblog {
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENT_COUNT];
	struct held_action *held; /* DBLOG_BUFFER_ROWS */
	size_t held_count;
	uint32_t last_agent; /* agents up to this id are in the database */
	uint64_t last_step;
	uint64_t rows; /* written since the last commit */
	struct dblog_totals totals;
	bool failed;
	char error[256];
};

static void fail(struct dblog *log)
{
	if (log->failed)
		return;
	log->failed = true;
	snprintf(log->error, sizeof log->error, "%s", sqlite3_errmsg(log->db));
	/* Where the error has rolled back already, this one has nothing to do. */
	sqlite3_exec(log->db, "ROLLBACK", NULL, NULL, NULL);
}

static void execute(struct dblog *log, const char *sql)
{
	if (!log->failed && sqlite3_exec(log->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail(log);
}

/* Runs a statement whose parameters are bound. */
static void run(struct dblog *log, enum dblog_statement which)
{
	sqlite3_stmt *statement = log->statements[which];
	if (!log->failed && sqlite3_step(statement) != SQLITE_DONE)
		fail(log);
	sqlite3_reset(statement);
}

static void write_row(struct dblog *log, enum dblog_statement which)
{
	run(log, which);
	log->rows++;
}

static void bind_count(struct dblog *log, enum dblog_statement which, int at, uint64_t value)
{
	sqlite3_bind_int64(log->statements[which], at, (sqlite3_int64)value);
}

static void bind_real(struct dblog *log, enum dblog_statement which, int at, double value)
{
	sqlite3_bind_double(log->statements[which], at, value);
}

/* TEXT must outlive the statement's run. */
static void bind_text(struct dblog *log, enum dblog_statement which, int at, const char *text)
{
	sqlite3_bind_text(log->statements[which], at, text, -1, SQLITE_STATIC);
}

/* An id, or NULL for 0. */
static void bind_id(struct dblog *log, enum dblog_statement which, int at, uint32_t id)
{
	if (id)
		bind_count(log, which, at, id);
	else
		sqlite3_bind_null(log->statements[which], at);
}

static void commit(struct dblog *log)
{
	run(log, STATEMENT_COMMIT);
	if (log->failed)
		return;
	log->totals.rows += log->rows;
	log->rows = 0;
}

static void prepare_all(struct dblog *log)
{
	for (int i = 0; i < STATEMENT_COUNT && !log->failed; i++)
		if (sqlite3_prepare_v3(log->db, dblog_statements[i], -1, SQLITE_PREPARE_PERSISTENT,
		                       &log->statements[i], NULL) != SQLITE_OK)
			fail(log);
}

static void write_simulation(struct dblog *log, const struct dblog_run *about)
{
	char seed[24];
	snprintf(seed, sizeof seed, "%llu", (unsigned long long)about->seed);
	bind_count(log, STATEMENT_SIMULATION, 1, SIMULATION_ID);
	bind_text(log, STATEMENT_SIMULATION, 2, about->started);
	bind_text(log, STATEMENT_SIMULATION, 3, "running");
	bind_text(log, STATEMENT_SIMULATION, 4, seed);
	bind_count(log, STATEMENT_SIMULATION, 5, about->steps);
	bind_count(log, STATEMENT_SIMULATION, 6, about->agents);
	bind_text(log, STATEMENT_SIMULATION, 7, about->parameters);
	write_row(log, STATEMENT_SIMULATION);
}

static void dblog_release(struct dblog *log)
{
	for (int i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(log->statements[i]);
	sqlite3_close(log->db);
	free(log->held);
	free(log);
}

struct dblog *dblog_open(const char *path, const char *profile, const struct dblog_run *about,
                         char *error, size_t error_size)
{
	struct dblog *log = NEED(calloc(1, sizeof *log));
	log->held = NEED(malloc(DBLOG_BUFFER_ROWS * sizeof *log->held));
	if (sqlite3_open(path, &log->db) != SQLITE_OK)
		fail(log);
	execute(log, dblog_profile_find(profile)->pragmas);
	execute(log, "PRAGMA foreign_keys=ON");
	execute(log, "BEGIN");
	execute(log, dblog_schema);
	prepare_all(log);
	if (!log->failed) {
		write_simulation(log, about);
		commit(log);
	}
	if (!log->failed)
		return log;
	snprintf(error, error_size, "%s", log->error);
	dblog_release(log);
	return NULL;
}

static void describe_weights(const struct agent *agent, char *text, size_t size)
{
	size_t used = 0;
	for (int a = 0; a < ACTION_COUNT && used < size; a++)
		used += (size_t)snprintf(text + used, size - used, "%s\"%s\":%.4f", a ? "," : "{",
		                         action_names[a], (double)agent->weights[a]);
	if (used + 1 < size)
		memcpy(text + used, "}", 2);
}

static void write_agent(struct dblog *log, const struct agent *agent, const struct params *params)
{
	char weights[256];
	describe_weights(agent, weights, sizeof weights);
	bind_count(log, STATEMENT_AGENT, 1, agent->id);
	bind_count(log, STATEMENT_AGENT, 2, SIMULATION_ID);
	bind_text(log, STATEMENT_AGENT, 3, agent_kind_names[agent->kind]);
	bind_count(log, STATEMENT_AGENT, 4, agent->born);
	bind_id(log, STATEMENT_AGENT, 5, agent->parent);
	bind_count(log, STATEMENT_AGENT, 6, agent->generation);
	bind_real(log, STATEMENT_AGENT, 7, agent->x);
	bind_real(log, STATEMENT_AGENT, 8, agent->y);
	bind_real(log, STATEMENT_AGENT, 9, params->initial_resources);
	bind_real(log, STATEMENT_AGENT, 10, params->full_health);
	bind_text(log, STATEMENT_AGENT, 11, weights);
	write_row(log, STATEMENT_AGENT);
}

/* Agents that are not in the database yet: the last of the population, by rising id. */
static void write_new_agents(struct dblog *log, const struct world *world)
{
	const struct population *population = &world->population;
	size_t first = population->count;
	while (first > 0 && population->agents[first - 1]->id > log->last_agent)
		first--;
	for (size_t i = first; i < population->count; i++)
		write_agent(log, population->agents[i], &world->params);
	log->last_agent = population->next_id;
}

static void write_deaths(struct dblog *log, const struct world *world)
{
	const struct journal *journal = &world->journal;
	for (size_t i = 0; i < journal->death_count; i++) {
		bind_count(log, STATEMENT_DEATH, 1, world->step);
		bind_count(log, STATEMENT_DEATH, 2, journal->deaths[i]);
		run(log, STATEMENT_DEATH);
	}
}

static void write_agent_state(struct dblog *log, const struct agent *agent, uint64_t step)
{
	bind_count(log, STATEMENT_AGENT_STATE, 1, SIMULATION_ID);
	bind_count(log, STATEMENT_AGENT_STATE, 2, step);
	bind_count(log, STATEMENT_AGENT_STATE, 3, agent->id);
	bind_real(log, STATEMENT_AGENT_STATE, 4, agent->x);
	bind_real(log, STATEMENT_AGENT_STATE, 5, agent->y);
	bind_real(log, STATEMENT_AGENT_STATE, 6, agent->resources);
	bind_real(log, STATEMENT_AGENT_STATE, 7, agent->health);
	bind_count(log, STATEMENT_AGENT_STATE, 8, agent->starving);
	bind_count(log, STATEMENT_AGENT_STATE, 9, agent->defending);
	bind_real(log, STATEMENT_AGENT_STATE, 10, agent->reward);
	bind_count(log, STATEMENT_AGENT_STATE, 11, step - agent->born);
	write_row(log, STATEMENT_AGENT_STATE);
}

static void write_agent_states(struct dblog *log, const struct world *world)
{
	for (size_t i = 0; i < world->population.count; i++)
		if (world->population.agents[i]->alive)
			write_agent_state(log, world->population.agents[i], world->step);
}

static void write_resource_states(struct dblog *log, const struct world *world)
{
	for (uint32_t i = 0; i < world->params.resource_sites; i++) {
		const struct resource *resource = &world->resources[i];
		bind_count(log, STATEMENT_RESOURCE_STATE, 1, SIMULATION_ID);
		bind_count(log, STATEMENT_RESOURCE_STATE, 2, world->step);
		bind_count(log, STATEMENT_RESOURCE_STATE, 3, resource->id);
		bind_real(log, STATEMENT_RESOURCE_STATE, 4, resource->amount);
		bind_real(log, STATEMENT_RESOURCE_STATE, 5, resource->x);
		bind_real(log, STATEMENT_RESOURCE_STATE, 6, resource->y);
		write_row(log, STATEMENT_RESOURCE_STATE);
	}
}

static void write_metrics(struct dblog *log, uint64_t step, const struct step_metrics *metrics)
{
	bind_count(log, STATEMENT_STEP, 1, SIMULATION_ID);
	bind_count(log, STATEMENT_STEP, 2, step);
	bind_count(log, STATEMENT_STEP, 3, metrics->agents);
	bind_count(log, STATEMENT_STEP, 4, metrics->by_kind[AGENT_SYSTEM]);
	bind_count(log, STATEMENT_STEP, 5, metrics->by_kind[AGENT_INDEPENDENT]);
	bind_count(log, STATEMENT_STEP, 6, metrics->by_kind[AGENT_CONTROL]);
	bind_real(log, STATEMENT_STEP, 7, metrics->site_resources);
	bind_real(log, STATEMENT_STEP, 8, metrics->mean_resources);
	bind_real(log, STATEMENT_STEP, 9, metrics->mean_health);
	bind_real(log, STATEMENT_STEP, 10, metrics->mean_age);
	bind_real(log, STATEMENT_STEP, 11, metrics->mean_reward);
	bind_count(log, STATEMENT_STEP, 12, metrics->births);
	bind_count(log, STATEMENT_STEP, 13, metrics->deaths);
	bind_count(log, STATEMENT_STEP, 14, metrics->max_generation);
	bind_count(log, STATEMENT_STEP, 15, metrics->attacks);
	bind_count(log, STATEMENT_STEP, 16, metrics->hits);
	bind_real(log, STATEMENT_STEP, 17, metrics->gathered);
	bind_real(log, STATEMENT_STEP, 18, metrics->shared);
	write_row(log, STATEMENT_STEP);
}

static void write_incidents(struct dblog *log, const struct world *world)
{
	for (size_t i = 0; i < world->journal.incident_count; i++) {
		const struct incident_record *incident = &world->journal.incidents[i];
		bind_count(log, STATEMENT_INCIDENT, 1, SIMULATION_ID);
		bind_count(log, STATEMENT_INCIDENT, 2, world->step);
		bind_count(log, STATEMENT_INCIDENT, 3, incident->agent);
		bind_real(log, STATEMENT_INCIDENT, 4, incident->health_before);
		bind_real(log, STATEMENT_INCIDENT, 5, incident->health_after);
		bind_text(log, STATEMENT_INCIDENT, 6, incident->cause);
		bind_id(log, STATEMENT_INCIDENT, 7, incident->by);
		write_row(log, STATEMENT_INCIDENT);
	}
}

static void write_action(struct dblog *log, const struct held_action *held)
{
	const struct action_record *record = &held->record;
	bind_count(log, STATEMENT_ACTION, 1, SIMULATION_ID);
	bind_count(log, STATEMENT_ACTION, 2, held->step);
	bind_count(log, STATEMENT_ACTION, 3, record->agent);
	bind_text(log, STATEMENT_ACTION, 4, action_names[record->kind]);
	bind_id(log, STATEMENT_ACTION, 5, record->target);
	bind_count(log, STATEMENT_ACTION, 6, record->success);
	bind_real(log, STATEMENT_ACTION, 7, record->resources_before);
	bind_real(log, STATEMENT_ACTION, 8, record->resources_after);
	bind_real(log, STATEMENT_ACTION, 9, record->reward);
	write_row(log, STATEMENT_ACTION);
}

static void flush_actions(struct dblog *log)
{
	for (size_t i = 0; i < log->held_count; i++)
		write_action(log, &log->held[i]);
	log->held_count = 0;
}

static void hold_actions(struct dblog *log, const struct world *world)
{
	for (size_t i = 0; i < world->journal.action_count; i++) {
		if (log->held_count == DBLOG_BUFFER_ROWS)
			flush_actions(log);
		log->held[log->held_count++] =
		        (struct held_action){world->step, world->journal.actions[i]};
	}
}

bool dblog_begin(struct dblog *log, const struct world *world)
{
	run(log, STATEMENT_BEGIN);
	write_new_agents(log, world);
	commit(log);
	return !log->failed;
}

bool dblog_step(struct dblog *log, const struct world *world, const struct step_metrics *metrics)
{
	MEMPROF_PHASE ("rows") {
		run(log, STATEMENT_BEGIN);
		write_new_agents(log, world);
		write_deaths(log, world);
		write_metrics(log, world->step, metrics);
		write_agent_states(log, world);
		write_resource_states(log, world);
		write_incidents(log, world);
		hold_actions(log, world);
	}
	MEMPROF_PHASE ("commit")
		commit(log);
	if (log->failed)
		return false;
	log->last_step = world->step;
	log->totals.steps++;
	return true;
}

const char *dblog_error(const struct dblog *log)
{
	return log->failed ? log->error : NULL;
}

struct dblog_totals dblog_totals(const struct dblog *log)
{
	return log->totals;
}

static void write_end(struct dblog *log, const char *status, uint64_t hash)
{
	char finished[CLOCK_ISO_SIZE], hash_text[17];
	clock_iso_now(finished);
	snprintf(hash_text, sizeof hash_text, "%016llx", (unsigned long long)hash);
	bind_text(log, STATEMENT_SIMULATION_END, 1, status);
	bind_text(log, STATEMENT_SIMULATION_END, 2, finished);
	bind_count(log, STATEMENT_SIMULATION_END, 3, log->last_step);
	bind_text(log, STATEMENT_SIMULATION_END, 4, hash_text);
	bind_count(log, STATEMENT_SIMULATION_END, 5, SIMULATION_ID);
	run(log, STATEMENT_SIMULATION_END);
}

bool dblog_close(struct dblog *log, const char *status, uint64_t hash, struct dblog_totals *totals,
                 char *error, size_t error_size)
{
	run(log, STATEMENT_BEGIN);
	flush_actions(log);
	write_end(log, status, hash);
	commit(log);
	bool closed = !log->failed;
	if (!closed)
		snprintf(error, error_size, "%s", log->error);
	*totals = log->totals;
	dblog_release(log);
	return closed;
}
