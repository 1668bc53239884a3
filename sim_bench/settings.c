/* settings.c: the table, and its four ways of reading and writing a value; see settings.h. */
#include "settings.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dblog/schema.h"
#include "decision/decision.h"
#include "observation/layer.h"
#include "parallel.h"
#include "spatial/index.h"

/* ---- choices ------------------------------------------------------------------------------- */

/* The name of entry I of a list that ends with NULL. */
static const char *name_in(const char *const *names, size_t i)
{
	size_t count = 0;
	while (names[count])
		count++;
	return i < count ? names[i] : NULL;
}

static const char *spatial_choice(size_t i)
{
	const struct spatial_kind *kind = spatial_kind_at(i);
	return kind ? kind->name : NULL;
}

static const char *storage_choice(size_t i)
{
	const struct layer_kind *kind = layer_kind_at(i);
	return kind ? kind->name : NULL;
}

static const char *decision_choice(size_t i)
{
	const struct decision_kind *kind = decision_kind_at(i);
	return kind ? kind->name : NULL;
}

static const char *db_profile_choice(size_t i)
{
	const struct dblog_profile *profile = dblog_profile_at(i);
	return profile ? profile->name : NULL;
}

static const char *splat_choice(size_t i)
{
	static const char *const names[] = {"bilinear", "nearest", NULL};
	return name_in(names, i);
}

static const char *population_choice(size_t i)
{
	static const char *const names[] = {"moving", "fixed", NULL};
	return name_in(names, i);
}

static const char *writer_choice(size_t i)
{
	static const char *const names[] = {"sync", "thread", NULL};
	return name_in(names, i);
}

static const char *buffers_choice(size_t i)
{
	static const char *const names[] = {"fresh", "reused", NULL};
	return name_in(names, i);
}

static const char *switch_choice(size_t i)
{
	static const char *const names[] = {"off", "on", NULL};
	return name_in(names, i);
}

/* ---- the table ----------------------------------------------------------------------------- */

#define SIMULATION "simulation"
#define COMPONENTS "components"
#define DATABASE   "database"
#define OUTPUT     "output"

#define AT(FIELD) offsetof(struct config, FIELD)
#define COUNT(SECTION, NAME, FIELD, LEAST, MOST, STANDARD, QUICK, HELP)                            \
	{                                                                                          \
		SECTION, NAME, "N", SETTING_COUNT, AT(FIELD), LEAST, MOST, NULL, STANDARD, QUICK,  \
		        HELP                                                                       \
	}
#define CHOICE(SECTION, NAME, FIELD, CHOICES, STANDARD, HELP)                                      \
	{                                                                                          \
		SECTION, NAME, "KIND", SETTING_CHOICE, AT(FIELD), 0, 0, CHOICES, STANDARD, NULL,   \
		        HELP                                                                       \
	}
#define SWITCH(SECTION, NAME, FIELD, CHOICES, STANDARD, HELP)                                      \
	{                                                                                          \
		SECTION, NAME, "KIND", SETTING_SWITCH, AT(FIELD), 0, 0, CHOICES, STANDARD, NULL,   \
		        HELP                                                                       \
	}
#define PATH(SECTION, NAME, VALUE, FIELD, HELP)                                                    \
	{                                                                                          \
		SECTION, NAME, VALUE, SETTING_PATH, AT(FIELD), 0, 0, NULL, NULL, NULL, HELP        \
	}

