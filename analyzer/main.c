/* main.c: the analyzer reads traces that memprof recorded, and says what they mean.
 *
 *     cmd ──► report ──► model ──► trace        base is below all
 *                          └─────► symbols
 *
 * Nothing prints below report. */
#include "cmd/cmd.h"

int main(int argc, char **argv)
{
	return command_main(argc, argv);
}
