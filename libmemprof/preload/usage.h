/* usage.h: what the kernel counts for a thread, read at both ends of scopes that can bear it. */
#ifndef MP_PRELOAD_USAGE_H
#define MP_PRELOAD_USAGE_H

#include "shared/region.h"

#include <stdbool.h>

/* A reading costs some 300 ns, about what one of the CPU clock does, so only scopes have it that
 * are long enough (on average so far) to bear both. `others`: ticks that other readings of the
 * scope cost. True as well for a scope's first call. */
bool mp_usage_is_worth_reading(uint64_t calls, uint64_t ticks, uint64_t others);

/* The calling thread's counters; calls and ticks are 0. */
void mp_usage_read(struct mp_usage *now);

/* A scope of `ticks` has ended: adds what was counted since the reading at its begin. */
void mp_usage_add(struct mp_usage *sum, const struct mp_usage *begun, uint64_t ticks);

#endif
