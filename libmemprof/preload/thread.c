/* thread.c: gives threads their slots, and takes them back.
 *
 * A slot is taken at a thread's first event and given back by the destructor of a key. Destructors
 * of other keys may allocate after ours ran, so ours asks to be called again until the last round
 * that POSIX promises. What happens even later, or in threads that end without destructors, makes
 * a slot whose thread is gone; such slots are found when slots run short.
 *
 * A signal handler may leave by siglongjmp whatever it interrupted. Where a thread is given its
 * slot, signals are held back; where it was in the middle of an event, that is seen at its next.
 */
#include "thread.h"
#include "calls.h"
#include "cells.h"
#include "kernel_signal.h"
#include "live.h"
#include "os.h"
#include "ownmem.h"
#include "peak.h"
#include "sampler.h"
#include "sizes.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

/* Most slots there can be; the private halves are found by slot. */
#define SLOTS_MAX 8192u

/* The slot's counters of stacks are a struct mp_capture_counts. */
_Static_assert(offsetof(struct mp_thread_slot, audit_mismatches) -
                               offsetof(struct mp_thread_slot, captures) ==
                       offsetof(struct mp_capture_counts, audit_mismatches),
               "same order");

static struct mp_thread nobody;
__thread struct mp_thread *mp_self = &nobody;
static __thread unsigned rounds_left; /* of the key's destructor */
static __thread bool entering;        /* in mp_thread_enter_slow, or in own work */
static __thread bool own_work;
static __thread mp_signals mask_outside; /* of own work */
static __thread bool over;               /* the key's last destructor has run */

static struct mp_thread *threads[SLOTS_MAX];
static pthread_key_t end_key;
static bool end_key_made;

static struct mp_thread_slot *slot_at(struct mp_region *region, uint32_t index)
{
	return (struct mp_thread_slot *)mp_at(region, region->threads_at) + index;
}

/* Samples are taken on a stack of their own, at the upper end of the private half: what the walk
 * and the look into call frame information need at most is about half of it. */
#define SAMPLER_STACK (16u << 10)

static size_t private_bytes(void)
{
	size_t bytes = sizeof(struct mp_thread) + mp_capture_size;
	bytes = (bytes + 4095u) & ~(size_t)4095u;
	return mp_sampler_is_on() ? bytes + SAMPLER_STACK : bytes;
}

/* The private half of a slot. It is wiped in a forked child: there the thread has no slot yet. */
static struct mp_thread *private_half(uint32_t index)
{
	struct mp_thread *thread = __atomic_load_n(&threads[index], __ATOMIC_ACQUIRE);
	if (thread)
		return thread;
	size_t bytes = private_bytes();
	thread = mp_own_map(bytes);
	if (!thread)
		return NULL;
	(void)mp_syscall(SYS_madvise, (long)thread, (long)bytes, MADV_WIPEONFORK, 0, 0, 0);
	struct mp_thread *was = NULL;
	if (__atomic_compare_exchange_n(&threads[index], &was, thread, false, __ATOMIC_ACQ_REL,
	                                __ATOMIC_ACQUIRE))
		return thread;
	mp_own_unmap(thread, bytes);
	return was;
}

static bool furnish(struct mp_region *region, struct mp_thread *thread, uint32_t index)
{
	if (!thread->counters) {
		uint32_t blocks = region->cells_max / MP_CELLS_PER_BLOCK;
		thread->counters = mp_own_map_sparse(blocks * sizeof(*thread->counters));
		thread->cells_max = thread->counters ? blocks * MP_CELLS_PER_BLOCK : 0;
	}
	thread->region = region;
	if (!thread->times)
		thread->times = mp_own_map_sparse(region->phases_max * sizeof(*thread->times));
	thread->capture = (struct mp_capture *)(thread + 1);
	thread->slot = slot_at(region, index);
	thread->counts = (struct mp_capture_counts *)&thread->slot->captures;
	thread->slot_index = index;
	thread->owner = mp_record_owner(index, mp_process_page.process.generation);
	thread->pool = mp_at(region, region->pool_at);
	thread->sampler_stack = mp_sampler_is_on() ? (char *)thread + private_bytes() : NULL;
	return thread->counters && thread->times;
}

static bool furnish_shared(struct mp_region *region)
{
	struct mp_thread *shared = private_half(0);
	return shared && furnish(region, shared, 0);
}

