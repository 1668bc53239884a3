/* run_status.h: turns what is recorded into what status.json says, about once a second. */
#ifndef MEMPROF_LAUNCHER_RUN_STATUS_H
#define MEMPROF_LAUNCHER_RUN_STATUS_H

#include "progress.h"
#include "recording.h"
#include "status_file.h"

/* What a phase came to, by place in the snapshot's list: its recent share is a sum that fades. */
struct phase_pace {
	uint64_t self;
	double recent;
};

struct run_status {
	char *path;
	struct status status;
	struct progress steps, allocations;
	struct phase_pace *paces;
	size_t paces_capacity;
	bool failing; /* the file could not be written; said once */
};

/* `path` is copied. What is known before the command runs stands in status->status by then. */
void run_status_init(struct run_status *status, const char *path);
void run_status_free(struct run_status *status);

/* Another image took over the main process: paces of its phases start anew. */
void run_status_forget_image(struct run_status *status);

/* Takes the figures of the main image (NULL: there is none yet). `hz`: ticks a second. */
void run_status_take(struct run_status *status, struct recording *recording, double hz);

/* At the end: the rate is that of all steps, not of the last ones. */
void run_status_take_mean(struct run_status *status, const struct recording *recording, double hz);

/* Writes the file, stamped with the present. A failure is said once, and harms nothing. */
void run_status_write(struct run_status *status);

#endif
