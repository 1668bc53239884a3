/* status_file.c: see status_file.h. */
#include "status_file.h"
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const state_names[] = {
        [RUN_RUNNING] = "running",
        [RUN_FINISHED] = "finished",
        [RUN_CRASHED] = "crashed",
};

const char *status_state_name(enum run_state state)
{
	return state_names[state];
}

void status_free(struct status *status)
{
	free(status->host);
	free(status->boot_id);
	free(status->command);
	free(status->run_dir);
	free(status->trace);
	free(status->current_phase);
	for (uint32_t i = 0; i < status->phases_count; i++)
		free(status->phases[i].path);
	*status = (struct status){0};
}

/* ---- writing ----------------------------------------------------------------------------- */

/* A path need not be UTF-8, JSON must be: bytes that are not become '?'. */
static json_t *json_text(const char *text)
{
	if (!text)
		return json_null();
	json_t *value = json_string(text);
	if (value)
		return value;
	char *ascii = memory_copy(text);
	for (char *at = ascii; *at; at++)
		if ((unsigned char)*at >= 0x80)
			*at = '?';
	value = json_string(ascii);
	free(ascii);
	return value;
}

static json_t *json_moment(double seconds)
{
	char text[64];
	time_t whole = (time_t)seconds;
	struct tm utc;
	gmtime_r(&whole, &utc);
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
	return json_string(text);
}

/* Three digits after the point: more would be noise in a file made to be read. */
static json_t *json_rounded(double value)
{
	return json_real(value < 1e15 ? (double)(int64_t)(value * 1000 + 0.5) / 1000 : value);
}

static json_t *json_uint(uint64_t value)
{
	return json_integer((json_int_t)(value > INT64_MAX ? INT64_MAX : value));
}

static json_t *json_phases(const struct status *status)
{
	json_t *array = json_array();
	for (uint32_t i = 0; i < status->phases_count; i++) {
		json_t *phase = json_object();
		json_object_set_new(phase, "path", json_text(status->phases[i].path));
		json_object_set_new(phase, "share", json_rounded(status->phases[i].share));
		json_array_append_new(array, phase);
	}
	return array;
}

static json_t *unless(bool none, json_t *value)
{
	if (!none)
		return value;
	json_decref(value);
	return json_null();
}

static void add_run(json_t *root, const struct status *s)
{
	json_object_set_new(root, "schema_version", json_integer(STATUS_SCHEMA));
	json_object_set_new(root, "state", json_string(status_state_name(s->state)));
	json_object_set_new(root, "pid", json_integer(s->pid));
	json_object_set_new(root, "launcher_pid", json_integer(s->launcher_pid));
	json_object_set_new(root, "launcher_start", json_uint(s->launcher_start));
	json_object_set_new(root, "host", json_text(s->host));
	json_object_set_new(root, "boot_id", json_text(s->boot_id));
	json_object_set_new(root, "command", json_text(s->command));
	json_object_set_new(root, "run_dir", json_text(s->run_dir));
	json_object_set_new(root, "trace", json_text(s->trace));
	json_object_set_new(root, "trace_bytes", json_uint(s->trace_bytes));
	json_object_set_new(root, "started", json_moment(s->started));
	json_object_set_new(root, "started_unix", json_rounded(s->started));
	json_object_set_new(root, "updated", json_moment(s->updated));
	json_object_set_new(root, "updated_unix", json_rounded(s->updated));
	json_object_set_new(root, "heartbeat_seconds", json_integer(1));
	json_object_set_new(root, "processes", json_uint(s->processes));
}

static void add_progress(json_t *root, const struct status *s)
{
	json_object_set_new(root, "step", json_uint(s->step));
	json_object_set_new(root, "last_step", json_uint(s->last_step));
	json_object_set_new(root, "steps_expected",
	                    unless(s->steps_expected == 0, json_uint(s->steps_expected)));
	json_object_set_new(root, "steps_per_second", json_rounded(s->steps_per_second));
	json_object_set_new(root, "eta_seconds",
	                    unless(s->eta_seconds < 0, json_rounded(s->eta_seconds)));
	json_object_set_new(root, "step_seconds",
	                    unless(s->step_seconds < 0, json_rounded(s->step_seconds)));
	json_object_set_new(root, "agents", unless(!s->agents_known, json_uint(s->agents)));
	json_object_set_new(root, "current_phase", json_text(s->current_phase));
	json_object_set_new(root, "phases", json_phases(s));
}

static void add_memory(json_t *root, const struct status *s)
{
	json_object_set_new(root, "live_heap_bytes",
	                    unless(s->heap_off, json_uint(s->live_heap_bytes)));
	json_object_set_new(root, "peak_heap_bytes",
	                    unless(s->heap_off, json_uint(s->peak_heap_bytes)));
	json_object_set_new(root, "heap_estimated", json_boolean(s->heap_estimated));
	json_object_set_new(root, "rss_bytes", json_uint(s->rss_bytes));
	json_object_set_new(root, "peak_rss_bytes", json_uint(s->peak_rss_bytes));
	json_object_set_new(root, "cpu_samples", json_uint(s->cpu_samples));
	json_object_set_new(root, "allocations", unless(s->heap_off, json_uint(s->allocations)));
	json_object_set_new(root, "allocations_per_second",
	                    unless(s->heap_off, json_rounded(s->allocations_per_second)));
}

