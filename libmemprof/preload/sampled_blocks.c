/* sampled_blocks.c: see sampled_blocks.h. Open addressing, linear probing; a place that becomes
 * empty is filled by what would have stood there (Knuth, The Art of Computer Programming 3,
 * algorithm 6.4 R). */
#include "sampled_blocks.h"
#include "os.h"
#include "ownmem.h"
#include "plain.h"

#include <sys/mman.h>

#define CAPACITY_FIRST 64u /* a table of a stripe is at least a page */

static struct mp_sampled_stripe *stripe_of(struct mp_sampled_blocks *blocks, uintptr_t address)
{
	return &blocks->stripe[(address / MP_PAGE * 0x9e3779b97f4a7c15ull) >> 58];
}
_Static_assert(MP_STRIPES == 1u << 6, "six bits choose the stripe");

static uint32_t home(const struct mp_sampled_stripe *stripe, uintptr_t address)
{
	return (uint32_t)((address >> 3) * 0x9e3779b97f4a7c15ull >> 32) & (stripe->capacity - 1);
}

static uint32_t next(const struct mp_sampled_stripe *stripe, uint32_t place)
{
	return (place + 1) & (stripe->capacity - 1);
}

/* Where the address is, or the empty place where it would be. The stripe is never full. */
static struct mp_sampled_block *find(const struct mp_sampled_stripe *stripe, uintptr_t address)
{
	uint32_t place = home(stripe, address);
	while (stripe->places[place].address && stripe->places[place].address != address)
		place = next(stripe, place);
	return &stripe->places[place];
}

static bool contains(const struct mp_sampled_stripe *stripe, uintptr_t address)
{
	return stripe->capacity && find(stripe, address)->address;
}

static size_t bytes_of(uint32_t capacity)
{
	return (capacity * sizeof(struct mp_sampled_block) + MP_PAGE - 1) & ~(size_t)(MP_PAGE - 1);
}

/* Doubles a stripe. False when there is no memory. */
static bool grow(struct mp_sampled_stripe *stripe)
{
	struct mp_sampled_stripe was = *stripe;
	uint32_t capacity = was.capacity ? 2 * was.capacity : CAPACITY_FIRST;
	struct mp_sampled_block *places = mp_own_map(bytes_of(capacity));
	if (!places)
		return false;
	(void)mp_syscall(SYS_madvise, (long)places, (long)bytes_of(capacity), MADV_WIPEONFORK, 0, 0,
	                 0);
	stripe->places = places; /* before its capacity: what a jump leaves half done is no more */
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	stripe->capacity = capacity;
	for (uint32_t i = 0; i < was.capacity; i++)
		if (was.places[i].address)
			*find(stripe, was.places[i].address) = was.places[i];
	if (was.places)
		mp_own_unmap(was.places, bytes_of(was.capacity));
	return true;
}

static bool has_room(struct mp_sampled_stripe *stripe)
{
	return 2 * stripe->count < stripe->capacity || grow(stripe);
}

/* Whether the block is filled into the gap: its home does not lie between gap and block. */
static bool may_move(const struct mp_sampled_stripe *stripe, uint32_t gap, uint32_t place)
{
	uint32_t mask = stripe->capacity - 1;
	uint32_t from_home = (place - home(stripe, stripe->places[place].address)) & mask;
	return from_home >= ((place - gap) & mask);
}

static void remove_place(struct mp_sampled_stripe *stripe, uint32_t gap)
{
	for (uint32_t place = next(stripe, gap); stripe->places[place].address;
	     place = next(stripe, place)) {
		if (!may_move(stripe, gap, place))
			continue;
		stripe->places[gap] = stripe->places[place];
		gap = place;
	}
	stripe->places[gap].address = 0;
	stripe->count--;
}

#define MARKS (UINT64_MAX << MP_SAMPLED_BITS_AT)

/* The word with the block's bit in it. False where the page has an array of records, of blocks from
 * before the mode was known. */
static bool set_bit_in(uint64_t *word, uintptr_t address, uint64_t *before)
{
	*before = __atomic_load_n(word, __ATOMIC_RELAXED);
	do {
		if (mp_live_word_class(*before))
			return false;
	} while (!__atomic_compare_exchange_n(word, before,
	                                      *before | MP_PAGE_OWNED | mp_sampled_bit(address),
	                                      true, __ATOMIC_RELEASE, __ATOMIC_RELAXED));
	return true;
}

