/* locate.h: which file a user means by TRACE. */
#ifndef ANALYZER_TRACE_LOCATE_H
#define ANALYZER_TRACE_LOCATE_H

#include <stddef.h>

#include "base/failure.h"

/* The file that `argument` stands for: itself, or, of a run directory, the trace.msgpack in it,
 * else of all its traces the one in which most steps ended, else the largest. NULL with `failure`
 * set if there is none. Free with free(). */
char *trace_locate(const char *argument, struct failure *failure);

/* The other traces of a run directory, when that is what `argument` is, than the `chosen` one. Free
 * each, and the array, with free(). */
char **trace_others(const char *argument, const char *chosen, size_t *count);

#endif
