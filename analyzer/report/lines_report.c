/* lines_report.c: the source lines of functions or files, with what was measured at them. Which,
 * the patterns of --search say (of functions, or of the paths of files); else it is the function
 * with the most self time.
 *
 * The text of a line is read from the file of that name, where there is one; that it has not
 * changed since is not known, so a file that is newer than the run is not shown.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/pattern.h"
#include "model/lines.h"
#include "report/csv.h"
#include "report/function_list.h"
#include "report/json_functions.h"
#include "report/sections.h"
#include "report/shorten.h"

struct wish {
	const struct report_options *options;
	const struct profile_function *only; /* without patterns */
};

static bool is_wanted(const struct profile_function *f, const void *data)
{
	const struct wish *wish = data;
	for (size_t i = 0; i < wish->options->searches_count; i++)
		if (pattern_matches(&wish->options->searches[i], f->name) ||
		    (*f->file && pattern_matches(&wish->options->searches[i], f->file)))
			return f->named;
	return f == wish->only;
}

/* The user's own function that leads the default order; any, if none is. */
static const struct profile_function *leading(const struct profile *p,
                                              const struct report_options *options)
{
	const struct function_order *order = function_order_of(p, options->sort, true);
	size_t count;
	const struct profile_function **sorted = functions_sorted(p, order, true, &count);
	const struct profile_function *best = NULL;
	for (size_t i = 0; i < count && !(best && best->own); i++)
		if (sorted[i]->own || (!best && sorted[i]->named))
			best = sorted[i];
	free(sorted);
	return best;
}

static struct lines lines_of(const struct profile *p, const struct report_options *options)
{
	struct wish wish = {options, options->searches_count ? NULL : leading(p, options)};
	struct lines lines;
	lines_build(&lines, p, is_wanted, &wish);
	return lines;
}

/* ---- the text of lines ------------------------------------------------------------------- */

struct source {
	char *text;
	size_t length;
	const char **lines;
	size_t count, capacity;
};

static void split(struct source *source)
{
	for (char *line = source->text; line && *line;) {
		char *end = strchrnul(line, '\n');
		bool last = !*end;
		*end = '\0';
		source->lines = mem_grow(source->lines, &source->capacity, source->count + 1,
		                         sizeof(*source->lines));
		source->lines[source->count++] = line + strspn(line, " \t");
		line = last ? NULL : end + 1;
	}
}

static bool is_older_than_run(const struct profile *p, const char *path)
{
	struct stat status;
	return stat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_size < 64 << 20 &&
	       status.st_mtim.tv_sec <= p->trace->header.anchor.real_ns / 1000000000;
}

static struct source source_open(const struct profile *p, const char *path)
{
	struct source source = {0};
	size_t size = 0;
	FILE *file = *path == '/' && is_older_than_run(p, path) ? fopen(path, "r") : NULL;
	if (file && getdelim(&source.text, &size, '\0', file) > 0)
		split(&source);
	if (file)
		fclose(file);
	return source;
}

static const char *source_line(const struct source *source, uint32_t line)
{
	return line && line <= source->count ? source->lines[line - 1] : "";
}

static void source_close(struct source *source)
{
	free(source->text);
	free(source->lines);
}

/* ---- text -------------------------------------------------------------------------------- */

static void line_row(struct view *v, struct grid *g, const struct source_line *line,
                     const char *text)
{
	const struct functions *f = &v->p->functions;
	bool time = f->all.samples > 0;
	if (line->line)
		grid_format(g, "%u", line->line);
	else
		grid_cell(g, "?");
	grid_cell(g, time ? COUNT((int64_t)line->self.samples) : "");
	grid_cell(g, time ? SECONDS(line->self.values[STACK_TIME]) : "");
	grid_cell(g, time ? PERCENT(functions_share(f, &line->self).share) : "");
	grid_cell(g, time ? SECONDS(line->inclusive.values[STACK_TIME]) : "");
	grid_cell(g, view_if_heap(v, view_memory(v, &line->site, STACK_ALLOCATIONS).text));
	grid_cell(g, view_if_heap(v, view_memory(v, &line->site, STACK_BYTES).text));
	grid_cell(g, view_if_heap(v, view_memory(v, &line->site, STACK_PEAK).text));
	grid_cell(g, text);
}

static void begin_lines(struct view *v, struct grid *g)
{
	bool time = v->p->functions.all.samples > 0;
	grid_begin(g, "rrrrrrrrl");
	g->optional = "hcg";
	grid_cell(g, "line");
	grid_cell(g, time ? "samples" : "");
	grid_cell(g, time ? "self" : "");
	grid_cell(g, time ? "self %" : "");
	grid_cell(g, time ? "incl" : "");
	grid_cell(g, view_if_heap(v, "allocs"));
	grid_cell(g, view_if_heap(v, "bytes"));
	grid_cell(g, view_if_heap(v, "at peak"));
	grid_cell(g, "source");
}

