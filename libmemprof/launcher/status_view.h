/* status_view.h: shows runs to people: one on a screen, several in a list, one on a line. */
#ifndef MEMPROF_LAUNCHER_STATUS_VIEW_H
#define MEMPROF_LAUNCHER_STATUS_VIEW_H

#include "status_file.h"

struct status_view {
	bool terminal;      /* bars may be drawn */
	bool colour;        /* a terminal, and NO_COLOR is not set */
	const char *called; /* how memprof was called, for the commands to type next */
};

/* Looks at standard output and the environment. */
void status_view_init(struct status_view *view, const char *called);

/* Everything about one run: state, progress, memory, phases, files, what to do next. `path` is that
 * of its status file. */
void status_view_run(const struct status_view *view, const struct status *status, const char *path);

/* The same on one line, for logs. */
void status_view_line(const struct status *status);

/* A run as two lines of a list. */
void status_view_entry(const struct status_view *view, const struct status *status);

#endif
