/* config.c: the options of the command line, by argp; see config.h.
 *
 * argp prints more than one line for a wrong option, so it is told to print nothing, and the
 * messages are made here.
 */
#include "config.h"

#include <argp.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch/plan.h"
#include "configfile.h"
#include "memory.h"
#include "settings.h"

#define REPEAT_MOST     1000
#define WORLD_SIDE_MOST 20000

/* Steps of a point of a sweep: unless told, and at least. */
#define SWEEP_STEPS       100
#define SWEEP_STEPS_LEAST 20

/* Options that are no settings. Those are KEY_SETTING + their place in the table. */
enum option_key {
	KEY_HELP = 'h',
	KEY_VERSION = 'V',
	KEY_QUICK = 0x100,
	KEY_NO_PROFILE,
	KEY_CONFIG,
	KEY_PRINT_CONFIG,
	KEY_REPEAT,
	KEY_SUITE,
	KEY_BENCH,
	KEY_RESUME,
	KEY_USAGE,
	KEY_SETTING = 0x1000,
};

static const struct argp_option fixed_options[] = {
        {0, 0, 0, 0, "More than one run:", 5},
        {"repeat", KEY_REPEAT, "K", 0,
         "Runs for each agent count of a sweep, 1 to 1000 (default 1); interleaved", 5},
        {"suite", KEY_SUITE, "NAME", 0,
         "A published set of runs: phase1, or components (all benches)", 5},
        {"bench", KEY_BENCH, "NAME", 0,
         "What one component costs: spatial, observation, database or system", 5},
        {"resume", KEY_RESUME, "DIR", 0,
         "Go on with the sweep, suite or bench of DIR: what is complete stays", 5},
        {0, 0, 0, 0, "Where settings come from:", 6},
        {"quick", KEY_QUICK, 0, 0,
         "The baseline, short: --steps 100 --agents 30; settings given explicitly win", 6},
        {"config", KEY_CONFIG, "FILE", 0, "Settings from a file; the command line wins over it", 6},
        {"print-config", KEY_PRINT_CONFIG, 0, 0,
         "Print all settings as a file that --config takes, and do nothing", 6},
        {"no-profile", KEY_NO_PROFILE, 0, 0,
         "Run bare, on the allocator of the system: --profile off", 6},
        {0, 0, 0, 0, "Help:", -1},
        {"help", KEY_HELP, 0, 0, "Print this", -1},
        {"usage", KEY_USAGE, 0, 0, "Print the options in short", -1},
        {"version", KEY_VERSION, 0, 0, "Print the version", -1},
};

#define FIXED_OPTIONS (sizeof fixed_options / sizeof fixed_options[0])

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
        "  sim_bench --spatial grid --threads 2   another index, two threads, the same result\n"
        "  sim_bench --agents 100,200,400 --repeat 3 --out sweep\n"
        "  sim_bench --bench spatial              what indexes cost, by number of points\n\n"
        "Exit codes: 0 the run finished; 1 it failed (its committed results are kept); 2 wrong "
        "usage, or a directory or database that cannot be used; 130, 143 interrupted by SIGINT, "
        "SIGTERM (closed cleanly).";

/* What is read so far. */
struct parsing {
	struct config *config;
	const char *file;
	bool *given; /* by place in the table: what --quick and the file leave alone */
	char *error;
	size_t error_size;
	bool shown;
	int next; /* where argp stopped on an error */
};

/* ---- the list of options ------------------------------------------------------------------- */

/* What stands above the options of a section. */
static const struct {
	const char *section, *heading;
} headings[] = {
        {"simulation", "What to simulate:"},
        {"components", "How to simulate it (the result stays the same):"},
        {"database", "The database (the result stays the same):"},
        {"output", "What to leave behind:"},
};

static char *help_of(const struct setting *setting)
{
	char wanted[512], *text;
	setting_wanted(setting, wanted, sizeof wanted);
	if (asprintf(&text, "%s%s%s%s%s%s", setting->help,
	             setting->type == SETTING_PATH ? "" : "; ",
	             setting->type == SETTING_PATH ? "" : wanted,
	             setting->standard ? " (default " : "",
	             setting->standard ? setting->standard : "", setting->standard ? ")" : "") < 0)
		memory_exhausted();
	return text;
}

static int group_of(const char *section)
{
	int group = 0;
	while (strcmp(headings[group].section, section) != 0)
		group++;
	return group + 1;
}

/* The options of argp: made once from the table, never released. */
static const struct argp_option *all_options(void)
{
	static struct argp_option *made;
	size_t count, used = 0;
	const struct setting *settings = settings_all(&count);
	if (made)
		return made;
	size_t most = count + sizeof headings / sizeof headings[0] + FIXED_OPTIONS + 1;
	made = NEED(calloc(most, sizeof *made));
	for (size_t i = 0; i < count; i++) {
		int group = group_of(settings[i].section);
		if (i == 0 || group_of(settings[i - 1].section) != group)
			made[used++] = (struct argp_option){.doc = headings[group - 1].heading,
			                                    .group = group};
		made[used++] = (struct argp_option){settings[i].name,       KEY_SETTING + (int)i,
		                                    settings[i].value_name, 0,
		                                    help_of(&settings[i]),  group};
	}
	memcpy(made + used, fixed_options, sizeof fixed_options);
	return made;
}

