/* parallel.c: a loop of OpenMP; see parallel.h. Threads are started at the first loop that wants
 * them and kept; a run with one thread never starts any. */
#include "parallel.h"

#include <memprof/memprof.h>

#ifdef _OPENMP
#include <omp.h>

/* Things that a thread takes at a time: few enough to balance, many enough to be worth it. */
#define TAKEN_AT_ONCE 4

static void in_parallel(unsigned threads, size_t count, parallel_fn *work, void *context)
{
	memprof_token phase = memprof_phase_token();
#pragma omp parallel num_threads((int)threads)
	{
		unsigned worker = (unsigned)omp_get_thread_num();
		memprof_scope scope = worker > 0 ? memprof_phase_adopt(phase) : 0;
#pragma omp for schedule(dynamic, TAKEN_AT_ONCE) nowait
		for (size_t i = 0; i < count; i++)
			work(context, i, worker);
		if (worker > 0)
			memprof_phase_end(scope);
	}
}

unsigned parallel_available(void)
{
	int processors = omp_get_num_procs();
	return processors < 1                       ? 1
	       : processors > PARALLEL_THREADS_MOST ? PARALLEL_THREADS_MOST
	                                            : (unsigned)processors;
}
#else
unsigned parallel_available(void)
{
	return 1;
}
#endif

void parallel_for(unsigned threads, size_t count, parallel_fn *work, void *context)
{
#ifdef _OPENMP
	if (threads > 1 && count > 1) {
		in_parallel(threads, count, work, context);
		return;
	}
#endif
	(void)threads;
	for (size_t i = 0; i < count; i++)
		work(context, i, 0);
}
