/* memo.c: see memo.h. The part off the fast path: memory, and the writing of segments. */
#include "unwind/memo.h"

#include "kernel_signal.h"
#include "ownmem.h"

#include <string.h>

#define BEGIN 64u /* the first position: 0 means none */

/* Random and odd. In arithmetical progression they would give one key to words that only changed
 * places, as those of paths through the same functions do. */
const uint64_t mp_memo_factors[MP_MEMO_PLACES] = {
        0x86dc283cf0480ff9ull, 0x47eaa0992cb6916dull, 0xca118783593942a5ull, 0x1509bb0a9bf13331ull,
        0x12e1bc7656670b15ull, 0xf5ec52ed01088475ull, 0x2909406c2e416789ull, 0x59ba1b0d5c906159ull,
        0x2a095ee82bb29977ull, 0x5d32fe61985fb4e7ull, 0x59e2d15364c7a501ull, 0x9a1e40b458151a99ull,
        0x1d8a4eace693ae2dull, 0x68b4aef73eaabe17ull, 0x13e783e7eb04b39bull, 0x142c836478068577ull,
        0x260df25453fe2e85ull, 0x3b041641178854f3ull, 0x35c719c2add9ca89ull, 0x00a154d85ed8abcdull,
};

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
	mp_signals_release(mask);
}

/* Of what threads may have beyond their own; never given back, as no ring gets smaller. */
static int64_t shared_left = MP_MEMO_SHARED;

static bool may_grow(struct mp_memo *memo)
{
	if (memo->ring_bytes < MP_MEMO_RING_OWN)
		return true;
	if (memo->ring_bytes >= MP_MEMO_RING_LAST || memo->refused)
		return false;
	int64_t more = (int64_t)(memo->ring_bytes * (MP_MEMO_RING_GROWS - 1));
	if (__atomic_sub_fetch(&shared_left, more, __ATOMIC_RELAXED) >= 0)
		return true;
	__atomic_add_fetch(&shared_left, more, __ATOMIC_RELAXED);
	memo->refused = true;
	return false;
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

/* Packs a frame whose way out was one return address, above which its caller stands. */
static bool pack(const struct mp_last *last, const struct mp_kept_frame *frame, uint64_t *packed)
{
	const struct mp_kept_frame *caller = frame - 1;
	uint32_t checks = mp_kept_checks(caller);
	uintptr_t size = caller->frame.sp - frame->frame.sp;
	*packed = frame->frame.pc | size >> 3 << 48;
	return frame->checks == caller->checks + 2 && !mp_kept_needs_bp(frame) &&
	       last->checks[checks].at == caller->frame.sp - 8 &&
	       last->checks[checks].value == caller->frame.pc + 1 && size % 8 == 0 &&
	       size >> 3 < 1u << 16 && frame->frame.pc >> 48 == 0;
}

/* Writes the frames inside of frames[meeting]. Returns the segment's position. */
static uint64_t write_segment(struct mp_memo *memo, const struct mp_last *last, uint32_t meeting,
                              uint32_t frames)
{
	const struct mp_kept_frame *met = &last->frames[meeting], *first = met + 1;
	uint64_t packed[MP_MEMO_FRAMES];
	uint32_t packable = 0;
	while (packable < frames && pack(last, &first[packable], &packed[packable]))
		packable++;
	uint32_t from = mp_kept_checks(met);
	uint32_t checks =
	        packable == frames ? 0 : mp_kept_checks(&last->frames[meeting + frames]) - from;
	uint64_t bytes = checks ? frames * sizeof *met + checks * sizeof *last->checks
	                        : frames * (sizeof *packed + sizeof met->node);
	uint64_t position = reserve(memo, sizeof(struct mp_memo_segment) + bytes);
	struct mp_memo_segment *segment =
	        (struct mp_memo_segment *)&memo->ring[position & (memo->ring_bytes - 1)];
	*segment = (struct mp_memo_segment){.meeting_sp = met->frame.sp,
	                                    .meeting_bp = met->frame.bp,
	                                    .meeting_node = met->node,
	                                    .meeting_checks = met->checks,
	                                    .meeting_index = meeting,
	                                    .frames = (uint16_t)frames,
	                                    .checks = (uint16_t)checks};
	if (checks) {
		struct mp_kept_frame *to = (struct mp_kept_frame *)(segment + 1);
		memcpy(to, first, frames * sizeof *to);
		memcpy(to + frames, &last->checks[from], checks * sizeof *last->checks);
	} else {
		uint64_t *to = (uint64_t *)(segment + 1);
		uint32_t *nodes = (uint32_t *)(to + frames);
		memcpy(to, packed, frames * sizeof *to);
		for (uint32_t i = 0; i < frames; i++)
			nodes[i] = first[i].node;
	}
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
	else if (memo->written > memo->ring_bytes && may_grow(memo))
		resize(memo, memo->ring_bytes * MP_MEMO_RING_GROWS);
	struct mp_memo_ref *ref = mp_memo_ref(memo, key);
	if (!ref)
		return;
	if (ref->key != key) {
		ref[1] = ref[0];
		ref[0] = (struct mp_memo_ref){.key = key};
		return;
	}
	ref->position = write_segment(memo, last, meeting, frames);
}

static bool in_page(uintptr_t address, uintptr_t other)
{
	return (address ^ other) >> MP_PAGE_SHIFT == 0;
}

static bool packed_leads_to(const struct mp_memo_segment *segment, struct mp_frame innermost,
                            uintptr_t next)
{
	const uint64_t *packed = mp_memo_packed(segment);
	uintptr_t sp = innermost.sp;
	for (uint32_t i = segment->frames; i-- > 0;) {
		if (i + 1 == segment->frames
		            ? mp_memo_packed_pc(packed[i]) != innermost.pc
		            : mp_word_at(sp - 8) != mp_memo_packed_pc(packed[i]) + 1)
			return false;
		sp += mp_memo_packed_size(packed[i]);
		if (in_page(sp - 8, next))
			return true;
	}
	return false;
}

bool mp_memo_leads_to(const struct mp_memo_segment *segment, struct mp_frame innermost,
                      uintptr_t next)
{
	if (!segment->checks)
		return packed_leads_to(segment, innermost, next);
	const struct mp_check *checks = mp_memo_checks(segment);
	if (!mp_kept_is(&mp_memo_frames(segment)[segment->frames - 1], innermost))
		return false;
	for (uint32_t i = segment->checks; i-- > 0;) {
		if (in_page(checks[i].at, next))
			return true;
		if (mp_check_fails(&checks[i]))
			return false;
	}
	return false;
}

void mp_memo_forget(struct mp_memo *memo)
{
	if (memo->ring_bytes)
		memset(memo->refs, 0, refs_bytes(memo->ring_bytes));
}