/* Marks the page, which is counted before and uncounted after: see plain.h. */
static bool set_bit(uintptr_t address)
{
	uint64_t *word = mp_live_word(address), before;
	if (!word && !(word = mp_live_word_made(address)))
		return false;
	mp_plain_mark(address);
	bool done = set_bit_in(word, address, &before);
	if (!done || before & MARKS)
		mp_plain_unmark(address);
	return done;
}

/* Takes the mark off unless another sampled block of the page has the same. */
static void clear_bit(const struct mp_sampled_stripe *stripe, uintptr_t address)
{
	uint64_t *word = mp_live_word(address), bit = mp_sampled_bit(address);
	uint64_t value = word ? __atomic_load_n(word, __ATOMIC_RELAXED) : 0;
	if (!(value & bit) || mp_live_word_class(value))
		return;
	uintptr_t page = address & ~(uintptr_t)(MP_PAGE - 1);
	for (uintptr_t at = page; at < page + MP_PAGE; at += 8)
		if (mp_sampled_bit(at) == bit && contains(stripe, at))
			return;
	if ((__atomic_fetch_and(word, ~bit, __ATOMIC_RELAXED) & MARKS) == bit)
		mp_plain_unmark(address);
}

static bool put(struct mp_sampled_stripe *stripe, const struct mp_sampled_block *sample)
{
	if (!has_room(stripe) || !set_bit(sample->address))
		return false;
	struct mp_sampled_block *place = find(stripe, sample->address);
	/* One that is there already was freed by an event that could not have the lock. */
	stripe->count += !place->address;
	*place = *sample;
	return true;
}

/* ---- the lock ------------------------------------------------------------------------------ */

/* Rounds of giving the processor away: some 10 ms, or as long as it takes. */
#define PATIENCE 20000u

/* What was half done is undone or lost: the marks tell which blocks may be in, the table which are.
 */
static void repair(struct mp_sampled_stripe *stripe)
{
	struct mp_sampled_stripe was = *stripe;
	stripe->places = NULL;
	stripe->count = stripe->capacity = 0;
	for (uint32_t i = 0; i < was.capacity; i++)
		if (was.places[i].address && has_room(stripe)) {
			struct mp_sampled_block *place = find(stripe, was.places[i].address);
			stripe->count += !place->address;
			*place = was.places[i];
		}
	if (was.places)
		mp_own_unmap(was.places, bytes_of(was.capacity));
}

static bool lock(struct mp_sampled_stripe *stripe, uintptr_t owner)
{
	bool waits =
	        owner != MP_SAMPLED_NESTED && !__atomic_load_n(&stripe->given_up, __ATOMIC_RELAXED);
	for (unsigned i = 0; i < (waits ? PATIENCE : 1); i++) {
		uintptr_t found = 0;
		if (__atomic_compare_exchange_n(&stripe->owner, &found, owner, false,
		                                __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
			__atomic_store_n(&stripe->given_up, false, __ATOMIC_RELAXED);
			return true;
		}
		if (found == owner && owner != MP_SAMPLED_NESTED) {
			repair(stripe);
			return true;
		}
		if (waits)
			(void)mp_syscall(SYS_sched_yield, 0, 0, 0, 0, 0, 0);
	}
	if (waits)
		__atomic_store_n(&stripe->given_up, true, __ATOMIC_RELAXED);
	return false;
}

static void unlock(struct mp_sampled_stripe *stripe)
{
	__atomic_store_n(&stripe->owner, 0, __ATOMIC_RELEASE);
}

bool mp_sampled_block_put(struct mp_sampled_blocks *blocks, const struct mp_sampled_block *block,
                          uintptr_t owner)
{
	struct mp_sampled_stripe *stripe = stripe_of(blocks, block->address);
	if (!lock(stripe, owner))
		return false;
	bool done = put(stripe, block);
	unlock(stripe);
	return done;
}

bool mp_sampled_block_take(struct mp_sampled_blocks *blocks, uintptr_t address,
                           struct mp_sampled_block *block, uintptr_t owner)
{
	struct mp_sampled_stripe *stripe = stripe_of(blocks, address);
	if (!lock(stripe, owner))
		return false;
	bool found = contains(stripe, address);
	if (found) {
		struct mp_sampled_block *place = find(stripe, address);
		*block = *place;
		remove_place(stripe, (uint32_t)(place - stripe->places));
	}
	clear_bit(stripe, address); /* not found: it may be left of one in the parent's table */
	unlock(stripe);
	return found;
}
