/* short_name.c: see short_name.h. */
#include "export/short_name.h"

#include <string.h>

const char *short_name(const char *name)
{
	static const char word[] = "operator";
	const char *begin = name;
	int depth = 0; /* of brackets; what is in them is not looked at */
	for (const char *at = name; *at; at++) {
		/* The brackets of an operator's name are none. */
		if (depth == 0 && at == begin && strncmp(at, word, sizeof(word) - 1) == 0)
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
