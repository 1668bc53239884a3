/* report.c: `analyzer report`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/near.h"
#include "base/pattern.h"
#include "cmd/cmd.h"
#include "model/profile.h"
#include "report/function_order.h"
#include "report/others.h"
#include "report/report.h"
#include "trace/locate.h"

#define REPORTS_MAX 16

/* Which option's values the next words may be. */
enum listing {
	LISTING_NONE,
	LISTING_REPORTS,
	LISTING_SEARCHES,
	LISTING_CATEGORIES,
	LISTING_COMPONENTS
};

struct arguments {
	const struct report *reports[REPORTS_MAX];
	size_t reports_count;
	size_t top;
	const struct function_order *sort;
	enum report_format format;
	const char *output;
	char **traces, **searches;
	size_t traces_count, traces_capacity, searches_count, searches_capacity;
	struct pattern *patterns;
	struct rules categories, components;
	enum listing listing;
	bool no_cache;
};

enum {
	KEY_ALL = 0x100,
	KEY_SORT,
	KEY_CATEGORY,
	KEY_CATEGORIES,
	KEY_COMPONENT,
	KEY_COMPONENTS,
	KEY_NO_CACHE
};

static const struct argp_option known_options[] = {
        {"report", 'r', "KIND...", 0, "which report, or all of them (sim-summary)", 0},
        {"top", 't', "N", 0, "rows of each list (10; in JSON 1000)", 0},
        {"all", KEY_ALL, NULL, 0, "all rows of each list", 0},
        {"sort", KEY_SORT, "KEY", 0,
         "functions by self, inclusive, site, calls, allocations, bytes, peak or name (self)", 0},
        {"search", 's', "PATTERN...", 0,
         "functions, call-sites and phases of that name, whatever their rank: a part of it, a "
         "glob, "
         "or a /regular expression/",
         0},
        {"category", KEY_CATEGORY, "NAME=PATTERN,...", 0,
         "functions that are of a category, before what memprof knows", 0},
        {"categories", KEY_CATEGORIES, "FILE", 0, "the same, a line each", 0},
        {"component", KEY_COMPONENT, "NAME=PATTERN,...", 0,
         "functions that make up a part of the program: \"spatial=kdtree_*,grid_*\"", 0},
        {"components", KEY_COMPONENTS, "FILE", 0, "the same, a line each", 0},
        {"format", 'f', "FORMAT", 0, "text, json, markdown or csv (text)", 0},
        {"no-cache", KEY_NO_CACHE, NULL, 0, "neither use nor fill the cache of symbols", 0},
        {"output", 'o', "FILE", 0, "write to FILE, replacing it once all is written", 0},
        {0},
};

/* An error about a word that is none of `names`, which are separated by ", ". */
static void unknown(struct argp_state *state, const char *what, const char *word, const char *names)
{
	const char *list[32], *near[2];
	char *copy = mem_text(names, strlen(names)), *rest = copy;
	size_t count = 0;
	for (char *name; count < 32 && (name = strsep(&rest, ","));)
		list[count++] = name + strspn(name, " ");
	size_t found = near_words(word, list, count, near, 1);
	argp_error(state, "there is no %s '%s'%s%s%s; choose of: %s", what, word,
	           found ? " (did you mean " : "", found ? near[0] : "", found ? "?)" : "", names);
	free(copy);
}

static void add_report(struct arguments *a, const struct report *report)
{
	for (size_t i = 0; i < a->reports_count; i++)
		if (a->reports[i] == report)
			return;
	if (a->reports_count < REPORTS_MAX)
		a->reports[a->reports_count++] = report;
}

/* False if the word is no report. */
static bool take_report(struct arguments *a, const char *word)
{
	const struct report *report = report_find(word);
	bool all = strcmp(word, "all") == 0;
	for (const struct report *r = report_all(); all && r->name; r++)
		if (!r->by_need)
			add_report(a, r);
	if (report)
		add_report(a, report);
	return all || report;
}

static void add_trace(struct arguments *a, char *word)
{
	a->traces =
	        mem_grow(a->traces, &a->traces_capacity, a->traces_count + 1, sizeof(*a->traces));
	a->traces[a->traces_count++] = word;
}

static void add_search(struct arguments *a, char *word)
{
	a->searches = mem_grow(a->searches, &a->searches_capacity, a->searches_count + 1,
	                       sizeof(*a->searches));
	a->searches[a->searches_count++] = word;
}

/* Whether a word behind the values of an option rather is a trace: it is there, and is called like
 * one, or is a directory. */
static bool looks_like_trace(const char *word)
{
	struct stat status;
	size_t length = strlen(word), suffix = strlen(".msgpack");
	if (stat(word, &status) != 0)
		return false;
	return S_ISDIR(status.st_mode) ||
	       (length > suffix && strcmp(word + length - suffix, ".msgpack") == 0);
}

