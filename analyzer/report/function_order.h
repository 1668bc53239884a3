/* function_order.h: by what functions are sorted: the words of --sort, and what they mean. */
#ifndef ANALYZER_REPORT_FUNCTION_ORDER_H
#define ANALYZER_REPORT_FUNCTION_ORDER_H

#include "model/profile.h"

struct function_order {
	const char *name, *words, *heading; /* "self"; "self time"; "SELF TIME" */
	/* What is sorted by, largest first; NAN where it is not known, which comes last. NULL: by
	 * name. `site_memory` as in function_list.h. */
	double (*figure)(const struct profile *, const struct profile_function *, bool site_memory);
};

/* The orders, ended by one without a name; the first is the one that is meant where none is. */
const struct function_order *function_orders(void);

/* NULL if there is none of that name. */
const struct function_order *function_order_find(const char *name);

/* "self, inclusive, …" */
const char *function_order_names(void);

/* The order that can be had: by allocations where no time is known. For a list of the user's own
 * functions (`own`) of a program that is interpreted, whose self time is the interpreter's, time
 * with libraries is what self time is elsewhere. */
const struct function_order *function_order_of(const struct profile *p,
                                               const struct function_order *asked, bool own);

/* All functions in that order, of equals by name, and how many: those that stand for code without a
 * name, and of which nothing was measured, are left out. Free with free(). */
const struct profile_function **functions_sorted(const struct profile *p,
                                                 const struct function_order *order,
                                                 bool site_memory, size_t *count);

/* Self and inclusive seconds: CPU time by samples, else wall time by counted calls, else NAN. */
double function_self(const struct profile *p, const struct profile_function *function);
double function_inclusive(const struct profile *p, const struct profile_function *function);

/* Of the user's own function: its time, with that in all that is not the user's and works for it.
 */
double function_with_libraries(const struct profile *p, const struct profile_function *function);

/* Whether any time of functions is known. */
bool functions_have_time(const struct profile *p);

/* Memory by call-site, or by the innermost function. */
const struct figures *function_memory(const struct profile_function *function, bool site_memory);

#endif
