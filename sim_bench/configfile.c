/* configfile.c: see configfile.h. Lines are read here, so that their numbers are known. */
#include "configfile.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "memory.h"
#include "settings.h"

/* A line longer than this is refused: no path needs it. */
#define LINE_MOST 4400

struct reading {
	const char *path;
	FILE *file;
	int line;
	struct config *config;
	bool *given;
	bool *seen; /* in this file */
	char *error;
	size_t error_size;
};

static int refuse(struct reading *reading, const char *name, const char *what)
{
	if (!reading->error[0])
		snprintf(reading->error, reading->error_size, "%s:%d: %s%s%s", reading->path,
		         reading->line, name, *name ? ": " : "", what);
	return 0;
}

/* One more line, for libinih. */
static char *next_line(char *text, int size, void *stream)
{
	struct reading *reading = stream;
	char *line = fgets(text, size, reading->file);
	if (!line)
		return NULL;
	reading->line++;
	if (!strchr(line, '\n') && !feof(reading->file)) {
		refuse(reading, "", "this line is too long");
		return NULL;
	}
	return line;
}

/* A copy that lives as long as the configuration. The list is linked by its first bytes. */
static const char *kept(struct config *config, const char *text)
{
	char *block = NEED(malloc(sizeof(char *) + strlen(text) + 1));
	memcpy(block, &config->texts, sizeof(char *));
	config->texts = block;
	return strcpy(block + sizeof(char *), text);
}

/* Takes one setting, for libinih. */
static int take(void *stream, const char *section, const char *name, const char *value)
{
	struct reading *reading = stream;
	const struct setting *setting = setting_find(name);
	char wanted[512], what[1024];
	size_t count;
	if (reading->error[0])
		return 0;
	if (!setting)
		return refuse(reading, name, "there is no such setting (see --print-config)");
	if (strcmp(section, setting->section) != 0) {
		snprintf(what, sizeof what, "belongs below [%s]", setting->section);
		return refuse(reading, name, what);
	}
	size_t at = (size_t)(setting - settings_all(&count));
	if (reading->seen[at])
		return refuse(reading, name, "is set twice");
	reading->seen[at] = true;
	struct config ignored = *reading->config;
	struct config *target = reading->given[at] ? &ignored : reading->config;
	if (!setting_set(setting, target,
	                 setting->type == SETTING_PATH ? kept(reading->config, value) : value)) {
		snprintf(what, sizeof what, "'%.200s' is not %s", value,
		         setting_wanted(setting, wanted, sizeof wanted));
		return refuse(reading, name, what);
	}
	return 1;
}

/* Settings that the command line did not give are given by the file now. */
static void mark_given(struct reading *reading)
{
	size_t count;
	settings_all(&count);
	for (size_t i = 0; i < count; i++)
		reading->given[i] = reading->given[i] || reading->seen[i];
}

bool configfile_read(const char *path, struct config *config, bool *given, char *error,
                     size_t error_size)
{
	size_t count;
	settings_all(&count);
	struct reading reading = {
	        .path = path,
	        .file = fopen(path, "re"),
	        .config = config,
	        .given = given,
	        .seen = NEED(calloc(count, sizeof(bool))),
	        .error = error,
	        .error_size = error_size,
	};
	if (!reading.file) {
		snprintf(error, error_size, "--config: cannot read %s: %s", path, strerror(errno));
		free(reading.seen);
		return false;
	}
	ini_use_stack = false;
	ini_max_line = LINE_MOST;
	ini_initial_alloc = LINE_MOST;
	ini_stop_on_first_error = true;
	ini_allow_multiline = false;
	if (ini_parse_stream(next_line, &reading, take, &reading) != 0 && !error[0])
		refuse(&reading, "", "this is neither [section] nor name = value");
	if (ferror(reading.file) && !error[0])
		snprintf(error, error_size, "--config: cannot read %s", path);
	mark_given(&reading);
	fclose(reading.file);
	free(reading.seen);
	return !error[0];
}
