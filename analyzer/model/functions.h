/* functions.h: time and memory by function, by source file, by category and by component.
 *
 * A function is a name in a file of a module; an inlined function is one of its own. Code without
 * names is one function a module, "[libfoo.so]".
 *
 * What a stack's figures count for:
 *
 *   self       its innermost function; of memory the innermost one that does not merely pass on an
 *              allocation (malloc, operator new, xstrdup …)
 *   site       its innermost function of the user's own sources, as a call-site does (code.h);
 * where it has none, as self inclusive  every function on it, once, however often it occurs
 *
 * Self figures of all functions add up to the run's totals, and so do site figures; so do those of
 * files and categories, since each function belongs to one of either. A stack belongs to the
 * component of its nearest frame that a component's pattern matches, or to none; these add up too.
 */
#ifndef ANALYZER_MODEL_FUNCTIONS_H
#define ANALYZER_MODEL_FUNCTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "model/rules.h"
#include "model/stack_tree.h"
#include "stats/proportion.h"

struct profile;

struct tally {
	struct figures self, site, inclusive;
};

struct profile_function {
	const char *name;   /* never "" */
	const char *file;   /* "": not known */
	const char *module; /* "": code made at run time, or no code */
	uint32_t line;      /* of its declaration; 0: not known */
	bool named, own;
	bool passes_on;                /* allocations, to its caller */
	uint32_t file_group, category; /* numbers in the lists below */
	uint32_t component;            /* that its own name belongs to; FUNCTION_NONE */
	struct tally tally;
	/* Counted one by one, of functions that were compiled to be: calls (PROFILE_UNKNOWN for
	 * others), and seconds of wall time (NAN). */
	int64_t calls;
	double counted_self, counted_inclusive;
};

#define FUNCTION_NONE UINT32_MAX

/* A file, a category or a component. */
struct profile_group {
	const char *name;   /* a file's path; "": files that are not known; components: none */
	uint32_t functions; /* how many belong to it */
	bool own;           /* of files: one of its functions is the user's own */
	struct tally tally;
	double counted_self; /* of files: seconds of wall time in their counted functions */
};

/* Calls of one function by another. */
struct function_call {
	uint32_t function, caller; /* numbers in the list; caller FUNCTION_NONE: not counted */
	uint32_t phase;
	int64_t calls;
	double self, inclusive; /* seconds of wall time */
};

struct functions {
	struct profile_function *list;
	size_t count;
	struct profile_group *files, *categories, *components;
	size_t files_count, categories_count;
	size_t own_root; /* bytes of the directory that all of the user's own files lie below */
	size_t components_count;     /* 0: none were asked for; else the last is "no component" */
	struct function_call *calls; /* by function, caller and phase; both roles */
	size_t calls_count;
	struct figures all;       /* the run's */
	double own_samples;       /* in functions of the user's own */
	double counted_self;      /* seconds of wall time in all that was counted */
	double effective_samples; /* equal ones that tell as much */
	uint32_t *chain_starts;   /* by frame id: where its functions begin in `chains` */
	uint32_t *chains;         /* functions of frames, innermost first */
};

/* The functions of a profile whose code and stacks are built. `categories`: rules that go before
 * those that ship; `components`; each may have none. Free with functions_free. */
void functions_build(struct functions *functions, const struct profile *profile,
                     const struct rules *categories, const struct rules *components);
void functions_free(struct functions *functions);

/* The share of a function's (or group's) time of all time that was sampled. Samples do not all
 * stand for the same time; the interval is that of as many equal ones as tell as much (Kish 1965,
 * "Survey Sampling", section 11.7: the square of the sum of their times by the sum of the squares).
 */
struct proportion functions_share(const struct functions *functions, const struct figures *of);

/* A file's path as people want it: below the directory that all of the user's own files share, if
 * it lies there. */
const char *functions_short_path(const struct functions *functions, const char *file);

/* The functions of a frame, innermost first, and how many; at least one. */
const uint32_t *functions_of_frame(const struct functions *functions, uint32_t frame,
                                   size_t *count);

#endif
