/* interrupted.c: burns CPU time, and blocks in every call that no SA_RESTART restarts, thousands of
 * times. Prints how many of them ended with EINTR: in a program that gets no signals, none may.
 */
#include <errno.h>
#include <poll.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <time.h>

#include "spin.h"

static int interrupted, epoll;
static sem_t semaphore;
static char *pages;
#define PAGES_BYTES (1u << 20)

static void note(int result)
{
	if (result == EINTR || (result < 0 && errno == EINTR))
		interrupted++;
}

static struct timespec a_little_later(void)
{
	struct timespec then;
	clock_gettime(CLOCK_REALTIME, &then);
	then.tv_nsec += 1000;
	if (then.tv_nsec >= 1000000000) {
		then.tv_sec++;
		then.tv_nsec -= 1000000000;
	}
	return then;
}

static void block_in(int call)
{
	struct timespec little = {0, 1000}, then;
	struct timeval little_too = {0, 1};
	struct epoll_event event;
	switch (call) {
	case 0:
		note(nanosleep(&little, NULL));
		break;
	case 1:
		note(ppoll(NULL, 0, &little, NULL));
		break;
	case 2:
		note(select(0, NULL, NULL, NULL, &little_too));
		break;
	case 3:
		note(epoll_wait(epoll, &event, 1, 0));
		break;
	case 4:
		then = a_little_later();
		note(sem_timedwait(&semaphore, &then));
		break;
	case 5:
		note(clock_nanosleep(CLOCK_MONOTONIC, 0, &little, NULL));
		break;
	default: /* much time in the kernel */
		madvise(pages, PAGES_BYTES, MADV_DONTNEED);
		madvise(pages, PAGES_BYTES, MADV_POPULATE_WRITE);
		break;
	}
}

int main(int argc, char **argv)
{
	double seconds = argc > 1 ? atof(argv[1]) : 1;
	prctl(PR_SET_TIMERSLACK, 1);
	epoll = epoll_create1(0);
	sem_init(&semaphore, 0, 0);
	pages = mmap(NULL, PAGES_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long calls = 0;
	while (spin_cpu() < seconds) {
		block_in((int)(calls++ % 7));
		spin_here(20000);
	}
	printf("%d interrupted\n", interrupted);
	fprintf(stderr, "%ld calls\n", calls);
	return 0;
}
