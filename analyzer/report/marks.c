/* marks.c: see marks.h. */
#include "report/marks.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Each takes one column, as what it stands for does. */
static const struct {
	const char *character, *plain;
} fallbacks[] = {{"—", "-"}, {"µ", "u"}, {"…", "~"}, {"≈", "~"}, {"²", "2"}, {"→", ">"}, {"≤", "<"},
                 {"×", "x"}, {"·", "."}, {"±", "~"}, {"–", "-"}, {"▁", "_"}, {"▂", "."}, {"▃", "-"},
                 {"▏", "."}, {"▎", "."}, {"▍", "-"}, {"▌", "-"}, {"▋", "="}, {"▊", "="}, {"▉", "#"},
                 {"÷", "/"}, {"▄", "="}, {"▅", "+"}, {"▆", "*"}, {"▇", "%"}, {"█", "#"}, {"┌", "+"},
                 {"┐", "+"}, {"└", "+"}, {"┘", "+"}, {"─", "-"}, {"│", "|"}};

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

/* ---- lines -------------------------------------------------------------------------------- */

static bool is_mark(char byte)
{
	return byte >= MARK_HEADING[0] && byte <= MARK_WHOLE[0];
}

size_t marks_columns(const char *text)
{
	size_t columns = text_columns(text);
	for (; *text; text++)
		columns -= is_mark(*text);
	return columns;
}

/* How much of the line, at whose end there is a 0, goes before a break; 0: there is no blank to
 * break it at. */
static size_t break_before(const char *line, size_t width)
{
	size_t columns = 0, found = 0, indent = strspn(line, " ");
	for (size_t i = 0; line[i] && columns <= width;) {
		if (line[i] == ' ' && i > indent && line[i - 1] != ' ')
			found = i;
		size_t bytes = text_prefix(line + i, 1);
		columns += !is_mark(line[i]);
		i += bytes;
	}
	return found;
}

/* Under what it goes on from. */
#define GO_ON 2

static void wrap_line(char *line, size_t width, struct text *out)
{
	size_t indent = strspn(line, " ") + GO_ON, room = width, end;
	bool whole = strchr(line, MARK_WHOLE[0]);
	while (!whole && marks_columns(line) > room && (end = break_before(line, room))) {
		text_add(out, line, end);
		text_string(out, "\n");
		text_repeat(out, " ", indent);
		line += end + strspn(line + end, " ");
		room = width > indent ? width - indent : 1;
	}
	text_string(out, line);
}

void marks_wrap(const struct text *from, size_t width, struct text *out)
{
	for (size_t i = 0; i < from->length;) {
		char *line = from->bytes + i, *end = memchr(line, '\n', from->length - i);
		size_t length = end ? (size_t)(end - line) : from->length - i;
		char *copy = mem_text(line, length);
		wrap_line(copy, width, out);
		text_string(out, end ? "\n" : "");
		free(copy);
		i += length + 1;
	}
}

/* ---- terminals ---------------------------------------------------------------------------- */

static void render_lines(const struct text *from, const struct terminal *terminal, struct text *out)
{
	for (size_t i = 0; i < from->length;) {
		unsigned char byte = (unsigned char)from->bytes[i];
		if (byte >= 0x80) {
			i += render_wide(from->bytes + i, terminal->utf8, out);
			continue;
		}
		if (byte >= MARK_HEADING[0] && byte <= MARK_END[0])
			text_string(out, terminal->colour ? colours[byte - MARK_HEADING[0]] : "");
		else if (byte == MARK_WHOLE[0])
			text_string(out, "");
		else if ((byte < ' ' && byte != '\n') || byte == 0x7f)
			text_string(out, "?");
		else
			text_add(out, from->bytes + i, 1);
		i++;
	}
}

static void render_for_terminal(const struct text *from, const struct terminal *terminal,
                                struct text *out)
{
	struct text lines = {0};
	marks_wrap(from, terminal->width, &lines);
	render_lines(&lines, terminal, out);
	text_free(&lines);
}

/* ---- Markdown ----------------------------------------------------------------------------- */

static void markdown_byte(unsigned char byte, struct text *out)
{
	char c = (char)byte;
	if (c == MARK_BAR[0])
		text_string(out, "|");
	else if (is_mark(c))
		return;
	else if (byte < ' ' || byte == 0x7f)
		text_string(out, "?");
	else {
		if (strchr("\\`*_[]<>|#~", c))
			text_string(out, "\\");
		text_add(out, &c, 1);
	}
}

/* What kind of line this is; of one kind, lines need nothing between them. */
enum line { LINE_EMPTY, LINE_TABLE, LINE_HEADING, LINE_PLAIN };

static enum line kind_of(const char *line, size_t length)
{
	if (!length)
		return LINE_EMPTY;
	return *line == MARK_BAR[0]       ? LINE_TABLE
	       : *line == MARK_HEADING[0] ? LINE_HEADING
	                                  : LINE_PLAIN;
}

static void render_markdown(const struct text *from, struct text *out)
{
	enum line before = LINE_EMPTY;
	for (size_t i = 0; i < from->length; i++) {
		const char *line = from->bytes + i;
		size_t length = strcspn(line, "\n"), at = i, end = i + length;
		enum line kind = kind_of(line, length);
		if (kind != LINE_EMPTY && before != LINE_EMPTY &&
		    (kind != before || kind == LINE_HEADING))
			text_string(out, "\n");
		if (kind == LINE_HEADING)
			text_string(out, "## ");
		while (at < end && from->bytes[at] == ' ')
			at++;
		for (; at < end; at++)
			markdown_byte((unsigned char)from->bytes[at], out);
		/* Two blanks end a line within a paragraph. */
		text_string(out, kind == LINE_PLAIN ? "  \n" : "\n");
		before = kind;
		i = end;
	}
}

void marks_render(const struct text *from, const struct terminal *terminal, struct text *out)
{
	if (terminal->markdown)
		render_markdown(from, out);
	else
		render_for_terminal(from, terminal, out);
}
