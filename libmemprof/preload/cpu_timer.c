/* cpu_timer.c: see cpu_timer.h. */
#include "cpu_timer.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

/* The number of a thread's CPU clock (Linux, include/linux/posix-timers_types.h): by nanoseconds
 * on a processor (2), of one thread (4). */
static int clock_of_thread(uint32_t tid)
{
	return (int)(~tid << 3 | 4u | 2u);
}

uint64_t mp_cpu_timer_clock(uint32_t tid)
{
	struct timespec now = {0};
	(void)mp_syscall(SYS_clock_gettime, clock_of_thread(tid), (long)&now, 0, 0, 0, 0);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static struct timespec timespec_of(uint64_t ns)
{
	return (struct timespec){(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};
}

int mp_cpu_timer_begin(uint32_t tid, int signal, void *cookie, uint64_t first_ns,
                       uint64_t period_ns)
{
	struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID,
	                         .sigev_signo = signal,
	                         .sigev_value.sival_ptr = cookie};
	event._sigev_un._tid = (int)tid;
	int timer = -1;
	long made = mp_syscall(SYS_timer_create, clock_of_thread(tid), (long)&event, (long)&timer,
	                       0, 0, 0);
	if (made < 0)
		return (int)made;
	struct itimerspec times = {timespec_of(period_ns), timespec_of(first_ns)};
	long set = mp_syscall(SYS_timer_settime, timer, 0, (long)&times, 0, 0, 0);
	if (set == 0)
		return timer;
	mp_cpu_timer_end(timer);
	return (int)set;
}

void mp_cpu_timer_end(int timer)
{
	(void)mp_syscall(SYS_timer_delete, timer, 0, 0, 0, 0, 0);
}
