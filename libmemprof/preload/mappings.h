/* mappings.h: the memory that the program maps by itself, and who mapped it.
 *
 * Counted are anonymous mappings, private and shared, and growth of the program break, by address
 * space, in whole pages for mappings: what is mapped need not be resident. Pages of files are the
 * kernel's cache and are not counted. Nor are the allocator's and the profiler's mappings, which
 * are straight system calls, nor those of the C library and the loader for themselves.
 *
 * A table says which addresses are whose (intervals.h), so that unmapping a part, several at once,
 * or mapping over what is there is exact. A mapping of which a part is left is live; it is counted
 * as freed when its last part goes. Ranges are taken out of the table before the kernel gives them
 * up, since after it they may at once be somebody else's, and are put back if it did not:
 *
 *     cut (range) ── system call ──┬─ done:   gone, or moved (to a new range)
 *                                  └─ failed: restore
 *
 * The table has a lock that is held for microseconds. Below a signal handler, whose thread may be
 * the holder, it is not waited for; elsewhere not for ever, since a handler may have left by
 * longjmp with it. Where it was not to be had the event is not followed, which mappings_missed
 * (region.h) tells. A forked child begins with an empty table: what it unmaps is not its own.
 */
#ifndef MP_PRELOAD_MAPPINGS_H
#define MP_PRELOAD_MAPPINGS_H

#include "heap.h"
#include "intervals.h"
#include "patient_lock.h"

/* The table; zeroed memory is an empty one. It stands in the page that a forked child finds wiped.
 */
struct mp_mappings {
	struct mp_interval *tree;
	union mp_mapping_piece *spare;
	struct mp_patient_lock lock; /* abandoned: nothing is followed any more */
};

/* What was taken out of the table. */
struct mp_mappings_cut {
	struct mp_interval *parts; /* NULL: nothing that was counted */
};

/* Takes [start, start + bytes) out of the table. To be ended by one of the three below. */
struct mp_mappings_cut mp_mappings_cut(uintptr_t start, size_t bytes);
void mp_mappings_restore(struct mp_mappings_cut cut);
void mp_mappings_gone(struct mp_mappings_cut cut);
void mp_mappings_moved(struct mp_mappings_cut cut, uintptr_t to, size_t bytes, MP_SITE_PARAMETERS);

/* New memory. */
void mp_mappings_came(uintptr_t start, size_t bytes, MP_SITE_PARAMETERS);

/* True when the address is in the table. */
bool mp_mappings_has(uintptr_t address);

/* Once, from the constructor: finds the functions behind ours (hooks_map.c). */
void mp_mappings_start(void);

#endif
