/* short_name.c: see short_name.h. */
#include "export/short_name.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* "operator<<", "operator new", but not "operators". */
static bool is_operator(const char *name)
{
	static const char word[] = "operator";
	size_t length = sizeof(word) - 1;
	return strncmp(name, word, length) == 0 && !isalnum((unsigned char)name[length]) &&
	       name[length] != '_';
}

const char *short_name(const char *name)
{
	const char *begin = name;
	int depth = 0; /* of brackets; what is in them is not looked at */
	for (const char *at = name; *at; at++) {
		/* The brackets of an operator's name are none. */
		if (depth == 0 && at == begin && is_operator(at))
			break;
		if (strchr("<([{", *at))
			depth++;
		else if (strchr(">)]}", *at))
			depth -= depth > 0;
		else if (depth == 0 && at[0] == ':' && at[1] == ':' && at[2])
			begin = at++ + 2;
	}
	return begin;
}
