/* sweep.c: see sweep.h. */
#include "sweep.h"
#include "memory.h"
#include "paths.h"
#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXIT_SOME_FAILED 1
#define MANIFEST         "manifest.json"
#define PLACE            "{}"

struct point {
	char *name;
	uint64_t value, repeat;
	const char *status;
	int exit_status; /* −1: none yet */
};

struct sweep {
	const struct sweep_options *options;
	char *directory;
	struct point *points;
	size_t count;
};

/* ---- the wish to stop -------------------------------------------------------------------- */

static volatile sig_atomic_t stopped;

static void stop(int number)
{
	stopped = number;
}

/* Without SA_RESTART: a wait ends when the wish comes. */
static void catch_signals(void)
{
	struct sigaction action = {.sa_handler = stop};
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

/* ---- the manifest ------------------------------------------------------------------------ */

static json_t *describe_point(const struct sweep *sweep, const struct point *point)
{
	char *trace = memory_format("%s/trace.msgpack", point->name),
	     *path = memory_format("%s/%s", sweep->directory, trace);
	json_t *object =
	        json_pack("{s:s, s:I, s:I, s:s, s:o, s:o}", "name", point->name, "value",
	                  (json_int_t)point->value, "repeat", (json_int_t)point->repeat, "status",
	                  point->status, "exit_status",
	                  point->exit_status < 0 ? json_null() : json_integer(point->exit_status),
	                  "trace", access(path, R_OK) == 0 ? json_string(trace) : json_null());
	free(trace);
	free(path);
	return object;
}

/* A word that is no UTF-8 has no place in JSON. */
static json_t *describe_command(char **command)
{
	json_t *array = json_array();
	for (; *command; command++) {
		json_t *word = json_string(*command);
		json_array_append_new(array, word ? word : json_null());
	}
	return array;
}

static bool write_manifest(const struct sweep *sweep)
{
	char *path = memory_format("%s/" MANIFEST, sweep->directory),
	     *temporary = memory_format("%s.new", path);
	json_t *points = json_array();
	for (size_t i = 0; i < sweep->count; i++)
		json_array_append_new(points, describe_point(sweep, &sweep->points[i]));
	json_t *root = json_pack("{s:i, s:s, s:s, s:o, s:o}", "schema_version", 1, "kind",
	                         "memprof-sweep", "param", "agents", "command",
	                         describe_command(sweep->options->command), "points", points);
	bool written = json_dump_file(root, temporary, JSON_INDENT(1) | JSON_PRESERVE_ORDER) == 0 &&
	               rename(temporary, path) == 0;
	if (!written)
		say("cannot write %s: %s", path, strerror(errno));
	json_decref(root);
	free(temporary);
	free(path);
	return written;
}

/* ---- one run ----------------------------------------------------------------------------- */

/* A word with each {} replaced by the value. */
static char *word_for(const char *word, uint64_t value)
{
	char *made = memory_copy("");
	const char *at;
	while ((at = strstr(word, PLACE)) != NULL) {
		char *longer = memory_format("%s%.*s%llu", made, (int)(at - word), word,
		                             (unsigned long long)value);
		free(made);
		made = longer;
		word = at + strlen(PLACE);
	}
	char *whole = memory_format("%s%s", made, word);
	free(made);
	return whole;
}

/* The command for a value: a copy, words and all. */
static char **command_for(char **command, uint64_t value)
{
	size_t count = 0;
	while (command[count])
		count++;
	char **words = memory_new(count + 1, sizeof *words);
	for (size_t i = 0; i < count; i++)
		words[i] = word_for(command[i], value);
	return words;
}

/* memprof run --quiet --dir DIRECTORY [--mode MODE] -- COMMAND: a list of words of others. */
static char **arguments_for(const struct sweep_options *options, char *directory, char **command)
{
	const char *head[] = {options->called, "run",     "--quiet",
	                      "--dir",         directory, options->mode ? "--mode" : "--",
	                      options->mode,   "--"};
	size_t head_count = options->mode ? 8 : 6, count = 0;
	while (command[count])
		count++;
	char **arguments = memory_new(head_count + count + 1, sizeof *arguments);
	memcpy(arguments, head, head_count * sizeof *arguments);
	memcpy(arguments + head_count, command, count * sizeof *arguments);
	return arguments;
}

static void free_words(char **words)
{
	for (char **word = words; *word; word++)
		free(*word);
	free(words);
}

static void send_to(const char *directory, const char *name, int descriptor)
{
	char *path = memory_format("%s/%s", directory, name);
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (file >= 0)
		dup2(file, descriptor);
	free(path);
}

static void become(char **arguments, const char *directory)
{
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	send_to(directory, "output", STDOUT_FILENO);
	send_to(directory, "errors", STDERR_FILENO);
	execv("/proc/self/exe", arguments);
	_exit(EXIT_LAUNCHER);
}

/* The exit status, 128 + signal when one ended it. A wish to stop is handed on, once. */
static int wait_for(pid_t child)
{
	int status;
	bool told = false;
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return EXIT_LAUNCHER;
		if (stopped && !told) {
			kill(child, SIGTERM);
			told = true;
		}
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void run_point(const struct sweep *sweep, struct point *point)
{
	char *directory = memory_format("%s/%s", sweep->directory, point->name);
	char **command = command_for(sweep->options->command, point->value);
	char **arguments = arguments_for(sweep->options, directory, command);
	mkdir(directory, 0777);
	pid_t child = fork();
	if (child == 0)
		become(arguments, directory);
	point->exit_status = child > 0 ? wait_for(child) : EXIT_LAUNCHER;
	point->status = stopped ? "interrupted" : point->exit_status == 0 ? "complete" : "failed";
	free(arguments);
	free_words(command);
	free(directory);
}

/* ---- all of them ------------------------------------------------------------------------- */

static void make_points(struct sweep *sweep)
{
	const struct sweep_options *options = sweep->options;
	sweep->points = memory_new(options->values_count * options->repeat, sizeof *sweep->points);
	for (uint64_t repeat = 1; repeat <= options->repeat; repeat++)
		for (size_t i = 0; i < options->values_count; i++)
			sweep->points[sweep->count++] = (struct point){
			        .name = memory_format("agents-%llu-r%llu",
			                              (unsigned long long)options->values[i],
			                              (unsigned long long)repeat),
			        .value = options->values[i],
			        .repeat = repeat,
			        .status = "pending",
			        .exit_status = -1,
			};
}

/* False: said why. */
static bool make_directory(const struct sweep *sweep)
{
	char *path = memory_format("%s/" MANIFEST, sweep->directory);
	bool taken = access(path, F_OK) == 0;
	bool made = !taken && paths_make_directories(sweep->directory, 0777);
	if (taken)
		say("%s is there already; give another --dir, or remove it", path);
	else if (!made)
		say("cannot make %s: %s", sweep->directory, strerror(errno));
	free(path);
	return made;
}

static int run_all(struct sweep *sweep)
{
	int failed = 0;
	for (size_t i = 0; i < sweep->count && !stopped; i++) {
		struct point *point = &sweep->points[i];
		point->status = "running";
		if (!write_manifest(sweep))
			return EXIT_LAUNCHER;
		run_point(sweep, point);
		failed += strcmp(point->status, "complete") != 0;
		say("%zu/%zu  %s  %s", i + 1, sweep->count, point->name, point->status);
		if (!write_manifest(sweep))
			return EXIT_LAUNCHER;
	}
	return stopped ? 128 + stopped : failed ? EXIT_SOME_FAILED : 0;
}

static void say_next(const struct sweep *sweep)
{
	char *analyzer = paths_analyzer_as_called(sweep->options->called);
	char *quoted = paths_quoted(sweep->directory);
	if (analyzer)
		say("next: %s scaling %s", analyzer, quoted);
	free(quoted);
	free(analyzer);
}

int sweep_run(const struct sweep_options *options)
{
	struct sweep sweep = {.options = options};
	sweep.directory = options->directory
	                          ? memory_copy(options->directory)
	                          : memory_format("memprof-sweep.%s.%d",
	                                          paths_base(options->command[0]), (int)getpid());
	int status = EXIT_LAUNCHER;
	make_points(&sweep);
	if (make_directory(&sweep)) {
		catch_signals();
		status = run_all(&sweep);
		say_next(&sweep);
	}
	for (size_t i = 0; i < sweep.count; i++)
		free(sweep.points[i].name);
	free(sweep.points);
	free(sweep.directory);
	return status;
}
