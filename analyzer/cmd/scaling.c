/* scaling.c: `analyzer scaling`: the laws of time and memory. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "model/profile.h"
#include "report/scaling.h"
#include "scaling/inputs.h"
#include "scaling/within.h"
#include "trace/locate.h"

enum option_key {
	KEY_AGAINST = 256,
	KEY_WIDE,
	KEY_PLAN,
	KEY_LIMIT,
	KEY_CACHE,
	KEY_INPUT,
	KEY_EXPECT,
	KEY_UNSURE,
	KEY_SVG,
};

struct arguments {
	struct study_options study;
	const struct scaling_format *format;
	const char *output, *svg;
	bool plan, fail_on_unsure;
	size_t top;
	double *predict;
	size_t predict_count, predict_capacity;
	const char **expect;
	size_t expect_count, expect_capacity;
	char **paths;
	size_t paths_count, paths_capacity;
	bool after_predict; /* the words behind --predict may be further sizes */
};

static const struct argp_option known_options[] = {
        {"predict", 'p', "N...", 0, "what to expect at these sizes (4 times the largest)", 0},
        {"against", KEY_AGAINST, "WHAT", 0,
         "agents, steps, threads, or the name of a recorded parameter (agents)", 0},
        {"format", 'f', "FORMAT", 0, "text, json, markdown or csv (text)", 0},
        {"output", 'o', "FILE", 0, "write to FILE, replacing it once all is written", 0},
        {"svg", KEY_SVG, "FILE", 0, "draw points, laws and their intervals into FILE, too", 0},
        {"top", 't', "N", 0, "rows of each list (10)", 0},
        {"wide", KEY_WIDE, NULL, 0, "choose from Extra-P's 42 terms instead of 7 classes", 0},
        {"plan", KEY_PLAN, NULL, 0, "say which further sizes would decide what is not sure", 0},
        {"limit", KEY_LIMIT, "BYTES", 0, "memory that there is, as 16G (that of the traces)", 0},
        {"cache", KEY_CACHE, "BYTES", 0,
         "the last level of cache that a core has, as 32M; memprof caches measures it (that of "
         "the traces)",
         0},
        {"input", KEY_INPUT, "KIND", 0, "trace, manifest, csv, extrap or jsonl (told by content)",
         0},
        {"expect", KEY_EXPECT, "PHASE=LAW,...", 0,
         "end with 1 if the time of a phase surely grows faster", 0},
        {"fail-on-unsure", KEY_UNSURE, NULL, 0, "end with 4 if an expectation cannot be told", 0},
        {0},
};

static void add_size(struct arguments *a, double n)
{
	a->predict = mem_grow(a->predict, &a->predict_capacity, a->predict_count + 1,
	                      sizeof(*a->predict));
	a->predict[a->predict_count++] = n;
}

/* Sizes parted by commas; false if the word is none. */
static bool parse_sizes(struct arguments *a, const char *word)
{
	size_t before = a->predict_count;
	for (;;) {
		char *end;
		double n = strtod(word, &end);
		if (end == word || !(n > 0) || n > 1e15 || (*end && *end != ',')) {
			a->predict_count = before;
			return false;
		}
		add_size(a, n);
		if (!*end)
			return true;
		word = end + 1;
	}
}

static double parse_bytes(struct argp_state *state, const char *option, const char *word)
{
	static const char units[] = "KMGTP";
	char *end;
	double bytes = strtod(word, &end);
	const char *unit = *end ? strchr(units, *end & ~0x20) : NULL;
	if (unit)
		bytes *= pow(1024, (double)(unit - units + 1));
	end += unit != NULL;
	if (end == word || (*end && strcmp(end, "iB") != 0 && strcmp(end, "B") != 0) ||
	    !(bytes > 0))
		argp_error(state, "%s wants bytes, as 16G or 16GiB, not '%s'", option, word);
	return bytes;
}

