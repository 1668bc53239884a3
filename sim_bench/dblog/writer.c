/* dblog/writer.c: binding and stepping of prepared statements; see writer.h.
 *
 * Each transaction also writes down, in table simulations, how many rows and steps it completes:
 * what is in the database after a crash can be held against it.
 */
#include "dblog/writer.h"

#include <memprof/memprof.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "dblog/schema.h"
#include "memory.h"

#define SIMULATION_ID 1

/* Somebody who looks at the database while it is made may hold it for a moment. */
#define PATIENCE_MS 10000

struct held_action {
	uint64_t step;
	struct action_record record;
};

struct dbwriter {
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENT_COUNT];
	struct dblog_settings settings;
	struct held_action *held; /* settings.buffer_rows */
	size_t held_count;
	uint64_t last_step;
	uint64_t rows, steps; /* written since the last commit */
	bool open;            /* a transaction */
	struct dblog_totals totals;
	bool failed;
	char error[256];
};

static void fail(struct dbwriter *writer)
{
	if (writer->failed)
		return;
	writer->failed = true;
	snprintf(writer->error, sizeof writer->error, "%s", sqlite3_errmsg(writer->db));
	/* Where the error has rolled back already, this one has nothing to do. */
	sqlite3_exec(writer->db, "ROLLBACK", NULL, NULL, NULL);
}

