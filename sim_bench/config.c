/* config.c: the options of the command line, by argp; see config.h.
 *
 * argp prints more than one line for a wrong option, so it is told to print nothing, and the
 * messages are made here.
 */
#include "config.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_STEPS  1000
#define DEFAULT_AGENTS 30
#define DEFAULT_SEED   42
#define QUICK_STEPS    100
#define QUICK_AGENTS   30

#define TEXT2_(X)   #X
#define TEXT_(X)    TEXT2_(X)
#define STEPS_TEXT  TEXT_(DEFAULT_STEPS)
#define AGENTS_TEXT TEXT_(DEFAULT_AGENTS)
#define SEED_TEXT   TEXT_(DEFAULT_SEED)
#define QUICK_TEXT  "--steps " TEXT_(QUICK_STEPS) " --agents " TEXT_(QUICK_AGENTS)

enum option_key {
	KEY_HELP = 'h',
	KEY_VERSION = 'V',
	KEY_STEPS = 0x100,
	KEY_AGENTS,
	KEY_QUICK,
	KEY_SEED,
	KEY_OUT,
	KEY_SPATIAL,
	KEY_DB,
	KEY_NO_PROFILE,
	KEY_USAGE,
};

static const struct argp_option options[] = {
        {0, 0, 0, 0, "What to simulate:", 1},
        {"steps", KEY_STEPS, "N", 0, "Steps to run, 1 to 1000000000 (default " STEPS_TEXT ")", 0},
        {"agents", KEY_AGENTS, "N", 0,
         "Agents at the start, 1 to 100000 (default " AGENTS_TEXT ")"
         "; world and resources grow with them, so that density stays",
         0},
        {"seed", KEY_SEED, "N", 0,
         "Seed of all chance, 0 to 18446744073709551615 (default " SEED_TEXT ")", 0},
        {"quick", KEY_QUICK, 0, 0,
         "The baseline, short: " QUICK_TEXT "; options given explicitly win", 0},
        {0, 0, 0, 0, "How to simulate (the result stays the same):", 2},
        {"spatial", KEY_SPATIAL, "KIND", 0, "Spatial index: kdtree (default) or brute", 0},
        {0, 0, 0, 0, "What to leave behind:", 3},
        {"out", KEY_OUT, "DIR", 0,
         "Directory of the run (default: a new one in results/); made if missing, refused if it "
         "holds a run already",
         0},
        {"db", KEY_DB, "PATH|none", 0, "Database (default: sim.db in the run's directory)", 0},
        {"no-profile", KEY_NO_PROFILE, 0, 0,
         "Run bare, on the allocator of the system, without the profiler", 0},
        {0, 0, 0, 0, "Help:", -1},
        {"help", KEY_HELP, 0, 0, "Print this", 0},
        {"usage", KEY_USAGE, 0, 0, "Print the options in short", 0},
        {"version", KEY_VERSION, 0, 0, "Print the version", 0},
        {0},
};

static const char doc[] =
        "Runs an agent simulation, the reference for profiling with memprof: agents on a plane "
        "observe, decide, act, are born and die; every step goes into an SQLite database."
        "\vBy default the run is profiled: sim_bench starts itself under `memprof run`, and leaves "
        "a link trace.msgpack to the trace in the current directory.\n\n"
        "Examples:\n"
        "  sim_bench --quick                      100 steps of the baseline, profiled\n"
        "  analyzer trace.msgpack                 and what they cost\n"
        "  sim_bench --steps 5000 --agents 300    ten times the agents\n"
        "  sim_bench --no-profile --db none       how fast it is by itself\n"
        "  sim_bench --spatial brute --seed 7     another index and course\n\n"
        "Exit codes: 0 the run finished; 1 it failed (its committed results are kept); 2 wrong "
        "usage, or a directory or database that cannot be used; 130, 143 interrupted by SIGINT, "
        "SIGTERM (closed cleanly).";

