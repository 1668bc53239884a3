/* runjson.c: see runjson.h. */
#include "runjson.h"

#include <errno.h>
#include <gnu/libc-version.h>
#include <memprof/memprof.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "memory.h"
#include "settings.h"

/* The build names the commit when it knows one. */
#ifdef MEMPROF_COMMIT
#define COMMIT json_string(MEMPROF_COMMIT)
#else
#define COMMIT json_null()
#endif

/* clang's version names clang; gcc's is a bare number. */
#ifdef __clang__
#define COMPILER __VERSION__
#else
#define COMPILER "gcc " __VERSION__
#endif

/* 15 digits give back every number as it was written in the source. */
#define JSON_STYLE (JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(15))

/* A text from outside, such as a path, or null. JSON is UTF-8: bytes of a text that is not are
 * replaced one by one, where they are not ASCII. */
static json_t *json_text(const char *text)
{
	json_t *value = text ? json_string(text) : json_null();
	if (value)
		return value;
	char *ascii = NEED(strdup(text));
	for (char *at = ascii; *at; at++)
		if ((unsigned char)*at >= 0x80)
			*at = '?';
	value = json_string(ascii);
	free(ascii);
	return value;
}

json_t *runjson_parameters(const struct params *params)
{
	size_t count;
	const struct param_info *infos = params_describe(&count);
	json_t *object = json_object();
	for (size_t i = 0; i < count; i++) {
		double value = params_value(params, &infos[i]);
		json_object_set_new(object, infos[i].name,
		                    infos[i].real ? json_real(value)
		                                  : json_integer((json_int_t)value));
	}
	return object;
}

/* Seeds beyond the range of JSON's integers become strings, so that they stay exact. */
static json_t *json_count(uint64_t number)
{
	char text[24];
	if (number <= INT64_MAX)
		return json_integer((json_int_t)number);
	snprintf(text, sizeof text, "%llu", (unsigned long long)number);
	return json_string(text);
}

static json_t *setting_value(const struct setting *setting, const struct config *config)
{
	const void *field = (const char *)config + setting->offset;
	char text[1024];
	switch (setting->type) {
	case SETTING_COUNT:
		return json_count(*(const uint64_t *)field);
	case SETTING_COUNTS:
		return json_count(config->agents);
	case SETTING_REAL:
		return json_real(*(const double *)field);
	case SETTING_SWITCH:
	case SETTING_CHOICE:
	case SETTING_PATH:
	case SETTING_RATIO:
		break;
	}
	return json_text(setting_text(setting, config, text, sizeof text));
}

static json_t *describe_config(const struct config *config)
{
	size_t count;
	const struct setting *settings = settings_all(&count);
	json_t *object = json_object();
	for (size_t i = 0; i < count; i++)
		json_object_set_new(object, settings[i].name, setting_value(&settings[i], config));
	json_object_set_new(object, "quick", json_boolean(config->quick));
	return object;
}

static json_t *describe_command(const struct launch *launch)
{
	json_t *array = json_array();
	json_array_append_new(array, json_text(launch->called));
	for (char **argument = launch->arguments; *argument; argument++)
		json_array_append_new(array, json_text(*argument));
	return array;
}

/* The first "model name" of /proc/cpuinfo, or null. */
static json_t *cpu_model(void)
{
	char line[256];
	json_t *model = NULL;
	FILE *file = fopen("/proc/cpuinfo", "re");
	while (file && !model && fgets(line, sizeof line, file)) {
		char *colon = strchr(line, ':');
		if (!colon || strncmp(line, "model name", 10) != 0)
			continue;
		colon[1 + strcspn(colon + 1, "\n")] = '\0';
		model = json_text(colon + 1 + strspn(colon + 1, " "));
	}
	if (file)
		fclose(file);
	return model ? model : json_null();
}

static json_t *describe_machine(const struct utsname *system)
{
	json_int_t memory = (json_int_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);
	return json_pack("{s:o, s:I, s:I, s:s}", "cpu_model", cpu_model(), "cores",
	                 (json_int_t)sysconf(_SC_NPROCESSORS_ONLN), "memory_bytes", memory,
	                 "kernel", system->release);
}

static json_t *describe_versions(void)
{
	return json_pack("{s:s, s:o, s:s, s:s, s:s, s:s}", "sim_bench", MEMPROF_VERSION, "commit",
	                 COMMIT, "compiler", COMPILER, "libc", gnu_get_libc_version(), "sqlite",
	                 sqlite3_libversion(), "jansson", jansson_version_str());
}

