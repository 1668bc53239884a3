/* spin.h: work that takes CPU time in proportion to a number, and nothing else: no memory, no
 * calls.
 *
 * spin_here is inlined wherever it stands, so that the time is that of the function around it.
 */
#ifndef VICTIMS_SPIN_H
#define VICTIMS_SPIN_H

#include <stdint.h>
#include <time.h>

__attribute__((always_inline)) static inline void spin_here(long rounds)
{
	uint64_t state = (uint64_t)rounds;
	for (long i = 0; i < rounds; i++) {
		state = state * 6364136223846793005u + 1442695040888963407u;
		__asm__ volatile("" : "+r"(state));
	}
}

static inline double spin_cpu(void)
{
	struct timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* How many rounds take a second here, roughly. */
__attribute__((noinline, unused)) static double spin_rate(void)
{
	const long rounds = 20000000;
	double begin = spin_cpu();
	spin_here(rounds);
	return (double)rounds / (spin_cpu() - begin);
}

#endif