/* What is read so far, and what was given explicitly, which --quick leaves alone. */
struct parsing {
	struct config *config;
	bool steps_given, agents_given;
	char *error;
	size_t error_size;
	bool shown;
	int next; /* where argp stopped on an error */
};

static const struct argp argp = {.options = options, .doc = doc};

static error_t bad_value(struct parsing *parsing, const char *option, const char *value,
                         const char *wanted)
{
	snprintf(parsing->error, parsing->error_size, "--%s: '%s' is not %s", option, value,
	         wanted);
	return EINVAL;
}

/* Digits only: no sign, no blanks, no suffix. */
static bool read_number(const char *text, uint64_t least, uint64_t most, uint64_t *value)
{
	if (!*text || text[strspn(text, "0123456789")])
		return false;
	errno = 0;
	unsigned long long number = strtoull(text, NULL, 10);
	if (errno || number < least || number > most)
		return false;
	*value = number;
	return true;
}

static error_t set_steps(struct parsing *parsing, const char *value)
{
	if (!read_number(value, 1, CONFIG_STEPS_MOST, &parsing->config->steps))
		return bad_value(parsing, "steps", value, "a whole number from 1 to 1000000000");
	parsing->steps_given = true;
	return 0;
}

static error_t set_agents(struct parsing *parsing, const char *value)
{
	uint64_t agents;
	if (!read_number(value, 1, CONFIG_AGENTS_MOST, &agents))
		return bad_value(parsing, "agents", value, "a whole number from 1 to 100000");
	parsing->config->agents = (uint32_t)agents;
	parsing->agents_given = true;
	return 0;
}

static error_t set_seed(struct parsing *parsing, const char *value)
{
	if (!read_number(value, 0, UINT64_MAX, &parsing->config->seed))
		return bad_value(parsing, "seed", value,
		                 "a whole number from 0 to 18446744073709551615");
	return 0;
}

static error_t set_spatial(struct parsing *parsing, const char *value)
{
	char wanted[160];
	parsing->config->spatial = spatial_kind_find(value);
	if (parsing->config->spatial)
		return 0;
	snprintf(wanted, sizeof wanted, "one of %s", spatial_kind_names());
	return bad_value(parsing, "spatial", value, wanted);
}

static error_t set_path(struct parsing *parsing, const char *option, const char *value,
                        const char **path)
{
	if (!*value)
		return bad_value(parsing, option, value, "a path");
	*path = value;
	return 0;
}

static error_t show_help(struct parsing *parsing, const char *name, unsigned flags)
{
	/* argp wants to write the name. */
	char *copy = strdup(name);
	argp_help(&argp, stdout, flags, copy);
	free(copy);
	parsing->shown = true;
	return 0;
}

