/* pattern.h: how people name functions, files and modules without writing them out.
 *
 *     grid_*        a glob (`*`, `?`, `[…]`): of the whole name
 *     /^grid_.+$/   an extended regular expression: anywhere in the name
 *     grid          a word: a part of the name (as a search), or the whole name (as a rule)
 *
 * Searches do not tell upper from lower case; rules do, since function names do.
 */
#ifndef ANALYZER_BASE_PATTERN_H
#define ANALYZER_BASE_PATTERN_H

#include <regex.h>
#include <stdbool.h>

#include "base/failure.h"

enum pattern_use { PATTERN_SEARCH, PATTERN_RULE };

enum pattern_kind { PATTERN_WORD, PATTERN_GLOB, PATTERN_REGEX };

struct pattern {
	const char *text; /* as it was given; the caller's */
	enum pattern_use use;
	enum pattern_kind kind;
	regex_t regex;
};

/* Makes `text`, which must outlive the pattern, a pattern. False, with `failure` set, for an empty
 * text and for a regular expression that is none. Free with pattern_free. */
bool pattern_parse(struct pattern *pattern, const char *text, enum pattern_use use,
                   struct failure *failure);
void pattern_free(struct pattern *pattern);

bool pattern_matches(const struct pattern *pattern, const char *name);

/* Whether the name is the pattern's very text, upper or lower case aside in a search. */
bool pattern_is_exact(const struct pattern *pattern, const char *name);

#endif
