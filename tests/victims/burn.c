/* burn.c: functions that burn known shares of CPU time, in two threads at once.
 *
 *     burn SECONDS ROUND_US      CPU time of each thread, and how long a round of all functions is
 *
 * Every round is the same number of the same instructions, so the shares hold on any machine. (One
 * that lasts as long as a tick of the kernel, or a whole part of it, is in step with the samples,
 * which are taken at ticks, and is seen askew.) In %:
 *
 *     function   self   inclusive
 *     round         0         100
 *     alpha        50          50
 *     beta         30          30   recursive: three calls deep, each burns a third
 *     pair          0          20   calls gamma and delta
 *     gamma        15          15   all of it in `inner`, which is inlined into it
 *     delta         5           5
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "spin.h"

static long rounds, percent; /* spins in one percent of a round */

/* None is inlined, cloned, made one with another of the same code, or a tail call. */
#define FUNCTION __attribute__((noinline, noclone, no_icf)) static void
#define STAYS    __asm__ volatile("")

FUNCTION alpha(void)
{
	spin_here(50 * percent);
}

FUNCTION beta(int depth)
{
	spin_here(10 * percent);
	if (depth > 1)
		beta(depth - 1);
	STAYS;
}

__attribute__((always_inline)) static inline void inner(long share)
{
	spin_here(share * percent);
}

FUNCTION gamma_(void)
{
	inner(15);
}

FUNCTION delta(void)
{
	spin_here(5 * percent);
}

FUNCTION pair(void)
{
	gamma_();
	delta();
	STAYS;
}

FUNCTION round_of_all(void)
{
	alpha();
	beta(3);
	pair();
	STAYS;
}

static void *all_rounds(void *unused)
{
	(void)unused;
	for (long i = 0; i < rounds; i++)
		round_of_all();
	return NULL;
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	double seconds = atof(argv[1]), round = atof(argv[2]) * 1e-6;
	percent = (long)(spin_rate() * round / 100);
	rounds = (long)(seconds / round);
	pthread_t other;
	if (pthread_create(&other, NULL, all_rounds, NULL) != 0)
		return 1;
	all_rounds(NULL);
	pthread_join(other, NULL);
	puts("{\"alpha\": [50, 50], \"beta\": [30, 30], \"gamma_\": [15, 15], \"delta\": [5, 5], "
	     "\"pair\": [0, 20], \"round_of_all\": [0, 100]}");
	return 0;
}
