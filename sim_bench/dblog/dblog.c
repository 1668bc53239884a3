/* dblog/dblog.c: who writes the rows, and when; see dblog.h.
 *
 * With a thread there is a ring of steps: the simulation fills the next one, the thread writes the
 * oldest. When all are full the simulation waits, so that memory stays bounded.
 */
#include "dblog/dblog.h"

#include <memprof/memprof.h>
#include <pthread.h>
#include <stdio.h>

#include "dblog/rows.h"
#include "dblog/writer.h"
#include "memory.h"

/* Steps that may wait to be written. */
#define RING 8

struct dblog {
	struct dbwriter *writer; /* of the thread, while there is one */
	bool threaded;
	uint32_t last_agent; /* agents up to this id are in the database */
	struct step_rows ring[RING];

	/* All below: under the lock. */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	uint64_t filled, written; /* steps in all; their difference waits */
	bool ending, failed;
	struct dblog_totals totals;
	char error[256];
};

/* ---- the thread ---------------------------------------------------------------------------- */

/* Waits for the next step; NULL when there is none and none will come. */
static const struct step_rows *next_rows(struct dblog *log)
{
	pthread_mutex_lock(&log->lock);
	while (log->written == log->filled && !log->ending)
		pthread_cond_wait(&log->changed, &log->lock);
	bool any = log->written < log->filled;
	pthread_mutex_unlock(&log->lock);
	return any ? &log->ring[log->written % RING] : NULL;
}

/* What the writer says of itself, for whoever asks. */
static void note_result(struct dblog *log)
{
	const char *error = dbwriter_error(log->writer);
	log->totals = dbwriter_totals(log->writer);
	if (error && !log->failed)
		snprintf(log->error, sizeof log->error, "%s", error);
	log->failed = error != NULL;
}

static void *write_all(void *context)
{
	struct dblog *log = context;
	const struct step_rows *rows;
	/* A phase of its own: what it does is part of no phase of the simulation. */
	MEMPROF_PHASE ("db_writer") {
		while ((rows = next_rows(log)) != NULL) {
			dbwriter_write(log->writer, rows);
			pthread_mutex_lock(&log->lock);
			log->written++;
			note_result(log);
			pthread_cond_signal(&log->changed);
			pthread_mutex_unlock(&log->lock);
		}
	}
	return NULL;
}

/* Waits until a step of the ring is free; false once writing has failed. */
static bool wait_for_room(struct dblog *log)
{
	pthread_mutex_lock(&log->lock);
	while (log->filled - log->written == RING)
		pthread_cond_wait(&log->changed, &log->lock);
	bool good = !log->failed;
	pthread_mutex_unlock(&log->lock);
	return good;
}

static void hand_over(struct dblog *log)
{
	pthread_mutex_lock(&log->lock);
	log->filled++;
	pthread_cond_signal(&log->changed);
	pthread_mutex_unlock(&log->lock);
}

static void end_thread(struct dblog *log)
{
	pthread_mutex_lock(&log->lock);
	log->ending = true;
	pthread_cond_signal(&log->changed);
	pthread_mutex_unlock(&log->lock);
	pthread_join(log->thread, NULL);
	log->threaded = false;
}

/* ---- the interface ------------------------------------------------------------------------- */

struct dblog *dblog_open(const char *path, const struct dblog_settings *settings,
                         const struct dblog_run *run, char *error, size_t error_size)
{
	struct dblog *log = NEED(calloc(1, sizeof *log));
	log->writer = dbwriter_open(path, settings, run, error, error_size);
	if (!log->writer) {
		free(log);
		return NULL;
	}
	log->totals = dbwriter_totals(log->writer);
	pthread_mutex_init(&log->lock, NULL);
	pthread_cond_init(&log->changed, NULL);
	log->threaded = settings->thread && pthread_create(&log->thread, NULL, write_all, log) == 0;
	return log;
}

static bool write_now(struct dblog *log)
{
	bool good = dbwriter_write(log->writer, &log->ring[0]);
	note_result(log);
	return good;
}

bool dblog_begin(struct dblog *log, const struct world *world)
{
	if (log->threaded && !wait_for_room(log))
		return false;
	rows_of_agents(&log->ring[log->filled % RING], world, log->last_agent);
	log->last_agent = world->population.next_id;
	if (!log->threaded)
		return write_now(log);
	hand_over(log);
	return true;
}

bool dblog_step(struct dblog *log, const struct world *world, const struct step_metrics *metrics)
{
	bool good = true;
	if (log->threaded)
		MEMPROF_PHASE ("wait")
			good = wait_for_room(log);
	if (!good)
		return false;
	MEMPROF_PHASE ("copy") {
		rows_of_step(&log->ring[log->filled % RING], world, metrics, log->last_agent);
	}
	log->last_agent = world->population.next_id;
	if (!log->threaded)
		return write_now(log);
	hand_over(log);
	return true;
}

const char *dblog_error(struct dblog *log)
{
	pthread_mutex_lock(&log->lock);
	const char *error = log->failed ? log->error : NULL;
	pthread_mutex_unlock(&log->lock);
	return error;
}

struct dblog_totals dblog_totals(struct dblog *log)
{
	pthread_mutex_lock(&log->lock);
	struct dblog_totals totals = log->totals;
	pthread_mutex_unlock(&log->lock);
	return totals;
}

bool dblog_close(struct dblog *log, const char *status, uint64_t hash, struct dblog_totals *totals,
                 char *error, size_t error_size)
{
	if (log->threaded)
		end_thread(log);
	bool closed = dbwriter_close(log->writer, status, hash, totals, error, error_size);
	for (size_t i = 0; i < RING; i++)
		rows_release(&log->ring[i]);
	pthread_cond_destroy(&log->changed);
	pthread_mutex_destroy(&log->lock);
	free(log);
	return closed;
}
