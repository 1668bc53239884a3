/* step.h: from a frame to its caller, by the frame's rule.
 *
 * A frame is three values: the address to look up, and what rsp and rbp are in it while the call it
 * made is under way. The caller's are found by a few loads, and by nothing else: the same values in
 * the same places give the same caller, which is what a proof by comparison rests on (walk.c).
 *
 * Reading is safe. Every slot lies at or above the frame's rsp, because each step must raise rsp
 * (only a signal trampoline may go to another stack), and its page was found readable.
 */
#ifndef MP_UNWIND_STEP_H
#define MP_UNWIND_STEP_H

#include "unwind/readable.h"
#include "unwind/rules.h"

struct mp_frame {
	uintptr_t pc; /* to look up: return address − 1, or an interrupted instruction */
	uintptr_t sp;
	uintptr_t bp;
};

enum mp_step {
	MP_STEP_ON,   /* there is a caller */
	MP_STEP_END,  /* this was the outermost frame */
	MP_STEP_ZERO, /* the same, because its return address is 0 */
	MP_STEP_FULL, /* only the walk with all registers can tell */
	MP_STEP_LOST, /* the caller cannot be known */
};

/* The frame pointer's rule for code that has no other, MP_RULE_NO_CFI if it is not plausible. */
struct mp_rule mp_step_by_frame_pointer(const struct mp_frame *frame);

/* The interrupted frame below a signal trampoline. */
enum mp_step mp_step_signal(const struct mp_frame *frame, struct mp_frame *caller);

/* CFA of a frame with a rule of kind RSP … RBP_DEREF; false where it cannot be read. */
static inline bool mp_step_cfa(const struct mp_frame *frame, struct mp_rule rule, uintptr_t *cfa)
{
	uintptr_t base = (mp_rule_uses_bp(rule) ? frame->bp : frame->sp) + (intptr_t)rule.cfa;
	if (rule.kind >= MP_RULE_RSP_DEREF) {
		if (!mp_readable_word(base))
			return false;
		base = mp_word_at(base) + rule.add * 8u;
	}
	*cfa = base;
	return true;
}

/* Where the caller's rbp was saved; only for rules that say so. */
static inline uintptr_t mp_step_bp_slot(const struct mp_frame *frame, struct mp_rule rule,
                                        uintptr_t cfa)
{
	return (rule.bp_where == MP_BP_AT_CFA ? cfa : frame->bp) + (intptr_t)rule.bp;
}

static inline enum mp_step mp_step(const struct mp_frame *frame, struct mp_rule rule,
                                   struct mp_frame *caller)
{
	if (__builtin_expect(rule.kind < MP_RULE_RSP, 0)) {
		switch (rule.kind) {
		case MP_RULE_SIGNAL:
			return mp_step_signal(frame, caller);
		case MP_RULE_END:
			return MP_STEP_END;
		case MP_RULE_FULL:
			return MP_STEP_FULL;
		default:
			return MP_STEP_LOST;
		}
	}
	uintptr_t cfa;
	if (!mp_step_cfa(frame, rule, &cfa) || cfa <= frame->sp || !mp_readable_word(cfa - 8))
		return MP_STEP_LOST;
	uintptr_t bp = frame->bp;
	if (rule.bp_where != MP_BP_KEPT) {
		uintptr_t slot = mp_step_bp_slot(frame, rule, cfa);
		if (!mp_readable_word(slot))
			return MP_STEP_LOST;
		bp = mp_word_at(slot);
	}
	uintptr_t return_address = mp_word_at(cfa - 8);
	*caller = (struct mp_frame){return_address - 1, cfa, bp};
	return return_address ? MP_STEP_ON : MP_STEP_ZERO;
}

#endif
