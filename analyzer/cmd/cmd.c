/* cmd.c: see cmd.h. A first word that is no command and no option is a trace: `analyzer TRACE` is
 * `analyzer report TRACE`. */
#include "cmd/cmd.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

static const struct command commands[] = {
        {"report", "what a run did with its time and memory (the default)", command_report},
        {"export", "a run for other tools, or as a picture: flame graph, pprof, speedscope …",
         command_export},
        {"scaling", "how time and memory grow with the number of agents, and how sure that is",
         command_scaling},
        {"symbolize", "put the names of functions into traces, to read them elsewhere",
         command_symbolize},
        {"help", "how to use the analyzer, or a command", command_help},
        {NULL, NULL, NULL},
};

const struct command *command_all(void)
{
	return commands;
}

int command_failed(const struct failure *failure)
{
	fflush(stdout);
	fprintf(stderr, "analyzer: %s\n", failure->message);
	return failure->code;
}

/* argp follows each error by "Try … --help" in two lines more; what to do stands in the first. */
static ssize_t write_first_line(void *cookie, const char *bytes, size_t length)
{
	bool *ended = cookie;
	for (size_t i = 0; i < length && !*ended; i++) {
		bool alone = i == 0 && length > 4 && memcmp(bytes, "Try ", 4) == 0;
		if (!alone)
			fputc(bytes[i], stderr);
		*ended = alone || bytes[i] == '\n';
	}
	return (ssize_t)length;
}

FILE *command_errors(void)
{
	static bool ended;
	static FILE *stream;
	if (!stream)
		stream = fopencookie(&ended, "w",
		                     (cookie_io_functions_t){.write = write_first_line});
	return stream ? stream : stderr;
}

void command_parse(const struct argp *argp, int argc, char **argv, unsigned flags, void *input)
{
	argp_err_exit_status = EXIT_USAGE;
	error_t error = argp_parse(argp, argc, argv, flags, NULL, input);
	if (error) {
		fprintf(stderr, "analyzer: %s\n", strerror(error));
		exit(EXIT_USAGE);
	}
}

static const struct command *find(const char *word)
{
	for (const struct command *c = commands; c->name; c++)
		if (strcmp(c->name, word) == 0)
			return c;
	return NULL;
}

/* argv with the program's name and the command's made one word, for usage messages. */
static int run(const struct command *command, int argc, char **argv, int skip)
{
	struct text name = {0};
	char *program = argv[0];
	const char *slash = strrchr(program, '/');
	text_printf(&name, "%s %s", slash ? slash + 1 : program, command->name);
	argv[skip] = name.bytes;
	int code = command->run(program, argc - skip, argv + skip);
	text_free(&name);
	return code;
}

int command_main(int argc, char **argv)
{
	setlocale(LC_CTYPE, "");
	const char *word = argc > 1 ? argv[1] : "help";
	if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
		puts("analyzer " MEMPROF_VERSION);
		return EXIT_GOOD;
	}
	if (strcmp(word, "--help") == 0 || strcmp(word, "-?") == 0)
		word = "help";
	const struct command *command = find(word);
	/* A trace may be called like a command: ./report. */
	if (command)
		return run(command, argc, argv, argc > 1);
	if (!strpbrk(word, "./-") && access(word, F_OK) != 0) {
		struct failure failure;
		failure_set(&failure, EXIT_USAGE,
		            "there is no command and no file '%s'; %s --help lists the commands",
		            word, argv[0]);
		return command_failed(&failure);
	}
	return run(find("report"), argc, argv, 0);
}
