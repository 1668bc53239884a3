/* launch.h: sim_bench starts itself under the profiler.
 *
 *     sim_bench ARGS ──exec──▶ memprof run --quiet --dir RUN -- sim_bench [--out RUN] ARGS
 *
 * The first process checks everything and makes the run's directory, then becomes the launcher. The
 * second finds in its environment that it was launched, and how the user called it. --out is put in
 * where the user gave none.
 */
#ifndef SIM_LAUNCH_H
#define SIM_LAUNCH_H

#include <limits.h>
#include <stdbool.h>

/* How this process came to be. Released by launch_release. */
struct launch {
	bool launched;    /* by a sim_bench of ours, under the profiler */
	char *called;     /* argv[0] as the user typed it */
	char **arguments; /* what the user typed after it; NULL at the end */
};

/* Reads it from the environment, which is cleaned of it. */
struct launch launch_read(int argc, char **argv);
void launch_release(struct launch *launch);

/* What reads a trace, as it may be typed here: PROGRAM, and the command of it that goes before the
 * trace, or NULL. The analyzer where it lies beside this program, else the launcher, from wherever
 * it was found. False: there is neither. */
bool launch_reader(const struct launch *launch, char program[PATH_MAX], const char **command);

/* Where this program lies. */
bool launch_self(char path[PATH_MAX]);

/* The launcher, beside this program, in ../bin or on PATH. */
bool launch_launcher(char path[PATH_MAX]);

/* The analyzer, beside this program or on PATH, to be executed from anywhere. False, and an empty
 * path: there is none. */
bool launch_analyzer(char path[PATH_MAX]);

/* Becomes the launcher, with DIRECTORY as run directory; NAMED: the user's arguments name it.
 * Returns only if there is no launcher, or it does not start; then one line on stderr has said
 * so. */
void launch_profiled(const struct launch *launch, const char *directory, bool named);

/* Has threads that wait give their processor away, here and in what is started from here: libgomp
 * would have them spin, which takes more than short loops are worth. libgomp reads that when it is
 * loaded, so this program starts itself anew, and the call returns only if it need not, because the
 * environment tells libgomp already, or cannot. In a process that is profiled already it returns,
 * too: its trace is not to be cut in two. */
void launch_patient(const struct launch *launch);

#endif
