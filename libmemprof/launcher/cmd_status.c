/* cmd_status.c: memprof status: finds the run or runs that are asked for, and shows them. */
#include "commands.h"
#include "memory.h"
#include "options.h"
#include "paths.h"
#include "registry.h"
#include "say.h"
#include "status_view.h"
#include "verdict.h"

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Ended runs that a list without argument shows. */
#define ENDED_SHOWN 10

struct arguments {
	const char *target; /* NULL: all runs */
	bool watch, json;
};

static const struct argp_option options[] = {
        {"watch", 'w', NULL, 0,
         "show it again every second until the run ends; each time with the time of day where "
         "the output is no terminal",
         0},
        {"json", 'j', NULL, 0,
         "print the status file, with verdict and heartbeat_age_seconds added; an array of them "
         "without RUN",
         0},
        {0},
};

static const char doc[] =
        "Shows how a run is doing: progress, time left, memory, files, what to type next. "
        "RUN is a run directory, a trace, a status file or a process id; without it, all runs of "
        "this user are listed."
        "\v"
        "Examples:\n"
        "  memprof status\n"
        "  memprof status --watch memprof.mysim.4711\n"
        "  memprof status --json 4711 | python3 -m json.tool\n"
        "\n"
        "Exit status: 0 when there was something to show or no run at all, 3 when RUN is not "
        "there or not valid, 2 for wrong options.";

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct arguments *arguments = state->input;
	switch (key) {
	case 'w':
		arguments->watch = true;
		return 0;
	case 'j':
		arguments->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (arguments->target) {
			say("status shows one run; '%s' is one too many", argument);
			exit(EXIT_USAGE);
		}
		arguments->target = argument;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* ---- finding ----------------------------------------------------------------------------- */

/* The status file of the run with that process, or whose launcher has that pid; the latest one. */
static char *find_by_pid(int pid)
{
	size_t count;
	char **paths = registry_list(&count), *found = NULL;
	double started = -1;
	for (size_t i = 0; i < count; i++) {
		struct status status;
		if (!status_load(paths[i], &status) &&
		    (status.pid == pid || status.launcher_pid == pid) && status.started > started) {
			started = status.started;
			free(found);
			found = memory_copy(paths[i]);
		}
		status_free(&status);
		free(paths[i]);
	}
	free(paths);
	return found;
}

static bool is_pid(const char *text)
{
	return *text && text[strspn(text, "0123456789")] == '\0' && strlen(text) < 10;
}

static char *if_there(char *path)
{
	if (access(path, F_OK) == 0)
		return path;
	free(path);
	return NULL;
}

/* A file is a status file, or a trace that has one: TRACE.status.json, or status.json beside it. */
static char *find_by_file(const char *file)
{
	const char *base = paths_base(file);
	size_t length = strlen(file);
	if (length >= 5 && strcmp(file + length - 5, ".json") == 0)
		return memory_copy(file);
	char *found = if_there(memory_format("%s.status.json", file));
	return found ? found : if_there(memory_format("%.*sstatus.json", (int)(base - file), file));
}

/* The path of the status file that `target` means, to be freed; NULL: said why. */
static char *find(const char *target)
{
	struct stat info;
	char *found = NULL;
	if (stat(target, &info) == 0) {
		found = S_ISDIR(info.st_mode) ? if_there(memory_format("%s/status.json", target))
		                              : find_by_file(target);
		if (!found)
			say("%s: there is no status.json: no run of memprof was recorded here",
			    target);
	} else if (is_pid(target)) {
		found = find_by_pid(atoi(target));
		if (!found)
			say("no run of yours has the process %s; memprof status lists them",
			    target);
	} else {
		say("%s: %s", target, strerror(errno));
	}
	return found;
}

/* A run may end between a look at its file and one at its processes: the file is then read again
 * before it is said to have died. */
static const char *load(const char *path, struct status *status)
{
	const char *wrong = status_load(path, status);
	if (wrong || verdict_of(status) != VERDICT_DIED)
		return wrong;
	status_free(status);
	return status_load(path, status);
}

/* ---- one run ----------------------------------------------------------------------------- */

/* The file as it is, with the verdict added; NULL when it cannot be read. To be freed. */
static json_t *load_json(const char *path, const struct status *status)
{
	json_t *root = json_load_file(path, 0, NULL);
	if (!root)
		return NULL;
	json_object_set_new(root, "verdict", json_string(verdict_name(verdict_of(status))));
	json_object_set_new(root, "heartbeat_age_seconds",
	                    json_real(verdict_heartbeat_age(status)));
	return root;
}

static void print_json(json_t *root)
{
	if (root && json_dumpf(root, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(15)) == 0)
		putchar('\n');
	json_decref(root);
}

static void show(const struct status_view *view, const struct arguments *arguments,
                 const struct status *status, const char *path)
{
	if (arguments->json)
		print_json(load_json(path, status));
	else if (!arguments->watch || verdict_of(status) != VERDICT_RUNNING)
		status_view_run(view, status, path);
	else if (!view->terminal)
		status_view_line(status);
	else
		status_view_run(view, status, path);
}

/* Between two looks: a screen is drawn over the one before, in a log each begins with its time,
 * which `end` sets apart from it. */
static void begin_look(const struct status_view *view, const struct arguments *arguments,
                       const char *end)
{
	char text[sizeof "2026-01-31 23:59:59"];
	struct tm local;
	time_t now = time(NULL);
	if (!arguments->watch || arguments->json)
		return;
	if (view->terminal) {
		fputs("\033[H\033[2J", stdout);
	} else if (localtime_r(&now, &local) &&
	           strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &local)) {
		printf("%s%s", text, end);
	}
}

