/* run.h: one `memprof run`: a command, the processes that it starts, and their recordings.
 *
 *     files made → child forked, waiting → child goes on → events … → child ended → all finished
 *
 * Everything happens in one thread, by events: processes that announce themselves (listener), the
 * end of each (pidfd), signals (signalfd), and a timer of 50 ms for what is due by the clock.
 *
 * The command's own process is the main one: its trace has the run's name, its steps are the run's
 * progress. Others, its children or not, get traces beside it. A process that becomes another
 * program by exec ends one trace and begins the next. When the command has ended, what is still
 * running is recorded no longer. */
#ifndef MEMPROF_LAUNCHER_RUN_H
#define MEMPROF_LAUNCHER_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct run_options {
	const char *called;    /* argv[0] of memprof, as the user typed it */
	const char *trace;     /* -o pattern; NULL: in the run directory */
	const char *directory; /* --dir pattern; NULL: memprof.NAME.PID, or none with -o */
	bool force;            /* an existing trace of that name is replaced */
	const char *report;    /* the KIND to print; NULL: none */
	bool quiet;
	bool marks_only;       /* --mode off */
	uint64_t sample_bytes; /* --mode sampled: on average from sample to sample; else 0 */
	bool count_calls;
	unsigned sampling_hz; /* samples a second of CPU time; 0: none */
	const char **params;  /* --param, each NAME=VALUE */
	size_t params_count, params_capacity;
	char **command; /* NULL-terminated */
};

#define RUN_SAMPLING_HZ 199u /* no multiple of what programs do by the clock */

/* Runs the command, and ends the launcher as the command ends; returns only when the command could
 * not be run: the exit status, why was said. */
int run_command(const struct run_options *options);

#endif
