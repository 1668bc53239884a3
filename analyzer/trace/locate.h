/* locate.h: which file a user means by TRACE. */
#ifndef ANALYZER_TRACE_LOCATE_H
#define ANALYZER_TRACE_LOCATE_H

#include "base/failure.h"

/* The file that `argument` stands for: itself, or, of a run directory, the trace.msgpack in it,
 * else of all its traces the one in which most steps ended, else the largest. NULL with `failure`
 * set if there is none. Free with free(). */
char *trace_locate(const char *argument, struct failure *failure);

#endif
