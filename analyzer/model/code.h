/* code.h: what the frames of a trace are: functions, files, lines, and whose code it is.
 *
 * A frame stands for a chain of functions, the innermost inlined one first. Chains come from the
 * trace's symbols; what the trace lacks is resolved here, in memory, from the files of this
 * machine.
 *
 * Whose code. A function is the *user's own* if its module is the main executable or lies outside
 * of the system's library directories, and its source file is neither below /usr/include or
 * /usr/lib nor one of the compiler's headers (/include/c++/). Where a module has no debug
 * information there are no files to tell, and the module decides alone. Functions that only pass
 * on an allocation (operator new, xmalloc …) are nobody's own: their caller is. Where the program
 * makes code at run time of sources that are the user's, it is an interpreter, and nothing of
 * itself is the user's own.
 *
 * Strings are pooled: equal strings have equal addresses. Nothing is NULL; "" is not known.
 */
#ifndef ANALYZER_MODEL_CODE_H
#define ANALYZER_MODEL_CODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/table.h"
#include "trace/trace.h"

struct code_function {
	const char *function, *file;
	uint32_t line, function_line;
	bool own; /* the user's */
};

struct code_module {
	const char *path, *name; /* name: last part of the path; "" for module 0 */
	const char *nameless;    /* what its code without a name is called: "[name]" */
	bool main, system, profiler;
	enum trace_symbols_state state;
	int optimized;
	const char *producer;
	bool fresh; /* state was found now; the trace does not have it */
};

struct code_frame {
	uint32_t module;
	uint32_t count; /* of functions; 0: nothing is known of the address */
	struct code_function *functions;
	bool fresh; /* functions were found now; the trace does not have them */
};

struct code {
	const struct trace *trace;
	struct code_module *modules; /* by module id */
	struct code_frame *frames;   /* by frame id */
	struct string_pool strings;
	struct arena arena;
	uint32_t main_module; /* 0: not found */
	bool interpreted;     /* the user's own functions are made at run time, by the program */
};

struct symbols;

/* The trace must outlive the code. What it does not tell is looked up with `symbols` (NULL: not at
 * all), which is needed no longer afterwards: one resolver may serve many traces. */
void code_build(struct code *code, const struct trace *trace, struct symbols *symbols);
void code_free(struct code *code);

/* Whether a function of this name merely passes on what its caller asked for: malloc, operator new,
 * xstrdup … */
bool code_passes_allocations_on(const char *function);

/* What a name can do without where people read it: it tells nothing apart. */
#define CODE_ANONYMOUS "(anonymous namespace)::"

/* What code of a module is called that has no name: "[libfoo.so]". */
const char *code_nameless(const struct code *code, uint32_t module);

/* The name of a fixed frame id (below TRACE_FRAME_FIRST), in the words of reports. */
const char *code_special_name(uint32_t frame);

#endif
