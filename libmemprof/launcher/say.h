/* say.h: what the launcher tells the user: single lines on standard error, "memprof: …".
 *
 * A line is written by one write(2), so it is not torn by the program's own output. Nothing here
 * fails: a closed or full standard error loses the line and nothing else. */
#ifndef MEMPROF_LAUNCHER_SAY_H
#define MEMPROF_LAUNCHER_SAY_H

/* Exit statuses of the launcher's own making, as env(1) and the shells have them. */
enum exit_status {
	EXIT_USAGE = 2,
	EXIT_UNREADABLE = 3, /* memprof status: no such run, or its status is not valid */
	EXIT_LAUNCHER = 125, /* memprof could not do its part; the command was not run */
	EXIT_NOT_EXECUTABLE = 126,
	EXIT_NOT_FOUND = 127,
};

/* One line. `format` has neither the prefix nor the newline. Keeps errno. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
