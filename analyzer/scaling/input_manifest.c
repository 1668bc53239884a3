/* input_manifest.c: what a sweep says of its runs: the size asked for, the trace, how it went. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "scaling/inputs.h"
#include "scaling/runs.h"

#define KIND "memprof-sweep"

bool input_manifest_recognise(const char *bytes, size_t length)
{
	(void)length;
	bytes += strspn(bytes, " \t\r\n");
	return *bytes == '{' && strstr(bytes, "\"" KIND "\"");
}

/* A path in the manifest is relative to it. */
static char *beside(const char *manifest, const char *trace)
{
	struct text path = {0};
	const char *slash = strrchr(manifest, '/');
	if (*trace != '/' && slash)
		text_add(&path, manifest, (size_t)(slash - manifest) + 1);
	text_string(&path, trace);
	return path.bytes;
}

/* A run without a trace is known by the size that was asked for. */
static void leave_out(struct study *study, const char *manifest, double asked, const char *why)
{
	struct text name = {0};
	text_printf(&name, "%s: the run of %.15g", manifest, asked);
	runs_leave_out(study, name.bytes, asked, why);
	text_free(&name);
}

static bool measure_point(struct study *study, const char *manifest, const json_t *point,
                          struct failure *failure)
{
	const json_t *value = json_object_get(point, "value");
	const char *trace = json_string_value(json_object_get(point, "trace"));
	const char *status = json_string_value(json_object_get(point, "status"));
	if (!json_is_number(value) || !status)
		return failure_set(failure, EXIT_TRACE, "%s: a point lacks \"value\" or \"status\"",
		                   manifest);
	double asked = json_number_value(value);
	bool complete = strcmp(status, "complete") == 0, good = true;
	char *path = beside(manifest, trace ? trace : "");
	if (complete && trace)
		good = runs_add(study, path, asked, failure);
	else if (trace)
		runs_leave_out(study, path, asked, status);
	else
		leave_out(study, manifest, asked, complete ? "it has no trace" : status);
	free(path);
	return good;
}

bool input_manifest_measure(struct study *study, const char *path, const char *bytes, size_t length,
                            struct failure *failure)
{
	json_error_t error;
	json_t *document = json_loadb(bytes, length, 0, &error), *point;
	const char *param = json_string_value(json_object_get(document, "param"));
	const json_t *points = json_object_get(document, "points");
	bool good = document != NULL;
	size_t i;
	if (!good)
		failure_set(failure, EXIT_TRACE, "%s:%d: %s", path, error.line, error.text);
	else if (!param || !json_array_size(points))
		good = failure_set(failure, EXIT_TRACE,
		                   "%s is no sweep's manifest: it lacks \"param\" or \"points\"",
		                   path);
	else if (!study->against)
		good = inputs_against(study, path, param, failure);
	json_array_foreach(points, i, point) good =
	        good && measure_point(study, path, point, failure);
	json_decref(document);
	return good;
}
