/* dblog/dblog.h: what happened, in an SQLite database.
 *
 *     dblog_open ─▶ dblog_begin ─▶ dblog_step … ─▶ dblog_close
 *
 *     world ──rows──▶ writer ──▶ SQLite                       by the simulation itself
 *     world ──rows──▶ queue ──▶ writer, in a thread of its own ──▶ SQLite
 *
 * A transaction is a step, or as many steps as it takes to have batch_rows rows. Actions, the most
 * numerous rows, are held back and written buffer_rows at a time; everything else of a step is
 * committed with it. After a crash the database holds every committed step, and of its actions all
 * but those held back; table simulations says how many rows there are.
 *
 * A failed call leaves the database at its last commit; later calls but dblog_close do nothing and
 * return false. One thread at a time.
 */
#ifndef SIM_DBLOG_DBLOG_H
#define SIM_DBLOG_DBLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "metrics.h"
#include "world.h"

struct dblog;
struct dblog_profile;

struct dblog_settings {
	const struct dblog_profile *profile;
	uint64_t buffer_rows; /* at least 1 */
	uint64_t batch_rows;  /* 0: a transaction for each step */
	bool thread;          /* written by a thread beside the simulation */
};

/* What table `simulations` says of a run. Strings are copied. */
struct dblog_run {
	const char *started;    /* ISO 8601 */
	const char *parameters; /* JSON */
	uint64_t seed, steps;
	uint32_t agents;
};

/* What has been committed. */
struct dblog_totals {
	uint64_t steps, rows;
};

/* What SQLite takes for a database that is in memory alone. */
#define DBLOG_IN_MEMORY ":memory:"

/* Creates the database at PATH, which must not hold one. NULL on failure, with one line in ERROR.
 * Released by dblog_close. */
struct dblog *dblog_open(const char *path, const struct dblog_settings *settings,
                         const struct dblog_run *run, char *error, size_t error_size);

/* Writes the agents that a world starts with. */
bool dblog_begin(struct dblog *log, const struct world *world);

/* Writes a step, or hands it to the thread that does. Profiled within the caller's phase as rows
 * and commit; with a thread, as copy and wait, and the thread's own work as db_writer. */
bool dblog_step(struct dblog *log, const struct world *world, const struct step_metrics *metrics);

/* What went wrong, or NULL. Valid until dblog_close. */
const char *dblog_error(struct dblog *log);

struct dblog_totals dblog_totals(struct dblog *log);

/* Writes what was held back and how the run ended ("finished", "interrupted", …), and closes the
 * file. *TOTALS is set to what was committed in all. False with one line in ERROR if the end could
 * not be written; closed in any case. */
bool dblog_close(struct dblog *log, const char *status, uint64_t hash, struct dblog_totals *totals,
                 char *error, size_t error_size);

#endif
