/* step.c: see step.h. */
#include "unwind/step.h"

#include "unwind/code.h"

extern void *__libc_stack_end; /* of the loader: where the main thread's stack began */

/* A thread's descriptor lies at the upper end of its stack, which has at most so many bytes. */
#define STACK_MAX (64ul << 20)

/* How far up the stack that `sp` lies in certainly goes: up to the thread's own end, which is
 * mapped for as long as the thread runs on it. 0 on a stack of the program's own making. */
static uintptr_t stack_end(uintptr_t sp)
{
	uintptr_t ends[] = {(uintptr_t)__builtin_thread_pointer(), (uintptr_t)__libc_stack_end};
	for (unsigned i = 0; i < 2; i++)
		if (sp < ends[i] && ends[i] - sp <= STACK_MAX)
			return ends[i];
	return 0;
}

/* Plausible is: rbp points up this thread's stack, and above what it points to is an address that
 * has a call before it. The older rbp may be anything, since code with frame pointers is called by
 * code without. Code that uses rbp for something else nearly never looks so; but code that leaves
 * its caller's frame pointer alone does, and then that caller is missing, which nothing in the
 * process can tell. A pointer that leads off the stack is never followed: what is there may be
 * unmapped before it is read again. */
static struct mp_rule by_frame_pointer(struct mp_frame frame)
{
	uintptr_t bp = frame.bp, end = stack_end(frame.sp);
	if (bp < frame.sp || bp % 8 != 0 || bp >= end || end - bp < 16 ||
	    !mp_code_follows_call(mp_word_at(bp + 8)))
		return mp_rule_of_kind(MP_RULE_NO_CFI);
	return mp_rule_make(MP_RULE_CHAIN, 16, 0, MP_BP_AT_CFA, -16);
}

/* The bytes behind a call that never returns are not executed, and may look like a way out of some
 * other frame: there must be a return address where it leads. */
static bool leads_out(struct mp_frame frame, struct mp_rule rule)
{
	if (mp_rule_kind(rule) == MP_RULE_NO_CFI)
		return false;
	uintptr_t slot = mp_step_base(frame, rule) - 8;
	return mp_readable_word(slot) && mp_code_follows_call(mp_word_at(slot));
}

struct mp_rule mp_step_uninformed(struct mp_frame frame, bool interrupted)
{
	if (!interrupted) {
		struct mp_rule way_out = mp_code_way_out(frame.pc + 1);
		if (leads_out(frame, way_out))
			return way_out;
	}
	return by_frame_pointer(frame);
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
