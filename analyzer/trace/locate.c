/* locate.c: see locate.h. A run of several processes leaves one trace for each; the simulation is
 * the one that stepped. */
#include "trace/locate.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/text.h"
#include "trace/trace.h"

#define SUFFIX ".msgpack"

static char *join_path(const char *directory, const char *name)
{
	struct text path = {0};
	size_t length = strlen(directory);
	text_printf(&path, "%s%s%s", directory, length && directory[length - 1] == '/' ? "" : "/",
	            name);
	return path.bytes;
}

static bool is_trace_name(const char *name)
{
	size_t length = strlen(name), suffix = strlen(SUFFIX);
	return length > suffix && strcmp(name + length - suffix, SUFFIX) == 0;
}

struct candidate {
	char *path;
	int64_t steps;
	off_t size;
};

/* Steps ended in the trace, −1 if it cannot be read. */
static int64_t count_steps(const char *path)
{
	struct failure ignored;
	struct trace *t = trace_load(path, &ignored);
	int64_t steps = t ? t->steps.ended : -1;
	trace_free(t);
	return steps;
}

static bool is_better(const struct candidate *a, const struct candidate *b)
{
	if (a->steps != b->steps)
		return a->steps > b->steps;
	if (a->size != b->size)
		return a->size > b->size;
	return strcmp(a->path, b->path) < 0;
}

static void consider(struct candidate *best, char *path)
{
	struct stat status;
	struct candidate candidate = {.path = path};
	if (stat(path, &status) == 0 && S_ISREG(status.st_mode)) {
		candidate.steps = count_steps(path);
		candidate.size = status.st_size;
		if (!best->path || is_better(&candidate, best)) {
			free(best->path);
			*best = candidate;
			return;
		}
	}
	free(path);
}

static char *best_in_directory(const char *directory, struct failure *failure)
{
	DIR *dir = opendir(directory);
	struct candidate best = {0};
	struct dirent *entry;
	if (!dir) {
		failure_set(failure, EXIT_TRACE, "cannot read %s: %s", directory, strerror(errno));
		return NULL;
	}
	while ((entry = readdir(dir)))
		if (is_trace_name(entry->d_name))
			consider(&best, join_path(directory, entry->d_name));
	closedir(dir);
	if (!best.path)
		failure_set(failure, EXIT_TRACE,
		            "there is no trace (*%s) in %s; give the directory that a run wrote",
		            SUFFIX, directory);
	return best.path;
}

char *trace_locate(const char *argument, struct failure *failure)
{
	struct stat status;
	if (stat(argument, &status) != 0) {
		failure_set(failure, EXIT_TRACE,
		            "cannot read %s: %s; give a trace or a run directory", argument,
		            strerror(errno));
		return NULL;
	}
	if (!S_ISDIR(status.st_mode))
		return mem_text(argument, strlen(argument));
	char *plain = join_path(argument, "trace" SUFFIX);
	if (stat(plain, &status) == 0)
		return plain;
	free(plain);
	return best_in_directory(argument, failure);
}

char **trace_others(const char *argument, const char *chosen, size_t *count)
{
	DIR *dir = opendir(argument);
	char **others = NULL;
	size_t capacity = 0;
	*count = 0;
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		if (!is_trace_name(entry->d_name))
			continue;
		char *path = join_path(argument, entry->d_name);
		if (strcmp(path, chosen) == 0) {
			free(path);
			continue;
		}
		others = mem_grow(others, &capacity, *count + 1, sizeof(*others));
		others[(*count)++] = path;
	}
	if (dir)
		closedir(dir);
	return others;
}