static void execute(struct dbwriter *writer, const char *sql)
{
	if (!writer->failed && sqlite3_exec(writer->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail(writer);
}

/* Runs a statement whose parameters are bound. */
static void run(struct dbwriter *writer, enum dblog_statement which)
{
	sqlite3_stmt *statement = writer->statements[which];
	if (!writer->failed && sqlite3_step(statement) != SQLITE_DONE)
		fail(writer);
	sqlite3_reset(statement);
}

static void write_row(struct dbwriter *writer, enum dblog_statement which)
{
	run(writer, which);
	writer->rows++;
}

static void bind_count(struct dbwriter *writer, enum dblog_statement which, int at, uint64_t value)
{
	sqlite3_bind_int64(writer->statements[which], at, (sqlite3_int64)value);
}

static void bind_real(struct dbwriter *writer, enum dblog_statement which, int at, double value)
{
	sqlite3_bind_double(writer->statements[which], at, value);
}

/* TEXT must outlive the statement's run. */
static void bind_text(struct dbwriter *writer, enum dblog_statement which, int at, const char *text)
{
	sqlite3_bind_text(writer->statements[which], at, text, -1, SQLITE_STATIC);
}

/* An id, or NULL for 0. */
static void bind_id(struct dbwriter *writer, enum dblog_statement which, int at, uint32_t id)
{
	if (id)
		bind_count(writer, which, at, id);
	else
		sqlite3_bind_null(writer->statements[which], at);
}

static void begin(struct dbwriter *writer)
{
	if (writer->open)
		return;
	run(writer, STATEMENT_BEGIN);
	writer->open = true;
}

static void commit(struct dbwriter *writer)
{
	bind_count(writer, STATEMENT_PROGRESS, 1, writer->last_step);
	bind_count(writer, STATEMENT_PROGRESS, 2, writer->totals.rows + writer->rows);
	bind_count(writer, STATEMENT_PROGRESS, 3, SIMULATION_ID);
	run(writer, STATEMENT_PROGRESS);
	run(writer, STATEMENT_COMMIT);
	writer->open = false;
	if (writer->failed)
		return;
	memprof_count("database_rows", (int64_t)writer->rows);
	memprof_count("database_steps", (int64_t)writer->steps);
	writer->totals.rows += writer->rows;
	writer->totals.steps += writer->steps;
	writer->rows = writer->steps = 0;
}

static void prepare_all(struct dbwriter *writer)
{
	for (int i = 0; i < STATEMENT_COUNT && !writer->failed; i++)
		if (sqlite3_prepare_v3(writer->db, dblog_statements[i], -1,
		                       SQLITE_PREPARE_PERSISTENT, &writer->statements[i],
		                       NULL) != SQLITE_OK)
			fail(writer);
}

static void write_simulation(struct dbwriter *writer, const struct dblog_run *about)
{
	char seed[24];
	snprintf(seed, sizeof seed, "%llu", (unsigned long long)about->seed);
	bind_count(writer, STATEMENT_SIMULATION, 1, SIMULATION_ID);
	bind_text(writer, STATEMENT_SIMULATION, 2, about->started);
	bind_text(writer, STATEMENT_SIMULATION, 3, "running");
	bind_text(writer, STATEMENT_SIMULATION, 4, seed);
	bind_count(writer, STATEMENT_SIMULATION, 5, about->steps);
	bind_count(writer, STATEMENT_SIMULATION, 6, about->agents);
	bind_text(writer, STATEMENT_SIMULATION, 7, about->parameters);
	write_row(writer, STATEMENT_SIMULATION);
}

static void writer_release(struct dbwriter *writer)
{
	for (int i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(writer->statements[i]);
	sqlite3_close(writer->db);
	free(writer->held);
	free(writer);
}

struct dbwriter *dbwriter_open(const char *path, const struct dblog_settings *settings,
                               const struct dblog_run *about, char *error, size_t error_size)
{
	struct dbwriter *writer = NEED(calloc(1, sizeof *writer));
	writer->settings = *settings;
	writer->held = NEED(malloc(settings->buffer_rows * sizeof *writer->held));
	if (sqlite3_open(path, &writer->db) != SQLITE_OK)
		fail(writer);
	sqlite3_busy_timeout(writer->db, PATIENCE_MS);
	execute(writer, settings->profile->pragmas);
	execute(writer, "PRAGMA foreign_keys=ON");
	execute(writer, "BEGIN");
	execute(writer, dblog_schema);
	prepare_all(writer);
	if (!writer->failed) {
		write_simulation(writer, about);
		commit(writer);
	}
	if (!writer->failed)
		return writer;
	snprintf(error, error_size, "%s", writer->error);
	writer_release(writer);
	return NULL;
}

static void describe_weights(const struct agent_row *agent, char *text, size_t size)
{
	size_t used = 0;
	for (int a = 0; a < ACTION_COUNT && used < size; a++)
		used += (size_t)snprintf(text + used, size - used, "%s\"%s\":%.4f", a ? "," : "{",
		                         action_names[a], (double)agent->weights[a]);
	if (used + 1 < size)
		memcpy(text + used, "}", 2);
}

static void write_agent(struct dbwriter *writer, const struct agent_row *agent)
{
	char weights[256];
	describe_weights(agent, weights, sizeof weights);
	bind_count(writer, STATEMENT_AGENT, 1, agent->id);
	bind_count(writer, STATEMENT_AGENT, 2, SIMULATION_ID);
	bind_text(writer, STATEMENT_AGENT, 3, agent_kind_names[agent->kind]);
	bind_count(writer, STATEMENT_AGENT, 4, agent->born);
	bind_id(writer, STATEMENT_AGENT, 5, agent->parent);
	bind_count(writer, STATEMENT_AGENT, 6, agent->generation);
	bind_real(writer, STATEMENT_AGENT, 7, agent->x);
	bind_real(writer, STATEMENT_AGENT, 8, agent->y);
	bind_real(writer, STATEMENT_AGENT, 9, agent->resources);
	bind_real(writer, STATEMENT_AGENT, 10, agent->health);
	bind_text(writer, STATEMENT_AGENT, 11, weights);
	write_row(writer, STATEMENT_AGENT);
}

static void write_death(struct dbwriter *writer, uint32_t agent, uint64_t step)
{
	bind_count(writer, STATEMENT_DEATH, 1, step);
	bind_count(writer, STATEMENT_DEATH, 2, agent);
	run(writer, STATEMENT_DEATH);
}

static void write_agent_state(struct dbwriter *writer, const struct agent_state_row *agent,
                              uint64_t step)
{
	bind_count(writer, STATEMENT_AGENT_STATE, 1, SIMULATION_ID);
	bind_count(writer, STATEMENT_AGENT_STATE, 2, step);
	bind_count(writer, STATEMENT_AGENT_STATE, 3, agent->id);
	bind_real(writer, STATEMENT_AGENT_STATE, 4, agent->x);
	bind_real(writer, STATEMENT_AGENT_STATE, 5, agent->y);
	bind_real(writer, STATEMENT_AGENT_STATE, 6, agent->resources);
	bind_real(writer, STATEMENT_AGENT_STATE, 7, agent->health);
	bind_count(writer, STATEMENT_AGENT_STATE, 8, agent->starving);
	bind_count(writer, STATEMENT_AGENT_STATE, 9, agent->defending);
	bind_real(writer, STATEMENT_AGENT_STATE, 10, agent->reward);
	bind_count(writer, STATEMENT_AGENT_STATE, 11, agent->age);
	write_row(writer, STATEMENT_AGENT_STATE);
}

static void write_resource_state(struct dbwriter *writer, const struct resource_row *resource,
                                 uint64_t step)
{
	bind_count(writer, STATEMENT_RESOURCE_STATE, 1, SIMULATION_ID);
	bind_count(writer, STATEMENT_RESOURCE_STATE, 2, step);
	bind_count(writer, STATEMENT_RESOURCE_STATE, 3, resource->id);
	bind_real(writer, STATEMENT_RESOURCE_STATE, 4, resource->amount);
	bind_real(writer, STATEMENT_RESOURCE_STATE, 5, resource->x);
	bind_real(writer, STATEMENT_RESOURCE_STATE, 6, resource->y);
	write_row(writer, STATEMENT_RESOURCE_STATE);
}

static void write_metrics(struct dbwriter *writer, uint64_t step,
                          const struct step_metrics *metrics)
{
	bind_count(writer, STATEMENT_STEP, 1, SIMULATION_ID);
	bind_count(writer, STATEMENT_STEP, 2, step);
	bind_count(writer, STATEMENT_STEP, 3, metrics->agents);
	bind_count(writer, STATEMENT_STEP, 4, metrics->by_kind[AGENT_SYSTEM]);
	bind_count(writer, STATEMENT_STEP, 5, metrics->by_kind[AGENT_INDEPENDENT]);
	bind_count(writer, STATEMENT_STEP, 6, metrics->by_kind[AGENT_CONTROL]);
	bind_real(writer, STATEMENT_STEP, 7, metrics->site_resources);
	bind_real(writer, STATEMENT_STEP, 8, metrics->mean_resources);
	bind_real(writer, STATEMENT_STEP, 9, metrics->mean_health);
	bind_real(writer, STATEMENT_STEP, 10, metrics->mean_age);
	bind_real(writer, STATEMENT_STEP, 11, metrics->mean_reward);
	bind_count(writer, STATEMENT_STEP, 12, metrics->births);
	bind_count(writer, STATEMENT_STEP, 13, metrics->deaths);
	bind_count(writer, STATEMENT_STEP, 14, metrics->max_generation);
	bind_count(writer, STATEMENT_STEP, 15, metrics->attacks);
	bind_count(writer, STATEMENT_STEP, 16, metrics->hits);
	bind_real(writer, STATEMENT_STEP, 17, metrics->gathered);
	bind_real(writer, STATEMENT_STEP, 18, metrics->shared);
	write_row(writer, STATEMENT_STEP);
}

static void write_incident(struct dbwriter *writer, const struct incident_record *incident,
                           uint64_t step)
{
	bind_count(writer, STATEMENT_INCIDENT, 1, SIMULATION_ID);
	bind_count(writer, STATEMENT_INCIDENT, 2, step);
	bind_count(writer, STATEMENT_INCIDENT, 3, incident->agent);
	bind_real(writer, STATEMENT_INCIDENT, 4, incident->health_before);
	bind_real(writer, STATEMENT_INCIDENT, 5, incident->health_after);
	bind_text(writer, STATEMENT_INCIDENT, 6, incident->cause);
	bind_id(writer, STATEMENT_INCIDENT, 7, incident->by);
	write_row(writer, STATEMENT_INCIDENT);
}

static void write_action(struct dbwriter *writer, const struct held_action *held)
{
	const struct action_record *record = &held->record;
	bind_count(writer, STATEMENT_ACTION, 1, SIMULATION_ID);
	bind_count(writer, STATEMENT_ACTION, 2, held->step);
	bind_count(writer, STATEMENT_ACTION, 3, record->agent);
	bind_text(writer, STATEMENT_ACTION, 4, action_names[record->kind]);
	bind_id(writer, STATEMENT_ACTION, 5, record->target);
	bind_count(writer, STATEMENT_ACTION, 6, record->success);
	bind_real(writer, STATEMENT_ACTION, 7, record->resources_before);
	bind_real(writer, STATEMENT_ACTION, 8, record->resources_after);
	bind_real(writer, STATEMENT_ACTION, 9, record->reward);
	write_row(writer, STATEMENT_ACTION);
}

static void flush_actions(struct dbwriter *writer)
{
	for (size_t i = 0; i < writer->held_count; i++)
		write_action(writer, &writer->held[i]);
	writer->held_count = 0;
}

static void hold_actions(struct dbwriter *writer, const struct step_rows *rows)
{
	for (size_t i = 0; i < rows->actions.count; i++) {
		if (writer->held_count == writer->settings.buffer_rows)
			flush_actions(writer);
		writer->held[writer->held_count++] =
		        (struct held_action){rows->step, rows->actions.rows[i]};
	}
}

static void write_step(struct dbwriter *writer, const struct step_rows *rows)
{
	for (size_t i = 0; i < rows->deaths.count; i++)
		write_death(writer, rows->deaths.rows[i], rows->step);
	write_metrics(writer, rows->step, &rows->metrics);
	for (size_t i = 0; i < rows->states.count; i++)
		write_agent_state(writer, &rows->states.rows[i], rows->step);
	for (size_t i = 0; i < rows->resources.count; i++)
		write_resource_state(writer, &rows->resources.rows[i], rows->step);
	for (size_t i = 0; i < rows->incidents.count; i++)
		write_incident(writer, &rows->incidents.rows[i], rows->step);
	hold_actions(writer, rows);
	writer->last_step = rows->step;
	writer->steps++;
}

bool dbwriter_write(struct dbwriter *writer, const struct step_rows *rows)
{
	if (writer->failed)
		return false;
	MEMPROF_PHASE ("rows") {
		begin(writer);
		for (size_t i = 0; i < rows->agents.count; i++)
			write_agent(writer, &rows->agents.rows[i]);
		if (rows->has_step)
			write_step(writer, rows);
	}
	if (writer->rows >= writer->settings.batch_rows)
		MEMPROF_PHASE ("commit")
			commit(writer);
	return !writer->failed;
}

const char *dbwriter_error(const struct dbwriter *writer)
{
	return writer->failed ? writer->error : NULL;
}

struct dblog_totals dbwriter_totals(const struct dbwriter *writer)
{
	return writer->totals;
}

static void write_end(struct dbwriter *writer, const char *status, uint64_t hash)
{
	char finished[CLOCK_ISO_SIZE], hash_text[17];
	clock_iso_now(finished);
	snprintf(hash_text, sizeof hash_text, "%016llx", (unsigned long long)hash);
	bind_text(writer, STATEMENT_SIMULATION_END, 1, status);
	bind_text(writer, STATEMENT_SIMULATION_END, 2, finished);
	bind_text(writer, STATEMENT_SIMULATION_END, 3, hash_text);
	bind_count(writer, STATEMENT_SIMULATION_END, 4, SIMULATION_ID);
	run(writer, STATEMENT_SIMULATION_END);
}

bool dbwriter_close(struct dbwriter *writer, const char *status, uint64_t hash,
                    struct dblog_totals *totals, char *error, size_t error_size)
{
	begin(writer);
	flush_actions(writer);
	write_end(writer, status, hash);
	commit(writer);
	bool closed = !writer->failed;
	if (!closed)
		snprintf(error, error_size, "%s", writer->error);
	*totals = writer->totals;
	writer_release(writer);
	return closed;
}