static const struct setting table[] = {
        COUNT(SIMULATION, "steps", steps, 1, 1000000000, "1000", "100", "Steps to run"),
        {SIMULATION, "agents", "N[,N…]", SETTING_COUNTS, AT(agents), 1, 100000, NULL, "30", "30",
         "Agents at the start; several counts make a sweep. World and resources grow with them, "
         "so that density stays"},
        COUNT(SIMULATION, "seed", seed, 0, UINT64_MAX, "42", NULL, "Seed of all chance"),
        CHOICE(SIMULATION, "population", population, population_choice, "moving",
               "moving: births and deaths; fixed: who would die starts anew"),
        COUNT(SIMULATION, "cap", cap, 0, 4000000, "0", NULL,
              "No births at this population or above; 0: four times the agents"),
        {SIMULATION, "density", "X", SETTING_REAL, AT(density), 0, 0, NULL, "1", NULL,
         "Agents on a cell, as a multiple of the baseline's"},
        COUNT(SIMULATION, "world", world_side, 0, 20000, "0", NULL,
              "Side of the square world in cells; 0: by agents and density"),
        COUNT(SIMULATION, "resources", resource_sites, 0, 10000000, "0", NULL,
              "Places where resources grow; 0: by agents"),
        {SIMULATION, "kinds", "S:I:C", SETTING_RATIO, AT(kinds), 0, 1000, NULL, "1:1:1", NULL,
         "Ratio of system, independent and control agents at the start"},
        COUNT(SIMULATION, "radius", radius, 1, VIEW_RADIUS_MOST, "6", NULL,
              "Cells seen to each side"),
        CHOICE(SIMULATION, "splat", splat, splat_choice, "bilinear",
               "How what lies between cells is put into them"),
        CHOICE(SIMULATION, "decision", decision, decision_choice, "weights", "How agents decide"),
        SWITCH(SIMULATION, "training", training, switch_choice, "off",
               "Networks learn while they run, from replayed experience"),

        CHOICE(COMPONENTS, "spatial", spatial, spatial_choice, "kdtree", "Spatial index"),
        CHOICE(COMPONENTS, "storage", storage, storage_choice, "hybrid",
               "How agents store what they see"),
        SWITCH(COMPONENTS, "buffers", reuse_buffers, buffers_choice, "fresh",
               "Memory that looking takes: allocated each time, or kept"),
        COUNT(COMPONENTS, "looks", looks, 1, 3, "2", NULL,
              "Observations for each act: 2, before and after; 3, twice before; 1, after, kept for "
              "the next decision"),
        COUNT(COMPONENTS, "threads", threads, 1, PARALLEL_THREADS_MOST, "1", NULL,
              "Threads that observe and decide"),

        PATH(DATABASE, "db", "PATH|memory|none", db, "Database (default: sim.db in the directory)"),
        CHOICE(DATABASE, "db-profile", db_profile, db_profile_choice, "balanced",
               "How much safety is paid for"),
        COUNT(DATABASE, "db-buffer", db_buffer, 1, 10000000, "1000", NULL,
              "Rows of actions that are held back and written at once"),
        COUNT(DATABASE, "db-batch", db_batch, 0, 100000000, "0", NULL,
              "Rows that a transaction has at least; 0: one transaction for each step"),
        CHOICE(DATABASE, "db-writer", db_writer, writer_choice, "sync",
               "Who writes: the simulation itself, or a thread beside it"),

        PATH(OUTPUT, "out", "DIR", out,
             "Directory of the run (default: a new one in results/); made if missing, refused if "
             "it "
             "holds a run already"),
        {OUTPUT, "profile", "on|off", SETTING_SWITCH, AT(profile), 0, 0, switch_choice, "on", NULL,
         "Run under the profiler"},
};

#define SETTING_TOTAL (sizeof table / sizeof table[0])

/* Densities that a world can have. */
#define DENSITY_LEAST 0.001
#define DENSITY_MOST  1000.0

const struct setting *settings_all(size_t *count)
{
	*count = SETTING_TOTAL;
	return table;
}

