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
	FUNCTION_OF_FILE = 8,  /* all are of one file: the line alone, and the share of `file` */
};

struct function_list {
	const char *title;  /* "FUNCTIONS"; "" for a list under a heading of its own */
	const char *others; /* "others of yours": the functions that are left over */
	unsigned columns;
	/* The user's own functions: memory by call-site, else by the innermost function; time of
	 * the kind that is known best. */
	bool site_memory;
	/* Which functions; `data` is what follows. NULL: all. */
	bool (*shown)(const struct profile_function *function, const void *data);
	const void *data;
	bool fold; /* what is not shown has a row for each category */
	const struct profile_group *file;
	bool ranks;
};

/* Writes the first `top` functions of the order that the options ask for, and all others as rows of
 * sums, so that shares add up to that of the list, or, with `fold`, to 100 %. */
void function_list_write(struct view *v, const struct function_list *list, size_t top);

/* "walk.c:20", "libsqlite3.so.0", … */
struct text function_place(const struct profile_function *function);

/* How many samples there are, and of which clock, in a list of all functions or of the user's own;
 * and what to record where there are none, or where what to sort by is not known. */
void function_list_note(struct view *v, bool own, char *note, size_t size);
void function_list_missing(struct view *v);

#endif
