/* input_jsonl.c: Extra-P's JSON lines, one measurement a line. "value" may be a list of
 * repetitions. Of several parameters the one is taken that --against names, or the only one that
 * varies. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "scaling/inputs.h"

bool input_jsonl_recognise(const char *bytes, size_t length)
{
	(void)length;
	bytes += strspn(bytes, " \t\r\n");
	return *bytes == '{' && strstr(bytes, "\"params\"") && strstr(bytes, "\"value\"");
}

struct lines {
	json_t **objects;
	size_t *numbers; /* in the file */
	size_t count, capacity, numbers_capacity;
};

static bool add_line(struct lines *lines, const char *text, size_t length, const char *path,
                     size_t number, struct failure *failure)
{
	json_error_t error;
	json_t *object = json_loadb(text, length, 0, &error);
	if (!json_is_object(json_object_get(object, "params"))) {
		failure_set(failure, EXIT_TRACE, "%s:%zu: %s", path, number,
		            object ? "there is no \"params\"" : error.text);
		json_decref(object);
		return false;
	}
	lines->objects = mem_grow(lines->objects, &lines->capacity, lines->count + 1,
	                          sizeof(*lines->objects));
	lines->numbers = mem_grow(lines->numbers, &lines->numbers_capacity, lines->count + 1,
	                          sizeof(*lines->numbers));
	lines->numbers[lines->count] = number;
	lines->objects[lines->count++] = object;
	return true;
}

static bool read_lines(struct lines *lines, const char *bytes, const char *path,
                       struct failure *failure)
{
	size_t number = 0;
	while (*bytes) {
		size_t length = strcspn(bytes, "\n");
		number++;
		if (strspn(bytes, " \t\r") < length &&
		    !add_line(lines, bytes, length, path, number, failure))
			return false;
		bytes += length + (bytes[length] == '\n');
	}
	return true;
}

static bool varies(const struct lines *lines, const char *name)
{
	const json_t *first = json_object_get(json_object_get(lines->objects[0], "params"), name);
	for (size_t i = 1; i < lines->count; i++)
		if (!json_equal(json_object_get(json_object_get(lines->objects[i], "params"), name),
		                first))
			return true;
	return false;
}

/* The parameter to fit against; NULL with `failure` set. Any other must stay the same. */
static const char *choose(const struct study *study, const struct lines *lines, const char *path,
                          struct failure *failure)
{
	json_t *params = json_object_get(lines->objects[0], "params");
	const char *chosen = study->against, *name;
	json_t *value;
	json_object_foreach(params, name, value) if (!chosen && (json_object_size(params) == 1 ||
	                                                         varies(lines, name))) chosen =
	        name;
	if (!chosen || !json_object_get(params, chosen)) {
		failure_set(failure, EXIT_TRACE, "%s: no measurement has the parameter '%s'", path,
		            chosen ? chosen : "n");
		return NULL;
	}
	json_object_foreach(params, name,
	                    value) if (strcmp(name, chosen) != 0 && varies(lines, name))
	{
		failure_set(failure, EXIT_TRACE,
		            "%s: '%s' and '%s' vary both; measure one of them with the "
		            "other held",
		            path, chosen, name);
		return NULL;
	}
	return chosen;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text ? text : "";
}

static bool measure(struct study *study, const json_t *object, const char *against,
                    const char *path, size_t number, struct failure *failure)
{
	const json_t *n = json_object_get(json_object_get(object, "params"), against);
	json_t *value = json_object_get(object, "value");
	size_t count = json_is_array(value) ? json_array_size(value) : 1;
	if (!json_is_number(n))
		return failure_set(failure, EXIT_TRACE, "%s:%zu: there is no number '%s'", path,
		                   number, against);
	struct study_row *row = study_row(study, SUBJECT_OTHER, text_of(object, "callpath"),
	                                  METRIC_OTHER, text_of(object, "metric"));
	for (size_t i = 0; i < count; i++) {
		const json_t *one = json_is_array(value) ? json_array_get(value, i) : value;
		if (!json_is_number(one))
			return failure_set(failure, EXIT_TRACE,
			                   "%s:%zu: \"value\" must be a number, or a list of them",
			                   path, number);
		series_add(&row->series, json_number_value(n), json_number_value(n),
		           json_number_value(one));
	}
	return true;
}

bool input_jsonl_measure(struct study *study, const char *path, const char *bytes, size_t length,
                         struct failure *failure)
{
	struct lines lines = {0};
	(void)length;
	bool good = read_lines(&lines, bytes, path, failure);
	if (good && !lines.count)
		good = failure_set(failure, EXIT_TRACE, "%s has no measurements", path);
	const char *against = good ? choose(study, &lines, path, failure) : NULL;
	good = against && inputs_against(study, path, against, failure);
	for (size_t i = 0; good && i < lines.count; i++)
		good = measure(study, lines.objects[i], study->against, path, lines.numbers[i],
		               failure);
	for (size_t i = 0; i < lines.count; i++)
		json_decref(lines.objects[i]);
	free(lines.objects);
	free(lines.numbers);
	return good;
}
