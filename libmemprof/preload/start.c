/* start.c: the library's constructor. The recording itself may have begun before it, with the first
 * event of a constructor that ran earlier; after the last destructor it simply goes on, for nothing
 * here is ever torn down. */
#include "capture.h"
#include "hooks.h"
#include "mappings.h"
#include "os.h"
#include "process.h"
#include "sampler.h"
#include "thread.h"

#include <dlfcn.h>
#include <time.h>

/* A program that defines malloc itself (an allocator linked in statically) never comes to us. */
static bool program_has_an_allocator(void)
{
	struct dl_find_object used, ours;
	void *malloc_used = dlsym(RTLD_DEFAULT, "malloc");
	return malloc_used && _dl_find_object(malloc_used, &used) == 0 &&
	       _dl_find_object((void *)mp_capture_start, &ours) == 0 &&
	       used.dlfo_map_start != ours.dlfo_map_start;
}

__attribute__((constructor(101))) static void start(void)
{
	if (!mp_process_start())
		return;
	uint64_t begin = mp_clock_ns(CLOCK_THREAD_CPUTIME_ID);
	mp_threads_start();
	mp_thread_own_work_begins();
	mp_capture_start();
	mp_mappings_start();
	struct mp_region *region = mp_region();
	region->own_allocator = program_has_an_allocator();
	mp_hooks_threads_start();
	mp_hooks_signals_start();
	mp_hooks_calls_start();
	mp_thread_own_work_ends();
	if (mp_sampler_is_on())
		(void)mp_thread_enter_slow(mp_stack_pointer()); /* what it computes is sampled */
	region->load_ns += mp_clock_ns(CLOCK_THREAD_CPUTIME_ID) - begin;
}
