/* lines.h: time and memory by source line, of some functions. */
#ifndef ANALYZER_MODEL_LINES_H
#define ANALYZER_MODEL_LINES_H

#include "model/profile.h"

struct source_line {
	uint32_t function; /* number in the profile's functions */
	const char *file;
	uint32_t line;
	/* As in functions.h: self time where the line is of the innermost function; memory by
	 * call-site; inclusive of everything called from the line. */
	struct figures self, site, inclusive;
};

struct lines {
	struct source_line *list; /* by function, file and line */
	size_t count;
};

/* The lines of all functions that `wanted` says yes to. Free with lines_free. */
void lines_build(struct lines *lines, const struct profile *profile,
                 bool (*wanted)(const struct profile_function *function, const void *data),
                 const void *data);
void lines_free(struct lines *lines);

#endif
