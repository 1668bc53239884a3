/* pools.c: see pools.h. */
#include "pools.h"
#include "beside.h"
#include "kernel_signal.h"
#include "names.h"
#include "os.h"
#include "ownmem.h"
#include "patient_lock.h"

#include <string.h>

struct block {
	uint64_t address;
	uint64_t bytes;
	struct mp_tally tally;
};

/* index[hash & mask] and onwards: places in blocks + 1, 0: empty. */
struct mp_pool_table {
	struct mp_patient_lock lock;
	uint32_t count, room;
	uint32_t mask;
	struct block *blocks;
	uint32_t *index;
};

#define FIRST_ROOM 1024u
#define LAST_ROOM  (1u << 30)

/* ---- names ------------------------------------------------------------------------------------
 */

/* Not wiped by fork: the program keeps its numbers. Slots are taken in order, each once. */
static struct {
	uint32_t state;
	char name[MP_NAME_MAX + 1];
} names[MP_POOLS];

enum { FREE, BEING_NAMED, NAMED };

static bool is_named(uint32_t i)
{
	for (unsigned round = 0; round < MP_PATIENCE; round++) {
		if (__atomic_load_n(&names[i].state, __ATOMIC_ACQUIRE) == NAMED)
			return true;
		(void)mp_syscall(SYS_sched_yield, 0, 0, 0, 0, 0, 0);
	}
	return false;
}

