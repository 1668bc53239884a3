/* os.h: the operating system, for code that runs inside other people's programs.
 *
 * Straight system calls: no cancellation point, no errno, nothing that another library interposes.
 * Each returns what the kernel returns: a value, or −errno.
 */
#ifndef MP_PRELOAD_OS_H
#define MP_PRELOAD_OS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

static inline long mp_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;
	__asm__ volatile("syscall"
	                 : "=a"(result)
	                 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
	                 : "rcx", "r11", "memory");
	return result;
}

static inline int mp_getpid(void)
{
	return (int)mp_syscall(SYS_getpid, 0, 0, 0, 0, 0, 0);
}

static inline int mp_gettid(void)
{
	return (int)mp_syscall(SYS_gettid, 0, 0, 0, 0, 0, 0);
}

/* The time stamp counter. Not serialising: good to some ten cycles, which no figure resolves. */
static inline uint64_t mp_ticks(void)
{
	return __builtin_ia32_rdtsc();
}

/* The same, once all that stands before it is done. (rdtscp would do both in one, but there are
 * processors, virtual ones among them, that say they have none.) */
static inline uint64_t mp_ticks_after(void)
{
	__builtin_ia32_lfence();
	return __builtin_ia32_rdtsc();
}

/* A clock in nanoseconds; for CPU clocks this is a system call of 200 ns and more. */
uint64_t mp_clock_ns(int clock);

/* One line on standard error, with "memprof: " before it. */
void mp_complain(const char *what);

#endif
