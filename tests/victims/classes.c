/* classes.c: holds a known number of blocks of known sizes until its end.
 *
 *     classes COUNT THREADS END
 *
 * In each of so many threads, one after the other, COUNT + i blocks of the i-th size are made, and
 * every third of them is freed, in the phase "blocks". END is how it ends: "return"; "handler", by
 * exit in a signal handler, where nobody knows what was interrupted; "alternate", the same on an
 * alternate stack. Its truth: by size, how many it holds.
 */
#include <memprof/memprof.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spin.h"
#include "truth.h"

static const size_t sizes[] = {100, 1280, 5000, 20000, 1 << 20};

#define SIZES (sizeof(sizes) / sizeof(sizes[0]))
#define MOST  4096

static void *kept[SIZES][MOST];
static int made[SIZES], held[SIZES], count;

static void *make(void *unused)
{
	MEMPROF_PHASE ("blocks") {
		for (size_t i = 0; i < SIZES; i++) {
			int first = made[i], last = count ? first + count + (int)i : first;
			truth_must(last < MOST, "too many blocks");
			for (int k = first; k < last; k++)
				kept[i][k] = malloc(sizes[i]);
			for (int k = first; k < last; k++)
				truth_must(kept[i][k] != NULL, "no memory");
			for (int k = first; k < last; k += 3)
				free(kept[i][k]);
			held[i] += last - first - (last - first + 2) / 3;
			made[i] = last;
		}
	}
	return unused;
}

static void end(int signal)
{
	(void)signal;
	exit(0);
}

static void end_in_handler(int flags)
{
	static char stack[64 << 10];
	const stack_t alternate = {.ss_sp = stack, .ss_size = sizeof(stack)};
	struct sigaction action = {.sa_handler = end, .sa_flags = flags};
	truth_must(sigaltstack(&alternate, NULL) == 0, "no alternate stack");
	truth_must(sigaction(SIGUSR1, &action, NULL) == 0, "no handler");
	raise(SIGUSR1);
}

/* Small programs are not looked into at their end. */
static void be_worth_a_look(void)
{
	while (spin_cpu() < 0.1)
		spin_here(100000);
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	be_worth_a_look();
	count = atoi(argv[1]);
	for (int i = 0; i < atoi(argv[2]); i++) {
		pthread_t thread;
		truth_must(pthread_create(&thread, NULL, make, NULL) == 0, "no thread");
		pthread_join(thread, NULL);
	}
	printf("{");
	for (size_t i = 0; i < SIZES; i++)
		printf("\"%zu\": %d%s", sizes[i], held[i], i + 1 < SIZES ? ", " : "}\n");
	if (strcmp(argv[3], "return") != 0)
		end_in_handler(strcmp(argv[3], "alternate") == 0 ? SA_ONSTACK : 0);
	return 0;
}
