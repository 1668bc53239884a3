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
 * own. So the key is a hash of the words at those places, and of the innermost frame:
 *
 *     last stack:   A → a₁      B → b₁      C → c₁      (places and values)
 *     now:          A → a₁      B → b₂      C → c₂      key = hash(pc, sp, a₁, b₂, c₂)
 *
 * The key only has to be the same whenever the same stack follows the same one. It decides nothing:
 * a wrong segment fails its checks, and costs a walk. Only words are read whose page is known to be
 * mapped: that of the innermost frame, and that of the last word that the proof has reached.
 *
 *     refs    key → position of its segment; two to a place
 *     ring    segments, the newest over the oldest
 *
 * A segment is written when its key comes for the second time: what never comes again costs one
 * word. Both are taken from the kernel when they are first wanted, and, each time that the ring has
 * come round, anew in twice the size, up to a limit.
 */
#ifndef MP_UNWIND_MEMO_H
#define MP_UNWIND_MEMO_H

#include "unwind/last.h"

#include <stddef.h>

#define MP_MEMO_RING_FIRST (128u << 10) /* bytes; powers of two */
#define MP_MEMO_RING_LAST  (4u << 20)
#define MP_MEMO_RING_SLACK 256u
#define MP_MEMO_RING_A_REF 128u /* bytes of the ring for each ref */
#define MP_MEMO_FRAMES     24u  /* longer segments are walked */
#define MP_MEMO_PLACES     20u  /* words in a key */

/* Positions count all bytes that were ever written; modulo the ring's size they are places in it.
 */
struct mp_memo_ref {
	uint64_t key;      /* 0: free */
	uint64_t position; /* of the segment; 0: none yet */
};

struct mp_memo_segment {
	struct mp_kept_frame meeting;
	uint32_t meeting_index; /* in the last stack's frames */
	uint16_t frames, checks;
	uint64_t spare;
	/* frames, outermost first, then checks */
};

/* Zeroed memory is a valid, empty memo. */
struct mp_memo {
	uint64_t written;
	uint64_t ring_bytes; /* 0: nothing was taken yet */
	struct mp_memo_ref *refs;
	uint8_t *ring;
	uint32_t refs_shift; /* 64 − log2 of the number of refs */
};

static inline const struct mp_kept_frame *mp_memo_frames(const struct mp_memo_segment *segment)
{
	return (const struct mp_kept_frame *)(segment + 1);
}

static inline const struct mp_check *mp_memo_checks(const struct mp_memo_segment *segment)
{
	return (const struct mp_check *)(mp_memo_frames(segment) + segment->frames);
}

/* The key of a stack with innermost frame `frame` that follows the last stack, of which `count`
 * checks are given; the first `unread` of them (the outermost) were not read by the proof that
 * failed. Of these only words in the page of `reached` are read, which is known to be mapped.
 * Never 0. */
static inline uint64_t mp_memo_key(const struct mp_check *checks, uint32_t count, uint32_t unread,
                                   struct mp_frame frame, uintptr_t reached)
{
	uint64_t key = frame.pc * 0x9e3779b97f4a7c15ull ^ frame.sp * 0xc2b2ae3d27d4eb4full;
	const struct mp_check *check = checks + count;
	while (check != checks && check[-1].at < frame.sp)
		check--;
	const struct mp_check *stop =
	        check - checks > MP_MEMO_PLACES ? check - MP_MEMO_PLACES : checks;
	/* Each word has a product of its own, so that they do not wait for each other. */
	for (uint64_t factor = 0x9e3779b97f4a7c15ull; check != stop; check--) {
		if (check <= checks + unread && (check[-1].at ^ reached) >> MP_PAGE_SHIFT != 0)
			break;
		key += mp_word_at(check[-1].at) * factor;
		factor += 0xbf58476d1ce4e5baull;
	}
	return (key ^ key >> 32) | 1;
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

/* Does the last stack have the segment's meeting frame, and do the segment's checks hold? */
static inline bool mp_memo_holds(const struct mp_memo_segment *segment, const struct mp_last *last,
                                 uint32_t depth, struct mp_frame innermost)
{
	const struct mp_kept_frame *meeting = &last->frames[segment->meeting_index];
	return segment->meeting_index <= depth && meeting->node == segment->meeting.node &&
	       meeting->checks == segment->meeting.checks &&
	       mp_kept_is(meeting, segment->meeting.frame) &&
	       mp_kept_is(&mp_memo_frames(segment)[segment->frames - 1], innermost) &&
	       mp_checks_left(mp_memo_checks(segment), segment->checks) == 0;
}

/* Puts the segment onto the last stack. Returns the depth that this then has. */
static inline uint32_t mp_memo_apply(const struct mp_memo_segment *segment, struct mp_last *last)
{
	const struct mp_kept_frame *frames = mp_memo_frames(segment);
	const struct mp_check *checks = mp_memo_checks(segment);
	struct mp_kept_frame *to_frame = &last->frames[segment->meeting_index + 1];
	struct mp_check *to_check = &last->checks[mp_kept_checks(&segment->meeting)];
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