static bool claim(struct mp_thread_slot *slot, uint32_t expected, uint32_t tid)
{
	return __atomic_compare_exchange_n(&slot->tid, &expected, tid, false, __ATOMIC_ACQ_REL,
	                                   __ATOMIC_RELAXED);
}

/* A slot was taken over from a thread that has ended without giving it back. */
static void bury(struct mp_region *region, uint32_t index, uint32_t owner)
{
	if (owner && threads[index] && !threads[index]->late)
		__atomic_fetch_sub(&region->threads_live, 1, __ATOMIC_RELAXED);
}

/* A slot that was given back, or that a dead thread of the same number left. */
static uint32_t reuse_slot(struct mp_region *region, uint32_t tid)
{
	uint32_t used = __atomic_load_n(&region->threads_used, __ATOMIC_ACQUIRE);
	for (uint32_t i = 1; i < used && i < region->threads_max; i++) {
		struct mp_thread_slot *slot = slot_at(region, i);
		uint32_t owner = __atomic_load_n(&slot->tid, __ATOMIC_RELAXED);
		if ((owner == 0 || owner == tid) && slot->started && claim(slot, owner, tid)) {
			bury(region, i, owner);
			return i;
		}
	}
	return 0;
}

static uint32_t new_slot(struct mp_region *region, uint32_t tid)
{
	uint32_t index = __atomic_fetch_add(&region->threads_used, 1, __ATOMIC_ACQ_REL);
	if (index >= region->threads_max || index >= SLOTS_MAX) {
		__atomic_fetch_sub(&region->threads_used, 1, __ATOMIC_RELAXED);
		return 0;
	}
	__atomic_store_n(&slot_at(region, index)->tid, tid, __ATOMIC_RELAXED);
	return index;
}

/* A slot whose thread has ended without saying so. */
static uint32_t dead_slot(struct mp_region *region, uint32_t tid)
{
	int pid = mp_getpid();
	uint32_t used = __atomic_load_n(&region->threads_used, __ATOMIC_ACQUIRE);
	for (uint32_t i = 1; i < used && i < region->threads_max; i++) {
		struct mp_thread_slot *slot = slot_at(region, i);
		uint32_t owner = __atomic_load_n(&slot->tid, __ATOMIC_RELAXED);
		if (owner && mp_syscall(SYS_tgkill, pid, owner, 0, 0, 0, 0) == -ESRCH &&
		    claim(slot, owner, tid)) {
			bury(region, i, owner);
			return i;
		}
	}
	return 0;
}

/* Sweeping costs a system call a slot, so it is done each time their number has doubled. */
static uint32_t take_slot(struct mp_region *region, uint32_t tid)
{
	uint32_t index = reuse_slot(region, tid);
	uint32_t used = __atomic_load_n(&region->threads_used, __ATOMIC_RELAXED);
	if (!index && used >= 64 && (used & (used - 1)) == 0)
		index = dead_slot(region, tid);
	if (!index)
		index = new_slot(region, tid);
	return index;
}

static uint32_t returned; /* slots given back so far */
static __thread uint32_t
        refused_at; /* how many, plus one, when there was no slot for this thread */

static struct mp_thread *attach(struct mp_region *region)
{
	uint32_t now = __atomic_load_n(&returned, __ATOMIC_RELAXED) + 1;
	if (refused_at == now)
		return NULL; /* not again, with a look at every slot, at each of its events */
	uint32_t tid = (uint32_t)mp_gettid();
	uint32_t index = take_slot(region, tid);
	struct mp_thread *thread = index ? private_half(index) : NULL;
	if (index == 1) /* the first thread makes the shared slot before anyone needs it */
		(void)furnish_shared(region);
	if (!thread || !furnish(region, thread, index)) {
		refused_at = now;
		mp_overflowed(region);
		return NULL;
	}
	thread->tid = tid;
	thread->newest_block = 0;
	thread->until_timed = MP_TIMED_EVERY;
	mp_sizes_learn();
	mp_balance_begin(thread);
	thread->depth = 0;
	thread->since = mp_ticks();
	thread->step_begun = 0;
	thread->phase = 0;
	thread->slot->phase = 0;
	thread->slot->depth = 0;
	if (thread->slot->started)
		thread->slot->takeovers++;
	thread->slot->started = thread->since - region->start_ticks;
	thread->late = over;
	if (!over)
		__atomic_fetch_add(&region->threads_live, 1, __ATOMIC_RELAXED);
	return thread;
}

