/* append.h: adding records to a trace that is written already. */
#ifndef ANALYZER_TRACE_APPEND_H
#define ANALYZER_TRACE_APPEND_H

#include <stdbool.h>
#include <stddef.h>

#include "trace/trace.h"

/* Adds `length` bytes of whole records to the end of the trace that `trace` was loaded from, in one
 * write. First the torn tail, if any, is cut off; and if a side file was joined, its records are
 * put into the trace and the file is removed, since it would not fit the longer trace any more. A
 * reader sees the trace as it was, or the beginning of a record, or the new one.
 *
 * Refused, with `failure` set and the file as it was: a trace that is damaged, that changed since
 * it was loaded, that another process holds a lock on, or whose program still runs (its recorder is
 * about to append as well); and errors of the system. */
bool trace_append(const struct trace *trace, const char *bytes, size_t length,
                  struct failure *failure);

#endif
