/* failure.h: what went wrong, in one line, and the exit code that belongs to it.
 *
 * A function that can fail takes a `struct failure *`, returns false (or NULL) and fills it in. The
 * command prints it, once. The message has no program name and no newline; it says what was wrong,
 * then what to do.
 */
#ifndef ANALYZER_BASE_FAILURE_H
#define ANALYZER_BASE_FAILURE_H

#include <stdbool.h>

enum exit_code {
	EXIT_GOOD = 0,
	EXIT_WORSE = 1, /* a regression was found, or an expectation is broken */
	EXIT_USAGE = 2, /* the command line, or where its output should go, is wrong */
	EXIT_TRACE = 3, /* a trace cannot be read, or is not valid */
	EXIT_UNSURE = 4, /* it cannot be told, and the command line wants that to count */
};

struct failure {
	enum exit_code code;
	char message[1024];
};

/* Fills in `failure`; always returns false, so that a caller can return it. */
__attribute__((format(printf, 3, 4))) bool failure_set(struct failure *failure, enum exit_code code,
                                                       const char *format, ...);

#endif
