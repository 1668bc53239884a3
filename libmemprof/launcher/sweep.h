/* sweep.h: the same program at several agent counts, each in a process and a directory of its own.
 *
 *     memprof-sweep.NAME.PID/
 *         manifest.json               what `analyzer scaling` reads
 *         agents-1000-r1/             a run directory: trace.msgpack, status.json, output, errors
 *         agents-2000-r1/ …
 *
 * Repetitions are interleaved: all counts once, then all again, so that what disturbs the machine
 * for a while falls on all of them. A run that fails does not end the sweep. The manifest is
 * replaced in one move before and after each run:
 *
 *     { "schema_version": 1, "kind": "memprof-sweep", "param": "agents", "command": [..],
 *       "points": [{"name", "value", "repeat", "status", "exit_status", "trace"}, …] }
 *
 * status: pending, running, complete, failed (it exited with another status than 0, or by a
 * signal), interrupted (it was told to end). trace is relative to the manifest, or null. */
#ifndef MEMPROF_LAUNCHER_SWEEP_H
#define MEMPROF_LAUNCHER_SWEEP_H

#include <stddef.h>
#include <stdint.h>

#define SWEEP_VALUES_MOST 64u
#define SWEEP_REPEAT_MOST 1000u

struct sweep_options {
	const char *called; /* argv[0] of memprof, as the user typed it */
	uint64_t values[SWEEP_VALUES_MOST];
	size_t values_count;
	uint64_t repeat;       /* at least 1 */
	const char *directory; /* NULL: memprof-sweep.NAME.PID */
	const char *mode;      /* of each run, or NULL */
	char **command;        /* NULL-terminated; {} in its words stands for the value */
};

/* Runs all points. Returns 0, 1 when some failed, EXIT_LAUNCHER when nothing can be written (said
 * why), or 128 + the signal that ended it. */
int sweep_run(const struct sweep_options *options);

#endif
