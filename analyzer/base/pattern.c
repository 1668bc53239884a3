/* pattern.c: see pattern.h. */
#include "base/pattern.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"

static bool is_regex(const char *text)
{
	size_t length = strlen(text);
	return length > 2 && text[0] == '/' && text[length - 1] == '/';
}

static bool compile(struct pattern *pattern, struct failure *failure)
{
	char why[128];
	char *inner = mem_text(pattern->text + 1, strlen(pattern->text) - 2);
	int flags = REG_EXTENDED | REG_NOSUB | (pattern->use == PATTERN_SEARCH ? REG_ICASE : 0);
	int error = regcomp(&pattern->regex, inner, flags);
	free(inner);
	if (!error)
		return true;
	regerror(error, &pattern->regex, why, sizeof(why));
	return failure_set(failure, EXIT_USAGE, "%.200s is no regular expression: %s",
	                   pattern->text, why);
}

bool pattern_parse(struct pattern *pattern, const char *text, enum pattern_use use,
                   struct failure *failure)
{
	*pattern = (struct pattern){.text = text, .use = use};
	if (!*text)
		return failure_set(failure, EXIT_USAGE,
		                   "an empty pattern matches nothing; give a part of a name, a "
		                   "glob or a /regular expression/");
	if (is_regex(text)) {
		if (!compile(pattern, failure))
			return false;
		pattern->kind = PATTERN_REGEX;
	} else if (strpbrk(text, "*?[")) {
		pattern->kind = PATTERN_GLOB;
	}
	return true;
}

void pattern_free(struct pattern *pattern)
{
	if (pattern->kind == PATTERN_REGEX)
		regfree(&pattern->regex);
	*pattern = (struct pattern){0};
}

bool pattern_matches(const struct pattern *pattern, const char *name)
{
	bool search = pattern->use == PATTERN_SEARCH;
	switch (pattern->kind) {
	case PATTERN_REGEX:
		return regexec(&pattern->regex, name, 0, NULL, 0) == 0;
	case PATTERN_GLOB:
		/* "operator[]" and "operator*" look like globs, and are names. */
		return pattern_is_exact(pattern, name) ||
		       fnmatch(pattern->text, name, search ? FNM_CASEFOLD : 0) == 0;
	default:
		return search ? strcasestr(name, pattern->text) != NULL
		              : strcmp(name, pattern->text) == 0;
	}
}

bool pattern_is_exact(const struct pattern *pattern, const char *name)
{
	return pattern->use == PATTERN_SEARCH ? strcasecmp(name, pattern->text) == 0
	                                      : strcmp(name, pattern->text) == 0;
}
