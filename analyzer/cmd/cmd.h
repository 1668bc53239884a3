/* cmd.h: the analyzer's commands.
 *
 * To add one: a file cmd/<name>.c with its run function, its declaration below, and a row in the
 * table in cmd.c. A command parses its own arguments, calls report/ (and what is below it), prints
 * failures, and returns the exit code.
 */
#ifndef ANALYZER_CMD_CMD_H
#define ANALYZER_CMD_CMD_H

#include <argp.h>
#include <stdio.h>

#include "base/failure.h"

struct command {
	const char *name, *summary;
	/* argv[0] is the command as it was called, with the program's name: "analyzer report".
	 * `program`: how the program itself was called, for commands to type next. */
	int (*run)(const char *program, int argc, char **argv);
};

/* The table, ended by a row without a name. */
const struct command *command_all(void);

/* Runs what the command line says; returns the exit code. */
int command_main(int argc, char **argv);

/* Prints "analyzer: message" and returns the failure's exit code. */
int command_failed(const struct failure *failure);

/* argp_parse with this project's exit code for usage errors, which are told in one line: parsers
 * set state->err_stream to command_errors() at ARGP_KEY_INIT. */
FILE *command_errors(void);
void command_parse(const struct argp *argp, int argc, char **argv, unsigned flags, void *input);

/* ---- the commands ------------------------------------------------------------------------- */

int command_report(const char *program, int argc, char **argv);
int command_export(const char *program, int argc, char **argv);
int command_scaling(const char *program, int argc, char **argv);
int command_symbolize(const char *program, int argc, char **argv);
int command_help(const char *program, int argc, char **argv);

#endif
