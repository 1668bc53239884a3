/* run_files.c: see run_files.h. */
#include "run_files.h"
#include "memory.h"
#include "paths.h"
#include "say.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Names are tried by number, up to here. */
#define NUMBERS_MAX 10000

static char *expand(const char *pattern, const char *option, pid_t pid)
{
	const char *why = "";
	char *path = paths_expand(pattern, pid, &why);
	if (path && path[0])
		return path;
	say("%s %s: %s", option, pattern, path ? "the name is empty" : why);
	free(path);
	return NULL;
}

/* A directory of our own name may be there from a process that had the same pid. */
static bool make_default_directory(struct run_files *files, const char *command, pid_t pid)
{
	const char *name = paths_base(command);
	for (int number = 1; number < NUMBERS_MAX; number++) {
		files->directory =
		        number == 1 ? memory_format("memprof.%s.%d", name, (int)pid)
		                    : memory_format("memprof.%s.%d.%d", name, (int)pid, number);
		if (mkdir(files->directory, 0777) == 0) {
			files->made_directory = true;
			return true;
		}
		if (errno != EEXIST)
			break;
		free(files->directory);
		files->directory = NULL;
	}
	say("cannot make the directory %s here: %s; name another place with --dir or -o",
	    files->directory ? files->directory : "of the run", strerror(errno));
	return false;
}

static bool make_named_directory(struct run_files *files, const char *pattern, pid_t pid)
{
	struct stat info;
	files->directory = expand(pattern, "--dir", pid);
	if (!files->directory)
		return false;
	files->made_directory = stat(files->directory, &info) != 0;
	if (paths_make_directories(files->directory, 0777))
		return true;
	say("cannot make the directory %s: %s; name another place with --dir", files->directory,
	    strerror(errno));
	return false;
}

static bool create_main(struct run_files *files, const struct run_options *options)
{
	files->main = trace_create(files->trace, options->force && options->trace);
	if (files->main)
		return true;
	if (errno != EEXIST)
		say("cannot write %s: %s; name another place with --dir or -o", files->trace,
		    strerror(errno));
	else if (options->trace)
		say("%s exists already: name another with -o, or replace it with --force",
		    files->trace);
	else
		say("%s exists already: a run is never overwritten, name another directory with "
		    "--dir",
		    files->trace);
	return false;
}

/* Directory and names. What was made and has to go if it fails is left to run_files_unmake. */
static bool find_names(struct run_files *files, const struct run_options *options, pid_t pid)
{
	if (options->directory && !make_named_directory(files, options->directory, pid))
		return false;
	if (options->trace) {
		files->trace = expand(options->trace, "-o", pid);
		if (!files->trace)
			return false;
		if (paths_has_pid(options->trace))
			files->pattern = options->trace;
		files->status = files->directory ? memory_format("%s/status.json", files->directory)
		                                 : memory_format("%s.status.json", files->trace);
		return true;
	}
	if (!options->directory && !make_default_directory(files, options->command[0], pid))
		return false;
	files->trace = memory_format("%s/trace.msgpack", files->directory);
	files->status = memory_format("%s/status.json", files->directory);
	return true;
}

bool run_files_make(struct run_files *files, const struct run_options *options, pid_t pid)
{
	*files = (struct run_files){0};
	if (find_names(files, options, pid) && create_main(files, options))
		return true;
	run_files_unmake(files);
	run_files_free(files);
	return false;
}

void run_files_unmake(struct run_files *files)
{
	if (files->main) {
		trace_remove(files->main);
		trace_close(files->main);
		files->main = NULL;
	}
	/* Fails, as it should, when something else was put into it. */
	if (files->made_directory)
		rmdir(files->directory);
}

void run_files_free(struct run_files *files)
{
	free(files->directory);
	free(files->trace);
	free(files->status);
	*files = (struct run_files){0};
}

/* The name that is a process's own: the pid is in it, if only before the suffix. */
static char *own_name(const struct run_files *files, pid_t pid)
{
	const char *why;
	return files->pattern ? paths_expand(files->pattern, pid, &why)
	                      : paths_numbered(files->trace, (int)pid);
}

/* A free name among trace.PID.msgpack, trace.PID.2.msgpack, … */
static struct trace_writer *create_sibling(const struct run_files *files, pid_t pid)
{
	char *own = own_name(files, pid);
	struct trace_writer *trace = trace_create(own, false);
	for (int number = 2; !trace && errno == EEXIST && number < NUMBERS_MAX; number++) {
		char *path = paths_numbered(own, number);
		trace = trace_create(path, false);
		int error = errno;
		free(path);
		errno = error;
	}
	if (!trace)
		say("cannot write %s: %s; process %d is not recorded", own, strerror(errno),
		    (int)pid);
	free(own);
	return trace;
}

struct trace_writer *run_files_trace(struct run_files *files, pid_t pid, bool main)
{
	struct trace_writer *trace = files->main;
	if (!main)
		return create_sibling(files, pid);
	files->main = NULL;
	if (!trace)
		trace = trace_create(files->trace, false);
	if (!trace)
		say("cannot write %s: %s; the program runs on, without being recorded",
		    files->trace, strerror(errno));
	return trace;
}

void run_files_retire(const struct run_files *files, struct trace_writer *trace, pid_t pid)
{
	char *own = own_name(files, pid);
	bool renamed = false;
	errno = EEXIST;
	for (int number = 0; !renamed && errno == EEXIST && number < NUMBERS_MAX; number++) {
		char *path = paths_numbered(own, number);
		renamed = trace_rename(trace, path);
		int error = errno;
		free(path);
		errno = error;
	}
	if (!renamed)
		say("cannot rename %s: %s", trace->path, strerror(errno));
	free(own);
}
