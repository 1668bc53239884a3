/* clock.h: the time stamp counter and the kernel's clocks, read together. */
#ifndef MEMPROF_LAUNCHER_CLOCK_H
#define MEMPROF_LAUNCHER_CLOCK_H

#include <stdint.h>

#define NS_PER_SECOND 1000000000ull

/* One moment on three clocks. */
struct moment {
	uint64_t ticks;   /* time stamp counter */
	uint64_t mono_ns; /* CLOCK_MONOTONIC */
	uint64_t real_ns; /* CLOCK_REALTIME */
};

/* Reads the three within some tens of nanoseconds of each other: the best of a few tries. */
struct moment clock_moment(void);

/* CLOCK_MONOTONIC, in ns. */
uint64_t clock_mono_ns(void);

/* Ticks a second, from two moments; 0 when they are less than a millisecond apart. */
double clock_hz(const struct moment *from, const struct moment *to);

#endif
