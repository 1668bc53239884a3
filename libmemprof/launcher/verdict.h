/* verdict.h: what a status file says, and what is really so.
 *
 * A status file says "running" for ever when the launcher was killed or its machine went down. On
 * the machine that wrote it, and since the same boot, the process table tells; elsewhere only the
 * age of the last heartbeat does. */
#ifndef MEMPROF_LAUNCHER_VERDICT_H
#define MEMPROF_LAUNCHER_VERDICT_H

#include "status_file.h"

enum verdict {
	VERDICT_RUNNING,
	VERDICT_FINISHED,
	VERDICT_CRASHED,
	VERDICT_DIED,      /* memprof and the program are gone without having said so */
	VERDICT_UNWATCHED, /* memprof is gone; the program runs on, unrecorded */
	VERDICT_SILENT,    /* on another machine, and no sign of life for a while */
};

/* Heartbeats older than this say nothing good of a run on another machine. */
#define VERDICT_SILENT_SECONDS 30

enum verdict verdict_of(const struct status *status);

/* One word for it. */
const char *verdict_name(enum verdict verdict);

/* Seconds since the last heartbeat, by this machine's clock; not below 0. */
double verdict_heartbeat_age(const struct status *status);

/* Writes the verdict as a sentence: "running on node17, last sign of life 3 s ago". */
void verdict_sentence(const struct status *status, char *text, unsigned long size);

#endif
