/* pools.h: what the program's own pools (arenas, slabs, free lists) hand out.
 *
 * The program says what it takes from a pool and what it gives back; blocks are counted under the
 * pool's name by (stack, phase), beside the heap, since the pool's own memory is in the heap or
 * mapped already.
 *
 * Each pool has a table of its live blocks and a lock for it: blocks stand in a row, so that a
 * reset costs what is live, and an index of open addressing finds them by address. The lock is
 * held for some tens of nanoseconds; what is to be done when it is not to be had stands in
 * mappings.h, and holds here. A forked child begins with empty pools of the same numbers.
 */
#ifndef MP_PRELOAD_POOLS_H
#define MP_PRELOAD_POOLS_H

#include "heap.h"

/* The tables, made with the first pool; zeroed memory has none. It stands in the page that a forked
 * child finds wiped. */
struct mp_pools {
	struct mp_pool_table *tables;
};

/* The number of the pool with this name, from 1; the same name is the same pool, in forked children
 * too. 0: there are too many, or nothing is recorded. */
uint32_t mp_pools_number(const char *name);

/* `pool` is a number as above; others are ignored. A block that is there already is taken for
 * freed; one that is not there to be freed is ignored. */
void mp_pools_came(uint32_t pool, uintptr_t block, uint64_t bytes, MP_SITE_PARAMETERS);
void mp_pools_went(uint32_t pool, uintptr_t block);
void mp_pools_reset(uint32_t pool);

#endif