static void add_end(json_t *root, const struct status *s)
{
	json_object_set_new(root, "exit_status",
	                    unless(s->exit_status < 0, json_integer(s->exit_status)));
	json_object_set_new(root, "signal", unless(s->signal == 0, json_integer(s->signal)));
	json_object_set_new(root, "out_of_memory", json_boolean(s->out_of_memory));
}

static char *to_text(const struct status *status)
{
	json_t *root = json_object();
	add_run(root, status);
	add_progress(root, status);
	add_memory(root, status);
	add_end(root, status);
	char *text = json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
	json_decref(root);
	return text;
}

bool status_save(const char *path, const struct status *status)
{
	char *text = to_text(status);
	char *fresh = memory_format("%s.new", path);
	bool saved = false;
	int fd = text ? open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : -1;
	if (fd >= 0) {
		size_t length = strlen(text);
		saved = write(fd, text, length) == (ssize_t)length && write(fd, "\n", 1) == 1;
		close(fd);
		saved = saved && rename(fresh, path) == 0;
		int why = errno;
		if (!saved)
			unlink(fresh);
		errno = why;
	}
	free(fresh);
	free(text);
	return saved;
}

/* ---- reading ----------------------------------------------------------------------------- */

static char *get_text(const json_t *root, const char *key)
{
	const char *text = json_string_value(json_object_get(root, key));
	return text ? memory_copy(text) : NULL;
}

static uint64_t get_uint(const json_t *root, const char *key)
{
	json_int_t value = json_integer_value(json_object_get(root, key));
	return value > 0 ? (uint64_t)value : 0;
}

static double get_number(const json_t *root, const char *key, double otherwise)
{
	const json_t *value = json_object_get(root, key);
	return json_is_number(value) ? json_number_value(value) : otherwise;
}

static bool get_state(const json_t *root, enum run_state *state)
{
	const char *name = json_string_value(json_object_get(root, "state"));
	for (size_t i = 0; name && i < sizeof state_names / sizeof *state_names; i++) {
		if (strcmp(name, state_names[i]) == 0) {
			*state = (enum run_state)i;
			return true;
		}
	}
	return false;
}

static void get_phases(const json_t *root, struct status *s)
{
	size_t index;
	const json_t *phase;
	json_array_foreach(json_object_get(root, "phases"), index, phase)
	{
		char *path = get_text(phase, "path");
		if (!path || s->phases_count == STATUS_PHASES_MAX) {
			free(path);
			continue;
		}
		s->phases[s->phases_count++] =
		        (struct status_phase){path, get_number(phase, "share", 0)};
	}
}

static void get_all(const json_t *root, struct status *s)
{
	s->pid = (int)get_uint(root, "pid");
	s->launcher_pid = (int)get_uint(root, "launcher_pid");
	s->launcher_start = get_uint(root, "launcher_start");
	s->host = get_text(root, "host");
	s->boot_id = get_text(root, "boot_id");
	s->command = get_text(root, "command");
	s->run_dir = get_text(root, "run_dir");
	s->trace = get_text(root, "trace");
	s->trace_bytes = get_uint(root, "trace_bytes");
	s->started = get_number(root, "started_unix", 0);
	s->updated = get_number(root, "updated_unix", 0);
	s->processes = get_uint(root, "processes");
	s->step = get_uint(root, "step");
	s->last_step = get_uint(root, "last_step");
	s->steps_expected = get_uint(root, "steps_expected");
	s->steps_per_second = get_number(root, "steps_per_second", 0);
	s->eta_seconds = get_number(root, "eta_seconds", -1);
	s->step_seconds = get_number(root, "step_seconds", -1);
	s->agents_known = json_is_integer(json_object_get(root, "agents"));
	s->agents = get_uint(root, "agents");
	s->current_phase = get_text(root, "current_phase");
	s->heap_off = json_is_null(json_object_get(root, "live_heap_bytes"));
	s->heap_estimated = json_is_true(json_object_get(root, "heap_estimated"));
	s->live_heap_bytes = get_uint(root, "live_heap_bytes");
	s->peak_heap_bytes = get_uint(root, "peak_heap_bytes");
	s->rss_bytes = get_uint(root, "rss_bytes");
	s->peak_rss_bytes = get_uint(root, "peak_rss_bytes");
	s->cpu_samples = get_uint(root, "cpu_samples");
	s->allocations = get_uint(root, "allocations");
	s->allocations_per_second = get_number(root, "allocations_per_second", 0);
	s->exit_status = (int)get_number(root, "exit_status", -1);
	s->signal = (int)get_uint(root, "signal");
	s->out_of_memory = json_is_true(json_object_get(root, "out_of_memory"));
	get_phases(root, s);
}

const char *status_load(const char *path, struct status *status)
{
	*status = (struct status){0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return strerror(errno);
	json_t *root = json_loadfd(fd, 0, NULL);
	close(fd);
	const char *wrong = NULL;
	if (!json_is_object(root) || !get_state(root, &status->state))
		wrong = "it is not a status file of memprof";
	else if (get_uint(root, "schema_version") != STATUS_SCHEMA)
		wrong = "it was written by another version of memprof";
	else
		get_all(root, status);
	json_decref(root);
	return wrong;
}
