/* own_signals.c: a program that does everything with signals and timers of its own that a sampling
 * profiler could be met in. What it prints must be the same with and without one.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spin.h"

static volatile sig_atomic_t caught, last;

static void on_signal(int number)
{
	caught = caught + 1;
	last = number;
}

static void handle(int number)
{
	struct sigaction action = {.sa_handler = on_signal}, old;
	memset(&old, 0xff, sizeof(old));
	sigemptyset(&action.sa_mask);
	int result = sigaction(number, &action, &old);
	printf("%d: %d, was %s, flags %d\n", number, result,
	       old.sa_handler == SIG_DFL   ? "default"
	       : old.sa_handler == SIG_IGN ? "ignored"
	                                   : "handled",
	       old.sa_flags);
}

/* The profiler's own classic: it must come, and come as often as asked. */
static void profile_timer(void)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	struct itimerval tick = {{0, 10000}, {0, 10000}}, none = {{0, 0}, {0, 0}}, left;
	sigaction(SIGPROF, &action, NULL);
	caught = 0;
	setitimer(ITIMER_PROF, &tick, NULL);
	while (caught < 10)
		spin_here(100000);
	getitimer(ITIMER_PROF, &left);
	setitimer(ITIMER_PROF, &none, NULL);
	printf("profile timer: signal %d, every %ld us\n", (int)last,
	       (long)left.it_interval.tv_usec);
}

static void cpu_timer(int number)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = number};
	struct itimerspec tick = {{0, 5000000}, {0, 5000000}};
	timer_t timer;
	handle(number);
	caught = 0;
	printf("timer %d\n", timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &timer));
	timer_settime(timer, 0, &tick, NULL);
	while (caught < 10)
		spin_here(100000);
	timer_delete(timer);
	printf("cpu timer: signal %d\n", (int)last);
}

static void show_dispositions(const char *when)
{
	printf("%s:", when);
	for (int number = 1; number < NSIG; number++) {
		struct sigaction now;
		if (sigaction(number, NULL, &now) == 0)
			printf(" %d%c", number,
			       now.sa_handler == SIG_DFL   ? 'd'
			       : now.sa_handler == SIG_IGN ? 'i'
			                                   : 'h');
	}
	printf("\n");
}

static void show_mask(const char *when, const sigset_t *set)
{
	printf("%s:", when);
	for (int number = 1; number < NSIG; number++)
		if (sigismember(set, number) == 1)
			printf(" %d", number);
	printf("\n");
}

static void masks(void)
{
	sigset_t all, old, few;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	show_mask("at first", &old);
	pthread_sigmask(SIG_SETMASK, NULL, &old);
	show_mask("all blocked", &old);
	sigemptyset(&few);
	for (int number = SIGRTMIN; number <= SIGRTMAX; number += 2)
		sigaddset(&few, number);
	sigprocmask(SIG_UNBLOCK, &few, &old);
	sigprocmask(SIG_SETMASK, NULL, &old);
	show_mask("every second one let in", &old);
	printf("wrong: %d", sigprocmask(77, &all, NULL));
	printf(" %s\n", strerror(errno));
	sigemptyset(&few);
	sigprocmask(SIG_SETMASK, &few, NULL);
}

/* A signal that is waited for and not handled. */
static void waits_for(int number)
{
	sigset_t set, old;
	sigemptyset(&set);
	sigaddset(&set, number);
	pthread_sigmask(SIG_BLOCK, &set, &old);
	kill(getpid(), number);
	siginfo_t info;
	int got = sigwaitinfo(&set, &info);
	printf("waited for %d: %d, code %d\n", number, got, info.si_code);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

/* One that comes while all are blocked waits until they are not; its default is to end us. */
static void ends_by(int number)
{
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		sigset_t all, none;
		sigfillset(&all);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &all, NULL);
		kill(getpid(), number);
		spin_here(50000000);
		printf("still there\n");
		fflush(stdout);
		sigprocmask(SIG_SETMASK, &none, NULL);
		printf("not ended\n");
		fflush(stdout);
		_exit(0);
	}
	int status = 0;
	waitpid(child, &status, 0);
	printf("%d: ended by %d\n", number, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

int main(void)
{
	printf("%d to %d\n", SIGRTMIN, SIGRTMAX);
	show_dispositions("at first");
	for (int number = SIGRTMIN; number <= SIGRTMAX; number++) {
		signal(number, SIG_IGN);
		signal(number, SIG_DFL);
	}
	show_dispositions("all reset");
	profile_timer();
	masks();
	ends_by(SIGRTMAX - 3);
	waits_for(SIGRTMAX - 3);
	for (int number = SIGRTMAX - 8; number <= SIGRTMAX; number++)
		waits_for(number);
	cpu_timer(SIGRTMAX - 3);
	for (int number = SIGRTMIN + 4; number <= SIGRTMAX; number++)
		handle(number);
	show_dispositions("all handled");
	for (int number = SIGRTMIN; number <= SIGRTMAX; number++)
		signal(number, SIG_DFL);
	spin_here(50000000);
	printf("%u left\n", sleep(0));
	return 0;
}
