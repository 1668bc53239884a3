/* thread.h: what the library knows of a thread.
 *
 * Two halves: the slot in the region, which the launcher reads and which outlives the thread (the
 * next thread that takes it over goes on counting), and struct mp_thread, private, one for each
 * slot. mp_self points at the calling thread's, or at a dummy that is never ready.
 *
 * `state` is the one test on every path: READY, or else the event goes the slow way, because the
 * thread is new, is inside the profiler already (a signal handler), has been forked (its struct was
 * wiped by the kernel), or nothing is recorded at all.
 */
#ifndef MP_PRELOAD_THREAD_H
#define MP_PRELOAD_THREAD_H

#include "capture.h"
#include "process.h"

#include <stdbool.h>

enum mp_thread_state {
	MP_THREAD_NONE = 0,
	MP_THREAD_READY = 1, /* outside of the profiler */
	MP_THREAD_BUSY = 2,  /* inside */
	MP_THREAD_MARKS = 3, /* outside, and marks are recorded, but not each event of the heap */
	/* outside, and how long the next event of that kind takes is measured */
	MP_THREAD_TIMES_ALLOCATION = 4,
	MP_THREAD_TIMES_FREE = 5,
};

/* A phase that is open. */
struct mp_open_phase {
	struct mp_phase_times *times;
	uint32_t phase;
	bool cpu_read, usage_read;
	uint64_t begun;
	uint64_t cpu_begun;          /* ns, if cpu_read */
	uint64_t steps_at_begin;     /* ticks spent in steps when it was begun */
	struct mp_usage usage_begun; /* if usage_read */
};

/* How far it is to the thread's next samples (sampled.h); all 0 in other modes. */
struct mp_countdown {
	uint64_t left;               /* bytes of allocations */
	uint64_t moves_left;         /* of reallocations */
	uint64_t random;             /* the generator's state; 0: not begun */
	uint64_t newest_left;        /* what was left when newest_block was sampled */
	uint64_t allocations, bytes; /* estimates so far, in the units of mp_estimates */
};

struct mp_thread {
	/* what each event of the heap touches, in two cache lines */
	__attribute__((aligned(64))) uint32_t state; /* enum mp_thread_state */
	uint32_t phase;    /* the innermost open phase of its own, as in the slot */
	uintptr_t busy_sp; /* where the stack stood when it entered the profiler */
	struct mp_region *region;
	char *pool;     /* the region's */
	uint64_t owner; /* what live records of this thread are marked with */
	struct mp_thread_slot *slot;
	struct mp_capture *capture;
	uint32_t until_timed;             /* allocations until an event is timed */
	uintptr_t newest_block;           /* what it allocated last: freeing it now is temporary */
	struct mp_capture_counts *counts; /* in the slot */
	struct mp_balance {               /* live bytes, see peak.h */
		int64_t room, room_most;
		int64_t mark, flushed;
	} balance;

	uint32_t outside; /* what it is outside of the profiler: READY or MARKS */
	uint32_t slot_index;
	uint32_t tid;
	bool late; /* taken after its thread's last destructor: it is not counted as live */
	uint32_t cells_max;            /* cells that `counters` has room for */
	struct mp_counters **counters; /* by cell / MP_CELLS_PER_BLOCK */
	struct mp_calls *calls;        /* open and counted calls (calls.h); NULL: none yet */
	int timer;                     /* of CPU time, its number + 1; 0: none (sampler.h) */
	uint64_t sample_due;           /* of its CPU time: up to there samples stand for it */
	char *sampler_stack;           /* upper end of where samples are taken; NULL: none are */
	struct mp_countdown countdown;

	/* phases */
	struct mp_phase_times **times; /* by phase */
	uint64_t since;                /* ticks up to which time has been accounted */
	uint32_t depth;                /* open phases, those beyond MP_PHASE_DEPTH too */
	uint64_t step_begun;           /* ticks, 0: not in a step; of the thread that steps */
	uint64_t step_allocs, step_bytes, step_cpu; /* totals when it began; step_cpu 0: not read */
	bool step_usage_read;
	struct mp_usage step_usage; /* when it began, if that was read */
	struct mp_open_phase open[MP_PHASE_DEPTH];
};

