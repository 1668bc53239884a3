/* sampler_signal.h: which signal brings samples, and how it stays out of the program's way.
 *
 * SIGPROF is the program's. We take a real-time signal near the high end, where programs seldom
 * look, without asking glibc for it (that would change what SIGRTMAX is to the program). The rules:
 *
 *   - Asked what it does, it does the default. A program that resets all signals resets nothing.
 *   - A program that wants it for itself gets it (a handler for it, or a mask that names it rather
 *     than all): the sampler moves to another signal that does nothing yet, or ends if there is
 *     none. From then on the signal is all the program's.
 *   - A program that blocks all signals does not block it, and is told that it did.
 *   - One that somebody sends does what it would have done: it ends the program, or waits until the
 *     thread no longer believes it blocked.
 */
#ifndef MP_PRELOAD_SAMPLER_SIGNAL_H
#define MP_PRELOAD_SAMPLER_SIGNAL_H

#include "kernel_signal.h"

#include <stdbool.h>
#include <stdint.h>

typedef void mp_signal_handler(int signal, siginfo_t *info, void *context);

/* The signal; 0: there is none. */
extern int mp_sampler_signal_number;

static inline int mp_sampler_signal(void)
{
	return __atomic_load_n(&mp_sampler_signal_number, __ATOMIC_ACQUIRE);
}

/* What the program believes that our signal does: the default, or nothing. It is what it will do
 * when it is the program's again. */
extern struct mp_kernel_action mp_sampler_signal_belief;

/* Takes a signal and installs the handler for it. False: none is free. */
bool mp_sampler_signal_take(mp_signal_handler *handler);

/* The program wants this signal, which may be ours. The sampler then moves, timers and all. */
void mp_sampler_signal_claim(int signal);

/* What the program's change of its mask is to be, for `how` of sigprocmask; the calling thread's
 * belief is kept up to date. A set that names our signal claims it. */
mp_signals mp_sampler_signal_admit(int how, mp_signals set);

/* A mask as the program shall see it. */
mp_signals mp_sampler_signal_pretend(mp_signals mask);

/* Lets the signal into the calling thread's mask to be, whatever it was started with. */
void mp_sampler_signal_let_in(mp_signals *mask);

/* In the handler: an instance that is not a timer's of ours. */
void mp_sampler_signal_foreign(int signal, siginfo_t *info, void *context);

#endif
