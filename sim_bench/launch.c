/* launch.c: see launch.h. The launcher is looked for beside this program, in ../bin, and on PATH.
 */
#include "launch.h"

#include <errno.h>
#include <memprof/memprof.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"

#define LAUNCHER "memprof"
#define READER   "analyzer"

/* Sanitizers that bring an allocator of their own refuse to share a process with another. */
#if defined(__has_feature)
#define HAS_FEATURE(NAME) __has_feature(NAME)
#else
#define HAS_FEATURE(NAME) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||                               \
        HAS_FEATURE(address_sanitizer) || HAS_FEATURE(thread_sanitizer)
#define OWN_ALLOCATOR true
#else
#define OWN_ALLOCATOR false
#endif

/* Its presence says that we launched this process. It holds argv[0] as typed, after a mark: whether
 * "--out RUN" was put before the user's arguments. */
#define CALLED_VARIABLE "SIM_BENCH_CALLED_AS"
#define MARK_ADDED      '+'
#define MARK_AS_TYPED   '='
#define ADDED_ARGUMENTS 2

struct launch launch_read(int argc, char **argv)
{
	const char *called = getenv(CALLED_VARIABLE);
	int added = called && called[0] == MARK_ADDED ? ADDED_ARGUMENTS : 0;
	bool launched = called && called[0] && argc >= 1 + added;
	if (!launched)
		return (struct launch){false, NEED(strdup(argv[0])), argv + 1};
	char *typed = NEED(strdup(called + 1));
	unsetenv(CALLED_VARIABLE);
	return (struct launch){true, typed, argv + 1 + added};
}

void launch_release(struct launch *launch)
{
	free(launch->called);
	launch->called = NULL;
}

bool launch_self(char path[PATH_MAX])
{
	ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
	if (length < 0)
		return false;
	path[length] = '\0';
	return true;
}

/* DIRECTORY/NAME if that can be executed. */
static bool try_directory(const char *directory, size_t length, const char *name,
                          char found[PATH_MAX])
{
	int size = snprintf(found, PATH_MAX, "%.*s/%s", (int)length, directory, name);
	return size < PATH_MAX && access(found, X_OK) == 0;
}

static bool try_path(const char *name, char found[PATH_MAX])
{
	const char *path = getenv("PATH");
	while (path && *path) {
		size_t length = strcspn(path, ":");
		if (length > 0 && try_directory(path, length, name, found))
			return true;
		path += length + (path[length] == ':');
	}
	return false;
}

static bool find_launcher(const char *self, char found[PATH_MAX])
{
	size_t directory = (size_t)(strrchr(self, '/') - self);
	return try_directory(self, directory, LAUNCHER, found) ||
	       try_directory(self, directory, "../bin/" LAUNCHER, found) ||
	       try_path(LAUNCHER, found);
}

bool launch_launcher(char path[PATH_MAX])
{
	char self[PATH_MAX];
	return launch_self(self) && find_launcher(self, path);
}

bool launch_analyzer(char path[PATH_MAX])
{
	char self[PATH_MAX];
	if (launch_self(self) &&
	    try_directory(self, (size_t)(strrchr(self, '/') - self), READER, path))
		return true;
	if (try_path(READER, path) && path[0] == '/')
		return true;
	path[0] = '\0';
	return false;
}

/* ---- what reads the trace ------------------------------------------------------------------ */

/* A program as it may be typed here: NAME where this one is, called as this one was. */
static bool try_as_called(const char *called, const char *name, char typed[PATH_MAX])
{
	const char *slash = strrchr(called, '/');
	char found[PATH_MAX];
	if (slash)
		return try_directory(called, (size_t)(slash - called), name, typed);
	snprintf(typed, PATH_MAX, "%s", name);
	return try_path(name, found);
}

bool launch_reader(const struct launch *launch, char program[PATH_MAX], const char **command)
{
	char self[PATH_MAX], found[PATH_MAX];
	*command = NULL;
	if (try_as_called(launch->called, READER, program))
		return true;
	*command = "report";
	if (try_as_called(launch->called, LAUNCHER, program) ||
	    try_as_called(launch->called, "../bin/" LAUNCHER, program))
		return true;
	snprintf(program, PATH_MAX, "%s", LAUNCHER);
	return try_path(LAUNCHER, found) || (launch_self(self) && find_launcher(self, program));
}

/* ---- becoming the launcher ----------------------------------------------------------------- */

static void mark_environment(const char *called, char mark)
{
	char *value;
	if (asprintf(&value, "%c%s", mark, called) < 0)
		memory_exhausted();
	setenv(CALLED_VARIABLE, value, 1);
	free(value);
}

/* Built to have its calls counted, it asks for that. */
#ifdef SIM_COUNTS_CALLS
#define COUNT_CALLS "--count-calls",
#else
#define COUNT_CALLS
#endif

/* Becomes `memprof run … -- self [--out DIRECTORY] ARGUMENTS`; returns if that fails. */
static void become(const char *launcher, const char *self, const struct launch *launch,
                   const char *directory, bool named)
{
	const char *const head[] = {launcher,  "run", "--quiet", COUNT_CALLS "--dir",
	                            directory, "--",  self,      "--out",
	                            directory};
	size_t head_count = sizeof head / sizeof head[0] - (named ? ADDED_ARGUMENTS : 0), count = 0;
	while (launch->arguments[count])
		count++;
	const char **argv = NEED(calloc(head_count + count + 1, sizeof *argv));
	memcpy(argv, head, head_count * sizeof *argv);
	memcpy(argv + head_count, launch->arguments, count * sizeof *argv);
	mark_environment(launch->called, named ? MARK_AS_TYPED : MARK_ADDED);
	execv(launcher, (char *const *)argv);
	unsetenv(CALLED_VARIABLE);
	free(argv);
}

void launch_profiled(const struct launch *launch, const char *directory, bool named)
{
	char self[PATH_MAX], launcher[PATH_MAX];
	if (OWN_ALLOCATOR) {
		fputs("sim_bench: built with a sanitizer, which replaces the allocator; running "
		      "without profile\n",
		      stderr);
		return;
	}
	if (!launch_self(self) || !find_launcher(self, launcher)) {
		fputs("sim_bench: " LAUNCHER " is neither beside sim_bench nor in ../bin nor on "
		      "PATH; running without profile\n",
		      stderr);
		return;
	}
	become(launcher, self, launch, directory, named);
	fprintf(stderr, "sim_bench: cannot start %s: %s; running without profile\n", launcher,
	        strerror(errno));
}

/* ---- starting anew ------------------------------------------------------------------------- */

void launch_patient(const struct launch *launch)
{
	char self[PATH_MAX];
	size_t count = 0;
	if (getenv("OMP_WAIT_POLICY") || getenv("GOMP_SPINCOUNT"))
		return;
	setenv("OMP_WAIT_POLICY", "passive", 1);
	if (launch->launched || memprof_active() || !launch_self(self))
		return;
	while (launch->arguments[count])
		count++;
	const char **argv = NEED(calloc(count + 2, sizeof *argv));
	argv[0] = launch->called;
	memcpy(argv + 1, launch->arguments, count * sizeof *argv);
	execv(self, (char *const *)argv);
	free(argv);
}
