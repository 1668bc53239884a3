/* view.c: see view.h. */
#include "report/view.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Rows of a list, unless told. */
#define TOP_DEFAULT 10

struct view view_of(const struct profile *p, const struct report_options *options, struct text *out)
{
	size_t top = options->top ? options->top : TOP_DEFAULT;
	return (struct view){p, options, out, top, profile_has_steps(p)};
}

void view_heading(struct view *v, const char *note, const char *title, ...)
{
	char line[128];
	va_list arguments;
	va_start(arguments, title);
	vsnprintf(line, sizeof(line), title, arguments);
	va_end(arguments);
	text_printf(v->out, "\n" MARK_HEADING "%s" MARK_END, line);
	if (*note)
		text_printf(v->out, "  " MARK_FAINT "%s" MARK_END, note);
	text_string(v->out, "\n");
}

void view_shortened(struct view *v, const char *string, size_t columns)
{
	bool cut = text_columns(string) > columns;
	size_t length = cut ? text_prefix(string, columns - 1) : strlen(string);
	for (size_t i = 0; i < length; i++)
		text_add(v->out, (unsigned char)string[i] < ' ' ? "?" : string + i, 1);
	text_string(v->out, cut ? "…" : "");
}

void view_count(struct view *v, struct grid *g, double count)
{
	if (v->steps)
		grid_cell(g, NUMBER(count / (double)v->p->steps.count));
	else
		grid_cell(g, COUNT((int64_t)count));
}
