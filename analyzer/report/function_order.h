/* function_order.h: by what functions are sorted: the words of --sort, and what they mean. */
#ifndef ANALYZER_REPORT_FUNCTION_ORDER_H
#define ANALYZER_REPORT_FUNCTION_ORDER_H

#include "model/profile.h"

struct function_order {
	const char *name, *words, *heading; /* "self"; "self time"; "SELF TIME" */
	/* What is sorted by, largest first; NAN where it is not known, which comes last. NULL: by
	 * name. `site_memory` as in function_list.h. */
	double (*figure)(const struct profile *, const struct profile_function *, bool site_memory);
	const char
	        *fields[2]; /* the member in JSON: where time is by samples, where it is counted */
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

/* Whether it sorts by a time. */
bool function_order_is_of_time(const struct function_order *order);

/* All functions in that order, of equals by name, and how many: those that stand for code without a
 * name, and of which nothing was measured, are left out. Free with free(). */
const struct profile_function **functions_sorted(const struct profile *p,
                                                 const struct function_order *order,
                                                 bool site_memory, size_t *count);

/* The same for a document that gives all functions with all that is known of them: by memory of
 * their own, and by the kind of time that the user's own are ranked by in text. Where that is
 * counted, what was not counted comes after, by samples. */
const struct profile_function **functions_sorted_for_programs(const struct profile *p,
                                                              const struct function_order *order,
                                                              size_t *count);

/* The member of a function's JSON that these are sorted by. */
const char *function_order_field(const struct profile *p, const struct function_order *order);

/* What is known of the time of functions. In one list it is of one kind. */
enum function_time {
	FUNCTION_TIME_NONE,
	FUNCTION_TIME_SAMPLED, /* CPU time, by samples */
	FUNCTION_TIME_COUNTED, /* wall time, of counted calls */
};

/* The kind in a list of all functions, or of the user's own (`own`): those are listed by counted
 * calls where there are too few samples in them to rank them by. */
enum function_time functions_time(const struct profile *p, bool own);

/* Self and inclusive seconds, of that kind; NAN where they are not known. */
double function_self(const struct profile *p, const struct profile_function *function, bool own);
double function_inclusive(const struct profile *p, const struct profile_function *function,
                          bool own);

/* Of the user's own function: its time, with that in all that is not the user's and works for it;
 * NAN where time is not by samples. */
double function_with_libraries(const struct profile *p, const struct profile_function *function,
                               bool own);

/* Whether any time of functions is known. */
bool functions_have_time(const struct profile *p);

/* Why no time of functions is known, and with what --freq to record it; NULL: only a longer run
 * would tell it. */
struct time_missing {
	const char *why, *freq;
};
struct time_missing functions_time_missing(const struct profile *p);

/* Why the order that was asked for cannot be had, and what to record; NULL: it can. */
const char *function_order_missing(const struct profile *p, const struct function_order *asked);

/* Memory by call-site, or by the innermost function. */
const struct figures *function_memory(const struct profile_function *function, bool site_memory);

#endif
