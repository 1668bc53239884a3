/* input_csv.c: measurements as a table: a heading, then a line a measurement.
 *
 * Columns are parted by commas, semicolons or tabs, whichever the heading has; names may be quoted.
 * `n` (or the name that --against gives) and `value` must be there, `metric` and `path` may; others
 * are passed over. Lines that are empty or begin with # are none. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "scaling/inputs.h"

#define COLUMNS_MAX 64

struct line {
	char *cells[COLUMNS_MAX];
	size_t count;
};

struct columns {
	int n, value, metric, path; /* −1: none */
	char separator;
};

/* Cuts a line up in place; quotes go, doubled ones become one. */
static void cut(char *text, char separator, struct line *line)
{
	line->count = 0;
	while (text && line->count < COLUMNS_MAX) {
		char *out = text, *in = text;
		bool quoted = false;
		line->cells[line->count++] = text;
		for (; *in && (quoted || *in != separator); in++) {
			if (*in != '"')
				*out++ = *in;
			else if (quoted && in[1] == '"')
				*out++ = *in++;
			else
				quoted = !quoted;
		}
		text = *in ? in + 1 : NULL;
		*out = '\0';
	}
	for (size_t i = 0; i < line->count; i++) {
		char *cell = line->cells[i];
		cell += strspn(cell, " ");
		for (size_t end = strlen(cell); end && strchr(" \r", cell[end - 1]); end--)
			cell[end - 1] = '\0';
		line->cells[i] = cell;
	}
}

static int find_column(const struct line *heading, const char *name)
{
	for (size_t i = 0; name && i < heading->count; i++)
		if (strcasecmp(heading->cells[i], name) == 0)
			return (int)i;
	return -1;
}

static char separator_of(const char *heading)
{
	for (const char *candidate = ",;\t"; *candidate; candidate++)
		if (strchr(heading, *candidate))
			return *candidate;
	return ',';
}

static struct columns find_columns(const char *against, char *heading)
{
	struct line line;
	struct columns c = {.separator = separator_of(heading)};
	cut(heading, c.separator, &line);
	c.n = find_column(&line, against);
	c.n = c.n >= 0 ? c.n : find_column(&line, "n");
	c.value = find_column(&line, "value");
	c.metric = find_column(&line, "metric");
	c.path = find_column(&line, "path");
	return c;
}

/* The next line that is one, or NULL; ends it, and counts. */
static char *next_line(char **rest, size_t *number)
{
	while (*rest && **rest) {
		char *line = *rest, *end = strchr(line, '\n');
		*rest = end ? end + 1 : NULL;
		if (end)
			*end = '\0';
		(*number)++;
		if (line[strspn(line, " \t\r")] && *line != '#')
			return line;
	}
	return NULL;
}

bool input_csv_recognise(const char *bytes, size_t length)
{
	char *copy = mem_text(bytes, length < 65536 ? length : 65536), *rest = copy;
	size_t number = 0;
	char *heading = next_line(&rest, &number);
	struct columns c =
	        heading ? find_columns(NULL, heading) : (struct columns){-1, -1, -1, -1, 0};
	free(copy);
	return c.value >= 0;
}

static bool number_of(const char *cell, double *value)
{
	char *end;
	*value = strtod(cell, &end);
	return *cell && !*end && !isnan(*value);
}

static bool measure_line(struct study *study, const struct columns *c, char *text, const char *path,
                         size_t number, struct failure *failure)
{
	struct line line;
	double n, value;
	cut(text, c->separator, &line);
	int last = c->n > c->value ? c->n : c->value;
	if ((int)line.count <= last || !number_of(line.cells[c->n], &n) ||
	    !number_of(line.cells[c->value], &value))
		return failure_set(failure, EXIT_TRACE,
		                   "%s:%zu: n and value must be numbers; see the heading", path,
		                   number);
	const char *metric =
	        c->metric >= 0 && c->metric < (int)line.count ? line.cells[c->metric] : "";
	const char *name = c->path >= 0 && c->path < (int)line.count ? line.cells[c->path] : "";
	struct study_row *row = study_row(study, SUBJECT_OTHER, name, METRIC_OTHER, metric);
	series_add(&row->series, n, n, value);
	return true;
}

bool input_csv_measure(struct study *study, const char *path, const char *bytes, size_t length,
                       struct failure *failure)
{
	char *copy = mem_text(bytes, length), *rest = copy;
	size_t number = 0;
	char *text = next_line(&rest, &number);
	struct columns c = {-1, -1, -1, -1, ','};
	if (text)
		c = find_columns(study->against, text);
	bool good = c.n >= 0 && c.value >= 0;
	if (!good)
		failure_set(failure, EXIT_TRACE,
		            "%s: the heading must name the columns n (or that of --against) and "
		            "value; metric and path are optional",
		            path);
	while (good && (text = next_line(&rest, &number)))
		good = measure_line(study, &c, text, path, number, failure);
	free(copy);
	return good;
}
