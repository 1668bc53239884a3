/* settings.h: every setting of sim_bench, in one table. To add one: a field of struct config and a
 * row in settings.c. */
#ifndef SIM_SETTINGS_H
#define SIM_SETTINGS_H

#include <stdio.h>

#include "config.h"

enum setting_type {
	SETTING_COUNT,  /* uint64_t, least to most */
	SETTING_COUNTS, /* counts separated by commas: of agents */
	SETTING_REAL,   /* double, least to most */
	SETTING_SWITCH, /* bool: on or off */
	SETTING_CHOICE, /* const char *: one of the names */
	SETTING_PATH,   /* const char *: not empty; NULL by default */
	SETTING_RATIO,  /* uint64_t for each kind of agent: 1:1:1 */
};

/* The name of choice I; NULL beyond the last. */
typedef const char *setting_choice(size_t i);

struct setting {
	const char *section, *name, *value_name;
	enum setting_type type;
	size_t offset; /* in struct config */
	uint64_t least, most;
	setting_choice *choice;
	const char *standard; /* the default, as it may be typed; NULL: none */
	const char *quick;    /* what --quick makes of it; NULL: nothing */
	const char *help;
};

/* All settings, by section; *COUNT is set to how many. Static storage. */
const struct setting *settings_all(size_t *count);

/* The setting of that name, or NULL. */
const struct setting *setting_find(const char *name);

/* What a value has to be: "a whole number from 1 to 16", "one of on|off". Returns TEXT. */
const char *setting_wanted(const struct setting *setting, char *text, size_t size);

/* Sets a setting from text. False if TEXT is not what is wanted; nothing is then changed. Strings
 * of paths are not copied. */
bool setting_set(const struct setting *setting, struct config *config, const char *text);

/* A value as it may be typed; NULL where it has none. Returns TEXT. */
const char *setting_text(const struct setting *setting, const struct config *config, char *text,
                         size_t size);

/* Sets everything to its default. */
void settings_default(struct config *config);

/* Writes a configuration as a file that --config takes. */
void settings_print(const struct config *config, FILE *file);

#endif
