/* unchanged.h: is the stack still the last one? So it is for many allocations in a row, and so this
 * look at it is to be part of the function that counts them. All else is in walk.c, which tells why
 * the look is a proof. */
#ifndef MP_UNWIND_UNCHANGED_H
#define MP_UNWIND_UNCHANGED_H

#include "capture.h"
#include "unwind/last.h"
#include "unwind/memo.h"
#include "unwind/rule_cache.h"

struct mp_new_frame {
	struct mp_frame frame;
	struct mp_rule rule;
	uint64_t where;
};

struct mp_capture {
	uint32_t generation;
	uint32_t depth;
	bool cut;            /* last.frames[1] is not the outermost */
	uint32_t recent;     /* frames that changed of late: a running mean, in 1/32 */
	uint32_t missed;     /* questions of late that the memo had no answer to (ask_memo) */
	uint64_t next_audit; /* the capture, by number, that is audited next */
	struct mp_last last;
	struct mp_new_frame walked[MP_CAPTURE_DEPTH]; /* innermost first */
	struct mp_memo memo;
};

/* The last stack is to be held against libunwind's. */
void mp_capture_audit(struct mp_capture *capture, struct mp_capture_counts *counts);

/* Takes a stack that is not the last one. `left` is how many checks of that were left when one
 * failed; 0 if none was compared. */
uint32_t mp_capture_other_stack(struct mp_capture *capture, struct mp_capture_counts *counts,
                                uintptr_t return_address, uintptr_t sp, uintptr_t bp,
                                uint32_t left);

static inline void mp_capture_ends(struct mp_capture *capture, struct mp_capture_counts *counts)
{
	if (__builtin_expect(++counts->captures >= capture->next_audit, 0))
		mp_capture_audit(capture, counts);
}

/* mp_capture_stack, of which the part that most captures come to lies here. */
static inline __attribute__((always_inline)) uint32_t
mp_capture_stack_here(struct mp_capture *capture, struct mp_capture_counts *counts,
                      uintptr_t return_address, uintptr_t sp, uintptr_t bp)
{
	const struct mp_frame innermost = {return_address - 1, sp, bp};
	const struct mp_kept_frame *last = &capture->last.frames[capture->depth];
	uint32_t left = 0;
	if (__builtin_expect(capture->generation == mp_rules_generation(), 1) &&
	    mp_kept_is(last, innermost)) {
		left = mp_checks_left(capture->last.checks, mp_kept_checks(last));
		if (__builtin_expect(left == 0, 1)) {
			uint32_t node = last->node;
			counts->truncated += capture->cut;
			mp_capture_ends(capture, counts);
			return node;
		}
	}
	return mp_capture_other_stack(capture, counts, return_address, sp, bp, left);
}

#endif
