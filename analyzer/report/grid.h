/* grid.h: rows of cells, set in columns as wide as their content.
 *
 * A grid is filled cell by cell, row by row, then written. The first columns may be names (set to
 * the left; the widest of them is shortened if the line gets too long), the others figures (to the
 * right).
 */
#ifndef ANALYZER_REPORT_GRID_H
#define ANALYZER_REPORT_GRID_H

#include "base/memory.h"
#include "base/text.h"
#include "report/terminal.h"

#define GRID_COLUMNS_MAX 16

struct grid {
	size_t columns;
	/* 'l' a name, 'p' a path or a function, of which the end tells more and which tells one row
	 * from another, both cut in the middle where there is no room (of C++ first template
	 * arguments); 'r' a figure */
	char align[GRID_COLUMNS_MAX];
	/* Columns that may be left out where the line gets too long, as letters from 'a' on, the
	 * first to go first; NULL: none. Set after grid_begin. */
	const char *optional;
	const char **cells; /* row by row */
	size_t count, capacity;
	struct arena arena;
};

/* `align`: a letter a column. */
void grid_begin(struct grid *grid, const char *align);

/* The next cell. */
void grid_cell(struct grid *grid, const char *text);
__attribute__((format(printf, 2, 3))) void grid_format(struct grid *grid, const char *format, ...);

/* Empty cells to the end of the row. */
void grid_end_row(struct grid *grid);

/* Writes all rows, the first as a heading, indented by `indent`; frees the grid. */
void grid_write(struct grid *grid, size_t indent, const struct terminal *terminal,
                struct text *out);

#endif
