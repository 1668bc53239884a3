/* beside.h: counting memory beside the heap: what the program maps by itself (mappings.h), and what
 * its own pools hand out (pools.h).
 *
 * It is counted as the heap is: by (stack, phase), in the thread's counters, with lifetimes. What
 * differs is the kind of memory, which stands in a cell with the phase (region.h). It changes
 * neither the heap's sums nor its peak, nor what steps are told to have allocated.
 *
 * An event inside the profiler (a signal handler's) is counted in slot 0 by locked adds, under
 * MP_NODE_NESTED, as the heap's are.
 */
#ifndef MP_PRELOAD_BESIDE_H
#define MP_PRELOAD_BESIDE_H

#include "heap.h"
#include "thread.h"

/* One event: who counts it. */
struct mp_beside {
	struct mp_thread *thread; /* slot 0's, when nested */
	struct mp_region *region;
	bool nested;
};

/* Which counters a piece of memory stands in, to be kept with it: 16 bytes. A forked child must
 * forget it together with the table that it stands in. */
struct mp_tally {
	uint32_t counters; /* their number */
	uint32_t slot;     /* of the thread that counted */
	uint64_t origin;   /* as mp_now gives it */
};

/* Begins an event. False: it is not to be counted. Keeps errno; async-signal-safe. */
bool mp_beside_enter(struct mp_beside *event);
void mp_beside_leave(const struct mp_beside *event);

/* The tally of memory that comes to be here and now; nothing is counted yet. False: no room. */
bool mp_beside_tally(const struct mp_beside *event, uint32_t kind, struct mp_tally *tally,
                     MP_SITE_PARAMETERS);

/* Memory came: `usable` bytes for the `bytes` that were asked for. */
void mp_beside_came(const struct mp_beside *event, const struct mp_tally *tally, uint64_t bytes,
                    uint64_t usable);

/* Memory went. `whole`: and nothing is left of what came at once; bytes may go in parts. */
void mp_beside_went(const struct mp_beside *event, const struct mp_tally *tally, uint64_t bytes,
                    uint64_t usable, bool whole);

/* The same where memory moves from one tally to another, as by a reallocation. */
void mp_beside_moved_out(const struct mp_beside *event, const struct mp_tally *tally,
                         uint64_t bytes, bool whole);
void mp_beside_moved_in(const struct mp_beside *event, const struct mp_tally *tally,
                        uint64_t bytes);

#endif
