/* grid.c: see grid.h. */
#include "report/grid.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/marks.h"
#include "report/shorten.h"

#define GAP          2  /* columns between two columns */
#define NAME_MIN     24 /* names are made shorter than this only where nothing else helps */
#define NAME_HARDLY  12 /* and never than this */
#define TELLING_MAX  48 /* names that are the same up to here may look the same */
#define TELLING_ROWS 200

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

/* ---- names that are too long ---------------------------------------------------------------- */

static enum shorten_tail tail_of(char align)
{
	return align == 'p' ? SHORTEN_END_TELLS : SHORTEN_BEGINNING_TELLS;
}

static int by_text(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* Do all cells of a column that differ still differ when they are that short? */
static bool tells(const struct grid *grid, size_t column, size_t width)
{
	size_t rows = grid->count / grid->columns, wholes = 0, cuts = 0;
	const char **whole = mem_zero(rows * sizeof(*whole)), **cut = mem_zero(rows * sizeof(*cut));
	struct arena arena = {0};
	for (size_t i = 0; i < rows; i++) {
		whole[i] = grid->cells[i * grid->columns + column];
		cut[i] = shorten(&arena, whole[i], width, tail_of(grid->align[column]));
	}
	qsort(whole, rows, sizeof(*whole), by_text);
	qsort(cut, rows, sizeof(*cut), by_text);
	for (size_t i = 0; i < rows; i++) {
		wholes += !i || strcmp(whole[i - 1], whole[i]) != 0;
		cuts += !i || strcmp(cut[i - 1], cut[i]) != 0;
	}
	arena_free(&arena);
	free(whole);
	free(cut);
	return wholes == cuts;
}

/* The least width at which paths tell one from another; that of other names where there are too
 * many to look, or where they differ in too little. */
static size_t telling_width(const struct grid *grid, size_t column)
{
	if (grid->count / grid->columns > TELLING_ROWS)
		return NAME_MIN;
	for (size_t width = NAME_MIN; width <= TELLING_MAX; width++)
		if (tells(grid, column, width))
			return width;
	return NAME_MIN;
}

/* How far a column may be made shorter: `names` for names, and paths no shorter than `telling`
 * (NULL: as names). */
static size_t least_width(const struct grid *grid, size_t column, size_t width, size_t names,
                          const size_t *telling)
{
	if (grid->align[column] == 'r' || width == LEFT_OUT)
		return width;
	size_t least = telling && grid->align[column] == 'p' ? telling[column] : names;
	return least < width ? least : width;
}

static void measure_least(const struct grid *grid, const size_t *widths, size_t names,
                          const size_t *telling, size_t *least)
{
	for (size_t i = 0; i < grid->columns; i++)
		least[i] = least_width(grid, i, widths[i], names, telling);
}

/* Takes what is too much from the widest names. */
static void narrow(const struct grid *grid, size_t *widths, const size_t *least, size_t room)
{
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

/* Leaves out columns that are empty, and optional ones where the shortest names are not enough,
 * then makes names shorter: first so that they tell one from another, then without that, then so
 * that they are hardly names. */
static void fit(const struct grid *grid, size_t *widths, size_t room)
{
	size_t telling[GRID_COLUMNS_MAX] = {0}, least[GRID_COLUMNS_MAX] = {0};
	for (size_t i = 1; i < grid->columns; i++)
		if (!widths[i])
			widths[i] = LEFT_OUT;
	if (total_width(grid, widths) <= room)
		return;
	for (size_t i = 0; i < grid->columns; i++)
		telling[i] = grid->align[i] == 'p' ? telling_width(grid, i) : 0;
	measure_least(grid, widths, NAME_MIN, telling, least);
	for (const char *c = grid->optional; c && *c && total_width(grid, least) > room; c++)
		widths[*c - 'a'] = least[*c - 'a'] = LEFT_OUT;
	narrow(grid, widths, least, room);
	measure_least(grid, widths, NAME_MIN, NULL, least);
	narrow(grid, widths, least, room);
	measure_least(grid, widths, NAME_HARDLY, NULL, least);
	narrow(grid, widths, least, room);
}

static void write_cell(struct grid *grid, struct text *out, const char *cell, char align,
                       size_t width, bool last)
{
	const char *shown =
	        align == 'r' ? cell : shorten(&grid->arena, cell, width, tail_of(align));
	size_t columns = text_columns(shown);
	size_t pad = columns < width ? width - columns : 0;
	if (align == 'r')
		text_repeat(out, " ", pad);
	text_string(out, shown);
	if (align != 'r' && !last)
		text_repeat(out, " ", pad);
}

static void write_row(struct grid *grid, size_t row, const size_t *widths, struct text *out)
{
	size_t used = grid->columns;
	while (used > 1 &&
	       (!*grid->cells[row * grid->columns + used - 1] || widths[used - 1] == LEFT_OUT))
		used--;
	for (size_t i = 0; i < used; i++) {
		if (widths[i] == LEFT_OUT)
			continue;
		text_repeat(out, " ", i ? GAP : 0);
		write_cell(grid, out, grid->cells[row * grid->columns + i], grid->align[i],
		           widths[i], i + 1 == used);
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

static void write_columns(struct grid *grid, size_t *widths, size_t indent,
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
