/* run_files.h: what a run writes, and under which names.
 *
 *     memprof.NAME.PID/trace.msgpack   the command's own process, its last image
 *                      trace.PID.msgpack     another process
 *                      trace.PID.N.msgpack   an image that ended by exec, and processes whose pid
 * had been used before status.json
 *
 * With -o TRACE the trace is TRACE, the others stand beside it, and the status is
 * TRACE.status.json unless there is a run directory as well. Nothing that exists is overwritten but
 * by --force. */
#ifndef MEMPROF_LAUNCHER_RUN_FILES_H
#define MEMPROF_LAUNCHER_RUN_FILES_H

#include "run.h"
#include "trace_writer.h"

#include <sys/types.h>

struct run_files {
	char *directory; /* where the run's files lie, as typed or as made */
	char *trace;     /* of the main process */
	char *status;
	const char *pattern;       /* of traces, when it has %p; else NULL */
	bool made_directory;       /* it was not there before */
	struct trace_writer *main; /* created before the command runs, to know that it can be */
};

/* Makes directory and main trace for a command whose pid will be `pid`. False: said why. */
bool run_files_make(struct run_files *files, const struct run_options *options, pid_t pid);

/* Removes what was made, when nothing came of the run: an empty trace, an empty directory. */
void run_files_unmake(struct run_files *files);

void run_files_free(struct run_files *files);

/* The writer of the trace of a new image of `pid`. NULL: it could not be created, which is said. */
struct trace_writer *run_files_trace(struct run_files *files, pid_t pid, bool main);

/* Gives the trace of an image that has ended by exec its last name, and so frees its own. */
void run_files_retire(const struct run_files *files, struct trace_writer *trace, pid_t pid);

#endif
