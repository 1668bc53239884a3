/* commands.h: the commands of memprof. To add one: a file cmd_NAME.c with its function, a line
 * here, a line in the table of main.c, a section in docs/man/memprof.1. */
#ifndef MEMPROF_LAUNCHER_COMMANDS_H
#define MEMPROF_LAUNCHER_COMMANDS_H

/* Each gets the arguments from the command's name on (argv[0] is "run" …) and, as `called`, how
 * memprof itself was called. Each returns an exit status. */
typedef int command_function(int argc, char **argv, const char *called);

command_function cmd_run;
command_function cmd_sweep;
command_function cmd_status;
command_function cmd_caches;
command_function cmd_analyzer; /* report, symbolize: commands of the analyzer under one name */

#endif
