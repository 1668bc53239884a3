/* inputs.c: see inputs.h. */
#include "scaling/inputs.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "scaling/runs.h"

static const struct input inputs[] = {
        {"trace", input_trace_recognise, input_trace_measure},
        {"manifest", input_manifest_recognise, input_manifest_measure},
        {"jsonl", input_jsonl_recognise, input_jsonl_measure},
        {"extrap", input_extrap_recognise, input_extrap_measure},
        {"csv", input_csv_recognise, input_csv_measure},
        {NULL, NULL, NULL},
};

const struct input *input_all(void)
{
	return inputs;
}

const struct input *input_find(const char *name)
{
	for (const struct input *i = inputs; i->name; i++)
		if (strcmp(i->name, name) == 0)
			return i;
	return NULL;
}

bool inputs_against(struct study *study, const char *path, const char *name,
                    struct failure *failure)
{
	if (study->against && strcmp(study->against, name) != 0)
		return failure_set(failure, EXIT_USAGE, "%s measures against %s, not %s", path,
		                   name, study->against);
	study->against = string_pool_add(&study->strings, name, strlen(name));
	return true;
}

/* ---- files -------------------------------------------------------------------------------- */

static bool read_file(const char *path, struct text *bytes, struct failure *failure)
{
	char block[65536];
	FILE *file = fopen(path, "r");
	size_t got;
	while (file && (got = fread(block, 1, sizeof(block), file)) > 0)
		text_add(bytes, block, got);
	bool good = file && !ferror(file);
	if (!good)
		failure_set(failure, EXIT_TRACE, "cannot read %s: %s", path, strerror(errno));
	if (file)
		fclose(file);
	text_add(bytes, "", 0);
	return good;
}

static const struct input *recognise(const struct study *study, const struct text *bytes)
{
	if (study->options.input)
		return input_find(study->options.input);
	for (const struct input *i = inputs; i->name; i++)
		if (i->recognise(bytes->bytes, bytes->length))
			return i;
	return NULL;
}

static bool measure_file(struct study *study, const char *path, struct failure *failure)
{
	struct text bytes = {0};
	bool good = read_file(path, &bytes, failure);
	const struct input *input = good ? recognise(study, &bytes) : NULL;
	if (good && !bytes.length)
		good = failure_set(failure, EXIT_TRACE, "%s is empty", path);
	else if (good && !input)
		good = failure_set(failure, EXIT_TRACE,
		                   "%s is none of: trace, sweep manifest, CSV with a heading, "
		                   "Extra-P text or JSON lines; --input says which it should be",
		                   path);
	else if (good)
		good = input->measure(study, path, bytes.bytes, bytes.length, failure);
	text_free(&bytes);
	return good;
}

/* ---- directories -------------------------------------------------------------------------- */

static char *join(const char *directory, const char *name)
{
	struct text path = {0};
	text_printf(&path, "%s/%s", directory, name);
	return path.bytes;
}

static bool is_file(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static bool is_directory(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strverscmp((*a)->d_name, (*b)->d_name);
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static bool measure_path(struct study *study, const char *path, struct failure *failure);

/* Everything in a directory that holds a run, a sweep, or traces. */
static bool measure_below(struct study *study, const char *directory, struct failure *failure)
{
	struct dirent **entries;
	int count = scandir(directory, &entries, visible, by_name);
	bool good = count >= 0, found = false;
	if (!good)
		failure_set(failure, EXIT_TRACE, "cannot read %s: %s", directory, strerror(errno));
	for (int i = 0; i < count; i++) {
		char *path = join(directory, entries[i]->d_name);
		char *trace = join(path, "trace.msgpack"), *sweep = join(path, "manifest.json");
		size_t length = strlen(path);
		bool run = is_directory(path) && (is_file(trace) || is_file(sweep));
		bool own = length > 8 && strcmp(path + length - 8, ".msgpack") == 0;
		if (good && (run || (own && is_file(path)))) {
			found = true;
			good = measure_path(study, path, failure);
		}
		free(path);
		free(trace);
		free(sweep);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	if (good && !found)
		return failure_set(failure, EXIT_TRACE,
		                   "there are no traces and no manifest.json in %s; give a sweep's "
		                   "directory, or those of runs",
		                   directory);
	return good;
}

static bool measure_path(struct study *study, const char *path, struct failure *failure)
{
	if (!is_directory(path))
		return measure_file(study, path, failure);
	char *manifest = join(path, "manifest.json"), *trace = join(path, "trace.msgpack");
	bool good = is_file(manifest) ? measure_file(study, manifest, failure)
	            : is_file(trace)  ? measure_file(study, trace, failure)
	                              : measure_below(study, path, failure);
	free(manifest);
	free(trace);
	return good;
}

bool inputs_measure(struct study *study, char **paths, size_t count, struct failure *failure)
{
	for (size_t i = 0; i < count; i++)
		if (!measure_path(study, paths[i], failure))
			return false;
	return runs_finish(study, failure);
}
