/* others.c: see others.h. */
#include "report/others.h"

#include <stdlib.h>
#include <string.h>

#include "report/view.h"

static int by_allocations(const void *a, const void *b)
{
	const struct other_trace *x = a, *y = b;
	if (x->allocations != y->allocations)
		return x->allocations < y->allocations ? 1 : -1;
	return strcmp(x->path, y->path);
}

void others_text(struct other_trace *others, size_t count, const struct report_options *options,
                 struct text *out)
{
	struct grid g;
	if (!count)
		return;
	qsort(others, count, sizeof(*others), by_allocations);
	text_printf(out, "\n" MARK_HEADING "OTHER TRACES OF THE RUN" MARK_END "  " MARK_FAINT
	                 "most allocations first" MARK_END "\n");
	grid_begin(&g, "lrrrp");
	grid_cell(&g, "program");
	grid_cell(&g, "wall");
	grid_cell(&g, "allocations");
	grid_cell(&g, "heap peak");
	grid_cell(&g, "trace");
	size_t top = options->top ? options->top : TOP_DEFAULT, shown = count < top ? count : top;
	for (size_t i = 0; i < shown; i++) {
		grid_cell(&g, others[i].command);
		grid_cell(&g, SECONDS(others[i].wall));
		grid_cell(&g, COUNT(others[i].allocations));
		grid_cell(&g, BYTES(others[i].peak_bytes));
		grid_cell(&g, others[i].path);
	}
	if (shown < count)
		grid_format(&g, "%s others", COUNT((int64_t)(count - shown)));
	grid_end_row(&g);
	grid_write(&g, 2, &options->terminal, out);
}
