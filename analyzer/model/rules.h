/* rules.h: groups of functions by patterns: categories and components.
 *
 * A rule puts what matches its pattern into a group. A pattern (base/pattern.h, as a rule) is of a
 * function's name; after `file:` it is of the path of its source file, after `module:` of the name
 * of the program or library that it lies in. The first rule that matches decides.
 *
 * On the command line, and as a line of a file, rules are written NAME=PATTERN,PATTERN…; in a file
 * an empty line, and what follows a `#`, says nothing. A comma inside brackets (of a template, or
 * of a regular expression's {2,3}) is part of its pattern.
 */
#ifndef ANALYZER_MODEL_RULES_H
#define ANALYZER_MODEL_RULES_H

#include <stdint.h>

#include "base/memory.h"
#include "base/pattern.h"

enum rule_subject { RULE_FUNCTION, RULE_FILE, RULE_MODULE };

struct rule {
	uint32_t group;
	enum rule_subject subject;
	struct pattern pattern;
};

struct rules {
	const char **groups; /* names, in order of first sight */
	size_t groups_count, groups_capacity;
	struct rule *rules;
	size_t count, capacity;
	struct arena arena;
};

#define RULES_NONE UINT32_MAX

/* A zeroed struct has no rules. Free with rules_free. */
void rules_free(struct rules *rules);

/* The number of a group, which is added if it is not there. */
uint32_t rules_group(struct rules *rules, const char *name);

/* Adds what NAME=PATTERN,… says. False, with `failure` set, if it is not written so. */
bool rules_add(struct rules *rules, const char *words, struct failure *failure);

/* Adds all lines of a file. */
bool rules_read(struct rules *rules, const char *path, struct failure *failure);

/* The group of a function; RULES_NONE if no rule matches. */
uint32_t rules_find(const struct rules *rules, const char *function, const char *file,
                    const char *module);

#endif
