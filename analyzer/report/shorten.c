/* shorten.c: see shorten.h. */
#include "report/shorten.h"

#include <string.h>

#include "base/text.h"

#define CUT "…"

/* The end of "<…" that begins here, past its ">"; NULL: it has none. "->" ends nothing. */
static const char *arguments_end(const char *open)
{
	size_t depth = 0;
	for (const char *c = open; *c; c++) {
		depth += *c == '<';
		if (*c == '>' && c[-1] != '-' && --depth == 0)
			return c + 1;
	}
	return NULL;
}

/* A name of C++ without its template arguments: "vector<…>::push_back". Operators have no
 * arguments in their names. */
static const char *without_arguments(struct arena *arena, const char *name)
{
	struct text folded = {0};
	const char *from = name, *end;
	for (const char *open = name; (open = strchr(open, '<')); open = from = end) {
		bool is_operator = open - name >= 8 && strncmp(open - 8, "operator", 8) == 0;
		end = is_operator ? open + 1 + (open[1] == '<') : arguments_end(open);
		if (!end)
			break;
		text_add(&folded, from, (size_t)(open - from));
		if (is_operator)
			text_add(&folded, open, (size_t)(end - open));
		else
			text_string(&folded, "<" CUT ">");
	}
	text_string(&folded, from);
	const char *kept = arena_text(arena, folded.bytes, folded.length);
	text_free(&folded);
	return kept;
}

const char *shorten(struct arena *arena, const char *name, size_t width, enum shorten_tail tells)
{
	if (text_columns(name) <= width || width < 2)
		return name;
	const char *folded = without_arguments(arena, name);
	size_t columns = text_columns(folded);
	if (columns <= width)
		return folded;
	size_t tail = tells == SHORTEN_END_TELLS ? width * 2 / 3 : width / 3;
	return arena_printf(arena, "%.*s" CUT "%s", (int)text_prefix(folded, width - 1 - tail),
	                    folded, folded + text_prefix(folded, columns - tail));
}
