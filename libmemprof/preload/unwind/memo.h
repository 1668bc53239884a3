/* memo.h: what a thread has walked before, to be found at once when it comes again.
 *
 * A walk ends where it meets the last stack. The frames inside of that meeting are remembered here
 * as a segment: frames, nodes and checks, just as they stand in the last stack, and the meeting
 * frame. When the segment's checks hold and the last stack still has the meeting frame, with the
 * same node, it is what a walk would find (for the same reasons as in walk.c), and is copied onto
 * the last stack.
 *
 * To find a segment one would have to know the stack. What is known is where the last stack had its
 * return addresses; mostly the frames of the new one are as large, and at the same places lie its
 * own. So these words are compared, and from the outermost that differs on inward they are hashed,
 * with the innermost frame, and the node of the frame that they hang on:
 *
 *     last stack:   A → a₁      B → b₁      C → c₁      (places and values)
 *     now:          A → a₁      B → b₂      C → c₂      key = hash(pc, sp, node of a₁, b₂, c₂)
 *
 * The key only has to be the same whenever the same stack follows the same one. It decides nothing:
 * a wrong segment fails its checks, and costs a walk. Only words are read whose page is known to be
 * mapped: that of the innermost frame, and that of the last word that the proof has reached.
 *
 * What differs may lie beyond that page. Then the node is of no use, and there is an open key
 * without it. A segment under the open key, if its part in the page holds, shows that the stack
 * goes on in the next page, so that one can be looked at, too (mp_memo_leads_to), and a key be made
 * of both.
 *
 *     refs    key → position of its segment; two to a place
 *     ring    segments, the newest over the oldest
 *
 * Where every frame of a segment has a rule of rsp and a constant, and no use for rbp, its checks
 * follow from its frames, and these from their addresses and sizes: 12 bytes a frame (packed).
 *
 * A segment is written when its key comes for the second time: what never comes again costs one
 * word. Both are taken from the kernel when they are first wanted, and, each time that the ring has
 * come round, anew in four times the size, up to a limit: one for each thread, and beyond it one
 * for all together, so that one thread with many paths has room, and many such threads have not.
 */
#ifndef MP_UNWIND_MEMO_H
#define MP_UNWIND_MEMO_H

#include "unwind/last.h"

#include <stddef.h>

#define MP_MEMO_RING_FIRST (64u << 10) /* bytes; powers of two */
#define MP_MEMO_RING_OWN   (1u << 20)  /* of every thread */
#define MP_MEMO_RING_LAST  (4u << 20)  /* while there is some left of what threads share */
#define MP_MEMO_RING_GROWS 4u
#define MP_MEMO_SHARED     (6l << 20)
#define MP_MEMO_RING_SLACK 512u
#define MP_MEMO_RING_A_REF 64u /* bytes of the ring for each ref */
#define MP_MEMO_FRAMES     24u /* longer segments are walked */
#define MP_MEMO_PLACES     20u /* words in a key */

/* Positions count all bytes that were ever written; modulo the ring's size they are places in it.
 */
struct mp_memo_ref {
	uint64_t key;      /* 0: free */
	uint64_t position; /* of the segment; 0: none yet */
};

struct mp_memo_segment {
	uintptr_t meeting_sp, meeting_bp;
	uint32_t meeting_node;
	uint32_t meeting_checks; /* as in struct mp_kept_frame */
	uint32_t meeting_index;  /* in the last stack's frames */
	uint16_t frames;
	uint16_t checks; /* 0: packed */
	/* Packed: for each frame, outermost first, its address, and above 48 bits its size in
	 * words; then their nodes. Else frames, outermost first, then checks. */
};
_Static_assert(sizeof(struct mp_memo_segment) % 16 == 0, "what follows is aligned");

/* Zeroed memory is a valid, empty memo. */
struct mp_memo {
	uint64_t written;
	uint64_t ring_bytes; /* 0: nothing was taken yet */
	struct mp_memo_ref *refs;
	uint8_t *ring;
	uint32_t refs_shift; /* 64 − log2 of the number of refs */
	bool refused;        /* there is no more memory to be had */
};

static inline const struct mp_kept_frame *mp_memo_frames(const struct mp_memo_segment *segment)
{
	return (const struct mp_kept_frame *)(segment + 1);
}

