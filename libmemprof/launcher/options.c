/* options.c: see options.h. */
#include "options.h"
#include "say.h"

void options_tell_wrong(const struct argp_state *state, const char *command)
{
	int at = state->next > 0 && state->next <= state->argc ? state->next - 1 : 0;
	const char *option = state->argv[at];
	/* Of letters in a row argp does not tell which one it was. */
	if (option[0] != '-' && at > 1)
		option = state->argv[at - 1];
	say("%s: %s is no option, or lacks its value; memprof %s --help lists them", command,
	    option, command);
}

int options_parse(const struct argp *argp, int argc, char **argv, unsigned flags, void *input)
{
	return argp_parse(argp, argc, argv, flags | ARGP_NO_ERRS, NULL, input) == 0 ? 0
	                                                                            : EXIT_USAGE;
}
