/* symbolize.c: `analyzer symbolize`. */
#include "cmd/cmd.h"

int command_symbolize(const char *program, int argc, char **argv)
{
	(void)program;
	(void)argc;
	(void)argv;
	return 0;
}
