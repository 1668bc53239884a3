/* start.c: the library's constructor. The recording itself may have begun before it, with the first
 * event of a constructor that ran earlier; after the last destructor it simply goes on, for nothing
 * here is ever torn down. */
#include "capture.h"
#include "os.h"
#include "process.h"
#include "thread.h"

#include <time.h>

__attribute__((constructor(101))) static void start(void)
{
	if (!mp_process_start())
		return;
	uint64_t begin = mp_clock_ns(CLOCK_THREAD_CPUTIME_ID);
	mp_threads_start();
	mp_thread_own_work_begins();
	mp_capture_start();
	mp_thread_own_work_ends();
	struct mp_region *region = mp_region();
	region->load_ns += mp_clock_ns(CLOCK_THREAD_CPUTIME_ID) - begin;
}
