/* cmd_sweep.c: memprof sweep: its options. What they do is in sweep.c. */
#include "commands.h"
#include "options.h"
#include "say.h"
#include "sweep.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum option_key {
	KEY_AGENTS = 256,
	KEY_REPEAT,
	KEY_MODE,
};

static const struct argp_option options[] = {
        {"agents", KEY_AGENTS, "N,N...", 0, "the agent counts, in place of each {}; up to 64", 0},
        {"repeat", KEY_REPEAT, "K", 0, "runs for each count, interleaved (default 1)", 0},
        {"dir", 'd', "DIR", 0, "where all goes, made when needed (memprof-sweep.NAME.PID)", 0},
        {"mode", KEY_MODE, "MODE", 0, "as of memprof run", 0},
        {0},
};

static const char doc[] =
        "Runs COMMAND under memprof run once for each agent count, which stands in place of {} in "
        "its arguments, and writes a manifest that `analyzer scaling` takes."
        "\v"
        "Options end at the command. Examples:\n"
        "  memprof sweep --agents 1000,2000,4000 --repeat 3 -- ./mysim -n {}\n"
        "  analyzer scaling memprof-sweep.mysim.4711\n"
        "\n"
        "Exit status: 0 when all runs ended with 0; 1 when some did not; 2 for wrong options; 125 "
        "if nothing can be written; 130, 143 interrupted.";

/* Digits only; the whole of TEXT up to LENGTH. */
static bool read_number(const char *text, size_t length, uint64_t most, uint64_t *value)
{
	if (length == 0 || length > 19 || strspn(text, "0123456789") < length)
		return false;
	*value = strtoull(text, NULL, 10);
	return *value >= 1 && *value <= most;
}

static void read_agents(struct sweep_options *sweep, const char *text)
{
	bool good = true;
	sweep->values_count = 0;
	for (const char *at = text; good; at += strcspn(at, ",") + 1) {
		size_t length = strcspn(at, ",");
		good = sweep->values_count < SWEEP_VALUES_MOST &&
		       read_number(at, length, INT64_MAX, &sweep->values[sweep->values_count]);
		sweep->values_count++;
		if (!at[length])
			break;
	}
	if (good)
		return;
	say("--agents %s: it takes up to %u whole numbers from 1 on, with commas", text,
	    SWEEP_VALUES_MOST);
	exit(EXIT_USAGE);
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct sweep_options *sweep = state->input;
	switch (key) {
	case KEY_AGENTS:
		read_agents(sweep, argument);
		return 0;
	case KEY_REPEAT:
		if (read_number(argument, strlen(argument), SWEEP_REPEAT_MOST, &sweep->repeat))
			return 0;
		say("--repeat %s: it takes a whole number from 1 to %u", argument,
		    SWEEP_REPEAT_MOST);
		exit(EXIT_USAGE);
	case 'd':
		sweep->directory = argument;
		return 0;
	case KEY_MODE:
		sweep->mode = argument;
		return 0;
	case ARGP_KEY_ARGS:
		sweep->command = state->argv + state->next;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_NO_ARGS:
		say("sweep needs a command: memprof sweep --agents 1000,2000 -- ./program {}");
		exit(EXIT_USAGE);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static bool has_place(char **command)
{
	for (; *command; command++)
		if (strstr(*command, "{}"))
			return true;
	return false;
}

int cmd_sweep(int argc, char **argv, const char *called)
{
	static const struct argp argp = {
	        .options = options,
	        .parser = parse,
	        .args_doc = "[--] COMMAND [ARGUMENT...]",
	        .doc = doc,
	        .children = options_common,
	};
	struct sweep_options sweep = {.called = called, .repeat = 1};
	argv[0] = (char *)"memprof sweep";
	if (options_parse(&argp, argc, argv, ARGP_IN_ORDER, &sweep) != 0)
		return EXIT_USAGE;
	if (sweep.values_count == 0) {
		say("sweep needs agent counts: memprof sweep --agents 1000,2000 -- ./program {}");
		return EXIT_USAGE;
	}
	if (!has_place(sweep.command)) {
		say("sweep: no word of the command has {}, where the agent count goes");
		return EXIT_USAGE;
	}
	return sweep_run(&sweep);
}