/* ---- taking options ------------------------------------------------------------------------ */

static error_t bad_value(struct parsing *parsing, const char *option, const char *value,
                         const char *wanted)
{
	snprintf(parsing->error, parsing->error_size, "--%s: '%s' is not %s", option, value,
	         wanted);
	return EINVAL;
}

static error_t take_setting(struct parsing *parsing, size_t at, const char *value)
{
	size_t count;
	const struct setting *setting = &settings_all(&count)[at];
	char wanted[512];
	if (!setting_set(setting, parsing->config, value))
		return bad_value(parsing, setting->name, value,
		                 setting_wanted(setting, wanted, sizeof wanted));
	parsing->given[at] = true;
	return 0;
}

static size_t place_of(const char *name)
{
	size_t count;
	const struct setting *all = settings_all(&count);
	return (size_t)(setting_find(name) - all);
}

static error_t take_name(struct parsing *parsing, const char *option, const char *value,
                         setting_choice *choice, const char **name)
{
	char wanted[256] = "one of ";
	for (size_t i = 0; (*name = choice(i)) != NULL; i++) {
		if (strcmp(*name, value) == 0)
			return 0;
		size_t used = strlen(wanted);
		snprintf(wanted + used, sizeof wanted - used, "%s%s", i > 0 ? "|" : "", *name);
	}
	return bad_value(parsing, option, value, wanted);
}

static error_t take_repeat(struct parsing *parsing, const char *value)
{
	char *end;
	unsigned long number = strtoul(value, &end, 10);
	if (!*value || value[strspn(value, "0123456789")] || *end || number < 1 ||
	    number > REPEAT_MOST)
		return bad_value(parsing, "repeat", value, "a whole number from 1 to 1000");
	parsing->config->repeat = number;
	return 0;
}

static error_t take_path(struct parsing *parsing, const char *option, const char *value,
                         const char **path)
{
	if (!*value)
		return bad_value(parsing, option, value, "a path");
	*path = value;
	return 0;
}

static error_t show_help(struct parsing *parsing, unsigned flags)
{
	const struct argp argp = {.options = all_options(), .doc = doc};
	char name[] = "sim_bench"; /* argp wants to write it */
	argp_help(&argp, stdout, flags, name);
	parsing->shown = true;
	return 0;
}

static error_t set_option(int key, char *value, struct argp_state *state)
{
	struct parsing *parsing = state->input;
	struct config *config = parsing->config;
	switch (key) {
	case KEY_QUICK:
		config->quick = true;
		return 0;
	case KEY_NO_PROFILE:
		return take_setting(parsing, place_of("profile"), "off");
	case KEY_CONFIG:
		return take_path(parsing, "config", value, &parsing->file);
	case KEY_PRINT_CONFIG:
		config->print_config = true;
		return 0;
	case KEY_REPEAT:
		return take_repeat(parsing, value);
	case KEY_SUITE:
		return take_name(parsing, "suite", value, plan_suite_name, &config->suite);
	case KEY_BENCH:
		return take_name(parsing, "bench", value, plan_bench_name, &config->bench);
	case KEY_RESUME:
		return take_path(parsing, "resume", value, &config->resume);
	case KEY_HELP:
		return show_help(parsing, ARGP_HELP_SHORT_USAGE | ARGP_HELP_LONG | ARGP_HELP_DOC);
	case KEY_USAGE:
		return show_help(parsing, ARGP_HELP_USAGE);
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
		return key >= KEY_SETTING && key < 0x10000
		               ? take_setting(parsing, (size_t)(key - KEY_SETTING), value)
		               : ARGP_ERR_UNKNOWN;
	}
}

/* ---- what argp refused --------------------------------------------------------------------- */

/* The option that ARGUMENT names, whole or by its beginning; *MATCHES is set to how many it could
 * mean. */