static inline const struct mp_check *mp_memo_checks(const struct mp_memo_segment *segment)
{
	return (const struct mp_check *)(mp_memo_frames(segment) + segment->frames);
}

static inline const uint64_t *mp_memo_packed(const struct mp_memo_segment *segment)
{
	return (const uint64_t *)(segment + 1);
}

static inline const uint32_t *mp_memo_packed_nodes(const struct mp_memo_segment *segment)
{
	return (const uint32_t *)(mp_memo_packed(segment) + segment->frames);
}

static inline uintptr_t mp_memo_packed_pc(uint64_t packed)
{
	return packed & 0xffffffffffffull;
}

static inline uintptr_t mp_memo_packed_size(uint64_t packed)
{
	return packed >> 48 << 3;
}

extern const uint64_t mp_memo_factors[MP_MEMO_PLACES];

/* What is known of the last stack's checks: how many of the outermost hold, as far as was looked.
 */
struct mp_memo_look {
	uint32_t unread; /* the outermost so many were not compared */
	uint32_t left;   /* those beyond the first so many hold not all, or were not compared */
};

/* Compares the last stack's checks, from where `look` got to on outward, as far as words lie in the
 * page of `reached`, which is known to be mapped. */
static inline struct mp_memo_look mp_memo_look(const struct mp_check *checks,
                                               struct mp_memo_look look, uintptr_t reached)
{
	const struct mp_check *check = checks + look.unread, *fails = checks + look.left;
	for (; check != checks; check--) {
		if ((check[-1].at ^ reached) >> MP_PAGE_SHIFT != 0)
			break;
		fails = mp_word_at(check[-1].at) != check[-1].value ? check : fails;
	}
	return (struct mp_memo_look){(uint32_t)(check - checks), (uint32_t)(fails - checks)};
}

/* The keys of a stack. Never 0. */
struct mp_memo_keys {
	uint64_t open, closed;
};

/* For a stack with innermost frame `frame` that hangs on a frame of the last stack with `node`,
 * unless it differs further out than was looked. The words are those at the places of checks[from …
 * count), which have been read before. */
static inline struct mp_memo_keys mp_memo_keys(const struct mp_check *checks, uint32_t from,
                                               uint32_t count, struct mp_frame frame, uint32_t node)
{
	uint64_t key = frame.pc * 0x9e3779b97f4a7c15ull ^ frame.sp * 0xc2b2ae3d27d4eb4full;
	const struct mp_check *check = checks + from;
	const struct mp_check *end =
	        count - from > MP_MEMO_PLACES ? check + MP_MEMO_PLACES : checks + count;
	/* Each word has a factor of its own. */
	for (const uint64_t *factor = mp_memo_factors; check != end; check++) {
		if (check->at < frame.sp)
			break;
		key += mp_word_at(check->at) * *factor++;
	}
	uint64_t closed = key + (node + 1ull) * 0xd6e8feb86659fd93ull;
	return (struct mp_memo_keys){(key ^ key >> 32) | 1, (closed ^ closed >> 32) | 1};
}

/* The ref of a key, or the one to use for it. NULL if the memo has no memory. */
static inline struct mp_memo_ref *mp_memo_ref(const struct mp_memo *memo, uint64_t key)
{
	if (__builtin_expect(!memo->ring_bytes, 0))
		return NULL;
	struct mp_memo_ref *ref =
	        &memo->refs[key * 0x9e3779b97f4a7c15ull >> memo->refs_shift & ~1ull];
	return ref[1].key == key ? &ref[1] : &ref[0];
}

/* The segment of a key, NULL if there is none (any more). */
static inline const struct mp_memo_segment *
mp_memo_find(const struct mp_memo *memo, const struct mp_memo_ref *ref, uint64_t key)
{
	if (!ref || ref->key != key || ref->position == 0 ||
	    memo->written - ref->position > memo->ring_bytes)
		return NULL;
	return (const struct mp_memo_segment *)&memo->ring[ref->position & (memo->ring_bytes - 1)];
}

/* Does the last stack have the segment's meeting frame? */
static inline bool mp_memo_meets(const struct mp_memo_segment *segment, const struct mp_last *last,
                                 uint32_t depth)
{
	const struct mp_kept_frame *meeting = &last->frames[segment->meeting_index];
	return segment->meeting_index <= depth && meeting->node == segment->meeting_node &&
	       meeting->checks == segment->meeting_checks &&
	       meeting->frame.sp == segment->meeting_sp &&
	       (!mp_kept_needs_bp(meeting) || meeting->frame.bp == segment->meeting_bp);
}

