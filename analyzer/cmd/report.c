/* report.c: `analyzer report`. */
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "model/profile.h"
#include "report/others.h"
#include "report/report.h"
#include "trace/locate.h"

#define REPORTS_MAX 16

struct arguments {
	const struct report *reports[REPORTS_MAX];
	size_t reports_count;
	size_t top;
	enum report_format format;
	const char *output;
	char **traces;
	size_t traces_count, traces_capacity;
	bool after_report; /* the words behind --report may be further reports */
};

static const struct argp_option known_options[] = {
        {"report", 'r', "KIND...", 0, "which report (sim-summary)", 0},
        {"top", 't', "N", 0, "rows of each list (10; in JSON 1000 call-sites)", 0},
        {"format", 'f', "FORMAT", 0, "text or json (text)", 0},
        {"output", 'o', "FILE", 0, "write to FILE, replacing it once all is written", 0},
        {0},
};

static void add_report(struct arguments *a, const struct report *report)
{
	for (size_t i = 0; i < a->reports_count; i++)
		if (a->reports[i] == report)
			return;
	if (a->reports_count < REPORTS_MAX)
		a->reports[a->reports_count++] = report;
}

static void add_trace(struct arguments *a, char *word)
{
	a->traces =
	        mem_grow(a->traces, &a->traces_capacity, a->traces_count + 1, sizeof(*a->traces));
	a->traces[a->traces_count++] = word;
}

static size_t parse_top(struct argp_state *state, const char *word)
{
	char *end;
	long top = strtol(word, &end, 10);
	if (*end || end == word || top < 1 || top > 1000000)
		argp_error(state, "--top wants a number from 1 to 1000000, not '%s'", word);
	return (size_t)top;
}

static error_t parse(int key, char *word, struct argp_state *state)
{
	struct arguments *a = state->input;
	const struct report *report;
	bool after_report = a->after_report;
	a->after_report = false;
	switch (key) {
	case ARGP_KEY_INIT:
		state->err_stream = command_errors();
		return 0;
	case 'r':
		if (!(report = report_find(word)))
			argp_error(state, "there is no report '%s'; see --help", word);
		add_report(a, report);
		a->after_report = true;
		return 0;
	case 't':
		a->top = parse_top(state, word);
		return 0;
	case 'f':
		if (!report_format_find(word, &a->format))
			argp_error(state, "there is no format '%s'; choose of: %s", word,
			           report_format_names());
		return 0;
	case 'o':
		a->output = word;
		return 0;
	case ARGP_KEY_ARG:
		report = after_report ? report_find(word) : NULL;
		a->after_report = report != NULL;
		if (report)
			add_report(a, report);
		else
			add_trace(a, word);
		return 0;
	case ARGP_KEY_END:
		if (!a->traces_count)
			argp_error(state, "give a TRACE: a trace.msgpack or a run directory");
		return 0;
	default:
		a->after_report = after_report;
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp parser = {
        known_options,
        parse,
        "TRACE...",
        "What runs did with their time and memory."
        "\vTRACE is a trace.msgpack, or the directory of a run.\n\n"
        "Examples:\n"
        "  analyzer report trace.msgpack\n"
        "  analyzer report --top 20 memprof.mysim.4711/\n"
        "  analyzer report --format json --output run.json trace.msgpack\n",
        NULL,
        NULL,
        NULL};

static struct profile *load(const char *path, struct failure *failure)
{
	struct trace *trace = path ? trace_load(path, failure) : NULL;
	return trace ? profile_build(trace) : NULL;
}

/* Of a run directory, a line for each other trace that can be read. */
static void add_others(struct report_set *set, const struct report_options *options,
                       const char *argument, const char *chosen)
{
	struct failure ignored;
	size_t paths_count, count = 0;
	char **paths = trace_others(argument, chosen, &paths_count);
	struct other_trace *others = mem_zero(paths_count * sizeof(*others));
	struct profile **profiles = mem_zero(paths_count * sizeof(*profiles));
	for (size_t i = 0; i < paths_count; i++) {
		const struct profile *p = profiles[i] = load(paths[i], &ignored);
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
	struct profile *profile = load(path, &failure);
	int code = EXIT_GOOD;
	if (!profile) {
		free(path);
		return command_failed(&failure);
	}
	*reported = true;
	options->trace = argument;
	for (size_t i = 0; i < a->reports_count; i++)
		report_set_add(set, a->reports[i], profile, options);
	if (a->format == REPORT_TEXT)
		add_others(set, options, argument, path);
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

int command_report(const char *program, int argc, char **argv)
{
	struct arguments a = {0};
	struct failure failure = {0};
	struct text out = {0};
	command_parse(&parser, argc, argv, ARGP_IN_ORDER, &a);
	if (!a.reports_count)
		add_report(&a, report_all());
	struct report_options options = {
	        .top = a.top, .program = program, .terminal = terminal_find(a.output != NULL)};
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
	free(a.traces);
	return code;
}
