/* cpu_timer.h: a timer on a thread's own CPU clock, that sends the thread a signal.
 *
 * A POSIX timer (timer_create(2)) with SIGEV_THREAD_ID: no descriptor, no thread, at most one
 * signal pending, however long it is blocked; what expires meanwhile is told as an overrun. It goes
 * away by itself in a forked child and at exec, and never fires again once its thread is gone.
 *
 * A CPU clock advances only while its thread runs, and since Linux 5.10 the kernel looks at its
 * timers on the way back to the program: the signal is then made and delivered at once, before the
 * next instruction of the program, and never while the thread sleeps in a system call. So no call
 * is interrupted (EINTR) because of it.
 */
#ifndef MP_PRELOAD_CPU_TIMER_H
#define MP_PRELOAD_CPU_TIMER_H

#include "os.h"

/* The CPU time that thread `tid` of this process has used, in nanoseconds: what its timers go by.
 */
uint64_t mp_cpu_timer_clock(uint32_t tid);

/* Makes and starts a timer of thread `tid` of this process: `signal` with `cookie`, first after
 * `first_ns` of its CPU time, and then each `period_ns`. Its number (0 and up), or −errno. */
int mp_cpu_timer_begin(uint32_t tid, int signal, void *cookie, uint64_t first_ns,
                       uint64_t period_ns);

void mp_cpu_timer_end(int timer);

#endif
