/* memo.c: see memo.h. */
#include "unwind/memo.h"

#include "kernel_signal.h"
#include "ownmem.h"

#include <string.h>

#define BEGIN 64u /* the first position: 0 means none */

/* ---- keys ---------------------------------------------------------------------------------- */

/* Return addresses no further apart are probably of one function. */
#define NEAR 1024u

/* A hash of how many words held, of the one that differs, and of those outside of it that are still
 * return addresses: a call from another place in the same function leaves frames where they lie.
 * After one from elsewhere they may lie differently, and what was a return address would be a
 * variable, whose value changes from time to time. Nor beyond the page, which may not be mapped. A
 * multiplication for each would be waited for. */
static inline uint64_t child_key(uint64_t key, const struct mp_memo_stack *stack,
                                 const struct mp_memo_word *fails)
{
	uintptr_t sp = stack->innermost.sp, page = (sp + fails->place) >> MP_PAGE_SHIFT;
	bool near = true;
	key += (uintptr_t)fails - (uintptr_t)stack;
	for (; near && fails != stack->end && (sp + fails->place) >> MP_PAGE_SHIFT == page;
	     fails++) {
		uint64_t value = mp_word_at(sp + fails->place);
		key = (key << 23 | key >> 41) + value;
		near = value - fails->value + NEAR <= 2 * NEAR;
	}
	key *= 0x9e3779b97f4a7c15ull;
	return (key ^ key >> 32) | 1;
}

/* From a stack of the same innermost frame whose check `fails` to the one that holds. */
static struct mp_memo_stack *find_child(struct mp_memo *memo, struct mp_memo_stack *stack,
                                        const struct mp_memo_word *fails, uintptr_t bp,
                                        uint64_t *key)
{
	for (uint32_t step = 0; step < MP_MEMO_STEPS; step++) {
		*key = child_key(*key, stack, fails);
		stack = mp_memo_look_up(memo, *key, stack->innermost.pc, stack->innermost.sp, bp);
		if (!stack)
			return NULL;
		fails = mp_memo_compare(stack);
		if (__builtin_expect(fails == stack->end, 1))
			return stack;
	}
	*key = 0;
	return NULL;
}

struct mp_memo_stack *mp_memo_find(struct mp_memo *memo, uintptr_t pc, uintptr_t sp, uintptr_t bp,
                                   const struct mp_memo_word *fails, uint64_t *key)
{
	uint64_t root = *key = mp_memo_root_key(pc, sp);
	if (__builtin_expect(!memo->ring_bytes, 0))
		return NULL;
	struct mp_memo_stack *stack = memo->root;
	if (!fails) {
		stack = mp_memo_look_up(memo, root, pc, sp, bp);
		if (!stack)
			return NULL;
		memo->root = stack;
		fails = mp_memo_compare(stack);
		if (fails == stack->end)
			return stack;
	}
	return find_child(memo, stack, fails, bp, key);
}

/* ---- memory -------------------------------------------------------------------------------- */

static uint64_t refs_bytes(uint64_t ring_bytes)
{
	return ring_bytes / MP_MEMO_RING_A_REF * sizeof(struct mp_memo_ref);
}

static uint64_t all_bytes(uint64_t ring_bytes)
{
	return refs_bytes(ring_bytes) + ring_bytes;
}

/* Takes memory for a ring of so many bytes, in place of what there was. What was remembered is
 * lost; it comes back by being walked. Without memory all stays as it is. */
static void resize(struct mp_memo *memo, uint64_t ring_bytes)
{
	uint8_t *pages = mp_own_map(all_bytes(ring_bytes));
	memo->refused = !pages;
	if (!pages)
		return;
	mp_signals mask = mp_signals_hold(); /* no jump leaves it between the two */
	if (memo->ring_bytes)
		mp_own_unmap(memo->refs, all_bytes(memo->ring_bytes));
	memo->refs = (struct mp_memo_ref *)pages;
	memo->ring = pages + refs_bytes(ring_bytes);
	memo->ring_bytes = ring_bytes;
	memo->refs_shift = (uint32_t)__builtin_clzll(ring_bytes / MP_MEMO_RING_A_REF) + 1;
	memo->written = BEGIN;
	memo->root = NULL;
	mp_own_populate(memo->refs, refs_bytes(ring_bytes));
	mp_signals_release(mask);
}

