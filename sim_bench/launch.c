/* launch.c: see launch.h. The launcher is looked for beside this program, in ../bin, and on PATH.
 */
#include "launch.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"

#define LAUNCHER "memprof"

/* Holds argv[0] as typed; its presence says that we launched this process. */
#define CALLED_VARIABLE "SIM_BENCH_CALLED_AS"

/* "--out", RUN: what launch_profiled puts before the user's arguments. */
#define ADDED_ARGUMENTS 2

struct launch launch_read(int argc, char **argv)
{
	const char *called = getenv(CALLED_VARIABLE);
	if (!called || argc < 1 + ADDED_ARGUMENTS)
		return (struct launch){false, argv[0], argv + (argc > 0)};
	struct launch launch = {true, NEED(strdup(called)), argv + 1 + ADDED_ARGUMENTS};
	unsetenv(CALLED_VARIABLE);
	return launch;
}

static bool own_path(char path[PATH_MAX])
{
	ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
	if (length < 0)
		return false;
	path[length] = '\0';
	return true;
}

/* DIRECTORY/memprof if that can be executed. */
static bool try_directory(const char *directory, size_t length, const char *below,
                          char found[PATH_MAX])
{
	int size = snprintf(found, PATH_MAX, "%.*s%s/" LAUNCHER, (int)length, directory, below);
	return size < PATH_MAX && access(found, X_OK) == 0;
}

static bool try_path(char found[PATH_MAX])
{
	const char *path = getenv("PATH");
	while (path && *path) {
		size_t length = strcspn(path, ":");
		if (length > 0 && try_directory(path, length, "", found))
			return true;
		path += length + (path[length] == ':');
	}
	return false;
}

static bool find_launcher(const char *self, char found[PATH_MAX])
{
	size_t directory = (size_t)(strrchr(self, '/') - self);
	return try_directory(self, directory, "", found) ||
	       try_directory(self, directory, "/../bin", found) || try_path(found);
}

/* Becomes `memprof run … -- self --out DIRECTORY ARGUMENTS`; returns if that fails. */
static void become(const char *launcher, const char *self, const struct launch *launch,
                   const char *directory)
{
	const char *const head[] = {launcher, "run", "--quiet", "--dir",  directory,
	                            "--",     self,  "--out",   directory};
	size_t head_count = sizeof head / sizeof head[0], count = 0;
	while (launch->arguments[count])
		count++;
	const char **argv = NEED(calloc(head_count + count + 1, sizeof *argv));
	memcpy(argv, head, sizeof head);
	memcpy(argv + head_count, launch->arguments, count * sizeof *argv);
	setenv(CALLED_VARIABLE, launch->called, 1);
	execv(launcher, (char *const *)argv);
	unsetenv(CALLED_VARIABLE);
	free(argv);
}

void launch_profiled(const struct launch *launch, const char *directory)
{
	char self[PATH_MAX], launcher[PATH_MAX];
	if (!own_path(self) || !find_launcher(self, launcher)) {
		fputs("sim_bench: " LAUNCHER " is neither beside sim_bench nor in ../bin nor on "
		      "PATH; running without profile\n",
		      stderr);
		return;
	}
	become(launcher, self, launch, directory);
	fprintf(stderr, "sim_bench: cannot start %s: %s; running without profile\n", launcher,
	        strerror(errno));
}
