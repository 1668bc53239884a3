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

/* The rule for code without call frame information: what its instructions will do (code.h), unless
 * it was interrupted, so that its address is not one that is returned to; else the frame pointer's.
 * MP_RULE_NO_CFI if that is not plausible. */
struct mp_rule mp_step_uninformed(struct mp_frame frame, bool interrupted);

#define MP_STEP_NO_PAGE (~(uintptr_t)0)

/* mp_readable_word, quick for a word in the page of the one asked for before. */
static inline bool mp_step_readable(uintptr_t address, uintptr_t *page)
{
	if (__builtin_expect((address >> MP_PAGE_SHIFT) == *page && (address & 7u) == 0, 1))
		return true;
	if (!mp_readable_word(address))
		return false;
	*page = address >> MP_PAGE_SHIFT;
	return true;
}

/* Where the caller's rbp was saved; only for rules that say so. */
static inline uintptr_t mp_step_bp_slot(struct mp_frame frame, struct mp_rule rule, uintptr_t cfa)
{
	return (mp_rule_bp_where(rule) == MP_BP_AT_CFA ? cfa : frame.bp) + mp_rule_bp_offset(rule);
}

/* What a rule adds `cfa` to. */
static inline uintptr_t mp_step_base(struct mp_frame frame, struct mp_rule rule)
{
	return (mp_rule_uses_bp(rule) ? frame.bp : frame.sp) + mp_rule_cfa_offset(rule);
}

/* The page that holds the return address of a hook or of a frame known to be live. */
static inline uintptr_t mp_step_page_below(uintptr_t sp)
{
	return (sp - 8) >> MP_PAGE_SHIFT;
}

/* The frames without a usual rule: false where *step says how the walk ends, else *cfa is set. */
bool mp_step_unusual(struct mp_frame frame, struct mp_rule rule, uintptr_t *cfa,
                     struct mp_frame *caller, enum mp_step *step);

/* `value`, but where it is what was guessed, then without waiting for it: the processor foresees
 * the branch, goes on with the guess, and compares later. So a walk along frames of known sizes is
 * no longer a chain of loads that wait for each other. */
static inline uintptr_t mp_step_foresee(uintptr_t value, uintptr_t guess)
{
	if (__builtin_expect(value == guess, 1)) {
		__asm__ volatile("" : "+r"(guess)); /* or the compiler sees that they are equal */
		return guess;
	}
	return value;
}

/* `guess` is what the CFA may be, where that is known from before; it is no more than a hint.
 * `page` belongs to the walk: the page that was read last, at first MP_STEP_NO_PAGE or that of
 * mp_step_page_below. *caller is set for MP_STEP_ON and MP_STEP_ZERO. */
static inline __attribute__((always_inline)) enum mp_step
mp_step(struct mp_frame frame, struct mp_rule rule, uintptr_t guess, struct mp_frame *caller,
        uintptr_t *page)
{
	uintptr_t cfa;
	if (__builtin_expect(mp_rule_is_usual(rule), 1)) {
		cfa = mp_step_base(frame, rule);
	} else {
		struct mp_frame interrupted; /* so that *caller itself can stay in registers */
		enum mp_step step;
		if (!mp_step_unusual(frame, rule, &cfa, &interrupted, &step)) {
			*caller = interrupted;
			return step;
		}
	}
	cfa = mp_step_foresee(cfa, guess);
	if (__builtin_expect(cfa <= frame.sp || !mp_step_readable(cfa - 8, page), 0))
		return MP_STEP_LOST;
	if (mp_rule_bp_where(rule) != MP_BP_KEPT) {
		uintptr_t slot = mp_step_bp_slot(frame, rule, cfa);
		if (__builtin_expect(!mp_step_readable(slot, page), 0))
			return MP_STEP_LOST;
		caller->bp = mp_word_at(slot);
	} else {
		caller->bp = frame.bp;
	}
	uintptr_t return_address = mp_word_at(cfa - 8);
	caller->pc = return_address - 1;
	caller->sp = cfa;
	return __builtin_expect(return_address != 0, 1) ? MP_STEP_ON : MP_STEP_ZERO;
}

#endif
