/* steps.h: the simulation's clock. */
#ifndef MP_PRELOAD_STEPS_H
#define MP_PRELOAD_STEPS_H

#include "thread.h"

/* Begins a step, ending one that is open. Ignored, and counted, in a thread that does not step. */
void mp_step_begin(struct mp_thread *thread, struct mp_region *region);

/* Ends the open step; `now`: ticks, read as early as can be. */
void mp_step_end(struct mp_thread *thread, struct mp_region *region, uint64_t now);

/* Until a thread begins a step, the main thread is taken for the one that steps, if it marks
 * anything. */
void mp_step_claim(struct mp_thread *thread, struct mp_region *region);

#endif
