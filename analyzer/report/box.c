/* box.c: see box.h. What stands in the box is written apart, and then line by line between bars. */
#include "report/box.h"

#include <string.h>

#define FRAME 4 /* columns of the bars, and of a blank beside each */

void box_begin(struct box *box, const struct view *outer, const char *title)
{
	*box = (struct box){
	        .inner = *outer, .options = *outer->options, .outer = outer, .title = title};
	if (!outer->options->terminal.markdown)
		box->options.terminal.width -= FRAME;
	box->inner.options = &box->options;
	box->inner.out = &box->text;
}

static void write_lid(const struct box *box, size_t width)
{
	struct text *out = box->outer->out;
	size_t columns = text_columns(box->title), room = width - 6;
	text_string(out, "┌─ " MARK_HEADING);
	if (columns > room) {
		text_string(out, "…");
		text_string(out, box->title + text_prefix(box->title, columns - room + 1));
		columns = room;
	} else {
		text_string(out, box->title);
	}
	text_string(out, MARK_END " ");
	text_repeat(out, "─", width - 5 - columns);
	text_string(out, "┐\n");
}

static void write_line(const struct box *box, char *line, size_t width)
{
	struct text *out = box->outer->out;
	size_t columns = marks_columns(line);
	text_printf(out, "│ %s", line);
	text_repeat(out, " ", columns < width - FRAME ? width - FRAME - columns : 0);
	text_string(out, " │\n");
}

static void write_framed(struct box *box)
{
	size_t width = box->outer->options->terminal.width;
	struct text lines = {0};
	marks_wrap(&box->text, width - FRAME, &lines);
	write_lid(box, width);
	for (char *line = lines.bytes, *end; line && *line; line = end + 1) {
		end = strchrnul(line, '\n');
		bool last = !*end;
		*end = '\0';
		write_line(box, line, width);
		if (last)
			break;
	}
	text_string(box->outer->out, "└");
	text_repeat(box->outer->out, "─", width - 2);
	text_string(box->outer->out, "┘\n");
	text_free(&lines);
}

void box_end(struct box *box)
{
	if (box->outer->options->terminal.markdown)
		text_printf(box->outer->out, "\n" MARK_HEADING "%s" MARK_END "\n%s", box->title,
		            box->text.bytes ? box->text.bytes : "");
	else
		write_framed(box);
	text_free(&box->text);
}