static size_t parse_top(struct argp_state *state, const char *word)
{
	char *end;
	long top = strtol(word, &end, 10);
	if (*end || end == word || top < 1 || top > 1000000)
		argp_error(state, "--top wants a number from 1 to 1000000, not '%s'", word);
	return (size_t)top;
}

static void check(struct argp_state *state, bool good, const struct failure *failure)
{
	if (!good)
		argp_error(state, "%s", failure->message);
}

static void take_value(struct argp_state *state, enum listing listing, char *word)
{
	struct arguments *a = state->input;
	struct failure failure;
	a->listing = listing;
	switch (listing) {
	case LISTING_REPORTS:
		if (!take_report(a, word))
			unknown(state, "report", word, report_names());
		break;
	case LISTING_SEARCHES:
		add_search(a, word);
		break;
	case LISTING_CATEGORIES:
		check(state, rules_add(&a->categories, word, &failure), &failure);
		break;
	case LISTING_COMPONENTS:
		check(state, rules_add(&a->components, word, &failure), &failure);
		break;
	case LISTING_NONE:
		add_trace(a, word);
		break;
	}
}

/* A word without an option before it: a further value of the last one, or a trace. */
static void take_word(struct argp_state *state, char *word)
{
	struct arguments *a = state->input;
	bool value = a->listing == LISTING_REPORTS    ? report_find(word) || !strcmp(word, "all")
	             : a->listing == LISTING_SEARCHES ? !looks_like_trace(word)
	             : a->listing == LISTING_NONE     ? false
	                                          : strchr(word, '=') && !looks_like_trace(word);
	take_value(state, value ? a->listing : LISTING_NONE, word);
}

/* What can only be told when all words are known. */
static void finish_words(struct argp_state *state)
{
	struct arguments *a = state->input;
	struct failure failure;
	/* A trace of any name may stand last. */
	if (!a->traces_count && a->searches_count > 1 &&
	    access(a->searches[a->searches_count - 1], F_OK) == 0)
		add_trace(a, a->searches[--a->searches_count]);
	if (!a->traces_count)
		argp_error(state, "give a TRACE: a trace.msgpack or a run directory");
	a->patterns = mem_zero(a->searches_count * sizeof(*a->patterns));
	for (size_t i = 0; i < a->searches_count; i++)
		check(state,
		      pattern_parse(&a->patterns[i], a->searches[i], PATTERN_SEARCH, &failure),
		      &failure);
	bool about_searches = false;
	for (size_t i = 0; i < a->reports_count; i++)
		about_searches = about_searches || a->reports[i]->searches;
	if (!about_searches && a->searches_count)
		add_report(a, report_of_searches());
	if (!a->reports_count)
		add_report(a, report_all());
	for (size_t i = 0; a->sort && a->reports_count == 1 && i < a->reports_count; i++)
		if (!a->reports[i]->sorts)
			argp_error(state,
			           "the lists of --report %s have orders of their own; leave out "
			           "--sort",
			           a->reports[i]->name);
}

