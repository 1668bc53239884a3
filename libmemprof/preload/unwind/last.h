/* last.h: a thread's last stack: frames, outermost first, and what was read to get along them.
 *
 * frames[0] is no frame but a floor below all: its sp is the highest, so that searches end there.
 */
#ifndef MP_UNWIND_LAST_H
#define MP_UNWIND_LAST_H

#include "capture.h"
#include "stacks.h"
#include "unwind/step.h"

#include <stdbool.h>
#include <stdint.h>

/* A word of the stack that led from a frame to its caller. */
struct mp_check {
	uintptr_t at, value;
};

struct mp_kept_frame {
	struct mp_frame frame;
	uint32_t node;
	/* checks[0 … checks / 2) belong to this frame and those outside of it; the lowest bit says
	 * that a rule from here outward uses this frame's rbp */
	uint32_t checks;
};
_Static_assert(sizeof(struct mp_kept_frame) == 32, "two frames a cache line");

#define MP_LAST_CHECKS (3 * MP_CAPTURE_DEPTH)

struct mp_last {
	struct mp_kept_frame frames[MP_CAPTURE_DEPTH + 1];
	struct mp_check checks[MP_LAST_CHECKS];
};

static inline uint32_t mp_kept_checks(const struct mp_kept_frame *kept)
{
	return kept->checks >> 1;
}

static inline bool mp_kept_needs_bp(const struct mp_kept_frame *kept)
{
	return kept->checks & 1u;
}

static inline bool mp_kept_is(const struct mp_kept_frame *kept, struct mp_frame frame)
{
	return kept->frame.sp == frame.sp && kept->frame.pc == frame.pc &&
	       (!mp_kept_needs_bp(kept) || kept->frame.bp == frame.bp);
}

static inline bool mp_check_fails(const struct mp_check *check)
{
	return __builtin_expect(mp_word_at(check->at) != check->value, 0);
}

/* Compares checks with memory, from the last to the first (from the inside out). How many are left
 * when one fails, that one included; 0 if all hold. Four to a turn, and then two and one: what a
 * turn of the loop costs is its jump back. */
static inline uint32_t mp_checks_left(const struct mp_check *checks, uint32_t count)
{
	const struct mp_check *check = checks + count;
	for (; check >= checks + 4; check -= 4) {
		if (mp_check_fails(&check[-1]))
			return (uint32_t)(check - checks);
		if (mp_check_fails(&check[-2]))
			return (uint32_t)(check - checks) - 1;
		if (mp_check_fails(&check[-3]))
			return (uint32_t)(check - checks) - 2;
		if (mp_check_fails(&check[-4]))
			return (uint32_t)(check - checks) - 3;
	}
	if (count & 2) {
		if (mp_check_fails(&check[-1]))
			return (uint32_t)(check - checks);
		if (mp_check_fails(&check[-2]))
			return (uint32_t)(check - checks) - 1;
	}
	return count & 1 && mp_check_fails(checks) ? 1 : 0;
}

/* From a frame outward, the first that is outside of the frame whose check failed when `left`
 * checks were left. */
static inline const struct mp_kept_frame *mp_kept_outside_of(const struct mp_kept_frame *kept,
                                                             uint32_t left)
{
	while (mp_kept_checks(kept) >= left)
		kept--;
	return kept;
}

#endif
