/* main.c: memprof, the command line: finds the command and hands over. */
#include "commands.h"
#include "say.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct command {
	const char *name;
	command_function *function;
	const char *summary;
} commands[] = {
        {"run", cmd_run, "run a program and record where its time and memory go"},
        {"sweep", cmd_sweep, "run a program at several agent counts, for analyzer scaling"},
        {"status", cmd_status, "how runs are doing: progress, time left, memory, files"},
        {"caches", cmd_caches, "how far the processor's caches reach, for analyzer scaling"},
        {"report", cmd_analyzer, "print what a trace says (the analyzer's command)"},
        {"export", cmd_analyzer, "a trace as a flame graph, or for pprof, speedscope, Perfetto"},
        {"scaling", cmd_analyzer, "how time and memory grow with the number of agents"},
        {"symbolize", cmd_analyzer, "put functions and source lines into a trace"},
};

#define COMMANDS (sizeof commands / sizeof *commands)

static void print_help(void)
{
	puts("Usage: memprof COMMAND [OPTION...] [ARGUMENT...]\n"
	     "Memory and time profiler for simulations.\n");
	for (size_t i = 0; i < COMMANDS; i++)
		printf("  %-10s %s\n", commands[i].name, commands[i].summary);
	puts("\n"
	     "  memprof run -- ./mysim --steps 500    record a run\n"
	     "  memprof status                        how is it doing?\n"
	     "  memprof report memprof.mysim.4711     where did time and memory go?\n"
	     "\n"
	     "memprof COMMAND --help tells more of each; memprof --version the version.");
}

/* A standard stream that the user closed would become the number of the next file that is opened,
 * and messages would go into it. The stand-in closes at exec: the command finds it closed as it
 * was. */
static void occupy_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", O_RDWR | O_CLOEXEC);
}

int main(int argc, char **argv)
{
	occupy_standard_streams();
	const char *name = argc > 1 ? argv[1] : NULL;
	if (!name || strcmp(name, "--help") == 0 || strcmp(name, "help") == 0) {
		print_help();
		return name ? 0 : EXIT_USAGE;
	}
	if (strcmp(name, "--version") == 0) {
		puts("memprof " MEMPROF_VERSION);
		return 0;
	}
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(name, commands[i].name) == 0)
			return commands[i].function(argc - 1, argv + 1, argv[0]);
	say("there is no command '%s'; memprof --help lists those there are", name);
	return EXIT_USAGE;
}