static error_t set_option(int key, char *value, struct argp_state *state)
{
	struct parsing *parsing = state->input;
	switch (key) {
	case KEY_STEPS:
		return set_steps(parsing, value);
	case KEY_AGENTS:
		return set_agents(parsing, value);
	case KEY_SEED:
		return set_seed(parsing, value);
	case KEY_SPATIAL:
		return set_spatial(parsing, value);
	case KEY_OUT:
		return set_path(parsing, "out", value, &parsing->config->out);
	case KEY_DB:
		return set_path(parsing, "db", value, &parsing->config->db);
	case KEY_QUICK:
		parsing->config->quick = true;
		return 0;
	case KEY_NO_PROFILE:
		parsing->config->profile = false;
		return 0;
	case KEY_HELP:
		return show_help(parsing, "sim_bench",
		                 ARGP_HELP_SHORT_USAGE | ARGP_HELP_LONG | ARGP_HELP_DOC);
	case KEY_USAGE:
		return show_help(parsing, "sim_bench", ARGP_HELP_USAGE);
	case KEY_VERSION:
		puts("sim_bench " MEMPROF_VERSION);
		parsing->shown = true;
		return 0;
	case ARGP_KEY_ARG:
		snprintf(parsing->error, parsing->error_size,
		         "unexpected argument '%s' (options begin with --; see --help)", value);
		return EINVAL;
	case ARGP_KEY_ERROR:
		parsing->next = state->next;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* The option that ARGUMENT names, whole or by its beginning; *MATCHES is set to how many it could
 * mean. */
static const struct argp_option *option_of(const char *argument, int *matches)
{
	const struct argp_option *found = NULL;
	size_t length = strcspn(argument, "=");
	*matches = 0;
	if (length < 3 || strncmp(argument, "--", 2) != 0)
		return NULL;
	for (const struct argp_option *option = options; option->name || option->doc; option++) {
		if (!option->name || strncmp(option->name, argument + 2, length - 2) != 0)
			continue;
		found = option;
		++*matches;
		if (strlen(option->name) == length - 2) {
			*matches = 1;
			break;
		}
	}
	return found;
}

/* Says what is wrong with an argument; false if nothing is, as far as can be seen from it. */
static bool describe_refused(const char *argument, char *error, size_t error_size)
{
	int matches;
	const struct argp_option *option = option_of(argument, &matches);
	if (argument[0] != '-')
		return false;
	if (!option)
		snprintf(error, error_size, "unknown option '%s' (see --help)", argument);
	else if (matches > 1)
		snprintf(error, error_size, "option '%s' is ambiguous (see --help)", argument);
	else if (!option->arg && strchr(argument, '='))
		snprintf(error, error_size, "option '--%s' takes no value", option->name);
	else if (option->arg && !strchr(argument, '='))
		snprintf(error, error_size, "option '--%s' needs a value (%s)", option->name,
		         option->arg);
	else
		return false;
	return true;
}

/* argp says only where it stopped: after the refused argument, or at it if that is a bundle of
 * short options. */
static void describe_stop(char **argv, int next, char *error, size_t error_size)
{
	if (next > 1 && describe_refused(argv[next - 1], error, error_size))
		return;
	if (argv[next] && describe_refused(argv[next], error, error_size))
		return;
	snprintf(error, error_size, "options cannot be read (see --help)");
}

static void apply_quick(const struct parsing *parsing)
{
	struct config *config = parsing->config;
	if (!config->quick)
		return;
	if (!parsing->steps_given)
		config->steps = QUICK_STEPS;
	if (!parsing->agents_given)
		config->agents = QUICK_AGENTS;
}

enum config_result config_parse(int argc, char **argv, struct config *config, char *error,
                                size_t error_size)
{
	*config = (struct config){
	        .steps = DEFAULT_STEPS,
	        .agents = DEFAULT_AGENTS,
	        .seed = DEFAULT_SEED,
	        .spatial = spatial_kind_find("kdtree"),
	        .profile = true,
	};
	struct parsing parsing = {.config = config, .error = error, .error_size = error_size};
	struct argp parser = argp;

	error[0] = '\0';
	parser.parser = set_option;
	error_t failure = argp_parse(&parser, argc, argv,
	                             ARGP_NO_ERRS | ARGP_NO_EXIT | ARGP_NO_HELP | ARGP_IN_ORDER,
	                             NULL, &parsing);
	if (parsing.shown)
		return CONFIG_SHOWN;
	if (failure) {
		if (!error[0])
			describe_stop(argv, parsing.next, error, error_size);
		return CONFIG_BAD;
	}
	apply_quick(&parsing);
	return CONFIG_RUN;
}

void config_describe(const struct config *config, struct config_item items[CONFIG_ITEMS])
{
	const struct config_item all[CONFIG_ITEMS] = {
	        {"steps", CONFIG_NUMBER, config->steps, NULL},
	        {"agents", CONFIG_NUMBER, config->agents, NULL},
	        {"seed", CONFIG_NUMBER, config->seed, NULL},
	        {"quick", CONFIG_FLAG, config->quick, NULL},
	        {"spatial", CONFIG_TEXT, 0, config->spatial->name},
	        {"db", CONFIG_TEXT, 0, config->db ? config->db : "sim.db"},
	        {"profile", CONFIG_FLAG, config->profile, NULL},
	};
	memcpy(items, all, sizeof all);
}
