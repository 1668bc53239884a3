/* pool.c: see pool.h. */
#include "pool.h"
#include "ownmem.h"
#include "process.h"

/* Pages are populated before they are touched: as many as an eighth of those in use, so that little
 * is taken in vain. */
#define AHEAD_MOST 64u

static void populate(struct mp_region *region, uint32_t end)
{
	uint32_t *populated = &mp_process_page.process.blocks_populated;
	uint32_t ahead = end / 8 < AHEAD_MOST ? end / 8 : AHEAD_MOST;
	if (end <= __atomic_load_n(populated, __ATOMIC_RELAXED) || ahead > region->blocks_max - end)
		return;
	__atomic_store_n(populated, end + ahead, __ATOMIC_RELAXED);
	mp_own_populate(mp_at(region, region->pool_at + (uint64_t)end * MP_BLOCK_SIZE),
	                (size_t)ahead * MP_BLOCK_SIZE);
}

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
	populate(region, at + count);
	struct mp_block_desc *desc = (struct mp_block_desc *)mp_at(region, region->blocks_at) + at;
	for (uint32_t i = 1; i < count; i++)
		__atomic_store_n(&desc[i].kind, MP_BLOCK_MORE, __ATOMIC_RELAXED);
	desc->index = index;
	desc->slot = (uint16_t)slot;
	__atomic_store_n(&desc->kind, (uint16_t)kind, __ATOMIC_RELEASE);
	return mp_at(region, region->pool_at + (uint64_t)at * MP_BLOCK_SIZE);
}
