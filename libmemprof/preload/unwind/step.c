/* step.c: see step.h. */
#include "unwind/step.h"

/* Does a call instruction end at `address`? call rel32 is E8 and 4 bytes; an indirect call is FF
 * with 2 in the middle of its second byte, in 2 to 7 bytes. */
static bool follows_call(uintptr_t address)
{
	if (!mp_readable_range(address - 7, address + 1))
		return false;
	const uint8_t *code = (const uint8_t *)address;
	if (code[-5] == 0xe8)
		return true;
	for (int length = 2; length <= 7; length++)
		if (code[-length] == 0xff && (code[-length + 1] & 0x38) == 0x10)
			return true;
	return false;
}

/* Plausible is: rbp points up the stack, and above what it points to is an address that has a call
 * before it. The older rbp may be anything, since code with frame pointers is called by code
 * without. Code that uses rbp for something else nearly never looks so; but code that leaves its
 * caller's frame pointer alone does, and then that caller is missing, which nothing in the process
 * can tell. */
struct mp_rule mp_step_by_frame_pointer(struct mp_frame frame)
{
	uintptr_t bp = frame.bp;
	if (bp < frame.sp || !mp_readable_word(bp) || !mp_readable_word(bp + 8) ||
	    !follows_call(mp_word_at(bp + 8)))
		return mp_rule_of_kind(MP_RULE_NO_CFI);
	return mp_rule_make(MP_RULE_CHAIN, 16, 0, MP_BP_AT_CFA, -16);
}

/* The interrupted frame below a signal trampoline. */
static enum mp_step step_signal(uintptr_t sp, struct mp_frame *caller)
{
	if (!mp_readable_word(sp + MP_SIGNAL_BP) || !mp_readable_word(sp + MP_SIGNAL_PC))
		return MP_STEP_LOST;
	caller->pc = mp_word_at(sp + MP_SIGNAL_PC);
	caller->sp = mp_word_at(sp + MP_SIGNAL_SP);
	caller->bp = mp_word_at(sp + MP_SIGNAL_BP);
	return MP_STEP_ON;
}

bool mp_step_unusual(struct mp_frame frame, struct mp_rule rule, uintptr_t *cfa,
                     struct mp_frame *caller, enum mp_step *step)
{
	*caller = frame;
	switch (mp_rule_kind(rule)) {
	case MP_RULE_SIGNAL:
		*step = step_signal(frame.sp, caller);
		return false;
	case MP_RULE_END:
		*step = MP_STEP_END;
		return false;
	case MP_RULE_FULL:
		*step = MP_STEP_FULL;
		return false;
	case MP_RULE_CHAIN:
		*cfa = mp_step_base(frame, rule);
		return true;
	case MP_RULE_RSP_DEREF:
	case MP_RULE_RBP_DEREF: {
		uintptr_t at = mp_step_base(frame, rule);
		*step = MP_STEP_LOST;
		if (!mp_readable_word(at))
			return false;
		*cfa = mp_word_at(at) + mp_rule_add(rule);
		return true;
	}
	default:
		*step = MP_STEP_LOST;
		return false;
	}
}
