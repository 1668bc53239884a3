/* kernel_signal.h: the kernel's signals, past the C library, whose functions for them are the
 * program's (and hooked, hooks_signals.c). Each function returns what the kernel returns.
 */
#ifndef MP_PRELOAD_KERNEL_SIGNAL_H
#define MP_PRELOAD_KERNEL_SIGNAL_H

#include "os.h"

#include <signal.h>
#include <stdbool.h>

/* A set of signals as the kernel has it: bit signal − 1. */
typedef uint64_t mp_signals;

static inline mp_signals mp_signal_bit(int signal)
{
	return 1ull << (signal - 1);
}

/* struct sigaction of the system call. */
struct mp_kernel_action {
	void *handler;
	uint64_t flags;
	void (*restorer)(void);
	mp_signals mask;
};

#define MP_SA_RESTORER 0x04000000u

/* How a handler returns; the unwinder, and debuggers, know it by its two instructions. */
void mp_signal_restorer(void);

static inline long mp_signal_action(int signal, const struct mp_kernel_action *action,
                                    struct mp_kernel_action *old)
{
	return mp_syscall(SYS_rt_sigaction, signal, (long)action, (long)old, sizeof(mp_signals), 0,
	                  0);
}

static inline long mp_signal_mask(int how, const mp_signals *set, mp_signals *old)
{
	return mp_syscall(SYS_rt_sigprocmask, how, (long)set, (long)old, sizeof(mp_signals), 0, 0);
}

/* Holds back what is sent to the thread, and returns the mask to be released to. For what a handler
 * that leaves by siglongjmp must not leave half done, where it is rare: two system calls. What an
 * instruction of the thread itself causes is let through, since blocked it would kill. */
static inline mp_signals mp_signals_hold(void)
{
	const mp_signals own = mp_signal_bit(SIGSEGV) | mp_signal_bit(SIGBUS) |
	                       mp_signal_bit(SIGFPE) | mp_signal_bit(SIGILL) |
	                       mp_signal_bit(SIGTRAP) | mp_signal_bit(SIGSYS);
	const mp_signals others = ~own;
	mp_signals before = 0;
	(void)mp_signal_mask(SIG_BLOCK, &others, &before);
	return before;
}

/* What was held back comes, and may not return. */
static inline void mp_signals_release(mp_signals before)
{
	(void)mp_signal_mask(SIG_SETMASK, &before, NULL);
}

/* True when the signal's disposition is the default. */
static inline bool mp_signal_is_default(int signal)
{
	struct mp_kernel_action action;
	return mp_signal_action(signal, NULL, &action) == 0 && action.handler == (void *)SIG_DFL;
}

#endif