/* A signal handler that interrupted the profiler may have left by siglongjmp: then the frame that
 * was inside has been popped, and nobody will ever leave. It has if the one that enters now stands
 * where it stood or above, on the same stack (a handler stands below it, or on the alternate
 * stack). What was half done is forgotten. */
#define SAME_STACK (8u << 20)

static __attribute__((noinline)) bool inside_was_abandoned(struct mp_thread *thread, uintptr_t sp)
{
	stack_t alternate;
	if (own_work || entering || sp < thread->busy_sp || sp - thread->busy_sp > SAME_STACK ||
	    mp_syscall(SYS_sigaltstack, 0, (long)&alternate, 0, 0, 0, 0) < 0 ||
	    (alternate.ss_flags & SS_ONSTACK))
		return false;
	mp_capture_forget();
	thread->state = thread->outside;
	return true;
}

struct mp_thread *mp_thread_enter_slow(uintptr_t sp)
{
	if (mp_self->state == MP_THREAD_BUSY && inside_was_abandoned(mp_self, sp))
		return mp_self;
	if (mp_self->state == MP_THREAD_BUSY || entering)
		return NULL;
	if (mp_self->state != MP_THREAD_NONE)
		return mp_self;
	int error = errno;
	mp_signals mask = mp_signals_hold();
	entering = true;
	struct mp_thread *thread = NULL;
	if (mp_process_start() && (thread = attach(mp_region())) != NULL) {
		thread->state = MP_THREAD_BUSY;
		mp_self = thread;
		mp_sampler_thread_begins(thread, &mask);
		if (end_key_made && !rounds_left && !over) {
			rounds_left = PTHREAD_DESTRUCTOR_ITERATIONS;
			pthread_setspecific(end_key, thread);
		}
		const struct mp_process *process = &mp_process_page.process;
		bool each = process->heap && !process->sampler;
		thread->outside = each ? MP_THREAD_READY : MP_THREAD_MARKS;
		thread->state = thread->outside;
	}
	entering = false;
	mp_signals_release(mask);
	errno = error;
	return thread;
}

void mp_thread_own_work_begins(void)
{
	mask_outside = mp_signals_hold();
	own_work = true;
	entering = true;
	if (mp_self != &nobody)
		mp_self->state = MP_THREAD_BUSY;
}

void mp_thread_own_work_ends(void)
{
	if (mp_self != &nobody)
		mp_self->state = mp_self->outside;
	entering = false;
	own_work = false;
	mp_signals_release(mask_outside);
}

bool mp_thread_is_own_work(void)
{
	return own_work;
}

struct mp_thread *mp_thread_shared(void)
{
	struct mp_thread *shared = mp_region() ? threads[0] : NULL;
	return shared && shared->counters ? shared : NULL;
}

void mp_threads_each(void (*visit)(struct mp_thread *thread))
{
	for (uint32_t i = 0; i < SLOTS_MAX; i++) {
		struct mp_thread *thread = __atomic_load_n(&threads[i], __ATOMIC_ACQUIRE);
		if (thread)
			visit(thread);
	}
}

static void detach(struct mp_thread *thread)
{
	struct mp_region *region = mp_region();
	mp_self = &nobody;
	mp_sampler_thread_ends(thread);
	mp_calls_thread_ends(thread);
	if (!region || !thread->slot || thread->slot->tid != thread->tid)
		return;
	thread->state = MP_THREAD_NONE;
	mp_balance_end(thread);
	thread->phase = 0;
	thread->slot->phase = 0;
	__atomic_fetch_sub(&region->threads_live, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&thread->slot->tid, 0, __ATOMIC_RELEASE);
	__atomic_fetch_add(&returned, 1, __ATOMIC_RELAXED);
}

static void thread_ends(void *value)
{
	if (rounds_left > 1) {
		rounds_left--;
		pthread_setspecific(end_key, value);
	} else {
		over = true;
		if (mp_self == value)
			detach(value);
	}
}

void mp_threads_start(void)
{
	end_key_made = pthread_key_create(&end_key, thread_ends) == 0;
	/* The thread that runs constructors may have had its first event before the key. */
	if (end_key_made && mp_self != &nobody && !rounds_left) {
		rounds_left = PTHREAD_DESTRUCTOR_ITERATIONS;
		pthread_setspecific(end_key, mp_self);
	}
}