static json_t *describe_files(const struct run *run)
{
	return json_pack("{s:o, s:o, s:o}", "trace",
	                 json_text(run->launch->launched ? run->dir->trace : NULL), "database",
	                 json_text(run->dir->database), "log", json_text(run->dir->log));
}

static json_t *describe_step_times(const struct steptimes *times)
{
	return json_pack("{s:f, s:f, s:f, s:f, s:f, s:I}", "mean",
	                 times->count ? (double)times->sum_ns * 1e-9 / (double)times->count : 0.0,
	                 "p50", (double)steptimes_quantile(times, 0.50) * 1e-9, "p95",
	                 (double)steptimes_quantile(times, 0.95) * 1e-9, "p99",
	                 (double)steptimes_quantile(times, 0.99) * 1e-9, "max",
	                 (double)times->max_ns * 1e-9, "max_step", (json_int_t)times->max_step);
}

static json_t *describe_results(const struct run_result *result)
{
	char hash[17];
	snprintf(hash, sizeof hash, "%016llx", (unsigned long long)result->hash);
	double rate = result->seconds > 0 ? (double)result->steps / result->seconds : 0;
	return json_pack(
	        "{s:I, s:f, s:f, s:o, s:I, s:I, s:f, s:I, s:I, s:I, s:I, s:s, s:I, s:I, s:i, s:o}",
	        "steps", (json_int_t)result->steps, "wall_seconds", result->seconds,
	        "steps_per_second", rate, "step_seconds", describe_step_times(&result->times),
	        "agents_first", (json_int_t)result->agents_first, "agents_last",
	        (json_int_t)result->agents_last, "agents_mean", result->agents_mean, "agents_max",
	        (json_int_t)result->agents_most, "births", (json_int_t)result->births, "deaths",
	        (json_int_t)result->deaths, "actions", (json_int_t)result->actions, "state_hash",
	        hash, "database_steps", (json_int_t)result->database.steps, "database_rows",
	        (json_int_t)result->database.rows, "signal", result->signal, "error",
	        json_text(result->error[0] ? result->error : NULL));
}

static json_t *describe_run(const struct run *run, const struct run_result *result)
{
	struct utsname system;
	uname(&system);
	json_t *root = json_pack(
	        "{s:i, s:s, s:o, s:I, s:s, s:s, s:o, s:o, s:o, s:o, s:b, s:o}", "schema_version", 1,
	        "status", result ? run_status_name(result->status) : "running", "command",
	        describe_command(run->launch), "pid", (json_int_t)getpid(), "host", system.nodename,
	        "started", run->started, "config", describe_config(run->config), "parameters",
	        runjson_parameters(&run->params), "machine", describe_machine(&system), "versions",
	        describe_versions(), "profiled", (int)memprof_active(), "files",
	        describe_files(run));
	if (result) {
		json_object_set_new(root, "finished", json_string(result->finished));
		json_object_set_new(root, "results", describe_results(result));
	}
	return root;
}

static bool write_text(FILE *file, const char *text)
{
	bool written = file && fputs(text, file) >= 0 && fputc('\n', file) != EOF;
	if (file && fclose(file) != 0)
		written = false;
	return written;
}

/* On a full disk there is no room for a second file, but the blocks of the first one are there. */
static bool overwrite(const char *path, const char *text)
{
	return write_text(fopen(path, "r+e"), text) && truncate(path, (off_t)strlen(text) + 1) == 0;
}

static bool replace(const char *path, const char *text)
{
	char *temporary;
	if (asprintf(&temporary, "%s.new", path) < 0)
		memory_exhausted();
	bool written = write_text(fopen(temporary, "we"), text) && rename(temporary, path) == 0;
	int reason = errno;
	if (!written)
		unlink(temporary);
	free(temporary);
	errno = reason;
	return written || (reason == ENOSPC && overwrite(path, text));
}

bool runjson_write(const struct run *run, const struct run_result *result, char *error,
                   size_t error_size)
{
	json_t *root = describe_run(run, result);
	char *text = NEED(json_dumps(root, JSON_STYLE));
	bool written = replace(run->dir->json, text);
	if (!written)
		snprintf(error, error_size, "cannot write %s: %s", run->dir->json, strerror(errno));
	free(text);
	json_decref(root);
	return written;
}
