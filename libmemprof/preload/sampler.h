/* sampler.h: finds out where CPU time goes, by looking now and then.
 *
 * Each thread has a timer on its own CPU clock, from its first moment to its last destructor. The
 * timer's signal interrupts the thread wherever it is; the handler takes the stack from the
 * interrupted registers and counts it in the phase that the thread is in.
 *
 *     thread begins ─▶ timer ─▶ signal ─▶ handler: stack, phase, role ─▶ struct mp_sample + n
 *     thread ends   ─▶ timer deleted; what had expired and was not told: a sample without stack
 *
 * The first expiry is at a random part of the period, so that threads which live for less than a
 * period are sampled in proportion too. A sample stands for the period, times one and the overruns.
 * The kernel tells at its next tick only, and by then a short thread is gone: what its clock says
 * at its end is more than its samples stand for, and the difference is counted without a stack.
 * (What expires between the last tick and the end of the process is lost, less than a tick a
 * thread.)
 *
 * The handler may have interrupted anything: the allocator, the loader, the profiler itself in the
 * middle of a capture. So it takes no lock, allocates by mmap only, uses memory of its own instead
 * of the thread's last stack, and works on a stack of its own: of the interrupted stack it takes
 * what the kernel puts there (AT_MINSIGSTKSZ) and some 200 bytes.
 *
 * A forked child has no timers. Its first event makes it known; one that computes and never
 * allocates is made known by a timer that it gets as soon as it runs (hooks_threads.c).
 */
#ifndef MP_PRELOAD_SAMPLER_H
#define MP_PRELOAD_SAMPLER_H

#include "kernel_signal.h"
#include "thread.h"

/* Before the first thread: `period_ns` of CPU time between samples, 0: none are taken. */
void mp_sampler_start(uint64_t period_ns);

/* True when CPU time is sampled. */
bool mp_sampler_is_on(void);

/* The calling thread's timer, and its part in the mask that the thread is about to have. Both ends
 * leave errno alone. */
void mp_sampler_thread_begins(struct mp_thread *thread, mp_signals *mask);
void mp_sampler_thread_ends(struct mp_thread *thread);

/* The signal is another now: every thread gets a new timer, or none if there is no signal. */
void mp_sampler_moved(void);

/* In a forked child: it is to be sampled from here on. */
void mp_sampler_forked(void);

#endif
