/* process.h: running another program to its end. */
#ifndef SIM_PROCESS_H
#define SIM_PROCESS_H

#include <stdbool.h>

struct process_where {
	const char *directory; /* to run in; NULL: here */
	const char *output;    /* file for standard output, made anew; NULL: as ours */
	const char *errors;    /* file for standard error; NULL: as ours */
};

/* Runs ARGV[0] with ARGV and waits for it. A wish to stop (interrupt.h) is handed on to it. Returns
 * its exit status; 128 + signal when one ended it; -1 when it could not be started. */
int process_run(char *const argv[], const struct process_where *where);

#endif
