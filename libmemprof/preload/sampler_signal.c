/* sampler_signal.c: see sampler_signal.h. */
#include "sampler_signal.h"
#include "patient_lock.h"
#include "sampler.h"

#include <ucontext.h>

/* Signals 32 and 33 are glibc's; above, programs count from the low end, and some from the high. */
#define FIRST_CHOICE  61
#define LOWEST_CHOICE 36
#define HIGHEST       64

/* A set with more real-time signals than these was made by sigfillset. */
#define NAMED_AT_MOST 16

int mp_sampler_signal_number;
static mp_signal_handler *handler_of_sampler;
struct mp_kernel_action mp_sampler_signal_belief;
static struct mp_patient_lock moving;
static __thread bool believed_blocked;

/* mov $15, %rax; syscall */
__asm__(".pushsection .text\n"
        ".globl mp_signal_restorer\n"
        ".hidden mp_signal_restorer\n"
        ".type mp_signal_restorer, @function\n"
        "mp_signal_restorer:\n"
        "	movq $15, %rax\n"
        "	syscall\n"
        "	.size mp_signal_restorer, .-mp_signal_restorer\n"
        ".popsection\n");

static void set_default(int signal)
{
	const struct mp_kernel_action none = {.handler = (void *)SIG_DFL};
	(void)mp_signal_action(signal, &none, NULL);
}

/* All other signals wait while it runs: what it does is short, and nothing of the program's shall
 * happen in the middle of it. On the alternate stack where the program has one, since then its
 * other stacks may be too small for any handler. */
static bool install(int signal)
{
	const struct mp_kernel_action ours = {
	        .handler = (void *)handler_of_sampler,
	        .flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK | MP_SA_RESTORER,
	        .restorer = mp_signal_restorer,
	        .mask = ~0ull,
	};
	return mp_signal_action(signal, &ours, &mp_sampler_signal_belief) == 0;
}

/* A signal that does nothing; 0: none. */
static int free_signal(int other_than)
{
	for (int i = 0; i <= HIGHEST - LOWEST_CHOICE; i++) {
		int signal = FIRST_CHOICE - i;
		if (signal < LOWEST_CHOICE)
			signal += HIGHEST - LOWEST_CHOICE + 1;
		if (signal != other_than && mp_signal_is_default(signal))
			return signal;
	}
	return 0;
}

bool mp_sampler_signal_take(mp_signal_handler *handler)
{
	handler_of_sampler = handler;
	int signal = free_signal(0);
	if (!signal || !install(signal))
		return false;
	__atomic_store_n(&mp_sampler_signal_number, signal, __ATOMIC_RELEASE);
	return true;
}

/* No signal comes between here and there: the lock is never met by its own holder. */
static void move_from(int signal)
{
	if (mp_sampler_signal() != signal || !mp_patient_lock(&moving, false))
		return;
	if (mp_sampler_signal() == signal) {
		const struct mp_kernel_action believed = mp_sampler_signal_belief;
		int next = free_signal(signal);
		if (next && !install(next))
			next = 0;
		__atomic_store_n(&mp_sampler_signal_number, next, __ATOMIC_RELEASE);
		mp_sampler_moved();
		(void)mp_signal_action(signal, &believed, NULL);
	}
	mp_patient_unlock(&moving);
}

void mp_sampler_signal_claim(int signal)
{
	const mp_signals all = ~0ull;
	mp_signals before;
	if (!signal || signal != mp_sampler_signal())
		return;
	(void)mp_signal_mask(SIG_BLOCK, &all, &before);
	move_from(signal);
	(void)mp_signal_mask(SIG_SETMASK, &before, NULL);
}

static bool names(mp_signals set, int signal)
{
	const mp_signals real_time = ~0ull << (34 - 1);
	return (set & mp_signal_bit(signal)) &&
	       __builtin_popcountll(set & real_time) <= NAMED_AT_MOST;
}

mp_signals mp_sampler_signal_admit(int how, mp_signals set)
{
	if (how != SIG_UNBLOCK && mp_sampler_signal() && names(set, mp_sampler_signal()))
		mp_sampler_signal_claim(mp_sampler_signal());
	int signal = mp_sampler_signal();
	if (!signal)
		return set;
	bool named = set & mp_signal_bit(signal);
	if (how == SIG_SETMASK)
		believed_blocked = named;
	else if (named)
		believed_blocked = how == SIG_BLOCK;
	return how == SIG_UNBLOCK ? set : set & ~mp_signal_bit(signal);
}

mp_signals mp_sampler_signal_pretend(mp_signals mask)
{
	int signal = mp_sampler_signal();
	return signal && believed_blocked ? mask | mp_signal_bit(signal) : mask;
}

void mp_sampler_signal_let_in(mp_signals *mask)
{
	int signal = mp_sampler_signal();
	if (!signal)
		return;
	mp_signals bit = mp_signal_bit(signal);
	believed_blocked = *mask & bit;
	*mask &= ~bit;
}

void mp_sampler_signal_foreign(int signal, siginfo_t *info, void *context)
{
	ucontext_t *interrupted = context;
	if (info->si_code == SI_TIMER && signal != mp_sampler_signal())
		return; /* the last of a timer that has moved */
	if (believed_blocked)
		sigaddset(&interrupted->uc_sigmask, signal); /* from now on it is */
	else
		set_default(signal);
	(void)mp_syscall(SYS_rt_sigqueueinfo, mp_getpid(), signal, (long)info, 0, 0, 0);
}
