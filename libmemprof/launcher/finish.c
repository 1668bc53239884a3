/* finish.c: see finish.h. */
#include "finish.h"
#include "human.h"
#include "memory.h"
#include "paths.h"
#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of more traces than these a reader at a terminal is told why the command has not ended yet. */
#define TRACES_TOLD 20

/* What a command line must leave free, as POSIX asks of xargs; and what it may hold at least. */
#define COMMAND_SPARE 2048
#define COMMAND_LEAST 4096

void finished_add(struct finished_traces *finished, const struct trace_writer *trace, bool former,
                  bool main)
{
	memory_reserve(&finished->paths, &finished->capacity, finished->count + 1,
	               sizeof *finished->paths);
	finished->paths[finished->count++] = memory_copy(trace->path);
	finished->former += former;
	if (main && !former)
		finished->main = finished->paths[finished->count - 1];
}

/* In the child, between fork and exec. */
static void become_analyzer(char *const arguments[], bool silent)
{
	sigset_t none;
	struct sigaction standard = {.sa_handler = SIG_DFL};
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	sigaction(SIGPIPE, &standard, NULL);
	sigaction(SIGXFSZ, &standard, NULL);
	int null = silent ? open("/dev/null", O_RDWR | O_CLOEXEC) : -1;
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
	}
	execv(arguments[0], arguments);
	_exit(EXIT_NOT_FOUND);
}

/* Runs the analyzer and waits. Its exit status; −1 when it did not come to one. */
static int run_analyzer(char *const arguments[], bool silent)
{
	int status;
	pid_t pid = fork();
	if (pid == 0)
		become_analyzer(arguments, silent);
	if (pid < 0)
		return -1;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Bytes that a word takes of what the kernel allows a command. */
static size_t word_bytes(const char *word)
{
	return strlen(word) + 1 + sizeof word;
}

/* Bytes that the words of a command may take beside the environment. */
static size_t command_room(void)
{
	extern char **environ;
	long limit = sysconf(_SC_ARG_MAX);
	size_t room = limit > 0 ? (size_t)limit : 0, used = COMMAND_SPARE;
	for (char **word = environ; *word; word++)
		used += word_bytes(*word);
	return room > used + COMMAND_LEAST ? room - used : COMMAND_LEAST;
}

/* Resolves the traces from `first` on, as many as one command takes: each that comes after another
 * costs next to nothing. Returns how many; *resolved becomes false when any failed. */
static size_t resolve_some(const struct finished_traces *finished, size_t first, char *analyzer,
                           bool *resolved)
{
	char **arguments = memory_new(finished->count - first + 3, sizeof *arguments);
	size_t count = 0, room = command_room(), used = word_bytes(analyzer);
	arguments[0] = analyzer;
	arguments[1] = (char *)"symbolize";
	for (; first + count < finished->count; count++) {
		char *path = finished->paths[first + count];
		used += word_bytes(path);
		if (count && used > room)
			break;
		arguments[count + 2] = path;
	}
	*resolved = run_analyzer(arguments, true) == 0 && *resolved;
	free(arguments);
	return count;
}

void finished_resolve(const struct finished_traces *finished, bool tell)
{
	bool resolved = true;
	char *analyzer = paths_analyzer();
	if (finished->count && !analyzer)
		say("the analyzer is neither beside memprof nor in PATH: symbols are resolved when "
		    "the trace is read");
	if (analyzer && tell && finished->count > TRACES_TOLD && isatty(STDERR_FILENO))
		say("resolving symbols of %zu traces …", finished->count);
	for (size_t i = 0; analyzer && i < finished->count;)
		i += resolve_some(finished, i, analyzer, &resolved);
	if (!resolved)
		say("not all symbols could be put into the %s; they are resolved when it is read, "
		    "on "
		    "this machine (%s symbolize TRACE tells why)",
		    finished->count == 1 ? "trace" : "traces", paths_base(analyzer));
	free(analyzer);
}

uint64_t finished_main_bytes(const struct finished_traces *finished)
{
	struct stat info;
	return finished->main && stat(finished->main, &info) == 0 ? (uint64_t)info.st_size : 0;
}

/* The command that shows the trace, as it may be typed here. */
static char *next_command(const char *trace, const char *called)
{
	char *path = paths_quoted(trace);
	char *analyzer = paths_analyzer_as_called(called);
	char *program = paths_quoted(analyzer ? analyzer : called);
	char *command = memory_format("%s%s %s", program, analyzer ? "" : " report", path);
	free(path);
	free(analyzer);
	free(program);
	return command;
}

/* " and 2 further processes and 1 image before an exec beside it" */
static void further_traces(const struct finished_traces *finished, char text[], size_t size)
{
	bool own_former = !finished->main && finished->former == finished->count;
	size_t former = finished->former - own_former;
	size_t processes = finished->count - 1 - former;
	char first[64] = "", second[64] = "";
	if (processes)
		snprintf(first, sizeof first, " and %zu further process%s", processes,
		         processes == 1 ? "" : "es");
	if (former)
		snprintf(second, sizeof second, " and %zu image%s before an exec", former,
		         former == 1 ? "" : "s");
	snprintf(text, size, "%s%s%s", first, second,
	         processes || former ? " in traces beside it" : "");
}

static void tell_closing_line(const struct finished_traces *finished, const char *called,
                              const struct moment *started, const char *end)
{
	char bytes[HUMAN_SIZE], seconds[HUMAN_SIZE], others[192];
	const char *trace = finished->main ? finished->main : finished->paths[0];
	char *command = next_command(trace, called);
	uint64_t elapsed = clock_mono_ns() - started->mono_ns;
	human_bytes(bytes, finished->main ? finished_main_bytes(finished) : 0);
	human_seconds(seconds, (double)elapsed / (double)NS_PER_SECOND);
	further_traces(finished, others, sizeof others);
	say("%s%s (%s, %s)%s; next: %s", end, trace, bytes, seconds, others, command);
	free(command);
}

static void print_report(const char *trace, const char *kind)
{
	char *analyzer = paths_analyzer();
	char *path = memory_copy(trace);
	char *arguments[] = {analyzer, (char *)"report", (char *)"--report", (char *)kind, path,
	                     NULL};
	if (!analyzer || run_analyzer(arguments, false) != 0)
		say("the report of %s could not be printed", trace);
	free(path);
	free(analyzer);
}

void finished_tell(const struct finished_traces *finished, const struct run_options *options,
                   const struct moment *started, const char *end)
{
	if (finished->count == 0)
		return;
	if (!options->quiet)
		tell_closing_line(finished, options->called, started, end);
	if (options->report)
		print_report(finished->main ? finished->main : finished->paths[0], options->report);
}

void finished_free(struct finished_traces *finished)
{
	for (size_t i = 0; i < finished->count; i++)
		free(finished->paths[i]);
	free(finished->paths);
	*finished = (struct finished_traces){0};
}
