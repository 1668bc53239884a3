/* recording.h: one process image being recorded: its region, its trace, and what is between.
 *
 * Life: begin (header written) → tick, many times (windows are cut when due) → finish (the last
 * window, END), or drop (nothing worth keeping), → free. An exec is the end of one image and the
 * begin of another, of the same pid. */
#ifndef MEMPROF_LAUNCHER_RECORDING_H
#define MEMPROF_LAUNCHER_RECORDING_H

#include "identity.h"
#include "trace_writer.h"
#include "window.h"

enum end_reason {
	END_EXITED,
	END_SIGNALLED,
	END_EXEC,
	END_STOPPED,
};

struct ending {
	enum end_reason reason;
	int status; /* exit status, -1: not known (only our own child's is) */
	int signal; /* 0: none, or not known */
	bool out_of_memory;
	struct moment anchor;
};

struct recording {
	pid_t pid;
	struct region *region;
	struct trace_writer *trace; /* NULL: it could not be created; counted for the status only */
	struct window_source source;
	struct procstat process;
	struct identity identity;
	uint64_t time_scale;
	uint64_t window_due_ns, side_due_ns, second_due_ns; /* CLOCK_MONOTONIC */
	bool lost; /* the region was cut short by the process: nothing can be read any more */
};

/* Takes region, trace and what the identity owns over. `hz`: the clock's frequency as far as it is
 * known. */
struct recording *recording_begin(struct region *region, pid_t pid, struct trace_writer *trace,
                                  double hz, const struct identity *identity);

/* Does what is due by now: the coarse clock, once a second the kernel's and the allocator's
 * figures, a window, the side file. */
void recording_tick(struct recording *recording, uint64_t now_ns);

/* Cuts the last window and writes END. The process's last figures are in recording->process. False
 * when the trace could not be written to its end; that was said. */
bool recording_finish(struct recording *recording, const struct ending *ending);

/* True when the image neither allocated or mapped memory nor set a mark. */
bool recording_is_empty(const struct recording *recording);

void recording_free(struct recording *recording);

#endif
