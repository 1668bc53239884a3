/* config.h: what the user asked for.
 *
 *     command line ─▶ options as given ─▶ --quick fills what was not given ─▶ struct config
 *
 * Explicit options win over --quick, in whatever order they stand. Every value is checked against
 * its range; the message names the option, what was given, and the range.
 */
#ifndef SIM_CONFIG_H
#define SIM_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spatial/index.h"

#define CONFIG_STEPS_MOST  1000000000u
#define CONFIG_AGENTS_MOST 100000u

struct config {
	uint64_t steps, seed;
	uint32_t agents;
	const struct spatial_kind *spatial;
	const char *out; /* run directory as given, or NULL: one is made below results/ */
	const char *db;  /* path as given, "none", or NULL: sim.db in the run directory */
	bool quick, profile;
};

enum config_result {
	CONFIG_RUN,   /* go on */
	CONFIG_SHOWN, /* help, usage or version was printed: exit with 0 */
	CONFIG_BAD,   /* one line says what is wrong: exit with 2 */
};

/* Reads a command line into *CONFIG, whose strings point into ARGV. ERROR is set when the result
 * is CONFIG_BAD. Prints on stdout what --help, --usage and --version ask for. */
enum config_result config_parse(int argc, char **argv, struct config *config, char *error,
                                size_t error_size);

/* One value of a configuration for a reader: run.json, the trace, the log. */
struct config_item {
	const char *name;
	enum { CONFIG_NUMBER, CONFIG_TEXT, CONFIG_FLAG } type;
	uint64_t number;  /* also for flags: 0 or 1 */
	const char *text; /* as long-lived as the configuration */
};

#define CONFIG_ITEMS 7

/* Every option but --out, which says where and not what. */
void config_describe(const struct config *config, struct config_item items[CONFIG_ITEMS]);

#endif
