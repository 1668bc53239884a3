/* scaling_writer.c: see scaling_writer.h. */
#include "report/scaling_writer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/units.h"
#include "report/marks.h"

#define CELL_MAX_BYTES 1024

/* Text in Markdown: what would be taken for markup is escaped, and no line ends within. */
static void markdown_text(struct text *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("\\`*_[]<>|#~", *text))
			text_string(out, "\\");
		text_add(out, (unsigned char)*text < ' ' ? " " : text, 1);
	}
}

/* A line of words, broken between them where it gets too long; further lines are indented by
 * `hang`. `used`: columns that are taken of the first one. */
static void write_words(struct scaling_writer *w, const char *words, size_t used, size_t hang)
{
	bool first = true;
	while (*words) {
		size_t bytes = strcspn(words, " ");
		char *word = mem_text(words, bytes);
		size_t columns = text_columns(word);
		if (!first && used + 1 + columns > w->terminal->width) {
			text_string(w->out, "\n");
			text_repeat(w->out, " ", hang);
			used = hang;
		} else if (!first) {
			text_string(w->out, " ");
			used++;
		}
		text_string(w->out, word);
		used += columns;
		first = false;
		words += bytes + strspn(words + bytes, " ");
		free(word);
	}
}

__attribute__((format(printf, 1, 0))) static char *format_words(const char *format,
                                                                va_list arguments)
{
	char *words;
	if (vasprintf(&words, format, arguments) < 0)
		return mem_text("", 0);
	return words;
}

static void text_heading(struct scaling_writer *w, const char *note, const char *title)
{
	size_t columns = text_columns(title) + 2;
	bool beside = columns + text_columns(note) <= w->terminal->width;
	text_string(w->out, MARK_HEADING);
	write_words(w, title, 0, 2);
	text_string(w->out, MARK_END);
	if (*note) {
		text_string(w->out, beside ? "  " MARK_FAINT : "\n  " MARK_FAINT);
		write_words(w, note, beside ? columns : 2, 2);
		text_string(w->out, MARK_END);
	}
	text_string(w->out, "\n");
}

static void markdown_heading(struct text *out, const char *note, const char *title)
{
	text_string(out, "## ");
	markdown_text(out, title);
	text_string(out, "\n\n");
	markdown_text(out, note);
	text_string(out, *note ? "\n\n" : "");
}

void scaling_heading(struct scaling_writer *w, const char *note, const char *title, ...)
{
	va_list arguments;
	va_start(arguments, title);
	char *words = format_words(title, arguments);
	va_end(arguments);
	if (w->out->length)
		text_string(w->out, "\n");
	if (w->markdown)
		markdown_heading(w->out, note, words);
	else
		text_heading(w, note, words);
	free(words);
}

void scaling_line(struct scaling_writer *w, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	char *words = format_words(format, arguments);
	va_end(arguments);
	text_string(w->out, w->markdown ? "- " : "  ");
	if (w->markdown)
		markdown_text(w->out, words);
	else
		write_words(w, words, 2, 4);
	text_string(w->out, "\n");
	free(words);
}

void scaling_table(struct scaling_writer *w, const char *align)
{
	grid_begin(&w->grid, align);
}

void scaling_cell(struct scaling_writer *w, const char *format, ...)
{
	char cell[CELL_MAX_BYTES];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(cell, sizeof(cell), format, arguments);
	va_end(arguments);
	grid_cell(&w->grid, cell);
}

static void markdown_table(const struct grid *grid, struct text *out)
{
	for (size_t row = 0; row < grid->count / grid->columns; row++) {
		for (size_t i = 0; i < grid->columns; i++) {
			text_string(out, i ? " | " : "| ");
			markdown_text(out, grid->cells[row * grid->columns + i]);
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

/* What a unit of `value`, as people read it, is worth. */
static double scale_of(enum metric_unit unit, double value)
{
	double scale = 1;
	if (unit == METRIC_SECONDS)
		while (value < 0.9995 * scale && scale > 1e-9)
			scale /= 1000;
	else if (unit == METRIC_BYTES)
		while (value >= 1023.5 * scale)
			scale *= 1024;
	return scale;
}

static bool is_near(double scaled)
{
	return scaled >= 0.0995 && scaled < 999.5;
}

/* A bound in the unit of the value beside it. */
static void add_bound(char *text, size_t size, double scaled)
{
	snprintf(text, size, "%.*f", scaled < 9.995 ? 2 : scaled < 99.95 ? 1 : 0, scaled);
}

struct unit scaling_interval(enum metric_unit unit, const struct fit_prediction *p)
{
	struct unit text;
	char low[16], high[16];
	double scale = scale_of(unit, p->value);
	bool shared = (unit == METRIC_SECONDS || unit == METRIC_BYTES) &&
	              is_near(p->interval.low / scale) && is_near(p->interval.high / scale);
	add_bound(low, sizeof(low), p->interval.low / scale);
	add_bound(high, sizeof(high), p->interval.high / scale);
	snprintf(text.text, sizeof(text.text), "[%.14s–%.14s]",
	         shared ? low : scaling_value(unit, p->interval.low).text,
	         shared ? high : scaling_value(unit, p->interval.high).text);
	return text;
}
