/* options.h: wrong options are told in one line, as everything else is; argp alone would take two.
 */
#ifndef MEMPROF_LAUNCHER_OPTIONS_H
#define MEMPROF_LAUNCHER_OPTIONS_H

#include <argp.h>

/* For ARGP_KEY_ERROR: says which option is wrong. `command` is the command's name. */
void options_tell_wrong(const struct argp_state *state, const char *command);

/* argp_parse for a command, whose name is to be argv[0]; 0, or EXIT_USAGE after a line. */
int options_parse(const struct argp *argp, int argc, char **argv, unsigned flags, void *input);

#endif
