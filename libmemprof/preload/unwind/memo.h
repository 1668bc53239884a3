/* memo.h: the stacks that a thread has had before, to be known at once when they come again.
 *
 * A stack is kept whole: its innermost frame, its node, and the checks, the words that led from
 * frame to frame (last.h). If the innermost frame is the same and all words still hold, compared
 * from the inside out, the stack is the same, for the reason that walk.c tells. So a stack that is
 * kept costs one comparison a frame, whatever the thread did in between, and nothing is written.
 *
 * To find it one would have to know the stack. What is known is the innermost frame. The first
 * stack that was kept for it, its root, shows where the words of such a stack probably lie. If all
 * hold, that is it. Else one word differs that was read, since all inside of it hold. How many held
 * and what it is now are hashed to a key, under which the next stack to be tried is kept. If it is
 * a return address into the function that the root's leads to, frames lie as they lay there, and
 * the next word outside of it is hashed, too, and so on:
 *
 *     key(pc, sp)          → root:   A  B  C  D      A holds, B differs: B′ is near to B, C holds …
 *     key(…, 1, B′ C D)    → child:  A  B′ C  D′     D′ differs
 *     key(…, 3, D)         → child:  A  B′ C  D      all hold
 *
 * Such words decide together, so there are few steps, however many paths there are. Words outside
 * of one from elsewhere are left out: where the root has return addresses, this stack may have
 * variables, with which its key would never be the same again. The key only has to be the same
 * whenever the same stack comes again. It decides nothing: a wrong stack fails its checks, and
 * costs a walk.
 *
 *     refs    key → position of its stack; two to a place
 *     ring    stacks, the newest over the oldest
 *
 * A stack is written when its key comes for the second time: what never comes again costs one
 * word. Both are taken from the kernel when they are first wanted, and, when the ring has come
 * round, anew in the size that they then keep. It is what the second level of cache may hold: a
 * larger one finds more stacks again, but slower, and its pages cost more than these.
 *
 * A signal handler may leave by a jump at any point. What is about to be overwritten is therefore
 * out of reach before the first word of it changes.
 */
#ifndef MP_UNWIND_MEMO_H
#define MP_UNWIND_MEMO_H

#include "unwind/last.h"

#include <stddef.h>

/* Sizes of a ring, one after the other, in bytes; powers of two. */
#define MP_MEMO_RING_FIRST (64u << 10)
#define MP_MEMO_RING_LAST  (1u << 20)
#define MP_MEMO_RING_A_REF 32u /* bytes of the ring for each ref */
#define MP_MEMO_STEPS      8u  /* stacks that are tried */

/* Positions count all that was ever written, in units of a ring's alignment; modulo the ring's size
 * they are places in it. A ref is a position, 0 for none yet, below 16 bits of its key, which are
 * not 0. */
typedef uint64_t mp_memo_ref;
#define MP_MEMO_ALIGNMENT 16u
#define MP_MEMO_POSITIONS (1ull << 48)

static inline mp_memo_ref mp_memo_ref_without(uint64_t key)
{
	return (key | 1) * MP_MEMO_POSITIONS;
}

/* A check: its value, an address and so of 48 bits, above its place, in words from rsp. */
typedef uint64_t mp_memo_word;
#define MP_MEMO_PLACE_BITS 16u

static inline uint64_t mp_memo_value(mp_memo_word word)
{
	return word >> MP_MEMO_PLACE_BITS;
}

/* In bytes. */
static inline uintptr_t mp_memo_place(mp_memo_word word)
{
	return (uint16_t)word * sizeof(uint64_t);
}

struct mp_memo_stack {
	struct mp_frame innermost;
	struct mp_taken taken;
	const mp_memo_word *end; /* of words */
	bool needs_bp;
	bool cut;      /* there are more frames than are kept */
	uint16_t afar; /* checks from the first on that is no such word: they are behind `end` */
	/* from the inside out, as they are compared */
	mp_memo_word words[];
};

/* Zeroed memory is a valid, empty memo. */
struct mp_memo {
	uint64_t written;    /* a position */
	uint64_t ring_bytes; /* 0: nothing was taken yet */
	mp_memo_ref *refs;
	uint8_t *ring;
	struct mp_memo_stack *root; /* the one that was found last; NULL: none */
	uint32_t refs_shift;        /* 64 − log2 of the number of refs */
	bool refused;               /* there is no more memory to be had */
};

/* Has the ring, as large as it is, been written once from end to end? */
static inline bool mp_memo_came_round(const struct mp_memo *memo)
{
	return memo->written > memo->ring_bytes / MP_MEMO_ALIGNMENT;
}

