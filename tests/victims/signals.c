/* signals.c: a program with signal handlers of its own, on a stack of its own. */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

static sigjmp_buf back;
static volatile sig_atomic_t ticks, faults, on_own_stack;
static volatile int *volatile nowhere = (volatile int *)16;
static char *own_stack;
static const size_t own_stack_bytes = 64 * 1024;

static void on_tick(int signal)
{
	(void)signal;
	ticks = ticks + 1;
}

/* The fault is at a known instruction outside of any library: allocating here is allowed. */
static void on_fault(int signal)
{
	(void)signal;
	char here;
	faults = faults + 1;
	on_own_stack = &here >= own_stack && &here < own_stack + own_stack_bytes;
	free(malloc(100));
	siglongjmp(back, 1);
}

static void handle(int signal, void (*handler)(int), int flags)
{
	struct sigaction action;
	memset(&action, 0, sizeof action);
	action.sa_handler = handler;
	action.sa_flags = flags;
	sigaction(signal, &action, NULL);
}

static int still_ours(int signal, void (*handler)(int))
{
	struct sigaction action;
	sigaction(signal, NULL, &action);
	return action.sa_handler == handler;
}

int main(void)
{
	own_stack = malloc(own_stack_bytes);
	stack_t stack = {.ss_sp = own_stack, .ss_size = own_stack_bytes};
	sigaltstack(&stack, NULL);
	handle(SIGPROF, on_tick, SA_RESTART);
	handle(SIGSEGV, on_fault, SA_ONSTACK | SA_NODEFER);
	struct itimerval every = {{0, 1000}, {0, 1000}};
	setitimer(ITIMER_PROF, &every, NULL);
	while (ticks < 50)
		for (int i = 0; i < 1000; i++)
			free(malloc((size_t)i));
	memset(&every, 0, sizeof every);
	setitimer(ITIMER_PROF, &every, NULL);
	for (volatile int i = 0; i < 20; i = i + 1)
		if (sigsetjmp(back, 1) == 0)
			*nowhere = 1;
	sigset_t blocked;
	sigprocmask(SIG_BLOCK, NULL, &blocked);
	int others = 0;
	for (int signal = 1; signal < 32; signal++)
		others += sigismember(&blocked, signal);
	stack_t now;
	sigaltstack(NULL, &now);
	printf("faults %d on own stack %d, handlers %d %d, blocked %d, stack %d\n", (int)faults,
	       (int)on_own_stack, still_ours(SIGPROF, on_tick), still_ours(SIGSEGV, on_fault),
	       others, now.ss_sp == own_stack);
	return 0;
}