static int show_run(const struct status_view *view, const struct arguments *arguments)
{
	char *path = find(arguments->target);
	bool again = path != NULL;
	int exit_status = path ? 0 : EXIT_UNREADABLE;
	while (again) {
		struct status status;
		const char *wrong = load(path, &status);
		if (wrong) {
			say("%s: %s", path, wrong);
			exit_status = EXIT_UNREADABLE;
			again = false;
		} else {
			again = arguments->watch && verdict_of(&status) == VERDICT_RUNNING;
			begin_look(view, arguments, again ? "  " : "\n");
			show(view, arguments, &status, path);
		}
		status_free(&status);
		if (fflush(stdout) != 0)
			again = false;
		if (again)
			sleep(1);
	}
	free(path);
	return exit_status;
}

/* ---- all runs ---------------------------------------------------------------------------- */

struct listed_run {
	char *path;
	struct status status;
	bool running;
};

/* Running ones first, and the latest first. */
static int for_list(const void *a, const void *b)
{
	const struct listed_run *x = a, *y = b;
	if (x->running != y->running)
		return x->running ? -1 : 1;
	return (x->status.updated < y->status.updated) - (x->status.updated > y->status.updated);
}

static struct listed_run *load_all(size_t *count)
{
	size_t paths_count;
	char **paths = registry_list(&paths_count);
	struct listed_run *runs = memory_new(paths_count, sizeof *runs);
	*count = 0;
	for (size_t i = 0; i < paths_count; i++) {
		struct listed_run *run = &runs[*count];
		run->path = paths[i];
		if (load(run->path, &run->status)) {
			status_free(&run->status);
			free(run->path);
			continue;
		}
		run->running = verdict_of(&run->status) == VERDICT_RUNNING;
		(*count)++;
	}
	free(paths);
	qsort(runs, *count, sizeof *runs, for_list);
	return runs;
}

/* How to see more of a run: its directory, or the status file beside its trace. */
static void print_next(const struct status_view *view, const char *path)
{
	const char *base = paths_base(path);
	bool directory = strcmp(base, "status.json") == 0 && base > path + 1;
	char *name =
	        directory ? memory_format("%.*s", (int)(base - path - 1), path) : memory_copy(path);
	char *quoted = paths_quoted(name);
	printf("\nnext       %s status %s    # more of one of them\n", view->called, quoted);
	free(quoted);
	free(name);
}

static void print_list(const struct status_view *view, const struct listed_run *runs, size_t count)
{
	size_t ended = 0;
	for (size_t i = 0; i < count; i++) {
		ended += !runs[i].running;
		if (ended <= ENDED_SHOWN)
			status_view_entry(view, &runs[i].status);
	}
	if (ended > ENDED_SHOWN)
		printf("and %zu that ended before\n", ended - ENDED_SHOWN);
	if (count == 0)
		puts("no runs");
	else
		print_next(view, runs[0].path);
}

static void print_list_json(const struct listed_run *runs, size_t count)
{
	json_t *array = json_array();
	for (size_t i = 0; i < count; i++) {
		json_t *root = load_json(runs[i].path, &runs[i].status);
		if (root)
			json_array_append_new(array, root);
	}
	print_json(array);
}

static int show_all(const struct status_view *view, const struct arguments *arguments)
{
	bool again = true;
	while (again) {
		size_t count;
		struct listed_run *runs = load_all(&count);
		begin_look(view, arguments, "\n");
		if (arguments->json)
			print_list_json(runs, count);
		else
			print_list(view, runs, count);
		again = arguments->watch && count && runs[0].running && fflush(stdout) == 0;
		for (size_t i = 0; i < count; i++) {
			status_free(&runs[i].status);
			free(runs[i].path);
		}
		free(runs);
		if (again)
			sleep(1);
	}
	return 0;
}

int cmd_status(int argc, char **argv, const char *called)
{
	static const struct argp argp = {
	        .options = options,
	        .parser = parse,
	        .args_doc = "[RUN]",
	        .doc = doc,
	        .children = options_common,
	};
	struct arguments arguments = {0};
	struct status_view view;
	argv[0] = (char *)"memprof status";
	if (options_parse(&argp, argc, argv, 0, &arguments) != 0)
		return EXIT_USAGE;
	status_view_init(&view, called);
	return arguments.target ? show_run(&view, &arguments) : show_all(&view, &arguments);
}
