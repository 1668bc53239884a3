/* exits.c: the ways in which a program ends. `exits WAY`. Leaves a line in stdio's buffer, so that
 * who flushes it and who does not can be seen. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void at_exit(void)
{
	free(malloc(100));
	printf("atexit\n");
}

static void at_quick(void)
{
	static const char line[] = "at_quick_exit\n";
	if (write(1, line, sizeof line - 1) < 0)
		_exit(99);
}

static void *end_here(void *status)
{
	exit((int)(long)status);
}

static void *outlive_main(void *main_thread)
{
	pthread_join(*(pthread_t *)main_thread, NULL);
	puts("after main");
	return NULL;
}

static void overflow(volatile char *from)
{
	char frame[65536];
	memset(frame, from[0], sizeof frame);
	if (frame[1] == from[0]) /* always; the compiler must not know */
		overflow(frame);
}

int main(int argc, char **argv)
{
	static pthread_t main_thread;
	const char *way = argc > 1 ? argv[1] : "";
	struct rlimit none = {0, 0};
	pthread_t id;
	char nothing = 0;
	setrlimit(RLIMIT_CORE, &none);
	atexit(at_exit);
	at_quick_exit(at_quick);
	printf("way: %s\n", way);
	free(malloc(10));
	if (strcmp(way, "return") == 0)
		return 3;
	if (strcmp(way, "exit") == 0)
		exit(4);
	if (strcmp(way, "_exit") == 0)
		_exit(5);
	if (strcmp(way, "quick_exit") == 0)
		quick_exit(6);
	if (strcmp(way, "abort") == 0)
		abort();
	if (strcmp(way, "kill") == 0)
		kill(getpid(), SIGKILL);
	if (strcmp(way, "term") == 0)
		kill(getpid(), SIGTERM);
	if (strcmp(way, "segv") == 0)
		*(volatile int *)(long)(argc - 2) = 1;
	if (strcmp(way, "stack") == 0)
		overflow(&nothing);
	if (strcmp(way, "exec") == 0)
		execl("/bin/echo", "echo", "another program", (char *)NULL);
	if (strcmp(way, "thread") == 0 && pthread_create(&id, NULL, end_here, (void *)(long)7) == 0)
		for (;;)
			pause();
	if (strcmp(way, "pthread_exit") == 0) {
		main_thread = pthread_self();
		if (pthread_create(&id, NULL, outlive_main, &main_thread) == 0)
			pthread_exit(NULL);
	}
	return 98;
}
