/* dblog/writer.h: rows into SQLite, in transactions. One thread at a time.
 *
 * Errors: the first one is kept, the open transaction is rolled back, and everything after it does
 * nothing. So a step is a plain sequence of writes whose success is looked at once.
 */
#ifndef SIM_DBLOG_WRITER_H
#define SIM_DBLOG_WRITER_H

#include "dblog/dblog.h"
#include "dblog/rows.h"

struct dbwriter;

/* See dblog_open. */
struct dbwriter *dbwriter_open(const char *path, const struct dblog_settings *settings,
                               const struct dblog_run *run, char *error, size_t error_size);

/* Writes rows, and commits if the transaction is full. False if that, or anything before, failed.
 * Profiled as rows and commit. */
bool dbwriter_write(struct dbwriter *writer, const struct step_rows *rows);

/* What went wrong, or NULL. Valid until dbwriter_close. */
const char *dbwriter_error(const struct dbwriter *writer);

/* What has been committed. */
struct dblog_totals dbwriter_totals(const struct dbwriter *writer);

/* Writes what was held back and how the run ended, and closes the file. False with one line in
 * ERROR if the end could not be written; closed in any case. */
bool dbwriter_close(struct dbwriter *writer, const char *status, uint64_t hash,
                    struct dblog_totals *totals, char *error, size_t error_size);

#endif
