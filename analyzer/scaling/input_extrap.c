/* input_extrap.c: Extra-P's text: words that begin a line, and what follows them.
 *
 *     PARAMETER p
 *     POINTS ( 10 ) ( 20 ) ( 30 )      sizes, in one line or in several
 *     REGION compute                   a path
 *     METRIC time
 *     DATA 1.0 1.1 0.9                 repetitions at the first size, then the second …
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "scaling/inputs.h"

struct reader {
	struct study *study;
	const char *path;
	size_t line;
	char *region, *metric;
	bool parameter;
	double *points;
	size_t points_count, points_capacity;
	size_t next; /* the point that the next DATA is of */
	struct failure *failure;
};

static bool wrong(struct reader *r, const char *what)
{
	return failure_set(r->failure, EXIT_TRACE, "%s:%zu: %s", r->path, r->line, what);
}

bool input_extrap_recognise(const char *bytes, size_t length)
{
	(void)length;
	while (*bytes) {
		bytes += strspn(bytes, " \t\r\n");
		if (strncmp(bytes, "PARAMETER ", 10) == 0)
			return true;
		if (*bytes != '#')
			return false;
		bytes += strcspn(bytes, "\n");
	}
	return false;
}

static bool read_parameter(struct reader *r, char *rest)
{
	if (r->parameter)
		return wrong(r, "there is a second PARAMETER; laws here are of one");
	r->parameter = true;
	return inputs_against(r->study, r->path, rest, r->failure);
}

static bool read_points(struct reader *r, char *rest)
{
	bool inside = false, given = false;
	while (*rest) {
		char *end;
		double value = strtod(rest, &end);
		if (end != rest) {
			if (inside && given)
				return wrong(r, "points must have one coordinate each");
			given = true;
			r->points = mem_grow(r->points, &r->points_capacity, r->points_count + 1,
			                     sizeof(*r->points));
			r->points[r->points_count++] = value;
			rest = end;
		} else if (strchr("() \t,\r", *rest)) {
			inside = *rest == '(' || (inside && *rest != ')');
			given = given && *rest != '(';
			rest++;
		} else {
			return wrong(r, "POINTS wants numbers in parentheses");
		}
	}
	return true;
}

static bool keep(char **name, const char *rest)
{
	free(*name);
	*name = mem_text(rest, strlen(rest));
	return true;
}

static bool read_region(struct reader *r, char *rest)
{
	r->next = 0;
	return keep(&r->region, rest);
}

static bool read_metric(struct reader *r, char *rest)
{
	r->next = 0;
	return keep(&r->metric, rest);
}

static bool read_data(struct reader *r, char *rest)
{
	size_t count = 0;
	if (r->next >= r->points_count)
		return wrong(r, "there are more DATA lines than POINTS");
	double n = r->points[r->next++];
	struct study_row *row = study_row(r->study, SUBJECT_OTHER, r->region ? r->region : "",
	                                  METRIC_OTHER, r->metric ? r->metric : "");
	for (;; count++) {
		char *end;
		double value = strtod(rest, &end);
		if (end == rest)
			break;
		series_add(&row->series, n, n, value);
		rest = end;
	}
	if (!count || rest[strspn(rest, " \t\r")])
		return wrong(r, "DATA wants numbers");
	return true;
}

static const struct {
	const char *word;
	bool (*read)(struct reader *r, char *rest);
} words[] = {
        {"PARAMETER", read_parameter}, {"POINTS", read_points}, {"REGION", read_region},
        {"METRIC", read_metric},       {"DATA", read_data},
};

static bool read_line(struct reader *r, char *line)
{
	line += strspn(line, " \t");
	for (size_t end = strlen(line); end && strchr(" \t\r", line[end - 1]); end--)
		line[end - 1] = '\0';
	if (!*line || *line == '#')
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t length = strlen(words[i].word);
		if (strncmp(line, words[i].word, length) == 0)
			return words[i].read(r, line + length + strspn(line + length, " \t"));
	}
	return wrong(r, "begins with none of PARAMETER, POINTS, REGION, METRIC, DATA");
}

bool input_extrap_measure(struct study *study, const char *path, const char *bytes, size_t length,
                          struct failure *failure)
{
	struct reader r = {.study = study, .path = path, .failure = failure};
	char *copy = mem_text(bytes, length), *rest = copy;
	bool good = true;
	while (good && rest) {
		char *line = rest, *end = strchr(rest, '\n');
		rest = end ? end + 1 : NULL;
		if (end)
			*end = '\0';
		r.line++;
		good = read_line(&r, line);
	}
	free(r.region);
	free(r.metric);
	free(r.points);
	free(copy);
	return good;
}