/* Do the return addresses of a packed segment lie where it says? From the inside out. */
static inline bool mp_memo_packed_holds(const struct mp_memo_segment *segment, uintptr_t meeting_pc,
                                        struct mp_frame innermost)
{
	const uint64_t *packed = mp_memo_packed(segment) + segment->frames - 1;
	uint64_t frame = *packed;
	uintptr_t sp = innermost.sp;
	if (mp_memo_packed_pc(frame) != innermost.pc)
		return false;
	while (packed != mp_memo_packed(segment)) {
		sp += mp_memo_packed_size(frame);
		frame = *--packed;
		if (mp_word_at(sp - 8) != mp_memo_packed_pc(frame) + 1)
			return false;
	}
	sp += mp_memo_packed_size(frame);
	return sp == segment->meeting_sp && mp_word_at(sp - 8) == meeting_pc + 1;
}

/* Does the last stack have the segment's meeting frame, and do the segment's checks hold? */
static inline bool mp_memo_holds(const struct mp_memo_segment *segment, const struct mp_last *last,
                                 uint32_t depth, struct mp_frame innermost)
{
	if (!mp_memo_meets(segment, last, depth))
		return false;
	if (__builtin_expect(!segment->checks, 1))
		return mp_memo_packed_holds(segment, last->frames[segment->meeting_index].frame.pc,
		                            innermost);
	return mp_kept_is(&mp_memo_frames(segment)[segment->frames - 1], innermost) &&
	       mp_checks_left(mp_memo_checks(segment), segment->checks) == 0;
}

/* Do the words of a segment hold as far as the page of `next`, so that this is part of the stack?
 */
bool mp_memo_leads_to(const struct mp_memo_segment *segment, struct mp_frame innermost,
                      uintptr_t next);

static inline void mp_memo_unpack(const struct mp_memo_segment *segment, struct mp_last *last)
{
	struct mp_kept_frame *frame = &last->frames[segment->meeting_index];
	const uint64_t *packed = mp_memo_packed(segment);
	const uint32_t *nodes = mp_memo_packed_nodes(segment);
	struct mp_frame at = frame->frame;
	uint32_t checks = segment->meeting_checks;
	struct mp_check *check = &last->checks[checks >> 1];
	for (uint32_t i = 0; i < segment->frames; i++) {
		*check++ = (struct mp_check){at.sp - 8, at.pc + 1};
		at.pc = mp_memo_packed_pc(packed[i]);
		at.sp -= mp_memo_packed_size(packed[i]);
		*++frame = (struct mp_kept_frame){at, nodes[i], checks += 2};
	}
}

/* Puts the segment onto the last stack. Returns the depth that this then has. */
static inline uint32_t mp_memo_apply(const struct mp_memo_segment *segment, struct mp_last *last)
{
	if (__builtin_expect(!segment->checks, 1)) {
		mp_memo_unpack(segment, last);
		return segment->meeting_index + segment->frames;
	}
	const struct mp_kept_frame *frames = mp_memo_frames(segment);
	const struct mp_check *checks = mp_memo_checks(segment);
	struct mp_kept_frame *to_frame = &last->frames[segment->meeting_index + 1];
	struct mp_check *to_check = &last->checks[segment->meeting_checks >> 1];
	/* In blocks, whose number is easier to foresee for the processor than that of frames. What
	 * is copied too much lies in the slack, or where nothing is. */
	for (uint32_t i = 0; i < segment->frames; i += 4)
		__builtin_memcpy(&to_frame[i], &frames[i], 4 * sizeof *frames);
	for (uint32_t i = 0; i < segment->checks; i += 8)
		__builtin_memcpy(&to_check[i], &checks[i], 8 * sizeof *checks);
	return segment->meeting_index + segment->frames;
}

/* Remembers the frames of the last stack inside of frames[meeting]. Under its key for the first
 * time: only the key. */
void mp_memo_remember(struct mp_memo *memo, uint64_t key, const struct mp_last *last,
                      uint32_t meeting, uint32_t depth);

/* All is void. */
void mp_memo_forget(struct mp_memo *memo);

#endif
