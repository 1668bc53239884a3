/* signal_log.c: says which signals reach it, one a line; SIGTERM is the last. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
	sigset_t all;
	int signal = 0;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	puts("ready");
	fflush(stdout);
	while (signal != SIGTERM) {
		if (sigwait(&all, &signal) != 0)
			return 1;
		const char *name = sigabbrev_np(signal);
		if (name)
			printf("%s\n", name);
		else
			printf("%d\n", signal);
		fflush(stdout);
	}
	return 12;
}
