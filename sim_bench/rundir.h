/* rundir.h: the directory of a run, and the link to its trace.
 *
 *     results/20240501-120000-a30-s500-seed42/
 *         run.json sim.db log             written by sim_bench
 *         trace.msgpack status.json       written by the launcher
 *
 * Nothing of an earlier run is ever overwritten: a directory that holds a run is refused.
 */
#ifndef SIM_RUNDIR_H
#define SIM_RUNDIR_H

#include <stdbool.h>
#include <stddef.h>

#include "config.h"

struct rundir {
	char *path;                          /* as the user would write it */
	char *trace, *database, *log, *json; /* below it; database is NULL for --db none */
};

/* Finds or makes the directory of a new run and checks that it can be written, that it holds no
 * run yet, and that the database can be created. False with one line in ERROR; what was made for
 * the attempt is removed again. Released by rundir_release. */
bool rundir_create(const struct config *config, struct rundir *dir, char *error, size_t error_size);

/* The directory OUT, made if it is missing, or where that is NULL a new one in results/ named by
 * the time and NAME. NULL with one line in ERROR where it cannot be made, or holds a file MARK
 * already. The caller frees it. */
char *rundir_make(const char *out, const char *name, const char *mark, char *error,
                  size_t error_size);

/* Takes a directory that rundir_create of another process has made. */
void rundir_adopt(const struct config *config, struct rundir *dir);

void rundir_release(struct rundir *dir);

/* Makes the symbolic link trace.msgpack in the current directory point to the run's trace,
 * replacing only a link that was made so. Returns the path to type for the trace: the link, or the
 * trace itself; NOTE is set to one line when the link could not be made, and else emptied. */
const char *rundir_link_trace(const struct rundir *dir, char *note, size_t note_size);

#endif
