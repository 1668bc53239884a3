/* rules.c: see rules.h. */
#include "model/rules.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void rules_free(struct rules *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		pattern_free(&rules->rules[i].pattern);
	free(rules->rules);
	free(rules->groups);
	arena_free(&rules->arena);
	*rules = (struct rules){0};
}

uint32_t rules_group(struct rules *rules, const char *name)
{
	for (size_t i = 0; i < rules->groups_count; i++)
		if (strcmp(rules->groups[i], name) == 0)
			return (uint32_t)i;
	rules->groups = mem_grow(rules->groups, &rules->groups_capacity, rules->groups_count + 1,
	                         sizeof(*rules->groups));
	rules->groups[rules->groups_count] = arena_text(&rules->arena, name, strlen(name));
	return (uint32_t)rules->groups_count++;
}

/* The part of [from, end) without blanks at its ends, in the arena. */
static char *trimmed(struct rules *rules, const char *from, const char *end)
{
	while (from < end && isspace((unsigned char)*from))
		from++;
	while (end > from && isspace((unsigned char)end[-1]))
		end--;
	return arena_text(&rules->arena, from, (size_t)(end - from));
}

static enum rule_subject take_subject(const char **pattern)
{
	static const struct {
		const char *prefix;
		enum rule_subject subject;
	} subjects[] = {
	        {"file:", RULE_FILE}, {"module:", RULE_MODULE}, {"function:", RULE_FUNCTION}};
	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
		size_t length = strlen(subjects[i].prefix);
		if (strncmp(*pattern, subjects[i].prefix, length) == 0) {
			*pattern += length;
			return subjects[i].subject;
		}
	}
	return RULE_FUNCTION;
}

static bool add_pattern(struct rules *rules, uint32_t group, const char *text,
                        struct failure *failure)
{
	struct rule rule = {.group = group, .subject = take_subject(&text)};
	if (!pattern_parse(&rule.pattern, text, PATTERN_RULE, failure))
		return false;
	rules->rules =
	        mem_grow(rules->rules, &rules->capacity, rules->count + 1, sizeof(*rules->rules));
	rules->rules[rules->count++] = rule;
	return true;
}

/* The comma that ends the pattern at `from`, or the end of the text. */
static const char *pattern_end(const char *from)
{
	int depth = 0;
	for (; *from; from++) {
		if (strchr("<([{", *from))
			depth++;
		else if (strchr(">)]}", *from) && depth)
			depth--;
		else if (*from == ',' && !depth)
			break;
	}
	return from;
}

bool rules_add(struct rules *rules, const char *words, struct failure *failure)
{
	const char *equals = strchr(words, '=');
	char *name = equals ? trimmed(rules, words, equals) : NULL;
	if (!name || !*name)
		return failure_set(
		        failure, EXIT_USAGE,
		        "'%.200s' is not NAME=PATTERN,…, as in 'spatial=kdtree_*,grid_*'", words);
	uint32_t group = rules_group(rules, name);
	for (const char *from = equals + 1, *end;; from = end + 1) {
		end = pattern_end(from);
		if (!add_pattern(rules, group, trimmed(rules, from, end), failure))
			return false;
		if (!*end)
			return true;
	}
}

static bool add_line(struct rules *rules, char *line, const char *path, size_t number,
                     struct failure *failure)
{
	struct failure why = {0};
	line[strcspn(line, "#\n")] = '\0';
	if (!line[strspn(line, " \t\r")])
		return true;
	return rules_add(rules, line, &why) ||
	       failure_set(failure, EXIT_USAGE, "%.200s, line %zu: %s", path, number, why.message);
}

bool rules_read(struct rules *rules, const char *path, struct failure *failure)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t size = 0, number = 0;
	bool good = true;
	if (!file)
		return failure_set(failure, EXIT_USAGE,
		                   "cannot read %.200s: %s; give a file of lines NAME=PATTERN,…",
		                   path, strerror(errno));
	while (good && getline(&line, &size, file) >= 0)
		good = add_line(rules, line, path, ++number, failure);
	free(line);
	fclose(file);
	return good;
}

uint32_t rules_find(const struct rules *rules, const char *function, const char *file,
                    const char *module)
{
	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *rule = &rules->rules[i];
		const char *subject = rule->subject == RULE_FILE     ? file
		                      : rule->subject == RULE_MODULE ? module
		                                                     : function;
		if (*subject && pattern_matches(&rule->pattern, subject))
			return rule->group;
	}
	return RULES_NONE;
}