/* Names a slot that is free. */
static bool give_name(uint32_t i, const char *name)
{
	uint32_t state = FREE;
	mp_signals mask = mp_signals_hold(); /* no handler's jump leaves it half named */
	bool free = __atomic_compare_exchange_n(&names[i].state, &state, BEING_NAMED, false,
	                                        __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
	if (free) {
		strncpy(names[i].name, name, MP_NAME_MAX);
		__atomic_store_n(&names[i].state, NAMED, __ATOMIC_RELEASE);
	}
	mp_signals_release(mask);
	return free;
}

uint32_t mp_pools_number(const char *name)
{
	for (uint32_t i = 0; i < MP_POOLS; i++) {
		if (give_name(i, name))
			return i + 1;
		if (is_named(i) && strncmp(names[i].name, name, MP_NAME_MAX) == 0)
			return i + 1;
	}
	mp_overflowed(mp_region());
	return 0;
}

/* Tells the region the pool's name, at its first use in this process. */
static inline void name_in_region(struct mp_region *region, uint32_t pool)
{
	uint32_t *place = &region->pools[pool - 1];
	if (__builtin_expect(!__atomic_load_n(place, __ATOMIC_RELAXED), 0))
		__atomic_store_n(place, mp_name_of_program(names[pool - 1].name), __ATOMIC_RELEASE);
}

/* ---- tables -----------------------------------------------------------------------------------
 */

static struct mp_pool_table *table_of(uint32_t pool)
{
	struct mp_pools *pools = &mp_process_page.process.pools;
	size_t bytes = MP_POOLS * sizeof(struct mp_pool_table);
	struct mp_pool_table *tables = __atomic_load_n(&pools->tables, __ATOMIC_ACQUIRE);
	if (!tables) {
		struct mp_pool_table *fresh = mp_own_map(bytes);
		if (!fresh)
			return NULL;
		if (__atomic_compare_exchange_n(&pools->tables, &tables, fresh, false,
		                                __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
			tables = fresh;
		else
			mp_own_unmap(fresh, bytes);
	}
	return &tables[pool - 1];
}

static bool lock(const struct mp_beside *event, struct mp_pool_table *table)
{
	if (mp_patient_lock(&table->lock, event->nested))
		return true;
	mp_overflowed(event->region);
	return false;
}

/* Begins an event with the pool's table locked; NULL: it is not to be counted. */
static struct mp_pool_table *begin(struct mp_beside *event, uint32_t pool)
{
	if (pool - 1 >= MP_POOLS || !mp_beside_enter(event))
		return NULL;
	struct mp_pool_table *table = table_of(pool);
	if (table && lock(event, table))
		return table;
	mp_beside_leave(event);
	return NULL;
}

static void end(const struct mp_beside *event, struct mp_pool_table *table)
{
	mp_patient_unlock(&table->lock);
	mp_beside_leave(event);
}

/* ---- blocks -----------------------------------------------------------------------------------
 */

static inline uint32_t home_of(const struct mp_pool_table *table, uint64_t address)
{
	return (uint32_t)(address * 0x9e3779b97f4a7c15ull >> 32) & table->mask;
}

/* The index's place for an address: where it stands, or the empty one where it would. */
static uint32_t *find(const struct mp_pool_table *table, uint64_t address)
{
	uint32_t at = home_of(table, address);
	while (table->index[at] && table->blocks[table->index[at] - 1].address != address)
		at = (at + 1) & table->mask;
	return &table->index[at];
}

static void unmap_table(struct block *blocks, uint32_t *index, uint32_t room)
{
	if (blocks)
		mp_own_unmap(blocks, room * sizeof(*blocks));
	if (index)
		mp_own_unmap(index, 2ul * room * sizeof(*index));
}

/* Room for one more; the index has two places for each block. */
static bool make_room(struct mp_pool_table *table)
{
	if (table->count < table->room)
		return true;
	uint32_t room = table->room ? table->room * 2 : FIRST_ROOM;
	if (room > LAST_ROOM)
		return false;
	struct block *blocks = mp_own_map(room * sizeof(*blocks));
	uint32_t *index = mp_own_map(2ul * room * sizeof(*index));
	if (!blocks || !index) {
		unmap_table(blocks, index, room);
		return false;
	}
	if (table->count)
		memcpy(blocks, table->blocks, table->count * sizeof(*blocks));
	if (table->room)
		unmap_table(table->blocks, table->index, table->room);
	table->blocks = blocks;
	table->index = index;
	table->room = room;
	table->mask = 2 * room - 1;
	for (uint32_t i = 0; i < table->count; i++)
		*find(table, blocks[i].address) = i + 1;
	return true;
}

/* Empties a place of the index; those behind it that were pushed on by it come closer. */
static void empty_place(struct mp_pool_table *table, uint32_t hole)
{
	for (uint32_t at = hole;;) {
		at = (at + 1) & table->mask;
		uint32_t number = table->index[at];
		if (!number)
			break;
		uint32_t home = home_of(table, table->blocks[number - 1].address);
		if (((at - home) & table->mask) >= ((at - hole) & table->mask)) {
			table->index[hole] = number;
			hole = at;
		}
	}
	table->index[hole] = 0;
}

/* Takes a block away: the last of the row comes to its place. */
static void take_away(const struct mp_beside *event, struct mp_pool_table *table, uint32_t *place)
{
	struct block *block = &table->blocks[*place - 1];
	mp_beside_went(event, &block->tally, block->bytes, block->bytes, true);
	uint32_t number = *place;
	empty_place(table, (uint32_t)(place - table->index));
	if (number != table->count) {
		const struct block *last = &table->blocks[table->count - 1];
		*find(table, last->address) = number;
		*block = *last;
	}
	table->count--;
}

/* ---- events -----------------------------------------------------------------------------------
 */

static void put(const struct mp_beside *event, struct mp_pool_table *table,
                const struct block *block)
{
	if (!make_room(table)) {
		mp_overflowed(event->region);
		return;
	}
	uint32_t *place = find(table, block->address);
	if (*place) {
		take_away(event, table, place);
		place = find(table, block->address);
	}
	table->blocks[table->count] = *block;
	*place = ++table->count;
	mp_beside_came(event, &block->tally, block->bytes, block->bytes);
}

void mp_pools_came(uint32_t pool, uintptr_t address, uint64_t bytes, MP_SITE_PARAMETERS)
{
	struct mp_beside event;
	struct block block = {.address = address, .bytes = bytes};
	if (pool - 1 >= MP_POOLS || !mp_beside_enter(&event))
		return;
	name_in_region(event.region, pool);
	/* The stack before the lock: see mappings.c. */
	struct mp_pool_table *table = table_of(pool);
	if (!mp_beside_tally(&event, MP_CELL_KIND_POOL + pool - 1, &block.tally,
	                     MP_SITE_ARGUMENTS)) {
		mp_overflowed(event.region);
	} else if (table && lock(&event, table)) {
		put(&event, table, &block);
		end(&event, table);
		return;
	}
	mp_beside_leave(&event);
}

void mp_pools_went(uint32_t pool, uintptr_t address)
{
	struct mp_beside event;
	struct mp_pool_table *table = begin(&event, pool);
	if (!table)
		return;
	uint32_t *place = table->room ? find(table, address) : NULL;
	if (place && *place)
		take_away(&event, table, place);
	end(&event, table);
}

void mp_pools_reset(uint32_t pool)
{
	struct mp_beside event;
	struct mp_pool_table *table = begin(&event, pool);
	if (!table)
		return;
	while (table->count)
		take_away(&event, table, find(table, table->blocks[table->count - 1].address));
	end(&event, table);
}
