/* nested.h: events of the heap inside the profiler: a signal handler that allocates, frees or
 * reallocates while its thread is counting.
 *
 * The thread's own counters may be in the middle of a change, and its last stack too, so these are
 * counted in slot 0, which all threads share, by locked adds: exact, only slower. Their stack is
 * not taken; they stand under MP_NODE_NESTED, in the phase of the run. */
#ifndef MP_PRELOAD_NESTED_H
#define MP_PRELOAD_NESTED_H

#include "live.h"
#include "process.h"

#include <stdbool.h>

void mp_nested_allocated(struct mp_region *region, void *block, size_t size, size_t usable);
void mp_nested_freed(struct mp_region *region, const struct mp_live_block *block);

/* A block of this process was moved to `block` and is recorded there. */
void mp_nested_moved(struct mp_region *region, const struct mp_live_block *from, void *block,
                     size_t size, size_t usable);

/* True when the block was counted, and by this process, not by the one that forked it. */
bool mp_block_is_ours(const struct mp_live_block *block);

#endif
