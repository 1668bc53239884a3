#include "commands.h"
int cmd_status(int argc, char **argv, const char *called)
{
	(void)argc;
	(void)argv;
	(void)called;
	return 0;
}