const struct setting *setting_find(const char *name)
{
	for (size_t i = 0; i < SETTING_TOTAL; i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

/* ---- from text ----------------------------------------------------------------------------- */

/* Digits only: no sign, no blanks, no suffix. LENGTH of them. */
static bool read_count(const char *text, size_t length, const struct setting *setting,
                       uint64_t *value)
{
	if (length == 0 || strspn(text, "0123456789") < length)
		return false;
	errno = 0;
	unsigned long long number = strtoull(text, NULL, 10);
	if (errno || number < setting->least || number > setting->most)
		return false;
	*value = number;
	return true;
}

static bool set_counts(const struct setting *setting, struct config *config, const char *text)
{
	uint64_t counts[CONFIG_POINTS_MOST];
	size_t points = 0;
	for (;;) {
		size_t length = strcspn(text, ",");
		if (points == CONFIG_POINTS_MOST ||
		    !read_count(text, length, setting, &counts[points++]))
			return false;
		if (!text[length])
			break;
		text += length + 1;
	}
	memcpy(config->agent_counts, counts, points * sizeof *counts);
	config->agent_points = points;
	config->agents = counts[0];
	return true;
}

static bool set_ratio(const struct setting *setting, struct config *config, const char *text)
{
	uint64_t parts[AGENT_KIND_COUNT], sum = 0;
	for (int kind = 0; kind < AGENT_KIND_COUNT; kind++) {
		size_t length = strcspn(text, ":");
		bool last = kind == AGENT_KIND_COUNT - 1;
		if (!read_count(text, length, setting, &parts[kind]) ||
		    (text[length] == ':') == last)
			return false;
		sum += parts[kind];
		text += length + 1;
	}
	if (sum == 0)
		return false;
	memcpy(config->kinds, parts, sizeof parts);
	return true;
}

static bool read_real(const char *text, double *value)
{
	char *end;
	if (!*text || text[strspn(text, "0123456789.eE+-")])
		return false;
	double number = strtod(text, &end);
	if (*end || !(number >= DENSITY_LEAST && number <= DENSITY_MOST))
		return false;
	*value = number;
	return true;
}

static const char *find_choice(const struct setting *setting, const char *text, size_t *at)
{
	const char *name;
	for (*at = 0; (name = setting->choice(*at)) != NULL; ++*at)
		if (strcmp(name, text) == 0)
			return name;
	return NULL;
}

bool setting_set(const struct setting *setting, struct config *config, const char *text)
{
	void *field = (char *)config + setting->offset;
	const char *name;
	size_t at;
	switch (setting->type) {
	case SETTING_COUNT:
		return read_count(text, strlen(text), setting, field);
	case SETTING_COUNTS:
		return set_counts(setting, config, text);
	case SETTING_REAL:
		return read_real(text, field);
	case SETTING_RATIO:
		return set_ratio(setting, config, text);
	case SETTING_SWITCH:
	case SETTING_CHOICE:
		name = find_choice(setting, text, &at);
		if (name && setting->type == SETTING_CHOICE)
			*(const char **)field = name;
		else if (name)
			*(bool *)field = at == 1;
		return name != NULL;
	case SETTING_PATH:
		*(const char **)field = text;
		return *text != '\0';
	}
	return false;
}

/* ---- to text ------------------------------------------------------------------------------- */

static void add_choices(const struct setting *setting, char *text, size_t size)
{
	const char *name;
	for (size_t i = 0; (name = setting->choice(i)) != NULL; i++) {
		size_t used = strlen(text);
		snprintf(text + used, size - used, "%s%s", i > 0 ? "|" : "", name);
	}
}

const char *setting_wanted(const struct setting *setting, char *text, size_t size)
{
	switch (setting->type) {
	case SETTING_COUNT:
		snprintf(text, size, "a whole number from %llu to %llu",
		         (unsigned long long)setting->least, (unsigned long long)setting->most);
		break;
	case SETTING_COUNTS:
		snprintf(text, size,
		         "a whole number from %llu to %llu (or up to %d of them, with commas)",
		         (unsigned long long)setting->least, (unsigned long long)setting->most,
		         CONFIG_POINTS_MOST);
		break;
	case SETTING_REAL:
		snprintf(text, size, "a number from %g to %g", DENSITY_LEAST, DENSITY_MOST);
		break;
	case SETTING_RATIO:
		snprintf(text, size, "three whole numbers from 0 to %llu like 1:1:1, not all 0",
		         (unsigned long long)setting->most);
		break;
	case SETTING_SWITCH:
	case SETTING_CHOICE:
		snprintf(text, size, "one of ");
		add_choices(setting, text, size);
		break;
	case SETTING_PATH:
		snprintf(text, size, "a path");
		break;
	}
	return text;
}

static void counts_text(const uint64_t *counts, size_t count, char separator, char *text,
                        size_t size)
{
	size_t used = 0;
	text[0] = '\0';
	for (size_t i = 0; i < count && used < size; i++) {
		if (i > 0)
			text[used++] = separator;
		used += (size_t)snprintf(text + used, size - used, "%llu",
		                         (unsigned long long)counts[i]);
	}
}

const char *setting_text(const struct setting *setting, const struct config *config, char *text,
                         size_t size)
{
	const void *field = (const char *)config + setting->offset;
	switch (setting->type) {
	case SETTING_COUNT:
		counts_text(field, 1, ' ', text, size);
		return text;
	case SETTING_COUNTS:
		counts_text(config->agent_counts, config->agent_points, ',', text, size);
		return text;
	case SETTING_REAL:
		snprintf(text, size, "%.15g", *(const double *)field);
		return text;
	case SETTING_RATIO:
		counts_text(config->kinds, AGENT_KIND_COUNT, ':', text, size);
		return text;
	case SETTING_SWITCH:
		return setting->choice(*(const bool *)field ? 1 : 0);
	case SETTING_CHOICE:
	case SETTING_PATH:
		break;
	}
	return *(const char *const *)field;
}

void settings_default(struct config *config)
{
	for (size_t i = 0; i < SETTING_TOTAL; i++)
		if (table[i].standard)
			setting_set(&table[i], config, table[i].standard);
}

void settings_print(const struct config *config, FILE *file)
{
	char text[1024];
	for (size_t i = 0; i < SETTING_TOTAL; i++) {
		const struct setting *setting = &table[i];
		if (i == 0 || strcmp(table[i - 1].section, setting->section) != 0)
			fprintf(file, "%s[%s]\n", i > 0 ? "\n" : "", setting->section);
		fprintf(file, "; %s: %s\n", setting->help,
		        setting_wanted(setting, text, sizeof text));
		const char *value = setting_text(setting, config, text, sizeof text);
		fprintf(file, "%s%s = %s\n", value ? "" : "; ", setting->name,
		        value ? value : setting->value_name);
	}
}
