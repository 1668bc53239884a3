/* grid.c: see grid.h. */
#include "report/grid.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/marks.h"

#define GAP      2  /* columns between two columns */
#define NAME_MIN 24 /* names are not made shorter than this */

void grid_begin(struct grid *grid, const char *align)
{
	*grid = (struct grid){.columns = strlen(align)};
	memcpy(grid->align, align, grid->columns);
}

static void add(struct grid *grid, const char *kept)
{
	grid->cells = mem_grow(grid->cells, &grid->capacity, grid->count + 1, sizeof(*grid->cells));
	grid->cells[grid->count++] = kept;
}

void grid_cell(struct grid *grid, const char *text)
{
	char *kept = arena_text(&grid->arena, text, strlen(text));
	/* Line ends, and what is taken for marks, would break the table. */
	for (char *c = kept; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = '?';
	add(grid, kept);
}

void grid_format(struct grid *grid, const char *format, ...)
{
	char text[4096];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	grid_cell(grid, text);
}

void grid_end_row(struct grid *grid)
{
	while (grid->count % grid->columns)
		add(grid, "");
}

static void measure(const struct grid *grid, size_t *widths)
{
	memset(widths, 0, grid->columns * sizeof(*widths));
	for (size_t i = 0; i < grid->count; i++) {
		size_t width = text_columns(grid->cells[i]);
		if (width > widths[i % grid->columns])
			widths[i % grid->columns] = width;
	}
}

/* Columns that are left out have this width. */
#define LEFT_OUT SIZE_MAX

static size_t total_width(const struct grid *grid, const size_t *widths)
{
	size_t total = 0;
	for (size_t i = 0; i < grid->columns; i++)
		if (widths[i] != LEFT_OUT)
			total += widths[i] + (i ? GAP : 0);
	return total;
}

/* Where a path of so many columns begins when it is cut to `width`, with a mark in front. */
static const char *path_end(const char *path, size_t columns, size_t width)
{
	return columns > width ? path + text_prefix(path, columns - width + 1) : path;
}

/* Bytes that two strings have in common at their ends. */
static size_t common_end(const char *a, const char *b)
{
	size_t left_a = strlen(a), left_b = strlen(b), common = 0;
	while (common < left_a && common < left_b &&
	       a[left_a - common - 1] == b[left_b - common - 1])
		common++;
	return common;
}

static int by_end(const void *x, const void *y)
{
	const char *a = *(const char *const *)x, *b = *(const char *const *)y;
	size_t length_a = strlen(a), length_b = strlen(b), common = common_end(a, b);
	if (common == length_a || common == length_b)
		return (length_a > length_b) - (length_a < length_b);
	unsigned char last_a = (unsigned char)a[length_a - common - 1];
	return last_a < (unsigned char)b[length_b - common - 1] ? -1 : 1;
}

/* The width from which on no two paths of a column that differ look the same. Sorted by their ends,
 * those that have most in common are neighbours. */
static size_t telling_width(const struct grid *grid, size_t column)
{
	size_t rows = grid->count / grid->columns, telling = 0;
	const char **paths = mem_zero(rows * sizeof(*paths));
	for (size_t i = 0; i < rows; i++)
		paths[i] = grid->cells[i * grid->columns + column];
	qsort(paths, rows, sizeof(*paths), by_end);
	for (size_t i = 1; i < rows; i++) {
		size_t common = common_end(paths[i - 1], paths[i]);
		size_t columns = text_columns(paths[i] + strlen(paths[i]) - common);
		if (strcmp(paths[i - 1], paths[i]) != 0 && columns + 2 > telling)
			telling = columns + 2;
	}
	free(paths);
	return telling;
}

/* How far a column may be made shorter. */
static size_t least_width(const struct grid *grid, size_t column, size_t width)
{
	size_t least = NAME_MIN;
	if (grid->align[column] == 'r')
		return width;
	if (grid->align[column] == 'p' && telling_width(grid, column) > least)
		least = telling_width(grid, column);
	return least < width ? least : width;
}

/* Leaves out columns that are empty, and optional ones where the shortest names are not enough,
 * then takes what is still too much from the widest names. */
static void fit(const struct grid *grid, size_t *widths, size_t room)
{
	size_t least[GRID_COLUMNS_MAX];
	for (size_t i = 0; i < grid->columns; i++)
		least[i] = least_width(grid, i, widths[i]);
	for (size_t i = 1; i < grid->columns; i++)
		if (!widths[i])
			widths[i] = least[i] = LEFT_OUT;
	for (const char *c = grid->optional; c && *c && total_width(grid, least) > room; c++)
		widths[*c - 'a'] = least[*c - 'a'] = LEFT_OUT;
	for (size_t total = total_width(grid, widths); total > room; total--) {
		size_t widest = grid->columns;
		for (size_t i = 0; i < grid->columns; i++)
			if (widths[i] != LEFT_OUT && widths[i] > least[i] &&
			    (widest == grid->columns || widths[i] > widths[widest]))
				widest = i;
		if (widest == grid->columns)
			return;
		widths[widest]--;
	}
}

static void write_cell(struct text *out, const char *cell, char align, size_t width, bool last)
{
	size_t columns = text_columns(cell);
	size_t pad = columns < width ? width - columns : 0;
	if (align == 'r')
		text_repeat(out, " ", pad);
	if (columns <= width || width < 2) {
		text_string(out, cell);
	} else if (align == 'p') {
		text_printf(out, "…%s", path_end(cell, columns, width));
	} else {
		text_add(out, cell, text_prefix(cell, width - 1));
		text_string(out, "…");
	}
	if (align != 'r' && !last)
		text_repeat(out, " ", pad);
}

static void write_row(const struct grid *grid, size_t row, const size_t *widths, struct text *out)
{
	size_t used = grid->columns;
	while (used > 1 &&
	       (!*grid->cells[row * grid->columns + used - 1] || widths[used - 1] == LEFT_OUT))
		used--;
	for (size_t i = 0; i < used; i++) {
		if (widths[i] == LEFT_OUT)
			continue;
		text_repeat(out, " ", i ? GAP : 0);
		write_cell(out, grid->cells[row * grid->columns + i], grid->align[i], widths[i],
		           i + 1 == used);
	}
}

/* A table in Markdown; there is room for everything. */
static void write_markdown(const struct grid *grid, const size_t *widths, struct text *out)
{
	for (size_t i = 0; i < grid->count; i++) {
		size_t column = i % grid->columns;
		if (widths[column])
			text_printf(out, MARK_BAR " %s ", grid->cells[i]);
		if (column + 1 < grid->columns)
			continue;
		text_string(out, MARK_BAR "\n");
		for (size_t k = 0; i < grid->columns && k < grid->columns; k++)
			if (widths[k])
				text_string(out, grid->align[k] == 'r' ? MARK_BAR " ---: "
				                                       : MARK_BAR " --- ");
		if (i < grid->columns)
			text_string(out, MARK_BAR "\n");
	}
}

static void write_columns(const struct grid *grid, size_t *widths, size_t indent,
                          const struct terminal *terminal, struct text *out)
{
	fit(grid, widths, terminal->width - indent);
	for (size_t row = 0; row < grid->count / grid->columns; row++) {
		text_repeat(out, " ", indent);
		text_string(out, row ? MARK_WHOLE : MARK_WHOLE MARK_FAINT);
		write_row(grid, row, widths, out);
		text_string(out, row ? "\n" : MARK_END "\n");
	}
}

void grid_write(struct grid *grid, size_t indent, const struct terminal *terminal, struct text *out)
{
	size_t widths[GRID_COLUMNS_MAX];
	grid_end_row(grid);
	measure(grid, widths);
	if (terminal->markdown)
		write_markdown(grid, widths, out);
	else
		write_columns(grid, widths, indent, terminal, out);
	free(grid->cells);
	arena_free(&grid->arena);
	*grid = (struct grid){0};
}
