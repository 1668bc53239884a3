/* runlog.h: the log of a run, plain text, a line an event, each with its time. */
#ifndef SIM_RUNLOG_H
#define SIM_RUNLOG_H

#include <stddef.h>

struct runlog;

/* Opens the log for appending. NULL with one line in ERROR. Released by runlog_close. */
struct runlog *runlog_open(const char *path, char *error, size_t error_size);

/* Writes a line at once, without holding it back. A line that cannot be written is lost: the log
 * is for people and no reason to stop a run. */
void runlog_write(struct runlog *log, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

void runlog_close(struct runlog *log);

#endif
