/* corners.c: CPU time in every corner where a sampler could miss it or be caught by it. Each part
 * burns MS of CPU time, in a function of its name.
 *
 *     corners MS
 *
 *     blocked_thread     a thread that blocks all signals and allocates nothing
 *     c11_thread         a thread of the C11 kind
 *     short_threads      in threads of a millisecond each
 *     in_handler         in a signal handler that other signals may interrupt
 *     loading            among dlopen and dlclose
 *     forked_child       in a child that allocates nothing; its trace is another
 */
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <threads.h>
#include <unistd.h>

#include "spin.h"

static double rate;
static long ms;
static const char *plugin;

/* None is inlined, cloned, or made one with another of the same code. */
#define FUNCTION __attribute__((noinline, noclone, no_icf)) static
#define STAYS    __asm__ volatile("")

FUNCTION void blocked_thread(void)
{
	spin_here((long)(rate * (double)ms / 1000));
}

FUNCTION void c11_thread(void)
{
	spin_here((long)(rate * (double)ms / 1000));
}

FUNCTION void short_threads(void)
{
	spin_here((long)(rate / 1000));
}

FUNCTION void in_handler(int number)
{
	(void)number;
	spin_here((long)(rate * (double)ms / 1000));
}

FUNCTION void loading(void)
{
	for (long i = 0; i < ms; i++) {
		void *handle = dlopen(plugin, RTLD_NOW);
		spin_here((long)(rate / 1000));
		if (handle)
			dlclose(handle);
	}
	STAYS;
}

FUNCTION void forked_child(void)
{
	spin_here((long)(rate * (double)ms / 1000));
}

static void *run_blocked(void *unused)
{
	sigset_t all;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	blocked_thread();
	return unused;
}

static int run_c11(void *unused)
{
	(void)unused;
	c11_thread();
	return 7;
}

static void *run_short(void *unused)
{
	short_threads();
	return unused;
}

static void threads(void)
{
	pthread_t thread;
	thrd_t other;
	int result = 0;
	pthread_create(&thread, NULL, run_blocked, &result);
	void *returned = NULL;
	pthread_join(thread, &returned);
	thrd_create(&other, run_c11, NULL);
	thrd_join(other, &result);
	printf("returned %d %d\n", returned == &result, result);
	for (long i = 0; i < ms; i++) {
		pthread_create(&thread, NULL, run_short, NULL);
		pthread_join(thread, NULL);
	}
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	ms = atol(argv[1]);
	plugin = argv[2];
	rate = spin_rate();
	threads();
	struct sigaction action = {.sa_handler = in_handler, .sa_flags = SA_NODEFER};
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	loading();
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		forked_child();
		_exit(3);
	}
	int status = 0;
	waitpid(child, &status, 0);
	printf("child %d\n", WEXITSTATUS(status));
	return 0;
}
