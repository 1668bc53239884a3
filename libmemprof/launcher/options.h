/* options.h: what the options of all commands have in common: --help, and that a wrong one is told
 * in one line, as everything else is (argp alone takes two). */
#ifndef MEMPROF_LAUNCHER_OPTIONS_H
#define MEMPROF_LAUNCHER_OPTIONS_H

#include <argp.h>

/* To be the children of a command's argp. */
extern const struct argp_child options_common[];

/* argp_parse for a command, whose whole name ("memprof run") is argv[0]. Returns 0, or EXIT_USAGE
 * after a line; --help does not return. */
int options_parse(const struct argp *argp, int argc, char **argv, unsigned flags, void *input);

#endif
