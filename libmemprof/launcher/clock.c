/* clock.c: see clock.h. */
#include "clock.h"

#include <time.h>
#include <x86intrin.h>

static uint64_t read_clock(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

uint64_t clock_mono_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

struct moment clock_moment(void)
{
	struct moment best = {0};
	uint64_t narrowest = UINT64_MAX;
	/* An interrupt between two of the reads widens the bracket: such a try loses. */
	for (int try = 0; try < 4; try++) {
		uint64_t before = __rdtsc();
		uint64_t mono = read_clock(CLOCK_MONOTONIC);
		uint64_t after = __rdtsc();
		uint64_t real = read_clock(CLOCK_REALTIME);
		uint64_t end = __rdtsc();
		if (end - before >= narrowest)
			continue;
		narrowest = end - before;
		best = (struct moment){before + (after - before) / 2, mono, real};
	}
	return best;
}

double clock_hz(const struct moment *from, const struct moment *to)
{
	if (to->mono_ns < from->mono_ns + NS_PER_SECOND / 1000 || to->ticks <= from->ticks)
		return 0;
	return (double)(to->ticks - from->ticks) * (double)NS_PER_SECOND /
	       (double)(to->mono_ns - from->mono_ns);
}
