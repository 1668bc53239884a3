/* options.c: see options.h. */
#include "options.h"
#include "say.h"

#include <stdlib.h>

static void tell_wrong(const struct argp_state *state)
{
	const char *command = state->argv[0];
	int at = state->next > 0 && state->next <= state->argc ? state->next - 1 : 0;
	/* Of letters in a row argp does not tell which one it was. */
	if (state->argv[at][0] != '-' && at > 1)
		at--;
	say("%s is no option of %s, or lacks its value; %s --help lists them", state->argv[at],
	    command, command);
}

static error_t parse_common(int key, char *argument, struct argp_state *state)
{
	(void)argument;
	switch (key) {
	case '?':
		argp_help(state->root_argp, stdout, ARGP_HELP_STD_HELP, state->argv[0]);
		exit(0);
	case ARGP_KEY_ERROR:
		tell_wrong(state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option common[] = {
        {"help", '?', NULL, 0, "this list", -1},
        {0},
};

static const struct argp common_argp = {.options = common, .parser = parse_common};

const struct argp_child options_common[] = {{&common_argp, 0, NULL, 0}, {0}};

int options_parse(const struct argp *argp, int argc, char **argv, unsigned flags, void *input)
{
	flags |= ARGP_NO_ERRS | ARGP_NO_HELP;
	return argp_parse(argp, argc, argv, flags, NULL, input) == 0 ? 0 : EXIT_USAGE;
}
