/* memo.c: see memo.h. The part off the fast path: memory, and the writing of segments. */
#include "unwind/memo.h"

#include "ownmem.h"

#include <string.h>

#define BEGIN 64u /* the first position: 0 means none */

static uint64_t refs_bytes(uint64_t ring_bytes)
{
	return ring_bytes / MP_MEMO_RING_A_REF * sizeof(struct mp_memo_ref);
}

static uint64_t all_bytes(uint64_t ring_bytes)
{
	return refs_bytes(ring_bytes) + ring_bytes + MP_MEMO_RING_SLACK;
}

/* Takes memory for a ring of so many bytes, in place of what there was. What was remembered is
 * lost; it comes back by being walked. Without memory all stays as it is. */
static void resize(struct mp_memo *memo, uint64_t ring_bytes)
{
	uint8_t *pages = mp_own_map(all_bytes(ring_bytes));
	if (!pages)
		return;
	if (memo->ring_bytes)
		mp_own_unmap(memo->refs, all_bytes(memo->ring_bytes));
	memo->refs = (struct mp_memo_ref *)pages;
	memo->ring = pages + refs_bytes(ring_bytes);
	memo->ring_bytes = ring_bytes;
	memo->refs_shift = (uint32_t)__builtin_clzll(ring_bytes / MP_MEMO_RING_A_REF) + 1;
	memo->written = BEGIN;
}

/* Room for a segment in one piece. */
static uint64_t reserve(struct mp_memo *memo, uint64_t bytes)
{
	uint64_t position = memo->written;
	uint64_t place = position & (memo->ring_bytes - 1);
	if (place + bytes > memo->ring_bytes)
		position += memo->ring_bytes - place;
	memo->written = position + (bytes + 15) / 16 * 16;
	return position;
}

void mp_memo_remember(struct mp_memo *memo, uint64_t key, const struct mp_last *last,
                      uint32_t meeting, uint32_t depth)
{
	uint32_t frames = depth - meeting;
	if (frames > MP_MEMO_FRAMES)
		return;
	if (!memo->ring_bytes)
		resize(memo, MP_MEMO_RING_FIRST);
	else if (memo->written > memo->ring_bytes && memo->ring_bytes < MP_MEMO_RING_LAST)
		resize(memo, memo->ring_bytes * 2);
	struct mp_memo_ref *ref = mp_memo_ref(memo, key);
	if (!ref)
		return;
	if (ref->key != key) {
		ref[1] = ref[0];
		ref[0] = (struct mp_memo_ref){.key = key};
		return;
	}
	uint32_t from = mp_kept_checks(&last->frames[meeting]);
	uint32_t checks = mp_kept_checks(&last->frames[depth]) - from;
	uint64_t frame_bytes = frames * sizeof(struct mp_kept_frame);
	uint64_t check_bytes = checks * sizeof(struct mp_check);
	uint64_t position =
	        reserve(memo, sizeof(struct mp_memo_segment) + frame_bytes + check_bytes);
	struct mp_memo_segment *segment =
	        (struct mp_memo_segment *)&memo->ring[position & (memo->ring_bytes - 1)];
	*segment = (struct mp_memo_segment){.meeting = last->frames[meeting],
	                                    .meeting_index = meeting,
	                                    .frames = (uint16_t)frames,
	                                    .checks = (uint16_t)checks};
	uint8_t *at = (uint8_t *)(segment + 1);
	memcpy(at, &last->frames[meeting + 1], frame_bytes);
	memcpy(at + frame_bytes, &last->checks[from], check_bytes);
	ref->position = position;
}

void mp_memo_forget(struct mp_memo *memo)
{
	if (memo->ring_bytes)
		memset(memo->refs, 0, refs_bytes(memo->ring_bytes));
}
