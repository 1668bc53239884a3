/* pool.h: 4 KiB blocks of the region, each with a line that says what it holds. */
#ifndef MP_PRELOAD_POOL_H
#define MP_PRELOAD_POOL_H

#include "shared/region.h"

/* Takes `count` blocks in a row, zeroed; they are never given back. NULL: the pool is empty, which
 * is counted. Lock-free, async-signal-safe. */
void *mp_pool_take(uint32_t count, enum mp_block_kind kind, uint32_t slot, uint32_t index);

#endif
