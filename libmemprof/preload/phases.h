/* phases.h: which phase a thread is in, and how long. */
#ifndef MP_PRELOAD_PHASES_H
#define MP_PRELOAD_PHASES_H

#include "thread.h"

/* The phase `name` (names.h) below `parent`; made if there is none. 0: the table is full. */
uint32_t mp_phase_child(uint32_t parent, uint32_t name);

/* Opens a phase of this thread; returns what closes it, 0 when it could not be opened. */
uint32_t mp_phase_open(struct mp_thread *thread, struct mp_region *region, uint32_t phase);

/* Closes the phase and all that were opened after it. `now`: ticks, read as early as can be. */
void mp_phase_close(struct mp_thread *thread, struct mp_region *region, uint32_t scope,
                    uint64_t now);

/* Accounts the time up to now to the innermost open phase, or to the step's unaccounted time: at
 * every moment when that changes. */
void mp_phase_charge(struct mp_thread *thread, struct mp_region *region, uint64_t now);

/* True when this is the thread that steps. */
static inline bool mp_is_stepping(const struct mp_thread *thread, const struct mp_region *region)
{
	return __atomic_load_n(&region->steps.thread, __ATOMIC_RELAXED) == thread->slot_index;
}

/* Reading the process's CPU clock costs some 300 ns: only scopes at least so many times as long
 * (on average so far) have theirs read. True as well for a scope's first call. */
#define MP_CPU_CLOCK_SHARE 100u
bool mp_cpu_is_worth_reading(uint64_t calls, uint64_t ticks);

/* The same of what the kernel counts (usage.h), which is read beside the CPU clock. */
bool mp_phase_usage_is_worth_reading(uint64_t calls, uint64_t ticks);

/* CPU time in ns of what a scope of this thread covers: of the process for the thread that steps,
 * whose workers belong to its phases, else of the thread. */
uint64_t mp_scope_cpu_ns(bool stepping);

/* What was used since a reading, the readings themselves left out. */
uint64_t mp_scope_cpu_since(bool stepping, uint64_t begun);

/* Measures what scopes and the CPU clock cost here, with the name of the first real scope; once a
 * process. */
void mp_phases_calibrate(struct mp_thread *thread, struct mp_region *region, uint32_t name);

#endif