static size_t parse_top(struct argp_state *state, const char *word)
{
	char *end;
	long top = strtol(word, &end, 10);
	if (*end || end == word || top < 1 || top > 1000000)
		argp_error(state, "--top wants a number from 1 to 1000000, not '%s'", word);
	return (size_t)top;
}

static void add_path(struct arguments *a, char *word)
{
	a->paths = mem_grow(a->paths, &a->paths_capacity, a->paths_count + 1, sizeof(*a->paths));
	a->paths[a->paths_count++] = word;
}

static void add_expectation(struct arguments *a, const char *word)
{
	a->expect =
	        mem_grow(a->expect, &a->expect_capacity, a->expect_count + 1, sizeof(*a->expect));
	a->expect[a->expect_count++] = word;
}

static error_t parse_choice(int key, char *word, struct argp_state *state)
{
	struct arguments *a = state->input;
	switch (key) {
	case 'f':
		if (!(a->format = scaling_format_find(word)))
			argp_error(state,
			           "there is no format '%s'; choose of: text, json, markdown, csv",
			           word);
		return 0;
	case KEY_INPUT:
		if (!input_find(word))
			argp_error(state,
			           "there is no input '%s'; choose of: trace, manifest, csv, "
			           "extrap, jsonl",
			           word);
		a->study.input = word;
		return 0;
	case KEY_LIMIT:
		a->study.limit = parse_bytes(state, "--limit", word);
		return 0;
	case KEY_CACHE:
		a->study.cache = parse_bytes(state, "--cache", word);
		return 0;
	case 't':
		a->top = parse_top(state, word);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse(int key, char *word, struct argp_state *state)
{
	struct arguments *a = state->input;
	bool after_predict = a->after_predict;
	a->after_predict = false;
	switch (key) {
	case ARGP_KEY_INIT:
		state->err_stream = command_errors();
		return 0;
	case 'p':
		if (!parse_sizes(a, word))
			argp_error(state, "--predict wants sizes above 0, not '%s'", word);
		a->after_predict = true;
		return 0;
	case KEY_AGAINST:
		a->study.against = word;
		return 0;
	case 'o':
		a->output = word;
		return 0;
	case KEY_SVG:
		a->svg = word;
		return 0;
	case KEY_WIDE:
		a->study.wide = true;
		return 0;
	case KEY_PLAN:
		a->plan = true;
		return 0;
	case KEY_EXPECT:
		add_expectation(a, word);
		return 0;
	case KEY_UNSURE:
		a->fail_on_unsure = true;
		return 0;
	case ARGP_KEY_ARG:
		a->after_predict = after_predict && parse_sizes(a, word);
		if (!a->after_predict)
			add_path(a, word);
		return 0;
	case ARGP_KEY_END:
		if (!a->paths_count)
			argp_error(state, "give a sweep's directory, or runs or measurements of 3 "
			                  "sizes or more");
		return 0;
	default:
		a->after_predict = after_predict && key == ARGP_KEY_ARGS;
		return parse_choice(key, word, state);
	}
}

static const struct argp parser = {
        known_options,
        parse,
        "TRACE|DIRECTORY|MANIFEST|FILE...",
        "How time, allocations and memory grow with the number of agents, and how sure that is."
        "\vTakes the directory of a sweep, traces or run directories of several sizes, or "
        "measurements from elsewhere: CSV with the columns n and value (metric and path where "
        "there are several), Extra-P's text, or its JSON lines. Of a single run whose population "
        "changes it tells growth with agents from growth with age.\n\n"
        "Examples:\n"
        "  analyzer scaling results/sweep/\n"
        "  analyzer scaling --predict 12800 --format json run-100 run-400 run-1600\n"
        "  analyzer scaling --expect observation=linear,spatial_index=linearithmic sweep/\n"
        "  analyzer scaling --against radius --plan sweep-of-radius/\n",
        NULL,
        NULL,
        NULL};

/* ---- output ------------------------------------------------------------------------------- */

static bool write_all(const struct arguments *a, const struct scaling_report *report,
                      struct failure *failure)
{
	struct text out = {0}, svg = {0};
	a->format->write(report, &out);
	bool good = text_write(&out, a->output, failure);
	if (good && a->svg) {
		scaling_svg(report, &svg);
		good = text_write(&svg, a->svg, failure);
	}
	text_free(&out);
	text_free(&svg);
	return good;
}

static struct scaling_report report_of(const struct arguments *a, const struct gates *gates)
{
	return (struct scaling_report){.gates = gates,
	                               .plan = a->plan,
	                               .top = a->top,
	                               .terminal = terminal_find(a->output != NULL)};
}

/* ---- one run ------------------------------------------------------------------------------ */

/* The trace that is all there is, of one size; NULL: there is more, or no trace. */
static char *single_trace(const struct arguments *a, const struct study *study)
{
	if (study->runs_count != 1 || a->paths_count != 1)
		return NULL;
	return mem_text(study->runs[0].source, strlen(study->runs[0].source));
}

/* What needs several sizes. */
static bool is_for_one(const struct arguments *a, const char *path, struct failure *failure)
{
	if (a->expect_count || a->svg)
		return failure_set(failure, EXIT_TRACE,
		                   "%s is one run of one size: %s runs of 3 or more sizes", path,
		                   a->expect_count ? "--expect wants" : "--svg draws");
	return true;
}

static int scale_within(const struct arguments *a, const char *path)
{
	struct failure failure = {0};
	if (!is_for_one(a, path, &failure))
		return command_failed(&failure);
	struct within within;
	struct gates none = {0};
	struct scaling_report report = report_of(a, &none);
	struct trace *trace = trace_load(path, &failure);
	if (!trace)
		return command_failed(&failure);
	struct profile *p = profile_build(trace);
	bool good = within_build(&within, p, path, &failure);
	report.within = &within;
	good = good && write_all(a, &report, &failure);
	within_free(&within);
	profile_free(p);
	return good ? EXIT_GOOD : command_failed(&failure);
}

/* ---- several sizes ------------------------------------------------------------------------ */

static int exit_of(const struct arguments *a, const struct gates *gates)
{
	switch (gates_worst(gates)) {
	case GATE_BROKEN:
		return EXIT_WORSE;
	case GATE_OPEN:
		fprintf(stderr, "analyzer: an expectation cannot be told; see EXPECTATIONS, and "
		                "--plan for what would decide\n");
		return a->fail_on_unsure ? EXIT_UNSURE : EXIT_GOOD;
	case GATE_KEPT:
	default:
		return EXIT_GOOD;
	}
}

static int scale_study(const struct arguments *a, struct study *study)
{
	struct failure failure = {0};
	struct gates gates = {0};
	struct scaling_report report = report_of(a, &gates);
	bool good = study_fit(study, &failure);
	report.study = study;
	for (size_t i = 0; good && i < a->expect_count; i++)
		good = gates_judge(&gates, study, a->expect[i], &failure);
	good = good && write_all(a, &report, &failure);
	int code = good ? exit_of(a, &gates) : command_failed(&failure);
	gates_free(&gates);
	return code;
}

int command_scaling(const char *program, int argc, char **argv)
{
	struct arguments a = {.format = scaling_format_all()};
	struct failure failure = {0};
	struct study study;
	(void)program;
	command_parse(&parser, argc, argv, ARGP_IN_ORDER, &a);
	a.study.predict = a.predict;
	a.study.predict_count = a.predict_count;
	study_begin(&study, &a.study);
	int code;
	if (!inputs_measure(&study, a.paths, a.paths_count, &failure)) {
		code = command_failed(&failure);
	} else {
		char *single = single_trace(&a, &study);
		code = single ? scale_within(&a, single) : scale_study(&a, &study);
		free(single);
	}
	study_free(&study);
	free(a.predict);
	free(a.expect);
	free(a.paths);
	return code;
}
