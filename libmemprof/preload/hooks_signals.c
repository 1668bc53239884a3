/* hooks_signals.c: what the program does with signals, where it may meet the one that brings
 * samples; sampler_signal.h has the rules. All others pass on to the C library.
 */
#include "hooks.h"
#include "next.h"
#include "sampler_signal.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

typedef void disposition(int);

/* The C library's own. They are looked up before the program begins: most of these functions may be
 * called from signal handlers, and the look-up may not. */
#define FUNCTIONS(X)                                                                               \
	X(sigaction)                                                                               \
	X(signal)                                                                                  \
	X(ssignal)                                                                                 \
	X(sysv_signal) X(__sysv_signal) X(sigset) X(sigignore) X(sigprocmask) X(pthread_sigmask)

#define X(name) static void *next_##name;
FUNCTIONS(X)
#undef X

void mp_hooks_signals_start(void)
{
#define X(name) (void)mp_next(#name, &next_##name);
	FUNCTIONS(X)
#undef X
}

static bool is_ours(int signal)
{
	return signal && signal == mp_sampler_signal();
}

/* A handler for our signal: from here on it is the program's. */
static bool stays_ours(int signal, disposition *wanted)
{
	if (wanted != SIG_DFL && wanted != SIG_IGN)
		mp_sampler_signal_claim(signal);
	return is_ours(signal);
}

static void believe(disposition *handler, uint64_t flags, mp_signals mask)
{
	mp_sampler_signal_belief = (struct mp_kernel_action){
	        (void *)handler, flags | MP_SA_RESTORER, mp_signal_restorer, mask};
}

static struct sigaction as_believed(void)
{
	const struct mp_kernel_action *belief = &mp_sampler_signal_belief;
	struct sigaction action = {.sa_flags = (int)belief->flags};
	action.sa_handler = (disposition *)belief->handler;
	memcpy(&action.sa_mask, &belief->mask, sizeof(belief->mask));
	return action;
}

MP_HOOK int sigaction(int signal, const struct sigaction *action, struct sigaction *old)
{
	int (*next)(int, const struct sigaction *, struct sigaction *) =
	        (int (*)(int, const struct sigaction *, struct sigaction *))mp_next(
	                "sigaction", &next_sigaction);
	if (!is_ours(signal) || !stays_ours(signal, action ? action->sa_handler : SIG_DFL))
		return next(signal, action, old);
	struct sigaction was = as_believed();
	if (action) {
		mp_signals mask;
		memcpy(&mask, &action->sa_mask, sizeof(mask));
		believe(action->sa_handler, (uint64_t)(unsigned)action->sa_flags, mask);
	}
	if (old)
		*old = was;
	return 0;
}

static disposition *change(int signal, disposition *wanted, uint64_t flags, const char *name,
                           void **place)
{
	disposition *(*next)(int, disposition *) =
	        (disposition * (*)(int, disposition *)) mp_next(name, place);
	if (!is_ours(signal) || !stays_ours(signal, wanted))
		return next(signal, wanted);
	disposition *was = as_believed().sa_handler;
	believe(wanted, flags, flags & SA_RESTART ? mp_signal_bit(signal) : 0);
	return was;
}

#define CHANGES(name, flags)                                                                       \
	MP_HOOK disposition *name(int signal, disposition *wanted)                                 \
	{                                                                                          \
		return change(signal, wanted, flags, #name, &next_##name);                         \
	}

/* Not declared in the headers of today. */
disposition *sysv_signal(int signal, disposition *wanted);

/* BSD's semantics, and System V's. */
CHANGES(signal, SA_RESTART)
CHANGES(ssignal, SA_RESTART)
CHANGES(sysv_signal, SA_RESETHAND | SA_NODEFER)
CHANGES(__sysv_signal, SA_RESETHAND | SA_NODEFER)

/* System V's: SIG_HOLD blocks, the others unblock and change. What it does with our signal is to
 * claim it, whatever it asks. */
MP_HOOK disposition *sigset(int signal, disposition *wanted)
{
	mp_sampler_signal_claim(signal);
	return change(signal, wanted, 0, "sigset", &next_sigset);
}

MP_HOOK int sigignore(int signal)
{
	int (*next)(int) = (int (*)(int))mp_next("sigignore", &next_sigignore);
	if (!is_ours(signal))
		return next(signal);
	believe(SIG_IGN, 0, 0);
	return 0;
}

/* ---- masks ------------------------------------------------------------------------------- */

/* The kernel's part of a sigset_t is its first word. */
static mp_signals word_of(const sigset_t *set)
{
	mp_signals word;
	memcpy(&word, set, sizeof(word));
	return word;
}

static void set_word(sigset_t *set, mp_signals word)
{
	memcpy(set, &word, sizeof(word));
}

typedef int mask_function(int, const sigset_t *, sigset_t *);

static int change_mask(mask_function *next, int how, const sigset_t *set, sigset_t *old)
{
	if (!mp_sampler_signal() || (set && (unsigned)how > SIG_SETMASK))
		return next(how, set, old);
	mp_signals seen = mp_sampler_signal_pretend(0);
	sigset_t admitted;
	if (set) {
		admitted = *set;
		set_word(&admitted, mp_sampler_signal_admit(how, word_of(set)));
	}
	int result = next(how, set ? &admitted : NULL, old);
	if (result == 0 && old)
		set_word(old, word_of(old) | seen);
	return result;
}

MP_HOOK int sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	return change_mask((mask_function *)mp_next("sigprocmask", &next_sigprocmask), how, set,
	                   old);
}

MP_HOOK int pthread_sigmask(int how, const sigset_t *set, sigset_t *old)
{
	return change_mask((mask_function *)mp_next("pthread_sigmask", &next_pthread_sigmask), how,
	                   set, old);
}