/* The lines from `first` on that are of one function and file; returns how many. */
static size_t write_function(struct view *v, const struct lines *lines, size_t first)
{
	const struct source_line *head = &lines->list[first];
	const struct profile_function *function = &v->p->functions.list[head->function];
	struct source source = source_open(v->p, head->file);
	struct grid g;
	size_t count = 0;
	struct text name = {0};
	struct arena arena = {0};
	text_without(&name, function->name, CODE_ANONYMOUS);
	view_heading(v, functions_short_path(&v->p->functions, head->file), "LINES OF %s",
	             shorten(&arena, name.bytes, 60, SHORTEN_END_TELLS));
	text_free(&name);
	arena_free(&arena);
	begin_lines(v, &g);
	for (; first + count < lines->count; count++) {
		const struct source_line *line = &lines->list[first + count];
		if (line->function != head->function || line->file != head->file)
			break;
		line_row(v, &g, line, source_line(&source, line->line));
	}
	grid_write(&g, 1, &v->options->terminal, v->out);
	source_close(&source);
	return count;
}

void lines_text(const struct profile *p, const struct report_options *options, struct text *out)
{
	struct view v = view_of(p, options, out);
	struct lines lines = lines_of(p, options);
	section_head(&v);
	if (!lines.count && options->searches_count)
		text_string(out, "\n  no function or file of this trace is called so; "
		                 "--search alone tells what is near\n");
	else if (!lines.count)
		text_string(out, "\n  this trace tells of no function\n");
	for (size_t i = 0; i < lines.count;)
		i += write_function(&v, &lines, i);
	function_list_missing(&v);
	lines_free(&lines);
}

/* ---- for programs ------------------------------------------------------------------------- */

json_t *lines_json(const struct profile *p, const struct report_options *options)
{
	struct lines lines = lines_of(p, options);
	json_t *document = json_object(), *list = json_array();
	bool time = p->functions.all.samples > 0;
	for (size_t i = 0; i < lines.count; i++) {
		const struct source_line *line = &lines.list[i];
		const double *site = line->site.values;
		json_t *o = json_object();
		json_set(o, "function", json_text(p->functions.list[line->function].name));
		json_set(o, "file", *line->file ? json_text(line->file) : json_null());
		json_set(o, "line", line->line ? json_count(line->line) : json_null());
		json_set(o, "samples",
		         time ? json_count((int64_t)line->self.samples) : json_null());
		json_set(o, "self_seconds",
		         time ? json_number_of(line->self.values[STACK_TIME]) : json_null());
		json_set(o, "inclusive_seconds",
		         time ? json_number_of(line->inclusive.values[STACK_TIME]) : json_null());
		json_set(o, "allocations",
		         p->heap ? json_count((int64_t)site[STACK_ALLOCATIONS]) : json_null());
		json_set(o, "bytes_allocated",
		         p->heap ? json_count((int64_t)site[STACK_BYTES]) : json_null());
		json_set(o, "peak_bytes",
		         p->heap ? json_count((int64_t)site[STACK_PEAK]) : json_null());
		json_array_append_new(list, o);
	}
	lines_free(&lines);
	json_set(document, "schema_version", json_integer(JSON_SCHEMA_VERSION));
	json_set(document, "report", json_string("lines"));
	json_set(document, "run", json_run(p));
	json_set(document, "lines", list);
	return document;
}

void lines_csv(const struct profile *p, const struct report_options *options, struct text *out)
{
	struct lines lines = lines_of(p, options);
	bool time = p->functions.all.samples > 0;
	struct csv csv;
	csv_begin(&csv, options, out,
	          "function,file,line,samples,self_seconds,inclusive_seconds,allocations,"
	          "bytes_allocated,peak_bytes");
	for (size_t i = 0; i < lines.count; i++) {
		const struct source_line *line = &lines.list[i];
		csv_text(&csv, p->functions.list[line->function].name);
		csv_text(&csv, line->file);
		csv_count(&csv, line->line ? line->line : PROFILE_UNKNOWN);
		csv_number(&csv, time ? line->self.samples : NAN);
		csv_number(&csv, time ? line->self.values[STACK_TIME] : NAN);
		csv_number(&csv, time ? line->inclusive.values[STACK_TIME] : NAN);
		for (int metric = STACK_ALLOCATIONS; metric <= STACK_PEAK; metric++)
			csv_number(&csv, p->heap ? line->site.values[metric] : NAN);
		csv_end_row(&csv);
	}
	lines_free(&lines);
}