static const struct argp_option *option_of(const char *argument, int *matches)
{
	const struct argp_option *found = NULL;
	size_t length = strcspn(argument, "=");
	*matches = 0;
	if (length < 3 || strncmp(argument, "--", 2) != 0)
		return NULL;
	for (const struct argp_option *option = all_options(); option->name || option->doc;
	     option++) {
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

/* ---- the whole ----------------------------------------------------------------------------- */

static void apply_quick(const struct parsing *parsing)
{
	size_t count;
	const struct setting *settings = settings_all(&count);
	for (size_t i = 0; parsing->config->quick && i < count; i++)
		if (settings[i].quick && !parsing->given[i])
			setting_set(&settings[i], parsing->config, settings[i].quick);
}

/* Several runs: each has a database of its own, and enough steps to be compared. */
static bool check_batch(struct config *config, bool steps_given, char *error, size_t error_size)
{
	if (config->db && strcmp(config->db, "none") != 0 && strcmp(config->db, "memory") != 0) {
		snprintf(error, error_size,
		         "--db: '%s' cannot be the database of several runs; give memory or none, "
		         "or leave it to each run's directory",
		         config->db);
		return false;
	}
	if (config->task != TASK_SWEEP)
		return true;
	if (!steps_given)
		config->steps = SWEEP_STEPS;
	if (config->steps < SWEEP_STEPS_LEAST) {
		snprintf(error, error_size, "--steps: '%llu' is too few for a sweep: at least %d",
		         (unsigned long long)config->steps, SWEEP_STEPS_LEAST);
		return false;
	}
	return true;
}

/* Suites and benches are what they are called because their sizes are their own. */
static bool check_sizes(const struct config *config, bool sized, char *error, size_t error_size)
{
	if (!sized || (!config->suite && !config->bench))
		return true;
	snprintf(error, error_size,
	         "--%s has sizes of its own: leave --quick, --steps and --agents away",
	         config->suite ? "suite" : "bench");
	return false;
}

/* What the options together ask for; false if they contradict each other. */
static bool find_task(struct config *config, bool steps_given, char *error, size_t error_size)
{
	int several = (config->suite != NULL) + (config->bench != NULL) + (config->resume != NULL) +
	              (config->agent_points > 1 || config->repeat > 1);
	if (several > 1) {
		snprintf(error, error_size,
		         "--suite, --bench, --resume and a sweep (several --agents, or --repeat) "
		         "exclude each other");
		return false;
	}
	config->task = config->suite    ? TASK_SUITE
	               : config->bench  ? TASK_BENCH
	               : config->resume ? TASK_RESUME
	               : several        ? TASK_SWEEP
	                                : TASK_RUN;
	if (config->repeat == 0)
		config->repeat = 1;
	return config->task == TASK_RUN || check_batch(config, steps_given, error, error_size);
}

/* The ground has a byte of each kind for every cell. */
static bool check_world(const struct config *config, char *error, size_t error_size)
{
	for (size_t i = 0; i < config->agent_points; i++) {
		struct config point = *config;
		point.agents = config->agent_counts[i];
		double side = config_params(&point).world_side;
		if (side <= WORLD_SIDE_MOST)
			continue;
		snprintf(error, error_size,
		         "--density: a world for %llu agents would be %.0f cells wide, and %d is "
		         "the "
		         "most; give a higher density, fewer agents, or --world",
		         (unsigned long long)point.agents, side, WORLD_SIDE_MOST);
		return false;
	}
	return true;
}

static bool parse_words(int argc, char **argv, struct parsing *parsing)
{
	const struct argp parser = {.options = all_options(), .parser = set_option, .doc = doc};
	error_t failure = argp_parse(&parser, argc, argv,
	                             ARGP_NO_ERRS | ARGP_NO_EXIT | ARGP_NO_HELP | ARGP_IN_ORDER,
	                             NULL, parsing);
	if (failure && !parsing->error[0])
		describe_stop(argv, parsing->next, parsing->error, parsing->error_size);
	return !failure;
}

enum config_result config_parse(int argc, char **argv, struct config *config, char *error,
                                size_t error_size)
{
	size_t count;
	settings_all(&count);
	struct parsing parsing = {
	        .config = config,
	        .given = NEED(calloc(count, sizeof(bool))),
	        .error = error,
	        .error_size = error_size,
	};
	error[0] = '\0';
	*config = (struct config){0};
	settings_default(config);
	bool good = parse_words(argc, argv, &parsing);
	bool sized = config->quick || parsing.given[place_of("steps")] ||
	             parsing.given[place_of("agents")];
	if (good && !parsing.shown && parsing.file)
		good = configfile_read(parsing.file, config, parsing.given, error, error_size);
	if (good)
		apply_quick(&parsing);
	good = good && find_task(config, parsing.given[place_of("steps")], error, error_size) &&
	       check_sizes(config, sized, error, error_size) &&
	       check_world(config, error, error_size);
	free(parsing.given);
	if (!good || parsing.shown)
		config_release(config);
	return parsing.shown ? CONFIG_SHOWN : good ? CONFIG_RUN : CONFIG_BAD;
}

void config_release(struct config *config)
{
	while (config->texts) {
		char *next;
		memcpy(&next, config->texts, sizeof next);
		free(config->texts);
		config->texts = next;
	}
}

struct params config_params(const struct config *config)
{
	struct params params = params_for((uint32_t)config->agents);
	params.world_side = fmax(1, round(params.world_side / sqrt(config->density)));
	if (config->cap > 0)
		params.population_cap = (uint32_t)config->cap;
	if (config->world_side > 0)
		params.world_side = (double)config->world_side;
	if (config->resource_sites > 0)
		params.resource_sites = (uint32_t)config->resource_sites;
	params.observation_radius = (uint32_t)config->radius;
	params.fixed_population = strcmp(config->population, "fixed") == 0;
	params.system_part = (uint32_t)config->kinds[AGENT_SYSTEM];
	params.independent_part = (uint32_t)config->kinds[AGENT_INDEPENDENT];
	params.control_part = (uint32_t)config->kinds[AGENT_CONTROL];
	return params;
}
