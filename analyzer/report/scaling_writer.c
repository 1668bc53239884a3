/* scaling_writer.c: see scaling_writer.h. */
#include "report/scaling_writer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "report/marks.h"

#define LINE_MAX_BYTES 1024

void scaling_heading(struct scaling_writer *w, const char *note, const char *title, ...)
{
	char line[LINE_MAX_BYTES];
	va_list arguments;
	va_start(arguments, title);
	vsnprintf(line, sizeof(line), title, arguments);
	va_end(arguments);
	if (w->out->length)
		text_string(w->out, "\n");
	if (w->markdown)
		text_printf(w->out, "## %s\n\n%s%s", line, note, *note ? "\n\n" : "");
	else
		text_printf(w->out, MARK_HEADING "%s" MARK_END "%s" MARK_FAINT "%s" MARK_END "\n",
		            line, *note ? "  " : "", note);
}

void scaling_line(struct scaling_writer *w, const char *format, ...)
{
	char line[LINE_MAX_BYTES];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	text_printf(w->out, "%s%s\n", w->markdown ? "- " : "  ", line);
}

void scaling_table(struct scaling_writer *w, const char *align)
{
	grid_begin(&w->grid, align);
}

void scaling_cell(struct scaling_writer *w, const char *format, ...)
{
	char cell[LINE_MAX_BYTES];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(cell, sizeof(cell), format, arguments);
	va_end(arguments);
	grid_cell(&w->grid, cell);
}

/* What would end a cell, or a line, is no part of one. */
static void markdown_cell(struct text *out, const char *cell)
{
	for (; *cell; cell++) {
		if (*cell == '|' || *cell == '\\')
			text_string(out, "\\");
		text_add(out, (unsigned char)*cell < ' ' ? " " : cell, 1);
	}
}

static void markdown_table(const struct grid *grid, struct text *out)
{
	for (size_t row = 0; row < grid->count / grid->columns; row++) {
		for (size_t i = 0; i < grid->columns; i++) {
			text_string(out, i ? " | " : "| ");
			markdown_cell(out, grid->cells[row * grid->columns + i]);
		}
		text_string(out, " |\n");
		for (size_t i = 0; !row && i < grid->columns; i++)
			text_string(out, grid->align[i] == 'r' ? "|--:" : "|---");
		text_string(out, row ? "" : "|\n");
	}
}

void scaling_table_end(struct scaling_writer *w)
{
	if (!w->markdown) {
		grid_write(&w->grid, 2, w->terminal, w->out);
		return;
	}
	grid_end_row(&w->grid);
	markdown_table(&w->grid, w->out);
	free(w->grid.cells);
	arena_free(&w->grid.arena);
	w->grid = (struct grid){0};
}

struct unit scaling_value(enum metric_unit unit, double value)
{
	struct unit number;
	switch (unit) {
	case METRIC_SECONDS:
		return unit_seconds(value);
	case METRIC_BYTES:
		return unit_bytes(value);
	case METRIC_COUNT:
		return unit_number(value);
	case METRIC_PLAIN:
	default:
		snprintf(number.text, sizeof(number.text), "%.4g", value);
		return number;
	}
}
