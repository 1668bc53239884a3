/* finish.h: what is done with traces when the run is over: symbols, and the line that closes it. */
#ifndef MEMPROF_LAUNCHER_FINISH_H
#define MEMPROF_LAUNCHER_FINISH_H

#include "clock.h"
#include "run.h"
#include "trace_writer.h"

/* Traces that were kept. All zero: none yet. */
struct finished_traces {
	char **paths;
	size_t capacity, count, former; /* former: of images before an exec */
	char *main;                     /* the run's own, one of them; NULL: there is none */
};

/* Notes the trace, whose writer stays the caller's. `former`: of an image that became another
 * program; `main`: of the command's process. */
void finished_add(struct finished_traces *finished, const struct trace_writer *trace, bool former,
                  bool main);

/* Has the analyzer put the symbols of each trace into it. What fails is said once and is no failure
 * of the run: symbols are then resolved when the trace is read. `tell`: say on a terminal that
 * there are many. */
void finished_resolve(const struct finished_traces *finished, bool tell);

/* Length of the main trace, 0 when there is none. */
uint64_t finished_main_bytes(const struct finished_traces *finished);

/* Prints the closing line, which begins with `end`, and the report, as the options say. */
void finished_tell(const struct finished_traces *finished, const struct run_options *options,
                   const struct moment *started, const char *end);

void finished_free(struct finished_traces *finished);

#endif
