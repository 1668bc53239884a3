/* hooks_threads.c: threads and forked children, from their first moment.
 *
 * Without these a thread is known from its first allocation or mark on, and one that does neither
 * is not known at all; for samples of CPU time that is too late. A thread's first function is ours:
 * it makes the thread known, and jumps on to the program's (a tail call, so that no frame of ours
 * stays on the thread's stack). A forked child gets a timer, whose first signal begins its
 * recording, if nothing else has by then.
 *
 * Threads made by clone(2) itself are known from their first event on, as before.
 */
#include "hooks.h"
#include "jemalloc.h"
#include "next.h"
#include "os.h"
#include "sampler.h"

#include <errno.h>
#include <pthread.h>
#include <threads.h>

/* What a new thread is told, in a block of the allocator's that it frees. */
struct beginning {
	union {
		void *(*posix)(void *);
		thrd_start_t c11;
	} function;
	void *argument;
};

static struct beginning *to_tell(void *argument)
{
	struct beginning *told = mp_je_malloc(sizeof(*told));
	if (told)
		told->argument = argument;
	return told;
}

static struct beginning make_known(void *block)
{
	struct beginning told = *(struct beginning *)block;
	mp_je_free(block);
	(void)mp_thread_enter_slow(mp_stack_pointer());
	return told;
}

static void *begin_posix(void *block)
{
	struct beginning told = make_known(block);
	return told.function.posix(told.argument);
}

static int begin_c11(void *block)
{
	struct beginning told = make_known(block);
	return told.function.c11(told.argument);
}

MP_HOOK int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                           void *(*function)(void *), void *argument)
{
	static void *place;
	int (*next)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) =
	        (int (*)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *))mp_next(
	                "pthread_create", &place);
	struct beginning *told = mp_sampler_is_on() ? to_tell(argument) : NULL;
	if (!told)
		return next(thread, attributes, function, argument);
	told->function.posix = function;
	int error = next(thread, attributes, begin_posix, told);
	if (error)
		mp_je_free(told);
	return error;
}

MP_HOOK int thrd_create(thrd_t *thread, thrd_start_t function, void *argument)
{
	static void *place;
	int (*next)(thrd_t *, thrd_start_t, void *) =
	        (int (*)(thrd_t *, thrd_start_t, void *))mp_next("thrd_create", &place);
	struct beginning *told = mp_sampler_is_on() ? to_tell(argument) : NULL;
	if (!told)
		return next(thread, function, argument);
	told->function.c11 = function;
	int result = next(thread, begin_c11, told);
	if (result != thrd_success)
		mp_je_free(told);
	return result;
}

void mp_hooks_threads_start(void)
{
	if (mp_sampler_is_on())
		(void)pthread_atfork(NULL, NULL, mp_sampler_forked);
}
