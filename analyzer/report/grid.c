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

static size_t widest_name(const struct grid *grid, const size_t *widths)
{
	size_t widest = 0;
	for (size_t i = 0; i < grid->columns; i++)
		if (grid->align[i] == 'l' &&
		    (grid->align[widest] != 'l' || widths[i] > widths[widest]))
			widest = i;
	return widest;
}

/* Leaves out optional columns, then takes what is still too much from the widest names. */
static void fit(const struct grid *grid, size_t *widths, size_t room)
{
	for (const char *c = grid->optional; c && *c && total_width(grid, widths) > room; c++)
		widths[*c - 'a'] = LEFT_OUT;
	for (size_t tries = 0; tries < grid->columns; tries++) {
		size_t total = total_width(grid, widths), widest = widest_name(grid, widths);
		if (total <= room || grid->align[widest] != 'l' || widths[widest] <= NAME_MIN)
			return;
		size_t excess = total - room, spare = widths[widest] - NAME_MIN;
		widths[widest] -= excess < spare ? excess : spare;
	}
}

static void write_cell(struct text *out, const char *cell, char align, size_t width, bool last)
{
	size_t columns = text_columns(cell);
	size_t pad = columns < width ? width - columns : 0;
	if (align == 'r')
		text_repeat(out, " ", pad);
	if (columns > width && width > 1) {
		text_add(out, cell, text_prefix(cell, width - 1));
		text_string(out, "…");
	} else {
		text_string(out, cell);
	}
	if (align == 'l' && !last)
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

void grid_write(struct grid *grid, size_t indent, const struct terminal *terminal, struct text *out)
{
	size_t widths[GRID_COLUMNS_MAX];
	grid_end_row(grid);
	measure(grid, widths);
	fit(grid, widths, terminal->width - indent);
	for (size_t row = 0; row < grid->count / grid->columns; row++) {
		text_repeat(out, " ", indent);
		text_string(out, row ? "" : MARK_FAINT);
		write_row(grid, row, widths, out);
		text_string(out, row ? "\n" : MARK_END "\n");
	}
	free(grid->cells);
	arena_free(&grid->arena);
	*grid = (struct grid){0};
}