extern __thread struct mp_thread *mp_self;

/* Allocations of a thread between two events that are timed. */
#define MP_TIMED_EVERY 512u

/* The calling thread, ready to record; takes a slot if it has none. NULL when nothing is recorded,
 * when there is no slot to be had, or when called from inside the profiler. `sp` is where
 * the stack stands in the function that enters. Keeps errno. */
struct mp_thread *mp_thread_enter_slow(uintptr_t sp);

static inline uintptr_t mp_stack_pointer(void)
{
	uintptr_t sp;
	__asm__ volatile("mov %%rsp, %0" : "=r"(sp));
	return sp;
}

/* The thread is outside of the profiler: now it is inside. */
static inline void mp_thread_busy(struct mp_thread *thread)
{
	__asm__ volatile("mov %%rsp, %0" : "=m"(thread->busy_sp));
	thread->state = MP_THREAD_BUSY;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

/* Where the stack stood before the calling function was called. */
#define MP_STACK_BEFORE ((uintptr_t)__builtin_frame_address(0) + 2 * sizeof(void *))

/* Enters the profiler for an event of the heap: the calling thread is busy until mp_thread_leave.
 * NULL as above, and where not each event is recorded. `sp` is where the stack stands in who calls,
 * or outside of that, up to the program's own. */
static inline struct mp_thread *mp_thread_enter_heap(uintptr_t sp)
{
	struct mp_thread *thread = mp_self;
	if (__builtin_expect(thread->state != MP_THREAD_READY, 0)) {
		thread = mp_thread_enter_slow(sp);
		if (!thread || thread->outside != MP_THREAD_READY)
			return NULL;
	}
	mp_thread_busy(thread);
	return thread;
}

/* The phase that an event of this thread is in. */
static inline uint32_t mp_thread_phase(const struct mp_thread *thread)
{
	uint32_t own = thread->phase;
	uint32_t inherited = __atomic_load_n(&thread->region->now_phase, __ATOMIC_RELAXED);
	return own ? own : inherited;
}

static inline void mp_thread_leave(struct mp_thread *thread)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	thread->state = MP_THREAD_READY;
}

/* The same for a mark. */
static inline struct mp_thread *mp_thread_enter(void)
{
	struct mp_thread *thread = mp_self;
	if (__builtin_expect(thread->state != thread->outside || !thread->state, 0)) {
		thread = mp_thread_enter_slow(mp_stack_pointer());
		if (!thread)
			return NULL;
	}
	mp_thread_busy(thread);
	return thread;
}

static inline void mp_thread_leave_mark(struct mp_thread *thread)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	thread->state = thread->outside;
}

/* From here to there the calling thread works for the profiler: what it allocates (by way of the
 * loader, say) is not the program's, and is not counted. */
void mp_thread_own_work_begins(void);
void mp_thread_own_work_ends(void);
bool mp_thread_is_own_work(void);

/* Is this the thread that steps? Until one has begun a step, the main thread is taken to be. */
static inline bool mp_thread_is_stepping(const struct mp_thread *thread,
                                         const struct mp_region *region)
{
	uint32_t stepping = __atomic_load_n(&region->steps.thread, __ATOMIC_RELAXED);
	return stepping ? stepping == thread->slot_index : (int)thread->tid == region->pid;
}

/* Slot 0: what happens inside the profiler itself, from any thread. Its counters are changed by
 * locked adds. NULL when nothing is recorded. */
struct mp_thread *mp_thread_shared(void);

/* Calls for every thread that has or had a slot. */
void mp_threads_each(void (*visit)(struct mp_thread *thread));

/* From the constructor: makes sure that the end of threads is seen. */
void mp_threads_start(void);

#endif
