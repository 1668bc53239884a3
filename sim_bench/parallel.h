/* parallel.h: the same work on many things, by several threads.
 *
 * Workers take over the profiler's phase of the caller, so that what they do and allocate counts to
 * it. Which thread does what is left to chance: work on one thing must depend on no other, and
 * write nothing that another reads.
 */
#ifndef SIM_PARALLEL_H
#define SIM_PARALLEL_H

#include <stddef.h>

#define PARALLEL_THREADS_MOST 256

/* Work on thing I, by thread WORKER of 0 … threads-1. */
typedef void parallel_fn(void *context, size_t i, unsigned worker);

/* Calls WORK for 0 … count-1 and returns when all are done. With one thread, in order, by the
 * caller itself. */
void parallel_for(unsigned threads, size_t count, parallel_fn *work, void *context);

/* Threads that can run at once here: the processors that this process may use, 1 where the program
 * was built without OpenMP. */
unsigned parallel_available(void);

#endif
