/* cmd_analyzer.c: commands of the analyzer under memprof's name: becomes `analyzer COMMAND …`. */
#include "commands.h"
#include "memory.h"
#include "paths.h"
#include "say.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int cmd_analyzer(int argc, char **argv, const char *called)
{
	(void)called;
	char *analyzer = paths_analyzer();
	if (!analyzer) {
		say("%s needs the program analyzer, which is neither beside memprof nor in PATH",
		    argv[0]);
		return EXIT_LAUNCHER;
	}
	char **arguments = memory_new((size_t)argc + 2, sizeof *arguments);
	arguments[0] = analyzer;
	memcpy(arguments + 1, argv, (size_t)argc * sizeof *arguments);
	execv(analyzer, arguments);
	say("cannot run %s: %s", analyzer, strerror(errno));
	return EXIT_LAUNCHER;
}