/* Of what threads may have beyond their own; never given back, as no ring gets smaller. */
static int64_t shared_left = MP_MEMO_SHARED;

/* Where the ring has come round. */
static void grow(struct mp_memo *memo)
{
	const int64_t more = MP_MEMO_RING_LAST - MP_MEMO_RING_OWN;
	if (memo->ring_bytes < MP_MEMO_RING_OWN) {
		resize(memo, MP_MEMO_RING_OWN);
	} else if (memo->ring_bytes < MP_MEMO_RING_LAST && !memo->refused) {
		if (__atomic_sub_fetch(&shared_left, more, __ATOMIC_RELAXED) >= 0) {
			resize(memo, MP_MEMO_RING_LAST);
			return;
		}
		__atomic_add_fetch(&shared_left, more, __ATOMIC_RELAXED);
		memo->refused = true;
	}
}

/* Pages of the ring are populated so many at a time, when the first of them is wanted. */
#define AHEAD MP_MEMO_RING_FIRST

/* From a position on the ring is to be written up to another: for the first time? */
static void populate(const struct mp_memo *memo, uint64_t from, uint64_t to)
{
	uint64_t next = (to - 1) / AHEAD * AHEAD;
	if (next < memo->ring_bytes && (from <= next || from == BEGIN))
		mp_own_populate(&memo->ring[next], AHEAD);
}

/* Room for a stack in one piece; what was there is out of reach. */
static uint64_t reserve(struct mp_memo *memo, uint64_t bytes)
{
	uint64_t position = memo->written;
	uint64_t place = position & (memo->ring_bytes - 1);
	if (place + bytes > memo->ring_bytes)
		position += memo->ring_bytes - place;
	memo->root = NULL;
	memo->written = position + (bytes + 15) / 16 * 16;
	populate(memo, position, memo->written);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	return position;
}

/* ---- what is kept -------------------------------------------------------------------------- */

/* Copies checks, from the inside out. False where a place is out of reach: a handler runs on a
 * stack far away from what it interrupted. */
static bool copy_checks(struct mp_memo_stack *stack, const struct mp_check *check)
{
	uintptr_t sp = stack->innermost.sp;
	bool fit = true;
	for (struct mp_memo_word *word = stack->words; word != stack->end; word++) {
		check--;
		word->value = check->value;
		word->place = (int32_t)(check->at - sp);
		fit &= sp + (uintptr_t)(intptr_t)word->place == check->at;
	}
	return fit;
}

/* Its position; 0 if it cannot be kept. */
static uint64_t write_stack(struct mp_memo *memo, const struct mp_last *last, uint32_t depth,
                            bool cut)
{
	const struct mp_kept_frame *innermost = &last->frames[depth];
	uint32_t count = mp_kept_checks(innermost);
	uint64_t position =
	        reserve(memo, sizeof(struct mp_memo_stack) + count * sizeof(struct mp_memo_word));
	struct mp_memo_stack *stack = mp_memo_at(memo, position);
	*stack = (struct mp_memo_stack){.innermost = innermost->frame,
	                                .taken = {.node = innermost->node},
	                                .end = stack->words + count,
	                                .needs_bp = mp_kept_needs_bp(innermost),
	                                .cut = cut};
	return copy_checks(stack, last->checks + count) ? position : 0;
}

struct mp_memo_stack *mp_memo_remember(struct mp_memo *memo, uint64_t key,
                                       const struct mp_last *last, uint32_t depth, bool cut)
{
	if (!memo->ring_bytes)
		resize(memo, MP_MEMO_RING_FIRST);
	else if (mp_memo_came_round(memo))
		grow(memo);
	if (!memo->ring_bytes)
		return NULL;
	struct mp_memo_ref *ref = mp_memo_ref_of(memo, key);
	if (ref->key != key) {
		ref[1] = ref[0];
		ref[0] = (struct mp_memo_ref){.key = key};
		return NULL;
	}
	uint64_t position = write_stack(memo, last, depth, cut);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	ref->position = position;
	return position ? mp_memo_at(memo, position) : NULL;
}

void mp_memo_forget(struct mp_memo *memo)
{
	memo->root = NULL;
	if (memo->ring_bytes)
		memset(memo->refs, 0, refs_bytes(memo->ring_bytes));
}
