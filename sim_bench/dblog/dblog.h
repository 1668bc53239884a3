/* dblog/dblog.h: what happened, in an SQLite database.
 *
 *     dblog_open ─▶ dblog_begin ─▶ dblog_step … ─▶ dblog_close
 *
 * Each step is one transaction. Actions, the most numerous rows, are held back and written
 * DBLOG_BUFFER_ROWS at a time; everything else of a step is committed with it. After a crash the
 * database holds every committed step, and of its actions all but those held back.
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

#define DBLOG_BUFFER_ROWS 1000

struct dblog;

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

/* Creates the database at PATH, which must not hold one, with a profile of pragmas ("balanced").
 * NULL on failure, with one line in ERROR. Released by dblog_close. */
struct dblog *dblog_open(const char *path, const char *profile, const struct dblog_run *run,
                         char *error, size_t error_size);

/* Writes the agents that a world starts with. */
bool dblog_begin(struct dblog *log, const struct world *world);

/* Writes a step. Profiled within the caller's phase as rows and commit. */
bool dblog_step(struct dblog *log, const struct world *world, const struct step_metrics *metrics);

/* What went wrong, or NULL. Valid until dblog_close. */
const char *dblog_error(const struct dblog *log);

struct dblog_totals dblog_totals(const struct dblog *log);

/* Writes what was held back and how the run ended ("finished", "interrupted", …), and closes the
 * file. *TOTALS is set to what was committed in all. False with one line in ERROR if the end could
 * not be written; closed in any case. */
bool dblog_close(struct dblog *log, const char *status, uint64_t hash, struct dblog_totals *totals,
                 char *error, size_t error_size);

#endif
