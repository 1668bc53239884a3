/* categories.h: what kind of code a function is. Each function belongs to one category, so that the
 * shares of the categories add up to all. */
#ifndef ANALYZER_MODEL_CATEGORIES_H
#define ANALYZER_MODEL_CATEGORIES_H

#include <stdint.h>

#include "base/failure.h"

/* X(NAME, name, what it is) */
#define CATEGORIES(X)                                                                              \
	X(PROGRAM, "program", "the program itself, and libraries that are not the system's")       \
	X(PROFILER, "profiler", "what memprof does in the process")                                \
	X(ALLOCATOR, "allocator", "malloc, free and operator new")                                 \
	X(LIBC, "libc", "the C and C++ run-time libraries and the loader")                         \
	X(DATABASE, "database", "SQLite and clients of databases")                                 \
	X(NUMERIC, "numeric libraries", "BLAS, LAPACK, FFT, the mathematical library")             \
	X(KERNEL, "kernel/wait", "in system calls: working in the kernel, or waiting")             \
	X(OTHER, "other", "other libraries of the system, and what is not known")

enum category {
#define X(NAME, name, what) CATEGORY_##NAME,
	CATEGORIES(X)
#undef X
	        CATEGORIES_COUNT
};

struct code;
struct category_rules;

/* The rules that ship (the table in categories.c), made ready for the modules of a trace. What no
 * rule speaks of is the program's where the module is the main one or not the system's, else other.
 * Free with category_rules_free. */
struct category_rules *category_rules_begin(const struct code *code);
void category_rules_free(struct category_rules *rules);

/* The category of a function ("": no name) of a source file ("": not known) in a module. */
enum category category_find(const struct category_rules *rules, uint32_t module,
                            const char *function, const char *file);

#endif
