/* marks.c: see marks.h. */
#include "report/marks.h"

#include <string.h>

/* Each takes one column, as what it stands for does. */
static const struct {
	const char *character, *plain;
} fallbacks[] = {{"—", "-"}, {"µ", "u"}, {"…", "~"}, {"→", ">"}, {"≤", "<"}, {"×", "x"}, {"·", "."},
                 {"±", "~"}, {"–", "-"}, {"▁", "_"}, {"▂", "."}, {"▃", "-"}, {"▏", "."}, {"▎", "."},
                 {"▍", "-"}, {"▌", "-"}, {"▋", "="}, {"▊", "="}, {"▉", "#"}, {"÷", "/"}, {"▄", "="},
                 {"▅", "+"}, {"▆", "*"}, {"▇", "%"}, {"█", "#"}};

/* By mark, from MARK_HEADING on. */
static const char *const colours[] = {"\033[1m", "\033[2m", "\033[33m", "\033[0m"};

/* Renders the character of more than one byte at `c`; returns how many bytes it has. */
static size_t render_wide(const char *c, bool utf8, struct text *out)
{
	size_t length = text_prefix(c, 1);
	if (utf8) {
		text_add(out, c, length);
		return length;
	}
	for (size_t i = 0; i < sizeof(fallbacks) / sizeof(fallbacks[0]); i++)
		if (strlen(fallbacks[i].character) == length &&
		    memcmp(fallbacks[i].character, c, length) == 0) {
			text_string(out, fallbacks[i].plain);
			return length;
		}
	text_string(out, "?");
	return length;
}

void marks_render(const struct text *from, const struct terminal *terminal, struct text *out)
{
	for (size_t i = 0; i < from->length;) {
		unsigned char byte = (unsigned char)from->bytes[i];
		if (byte >= 0x80) {
			i += render_wide(from->bytes + i, terminal->utf8, out);
			continue;
		}
		if (byte >= MARK_HEADING[0] && byte <= MARK_END[0])
			text_string(out, terminal->colour ? colours[byte - MARK_HEADING[0]] : "");
		else if ((byte < ' ' && byte != '\n') || byte == 0x7f)
			text_string(out, "?");
		else
			text_add(out, from->bytes + i, 1);
		i++;
	}
}
