/* function_list.h: a list of functions as text: which functions, in which order, which columns. */
#ifndef ANALYZER_REPORT_FUNCTION_LIST_H
#define ANALYZER_REPORT_FUNCTION_LIST_H

#include "report/function_order.h"
#include "report/view.h"

/* Columns, in the order in which they are printed. X(LETTER, NAME) */
enum function_column {
	FUNCTION_WHERE = 1,    /* file and line, or module */
	FUNCTION_CATEGORY = 2, /* what kind of code it is */
	FUNCTION_MEMORY = 4,   /* allocations, bytes, bytes at the peak */
};

struct function_list {
	const char *title;  /* "FUNCTIONS"; "" for a list under a heading of its own */
	const char *others; /* "others of yours": the functions that are left over */
	unsigned columns;
	bool site_memory; /* memory by call-site, else by the innermost function */
	/* Which functions; `data` is what follows. NULL: all. */
	bool (*shown)(const struct profile_function *function, const void *data);
	const void *data;
	bool fold; /* what is not shown has a row for each category */
	bool ranks;
};

/* Writes the first `top` functions of the order that the options ask for, and all others as rows of
 * sums, so that shares add up to that of the list, or, with `fold`, to 100 %. */
void function_list_write(struct view *v, const struct function_list *list, size_t top);

/* "walk.c:20", "libsqlite3.so.0", … */
struct text function_place(const struct profile_function *function);

/* How many samples there are, and of which clock; and what to record where there are none. */
void function_list_note(struct view *v, char *note, size_t size);
void function_list_missing(struct view *v);

#endif
