/* site_list.h: a list of call-sites as text: which order, which columns. */
#ifndef ANALYZER_REPORT_SITE_LIST_H
#define ANALYZER_REPORT_SITE_LIST_H

#include "report/lists.h"
#include "report/view.h"

#define SITE_LIST_COLUMNS_MAX 6

/* A figure of one site (or of the sum of several), beside that of all. */
typedef struct unit site_cell(const struct view *v, const struct call_site *one,
                              const struct call_site *all);

struct site_column {
	const char *with_steps, *without; /* headings, by whether the run has steps */
	site_cell *cell;
};

struct site_list {
	enum site_order order;
	const char *title, *note;
	const char *optional; /* columns to leave out where there is no room, see grid.h */
	struct site_column columns[SITE_LIST_COLUMNS_MAX]; /* one without a heading ends them */
};

/* Writes the top of the list and the rest as one row, so that the rows add up to all; nothing if no
 * site has any of the figure. */
void site_list_write(struct view *v, const struct site_list *list);

/* Begins the definition of a cell of one file; in it `v`, `one` and `all` are known. */
#define SITE_CELL(name)                                                                            \
	static struct unit name(__attribute__((unused)) const struct view *v,                      \
	                        __attribute__((unused)) const struct call_site *one,               \
	                        __attribute__((unused)) const struct call_site *all)
#define SITE_FIELD(site, NAME)    ((double)(site)->fields[TRACE_CELL_##NAME])
#define SITE_VARIANCE(site, NAME) ((site)->variances.fields[TRACE_CELL_##NAME])
/* Both, as arguments. */
#define SITE_BOTH(site, NAME)     SITE_FIELD(site, NAME), SITE_VARIANCE(site, NAME)
/* The same of the figure of an order. */
#define SITE_FIGURE(site, order)  (double)site_figure(site, order), site_variance(site, order)

/* Cells that several lists have. */
site_cell cell_allocations; /* per step */
site_cell cell_bytes;       /* per step */
site_cell cell_lifetime;    /* the median block's, in steps or time */

#endif
