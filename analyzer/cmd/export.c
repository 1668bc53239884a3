/* export.c: `analyzer export`. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "export/export.h"
#include "trace/locate.h"

struct arguments {
	const struct exporter *exporter;
	enum stack_metric metric;
	enum export_base by;
	bool metric_given, by_given, inverted;
	const char *old, *output, *trace;
};

enum { OPTION_BY = 256, OPTION_DIFF, OPTION_INVERTED };

static const struct argp_option known_options[] = {
        {"format", 'f', "FORMAT", 0, "what to write, see below", 0},
        {"metric", 'm', "METRIC", 0,
         "what is weighed: time, allocations, bytes, peak or live (time where it was sampled, else "
         "bytes)",
         0},
        {"by", OPTION_BY, "BASE", 0,
         "outermost frames: the phase or the thread that a stack was measured in, or none (phase)",
         0},
        {"diff", OPTION_DIFF, "OLD", 0,
         "flamegraph: show what has changed since the trace OLD was recorded", 0},
        {"inverted", OPTION_INVERTED, NULL, 0, "flamegraph: the root at the top", 0},
        {"output", 'o', "FILE", 0,
         "write to FILE, replacing it once all is written; - for standard output", 0},
        {0},
};

static void parse_by(struct arguments *a, const char *word, struct argp_state *state)
{
	static const char *const names[] = {"phase", "thread", "none"};
	static const enum export_base bases[] = {EXPORT_BY_PHASE, EXPORT_BY_THREAD, EXPORT_BY_NONE};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(word, names[i]) == 0) {
			a->by = bases[i];
			a->by_given = true;
			return;
		}
	argp_error(state, "there is no base '%s'; choose of: phase, thread, none", word);
}

static void check_complete(const struct arguments *a, struct argp_state *state)
{
	if (!a->exporter)
		argp_error(state, "give a --format of: %s", export_names().text);
	if (!a->trace)
		argp_error(state, "give a TRACE: a trace.msgpack or a run directory");
	if (!a->output && isatty(STDOUT_FILENO))
		argp_error(state, "give -o FILE, or -o - to print it here");
	const struct {
		bool given;
		unsigned takes;
		const char *option;
	} options[] = {{a->metric_given, EXPORT_TAKES_METRIC, "metric"},
	               {a->by_given, EXPORT_TAKES_BY, "by"},
	               {a->old != NULL, EXPORT_TAKES_DIFF, "diff"},
	               {a->inverted, EXPORT_TAKES_INVERTED, "inverted"}};
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (options[i].given && !(a->exporter->takes & options[i].takes))
			argp_error(state, "--%s means nothing to the format %s; leave it out",
			           options[i].option, a->exporter->name);
}

static error_t parse(int key, char *word, struct argp_state *state)
{
	struct arguments *a = state->input;
	struct failure failure;
	switch (key) {
	case ARGP_KEY_INIT:
		state->err_stream = command_errors();
		return 0;
	case 'f':
		if (!export_find(word, &a->exporter, &failure))
			argp_error(state, "%s", failure.message);
		return 0;
	case 'm':
		if (!export_find_metric(word, &a->metric, &failure))
			argp_error(state, "%s", failure.message);
		a->metric_given = true;
		return 0;
	case OPTION_BY:
		parse_by(a, word, state);
		return 0;
	case OPTION_DIFF:
		a->old = word;
		return 0;
	case OPTION_INVERTED:
		a->inverted = true;
		return 0;
	case 'o':
		a->output = word;
		return 0;
	case ARGP_KEY_ARG:
		if (a->trace)
			argp_error(state,
			           "one TRACE at a time: '%s' is a second one (--diff OLD "
			           "compares two)",
			           word);
		a->trace = word;
		return 0;
	case ARGP_KEY_END:
		check_complete(a, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* The formats of the table stand before the examples. */
static char *add_formats(int key, const char *text, void *input)
{
	struct text help = {0};
	(void)input;
	if (key != ARGP_KEY_HELP_POST_DOC || !text)
		return (char *)text;
	text_string(&help, "Formats:\n");
	for (const struct exporter *const *e = export_all(); *e; e++)
		text_printf(&help, "  %-11s %s\n", (*e)->name, (*e)->summary);
	text_printf(&help, "\n%s", text);
	return help.bytes;
}

static const struct argp parser = {
        known_options,
        parse,
        "TRACE",
        "Writes a run for other tools, or as a picture."
        "\v" /* add_formats */
        "Examples:\n"
        "  analyzer export -f flamegraph -o flame.svg trace.msgpack\n"
        "  analyzer export -f flamegraph --diff old.msgpack -o diff.svg trace.msgpack\n"
        "  analyzer export -f pprof -o run.pb.gz memprof.mysim.4711/\n"
        "  go tool pprof -top -sample_index=bytes run.pb.gz\n"
        "  analyzer export -f collapsed -m live trace.msgpack | sort -nk2\n",
        NULL,
        add_formats,
        NULL};

static struct profile *load(const char *argument, struct failure *failure)
{
	char *path = trace_locate(argument, failure);
	struct trace *trace = path ? trace_load(path, failure) : NULL;
	free(path);
	return trace ? profile_build(trace) : NULL;
}

/* What stands before the damage is exported; then the damage is told. */
static int report_damage(const struct profile *profile, const char *argument)
{
	struct failure failure;
	if (!profile->trace->damage[0])
		return EXIT_GOOD;
	failure_set(&failure, EXIT_TRACE,
	            "%s: trace damaged at byte %zu: %s; the export is of what comes before",
	            argument, profile->trace->whole_bytes, profile->trace->damage);
	return command_failed(&failure);
}

static int export_trace(const struct arguments *a, const struct profile *profile,
                        const struct profile *old)
{
	struct failure failure = {0};
	struct text out = {0};
	struct export_job job = {
	        .profile = profile,
	        .old = old,
	        .metric = a->metric_given ? a->metric : export_default_metric(profile),
	        .by = a->by,
	        .inverted = a->inverted,
	        .out = &out,
	};
	bool good =
	        export_profile(a->exporter, job, &failure) && text_write(&out, a->output, &failure);
	text_free(&out);
	return good ? report_damage(profile, a->trace) : command_failed(&failure);
}

int command_export(const char *program, int argc, char **argv)
{
	struct arguments a = {0};
	struct failure failure = {0};
	int code;
	(void)program;
	command_parse(&parser, argc, argv, 0, &a);
	struct profile *profile = load(a.trace, &failure);
	struct profile *old = profile && a.old ? load(a.old, &failure) : NULL;
	if (!profile || (a.old && !old))
		code = command_failed(&failure);
	else
		code = export_trace(&a, profile, old);
	profile_free(profile);
	profile_free(old);
	return code;
}
