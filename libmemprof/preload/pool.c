/* pool.c: see pool.h. */
#include "pool.h"
#include "process.h"

void *mp_pool_take(uint32_t count, enum mp_block_kind kind, uint32_t slot, uint32_t index)
{
	struct mp_region *region = mp_region();
	uint32_t at = __atomic_load_n(&region->blocks_used, __ATOMIC_RELAXED);
	do {
		if (count > region->blocks_max - at) {
			mp_overflowed(region);
			return NULL;
		}
	} while (!__atomic_compare_exchange_n(&region->blocks_used, &at, at + count, true,
	                                      __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	struct mp_block_desc *desc = (struct mp_block_desc *)mp_at(region, region->blocks_at) + at;
	for (uint32_t i = 1; i < count; i++)
		__atomic_store_n(&desc[i].kind, MP_BLOCK_MORE, __ATOMIC_RELAXED);
	desc->index = index;
	desc->slot = (uint16_t)slot;
	__atomic_store_n(&desc->kind, (uint16_t)kind, __ATOMIC_RELEASE);
	return mp_at(region, region->pool_at + (uint64_t)at * MP_BLOCK_SIZE);
}
