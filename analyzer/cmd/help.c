/* help.c: `analyzer help [COMMAND]`, and `analyzer --help`. */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "report/report.h"

static void print_overview(const char *program)
{
	printf("Usage: %s TRACE\n"
	       "       %s COMMAND [OPTION...] TRACE...\n\n"
	       "Reads traces that memprof recorded, and says where time and memory went.\n"
	       "TRACE is a trace.msgpack, or the directory of a run.\n\n"
	       "Commands:\n",
	       program, program);
	for (const struct command *c = command_all(); c->name; c++)
		printf("  %-11s %s\n", c->name, c->summary);
	printf("\nReports:\n");
	for (const struct report *r = report_all(); r->name && !r->by_need; r++)
		printf("  %-11s %s\n", r->name, r->summary);
	printf("\nExamples:\n"
	       "  %s trace.msgpack\n"
	       "  %s report --top 20 memprof.mysim.4711/\n"
	       "  %s report --format json --output run.json trace.msgpack\n"
	       "  %s export --format flamegraph -o flame.svg trace.msgpack\n"
	       "  %s scaling --predict 10000 run-100 run-200 run-400 run-800\n"
	       "  %s symbolize trace.msgpack\n\n"
	       "Options of a command: %s COMMAND --help.  Version: %s --version.\n\n"
	       "Exit codes: 0 good; 1 an expectation is broken; 2 usage, or output that cannot be "
	       "written;\n3 a trace that cannot be read or is not valid (what could be read of it "
	       "is "
	       "still reported);\n4 an expectation cannot be told, with --fail-on-unsure.\n",
	       program, program, program, program, program, program, program, program);
}

int command_help(const char *program, int argc, char **argv)
{
	for (const struct command *c = command_all(); argc > 1 && c->name; c++)
		if (strcmp(c->name, argv[1]) == 0 && c->run != command_help) {
			char name[64], option[] = "--help";
			snprintf(name, sizeof(name), "analyzer %s", c->name);
			char *arguments[] = {name, option, NULL};
			return c->run(program, 2, arguments);
		}
	if (argc > 1 && argv[1][0] != '-' && strcmp(argv[1], "help") != 0) {
		struct failure failure;
		failure_set(&failure, EXIT_USAGE, "there is no command %s; see %s --help", argv[1],
		            program);
		return command_failed(&failure);
	}
	print_overview(program);
	return EXIT_GOOD;
}
