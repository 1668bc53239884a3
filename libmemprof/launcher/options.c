/* options.c: see options.h. */
#include "options.h"
#include "say.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool is_option(const struct argp_option *option, const char *word)
{
	size_t length = strlen(word);
	if (word[0] != '-' || length < 2)
		return false;
	if (word[1] != '-')
		return option->key == word[length - 1];
	return option->name && length > 2 && strncmp(option->name, word + 2, length - 2) == 0;
}

/* The name of the value that an option lacks; NULL: it is none that needs one. */
static const char *value_of(const struct argp *argp, const char *word)
{
	const struct argp_option *option = argp->options;
	for (; option && (option->name || option->key); option++)
		if (option->arg && !(option->flags & OPTION_ARG_OPTIONAL) &&
		    is_option(option, word))
			return option->arg;
	return NULL;
}

static void tell_wrong(const struct argp_state *state)
{
	const char *command = state->argv[0];
	int at = state->next > 0 && state->next <= state->argc ? state->next - 1 : 0;
	/* Of letters in a row argp does not tell which one it was. */
	if (state->argv[at][0] != '-' && at > 1)
		at--;
	const char *word = state->argv[at], *value = value_of(state->root_argp, word);
	if (value)
		say("%s wants a value: %s %s; see %s --help", word, word, value, command);
	else
		say("%s is no option of %s; %s --help lists them", word, command, command);
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