/* Frames come by their values here: in registers. */
static inline bool mp_memo_is(const struct mp_memo_stack *stack, uintptr_t pc, uintptr_t sp,
                              uintptr_t bp)
{
	return stack->innermost.sp == sp && stack->innermost.pc == pc &&
	       (!stack->needs_bp || stack->innermost.bp == bp);
}

/* One comparison with memory, which the compiler can neither move nor take apart. */
static inline bool mp_memo_fails(uintptr_t sp, const mp_memo_word *word)
{
	bool differs;
	__asm__ volatile("cmpq (%1,%2,8), %3"
	                 : "=@ccne"(differs)
	                 : "r"(sp), "r"((uint64_t)(uint16_t)*word), "r"(mp_memo_value(*word)));
	return __builtin_expect(differs, 0);
}

/* stack->end if all that are no words hold; else the outermost word. */
const mp_memo_word *mp_memo_compare_afar(const struct mp_memo_stack *stack);

/* Of a stack whose innermost frame is the same, the first check that fails, from the inside out;
 * stack->end if all hold: it is the stack. Four to a turn: what a turn of the loop costs is its
 * jump back. */
static inline const mp_memo_word *mp_memo_compare(const struct mp_memo_stack *stack)
{
	uintptr_t sp = stack->innermost.sp;
	const mp_memo_word *word = stack->words, *end = stack->end;
	for (; word + 4 <= end; word += 4) {
		if (mp_memo_fails(sp, word))
			return word;
		if (mp_memo_fails(sp, word + 1))
			return word + 1;
		if (mp_memo_fails(sp, word + 2))
			return word + 2;
		if (mp_memo_fails(sp, word + 3))
			return word + 3;
	}
	for (; word != end; word++)
		if (mp_memo_fails(sp, word))
			return word;
	return __builtin_expect(stack->afar, 0) ? mp_memo_compare_afar(stack) : end;
}

/* Of a root. Never 0, as no key is. */
static inline uint64_t mp_memo_root_key(uintptr_t pc, uintptr_t sp)
{
	uint64_t key = pc * 0x9e3779b97f4a7c15ull ^ sp * 0xc2b2ae3d27d4eb4full;
	return (key ^ key >> 32) | 1;
}

/* The two refs of which one may be the key's. */
static inline mp_memo_ref *mp_memo_refs_of(const struct mp_memo *memo, uint64_t key)
{
	return &memo->refs[key * 0x9e3779b97f4a7c15ull >> memo->refs_shift & ~1ull];
}

static inline struct mp_memo_stack *mp_memo_at(const struct mp_memo *memo, uint64_t position)
{
	uint64_t place = position * MP_MEMO_ALIGNMENT & (memo->ring_bytes - 1);
	return (struct mp_memo_stack *)&memo->ring[place];
}

/* What is kept under a key, if it has the innermost frame; NULL if nothing is (any more). There
 * must be a ring. */
static inline struct mp_memo_stack *mp_memo_look_up(const struct mp_memo *memo, uint64_t key,
                                                    uintptr_t pc, uintptr_t sp, uintptr_t bp)
{
	const mp_memo_ref *ref = mp_memo_refs_of(memo, key), without = mp_memo_ref_without(key);
	uint64_t position = ref[1] - without;
	if (position >= MP_MEMO_POSITIONS)
		position = ref[0] - without;
	if (__builtin_expect(position - 1 >= MP_MEMO_POSITIONS - 1 ||
	                             memo->written - position >
	                                     memo->ring_bytes / MP_MEMO_ALIGNMENT,
	                     0))
		return NULL;
	struct mp_memo_stack *stack = mp_memo_at(memo, position);
	return __builtin_expect(mp_memo_is(stack, pc, sp, bp), 1) ? stack : NULL;
}

/* The stack with this innermost frame whose words all hold; NULL if there is none. `fails`: the
 * first check of memo->root that fails, if that has this innermost frame; NULL: it was not
 * compared. *key: under which mp_memo_remember is to keep the stack if there is none; 0: it is not
 * to be kept. */
struct mp_memo_stack *mp_memo_find(struct mp_memo *memo, uintptr_t pc, uintptr_t sp, uintptr_t bp,
                                   const mp_memo_word *fails, uint64_t *key);

/* Keeps the last stack, of `depth` frames, under a key; for the first time only the key. Returns it
 * if it is kept. */
struct mp_memo_stack *mp_memo_remember(struct mp_memo *memo, uint64_t key,
                                       const struct mp_last *last, uint32_t depth, bool cut);

/* All is void. */
void mp_memo_forget(struct mp_memo *memo);

#endif
