/* cmd_run.c: memprof run: its options. What they do is in run.c. */
#include "commands.h"
#include "human.h"
#include "memory.h"
#include "options.h"
#include "run.h"
#include "say.h"
#include "shared/region.h"

#include <stdlib.h>
#include <string.h>

enum option_key {
	KEY_MODE = 256,
	KEY_REPORT,
	KEY_PARAM,
	KEY_COUNT_CALLS,
};

static const struct argp_option options[] = {
        {"output", 'o', "TRACE", 0,
         "write the trace to this file, and nothing into a run directory; %p stands for the "
         "process id, %h for the host name, %q{VAR} for an environment variable",
         0},
        {"dir", 'd', "DIR", 0,
         "the run directory, made when needed (default memprof.NAME.PID); trace.msgpack and "
         "status.json are written into it; % as in -o",
         0},
        {"force", 'f', NULL, 0, "replace TRACE (of -o) if it exists", 0},
        {"mode", KEY_MODE, "MODE", 0,
         "exact: count every allocation (default); sampled[=BYTES]: record one in about BYTES "
         "(default 512K; 16 to 1G) and estimate the rest, with error bars; off: only steps and "
         "phases",
         0},
        {"freq", 'F', "HZ", 0,
         "samples of CPU time a second, of each thread, to tell which functions it goes to "
         "(default 199, at most 10000); off: none",
         0},
        {"param", KEY_PARAM, "NAME=VALUE", 0,
         "record a parameter of the run, to tell runs apart and to scale against; may be repeated, "
         "and goes before one that the program marks",
         0},
        {"count-calls", KEY_COUNT_CALLS, NULL, 0,
         "count and time every call of a program compiled with -finstrument-functions", 0},
        {"report", KEY_REPORT, "KIND", OPTION_ARG_OPTIONAL,
         "print a report when the program has ended: sim-summary, or what analyzer report knows",
         0},
        {"quiet", 'q', NULL, 0, "no closing line; errors are still told", 0},
        {0},
};

static const char doc[] =
        "Runs COMMAND and records where its time and memory go. Exits as COMMAND does."
        "\v"
        "Options end at the command. Examples:\n"
        "  memprof run -- ./mysim --steps 500\n"
        "  memprof run --report -o mysim.msgpack ./mysim\n"
        "  memprof run --dir 'results/%h.%q{JOB_ID}' -- ./mysim\n"
        "\n"
        "Exit status: that of COMMAND; by the same signal, if one ended it; 125 if it cannot be "
        "profiled or nothing can be written, 126 if it is not executable, 127 if it is not found, "
        "2 for wrong options.";

static unsigned parse_freq(const char *text)
{
	char *end;
	if (strcmp(text, "off") == 0)
		return 0;
	unsigned long hz = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || hz < 1 || hz > MP_FREQ_MAX) {
		say("--freq %s: give samples a second, 1 to %u, or off", text, MP_FREQ_MAX);
		exit(EXIT_USAGE);
	}
	return (unsigned)hz;
}

#define SAMPLED              "sampled"
#define SAMPLE_BYTES_DEFAULT (512u << 10)

/* The BYTES of sampled=BYTES. */
static uint64_t sample_bytes(const char *text)
{
	uint64_t bytes;
	if (!human_read_bytes(text, &bytes) || bytes < MP_SAMPLED_BYTES_MIN ||
	    bytes > MP_SAMPLED_BYTES_MAX) {
		say("--mode " SAMPLED "=%s: BYTES is a number from 16 to 1G, as 65536, 512K or 1M",
		    text);
		exit(EXIT_USAGE);
	}
	return bytes;
}

static void set_mode(struct run_options *run, const char *mode)
{
	run->marks_only = strcmp(mode, "off") == 0;
	run->sample_bytes = 0;
	if (strcmp(mode, SAMPLED) == 0) {
		run->sample_bytes = SAMPLE_BYTES_DEFAULT;
	} else if (strncmp(mode, SAMPLED "=", strlen(SAMPLED "=")) == 0) {
		run->sample_bytes = sample_bytes(mode + strlen(SAMPLED "="));
	} else if (!run->marks_only && strcmp(mode, "exact") != 0) {
		say("--mode %s: there are exact, sampled[=BYTES] and off", mode);
		exit(EXIT_USAGE);
	}
}

static void add_param(struct run_options *run, const char *param)
{
	const char *equals = strchr(param, '=');
	if (!equals || equals == param) {
		say("--param %s: give NAME=VALUE", param);
		exit(EXIT_USAGE);
	}
	memory_reserve(&run->params, &run->params_capacity, run->params_count + 1,
	               sizeof *run->params);
	run->params[run->params_count++] = param;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct run_options *run = state->input;
	switch (key) {
	case 'o':
		run->trace = argument;
		return 0;
	case 'd':
		run->directory = argument;
		return 0;
	case 'f':
		run->force = true;
		return 0;
	case 'q':
		run->quiet = true;
		return 0;
	case 'F':
		run->sampling_hz = parse_freq(argument);
		return 0;
	case KEY_PARAM:
		add_param(run, argument);
		return 0;
	case KEY_COUNT_CALLS:
		run->count_calls = true;
		return 0;
	case KEY_REPORT:
		run->report = argument ? argument : "sim-summary";
		return 0;
	case KEY_MODE:
		set_mode(run, argument);
		return 0;
	case ARGP_KEY_ARGS:
		run->command = state->argv + state->next;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_NO_ARGS:
		say("run needs a command: memprof run -- ./program ...");
		exit(EXIT_USAGE);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int cmd_run(int argc, char **argv, const char *called)
{
	static const struct argp argp = {
	        .options = options,
	        .parser = parse,
	        .args_doc = "[--] COMMAND [ARGUMENT...]",
	        .doc = doc,
	        .children = options_common,
	};
	struct run_options run = {.called = called, .sampling_hz = RUN_SAMPLING_HZ};
	argv[0] = (char *)"memprof run";
	if (options_parse(&argp, argc, argv, ARGP_IN_ORDER, &run) != 0)
		return EXIT_USAGE;
	return run_command(&run);
}