static error_t parse_list(int key, char *word, struct argp_state *state)
{
	struct arguments *a = state->input;
	struct failure failure;
	switch (key) {
	case 'r':
		take_value(state, LISTING_REPORTS, word);
		return 0;
	case 's':
		take_value(state, LISTING_SEARCHES, word);
		return 0;
	case KEY_CATEGORY:
		take_value(state, LISTING_CATEGORIES, word);
		return 0;
	case KEY_COMPONENT:
		take_value(state, LISTING_COMPONENTS, word);
		return 0;
	case KEY_CATEGORIES:
		check(state, rules_read(&a->categories, word, &failure), &failure);
		return 0;
	case KEY_COMPONENTS:
		check(state, rules_read(&a->components, word, &failure), &failure);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse(int key, char *word, struct argp_state *state)
{
	struct arguments *a = state->input;
	switch (key) {
	case ARGP_KEY_INIT:
		state->err_stream = command_errors();
		return 0;
	case ARGP_KEY_ARG:
		take_word(state, word);
		return 0;
	case ARGP_KEY_END:
		finish_words(state);
		return 0;
	}
	if (key <= KEY_NO_CACHE && key > 0)
		a->listing = LISTING_NONE;
	switch (key) {
	case 't':
		a->top = parse_top(state, word);
		return 0;
	case KEY_NO_CACHE:
		a->no_cache = true;
		return 0;
	case KEY_ALL:
		a->top = SIZE_MAX;
		return 0;
	case KEY_SORT:
		if (!(a->sort = function_order_find(word)))
			unknown(state, "order", word, function_order_names());
		return 0;
	case 'f':
		if (!report_format_find(word, &a->format))
			unknown(state, "format", word, report_format_names());
		return 0;
	case 'o':
		a->output = word;
		return 0;
	default:
		return parse_list(key, word, state);
	}
}

static const struct argp parser = {
        known_options,
        parse,
        "TRACE...",
        "What runs did with their time and memory."
        "\vTRACE is a trace.msgpack, or the directory of a run. An option that takes several "
        "values takes "
        "what follows, up to the next option or trace.\n\n"
        "Examples:\n"
        "  analyzer report trace.msgpack\n"
        "  analyzer report --report sim-details dev-summary trace.msgpack\n"
        "  analyzer report --search 'grid_*' observe trace.msgpack\n"
        "  analyzer report --component 'spatial=kdtree_*,grid_*' trace.msgpack\n"
        "  analyzer report --top 20 memprof.mysim.4711/\n"
        "  analyzer report --format json --output run.json trace.msgpack\n",
        NULL,
        NULL,
        NULL};

static struct profile *load(const char *path, const struct arguments *a, struct failure *failure)
{
	struct trace *trace = path ? trace_load(path, failure) : NULL;
	struct profile_options options = {&a->categories, &a->components, a->no_cache};
	return trace ? profile_build_with(trace, &options) : NULL;
}

/* Of a run directory, a line for each other trace that can be read. */
static void add_others(struct report_set *set, const struct arguments *a,
                       const struct report_options *options, const char *argument,
                       const char *chosen)
{
	struct failure ignored;
	size_t paths_count, count = 0;
	char **paths = trace_others(argument, chosen, &paths_count);
	struct other_trace *others = mem_zero(paths_count * sizeof(*others));
	struct profile **profiles = mem_zero(paths_count * sizeof(*profiles));
	for (size_t i = 0; i < paths_count; i++) {
		const struct profile *p = profiles[i] = load(paths[i], a, &ignored);
		if (p)
			others[count++] = (struct other_trace){
			        paths[i], p->run.command, p->run.wall,
			        p->totals.fields[TRACE_CELL_ALLOCATIONS], p->totals.peak_bytes};
	}
	report_set_add_others(set, others, count, options);
	for (size_t i = 0; i < paths_count; i++) {
		profile_free(profiles[i]);
		free(paths[i]);
	}
	free(profiles);
	free(others);
	free(paths);
}

/* Adds the reports of one trace to the set, unless it cannot be read. */
static enum exit_code report_trace(const struct arguments *a, struct report_options *options,
                                   struct report_set *set, const char *argument, bool *reported)
{
	struct failure failure = {0};
	char *path = trace_locate(argument, &failure);
	struct profile *profile = load(path, a, &failure);
	int code = EXIT_GOOD;
	if (!profile) {
		free(path);
		return command_failed(&failure);
	}
	*reported = true;
	options->trace = argument;
	for (size_t i = 0; i < a->reports_count; i++)
		report_set_add(set, a->reports[i], profile, options);
	if (a->format == REPORT_TEXT || a->format == REPORT_MARKDOWN)
		add_others(set, a, options, argument, path);
	free(path);
	if (profile->trace->damage[0]) {
		failure_set(&failure, EXIT_TRACE,
		            "%s: trace damaged at byte %zu: %s; the report is of what comes before",
		            argument, profile->trace->whole_bytes, profile->trace->damage);
		code = command_failed(&failure);
	}
	profile_free(profile);
	return code;
}

static void arguments_free(struct arguments *a)
{
	for (size_t i = 0; i < a->searches_count; i++)
		pattern_free(&a->patterns[i]);
	free(a->patterns);
	free(a->searches);
	free(a->traces);
	rules_free(&a->categories);
	rules_free(&a->components);
}

int command_report(const char *program, int argc, char **argv)
{
	struct arguments a = {0};
	struct failure failure = {0};
	struct text out = {0};
	command_parse(&parser, argc, argv, ARGP_IN_ORDER, &a);
	struct report_options options = {.top = a.top,
	                                 .sort = a.sort,
	                                 .searches = a.patterns,
	                                 .searches_count = a.searches_count,
	                                 .many = a.traces_count > 1,
	                                 .program = program,
	                                 .terminal = terminal_find(a.output != NULL)};
	options.terminal.markdown = a.format == REPORT_MARKDOWN;
	struct report_set *set = report_set_begin(a.format, a.traces_count * a.reports_count);
	int code = EXIT_GOOD;
	bool reported = false;
	for (size_t i = 0; i < a.traces_count; i++) {
		int one = report_trace(&a, &options, set, a.traces[i], &reported);
		code = one > code ? one : code;
	}
	report_set_end(set, &out);
	/* Where nothing could be read, an earlier result stays. */
	if (reported && !text_write(&out, a.output, &failure))
		code = command_failed(&failure);
	text_free(&out);
	arguments_free(&a);
	return code;
}
