/* memo.c: see memo.h. */
#include "unwind/memo.h"

#include "kernel_signal.h"
#include "ownmem.h"

#include <string.h>

#define BEGIN 1u /* the first position: 0 means none */

/* ---- keys ---------------------------------------------------------------------------------- */

/* Return addresses no further apart are probably of one function. */
#define NEAR 1024u

/* A hash of how many words held, of the one that differs, and of those outside of it that are still
 * return addresses: a call from another place in the same function leaves frames where they lie.
 * After one from elsewhere they may lie differently, and what was a return address would be a
 * variable, whose value changes from time to time. Nor beyond the page, which may not be mapped. A
 * multiplication for each would be waited for. */
static inline uint64_t child_key(uint64_t key, const struct mp_memo_stack *stack,
                                 const mp_memo_word *fails)
{
	uintptr_t sp = stack->innermost.sp, at = sp + mp_memo_place(*fails);
	uintptr_t page = at >> MP_PAGE_SHIFT;
	bool near = true;
	key += (uintptr_t)fails - (uintptr_t)stack;
	while (near && at >> MP_PAGE_SHIFT == page) {
		uint64_t value = mp_word_at(at);
		key = (key << 23 | key >> 41) + value;
		near = value - mp_memo_value(*fails) + NEAR <= 2 * NEAR;
		if (++fails == stack->end)
			break;
		at = sp + mp_memo_place(*fails);
	}
	key *= 0x9e3779b97f4a7c15ull;
	return (key ^ key >> 32) | 1;
}

/* From a stack of the same innermost frame whose check `fails` to the one that holds. */
static struct mp_memo_stack *find_child(struct mp_memo *memo, struct mp_memo_stack *stack,
                                        const mp_memo_word *fails, uintptr_t bp, uint64_t *key)
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
                                   const mp_memo_word *fails, uint64_t *key)
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
	return ring_bytes / MP_MEMO_RING_A_REF * sizeof(mp_memo_ref);
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
	memo->refs = (mp_memo_ref *)pages;
	memo->ring = pages + refs_bytes(ring_bytes);
	memo->ring_bytes = ring_bytes;
	memo->refs_shift = (uint32_t)__builtin_clzll(ring_bytes / MP_MEMO_RING_A_REF) + 1;
	memo->written = BEGIN;
	memo->root = NULL;
	mp_own_populate(memo->refs, refs_bytes(ring_bytes));
	mp_signals_release(mask);
}

/* Where the ring has come round. */
static void grow(struct mp_memo *memo)
{
	if (memo->ring_bytes < MP_MEMO_RING_LAST && !memo->refused)
		resize(memo, MP_MEMO_RING_LAST);
}

/* Pages of the ring are populated so many at a time, when the first of them is wanted. */
#define AHEAD MP_MEMO_RING_FIRST

/* From a position on the ring is to be written up to another: for the first time? */
static void populate(const struct mp_memo *memo, uint64_t from, uint64_t to)
{
	uint64_t next = (to * MP_MEMO_ALIGNMENT - 1) / AHEAD * AHEAD;
	if (next < memo->ring_bytes && (from * MP_MEMO_ALIGNMENT <= next || from == BEGIN))
		mp_own_populate(&memo->ring[next], AHEAD);
}

/* Room for a stack in one piece; what was there is out of reach. */
static uint64_t reserve(struct mp_memo *memo, uint64_t bytes)
{
	uint64_t position = memo->written, ring = memo->ring_bytes / MP_MEMO_ALIGNMENT;
	uint64_t place = position & (ring - 1);
	uint64_t size = (bytes + MP_MEMO_ALIGNMENT - 1) / MP_MEMO_ALIGNMENT;
	if (place + size > ring)
		position += ring - place;
	memo->root = NULL;
	memo->written = position + size;
	populate(memo, position, memo->written);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	return position;
}

/* ---- what is kept -------------------------------------------------------------------------- */

static mp_memo_word word_of(const struct mp_check *check, uintptr_t sp)
{
	return check->value << MP_MEMO_PLACE_BITS | (uint16_t)((check->at - sp) / sizeof(uint64_t));
}

/* Of checks, from the inside out, how many are words: until a handler has run on another stack than
 * what it interrupted, or a frame was larger than half a MiB. None where rsp is no multiple of
 * eight. */
static uint32_t count_words(const struct mp_check *check, uint32_t count, uintptr_t sp)
{
	for (uint32_t words = 0; words < count; words++) {
		mp_memo_word word = word_of(--check, sp);
		if (mp_memo_value(word) != check->value || sp + mp_memo_place(word) != check->at)
			return words;
	}
	return count;
}

/* `check` is the end of all. */
static void write_checks(struct mp_memo_stack *stack, const struct mp_check *check)
{
	mp_memo_word *end = stack->words;
	for (; end != stack->end; end++)
		*end = word_of(--check, stack->innermost.sp);
	struct mp_check *afar = (struct mp_check *)end;
	for (uint32_t i = 0; i < stack->afar; i++)
		afar[i] = *--check;
}

const mp_memo_word *mp_memo_compare_afar(const struct mp_memo_stack *stack)
{
	const struct mp_check *check = (const struct mp_check *)stack->end;
	for (uint32_t i = 0; i < stack->afar; i++)
		if (mp_check_fails(&check[i]))
			return stack->end - 1;
	return stack->end;
}

/* Its position; 0 if it cannot be kept. */
static uint64_t write_stack(struct mp_memo *memo, const struct mp_last *last, uint32_t depth,
                            bool cut)
{
	const struct mp_kept_frame *innermost = &last->frames[depth];
	uint32_t count = mp_kept_checks(innermost);
	uint32_t words = count_words(last->checks + count, count, innermost->frame.sp);
	if (words == 0)
		return 0;
	uint64_t position =
	        reserve(memo, sizeof(struct mp_memo_stack) + words * sizeof(mp_memo_word) +
	                              (count - words) * sizeof(struct mp_check));
	struct mp_memo_stack *stack = mp_memo_at(memo, position);
	*stack = (struct mp_memo_stack){.innermost = innermost->frame,
	                                .taken = {.node = innermost->node},
	                                .end = stack->words + words,
	                                .needs_bp = mp_kept_needs_bp(innermost),
	                                .cut = cut,
	                                .afar = (uint16_t)(count - words)};
	write_checks(stack, last->checks + count);
	return position;
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
	mp_memo_ref *ref = mp_memo_refs_of(memo, key), without = mp_memo_ref_without(key);
	if (ref[1] - without < MP_MEMO_POSITIONS) {
		ref++;
	} else if (ref[0] - without >= MP_MEMO_POSITIONS) {
		ref[1] = ref[0];
		ref[0] = without;
		return NULL;
	}
	uint64_t position = write_stack(memo, last, depth, cut);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	*ref = without + position;
	return position ? mp_memo_at(memo, position) : NULL;
}

void mp_memo_forget(struct mp_memo *memo)
{
	memo->root = NULL;
	if (memo->ring_bytes)
		memset(memo->refs, 0, refs_bytes(memo->ring_bytes));
}
