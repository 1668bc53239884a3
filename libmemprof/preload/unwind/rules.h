/* rules.h: the rule of a frame: how to get from it to its caller, in 8 bytes.
 *
 * Nearly every frame's call frame information says one of a few things: the CFA is rsp or rbp plus
 * a constant, the return address is just below the CFA, and rbp was saved at a constant distance
 * from the CFA, or not at all. Such a rule is applied with two or three loads. The others that
 * matter are kinds of their own; what is left is done by the walk with all registers (full.h).
 *
 *     kind          CFA                        used for
 *     RSP           rsp + cfa                  most of optimised code
 *     RBP           rbp + cfa                  alloca, variable-length arrays, -O0, frame pointers
 *     CHAIN         rbp + 16                   no information: rbp is plausibly a frame pointer
 *     RSP_DEREF     *(rsp + cfa) + add         assembly that keeps the old rsp on the stack
 *     RBP_DEREF     *(rbp + cfa) + add         realigned frames: gcc keeps the CFA at rbp − 8
 *     SIGNAL        –                          signal trampoline: registers from the ucontext at
 * rsp END           –                          the outermost frame (return address undefined) FULL
 * by other registers, or by an expression of another form NO_CFI        nothing is known: the chain
 * of frame pointers is tried, where plausible NO_OBJECT     the same, of code that is in no object;
 * not remembered, since its address may come to mean anything
 */
#ifndef MP_UNWIND_RULES_H
#define MP_UNWIND_RULES_H

#include <stdbool.h>
#include <stdint.h>

enum mp_rule_kind {
	MP_RULE_NO_OBJECT = 0,
	MP_RULE_NO_CFI,
	MP_RULE_END,
	MP_RULE_FULL,
	MP_RULE_SIGNAL,
	MP_RULE_RSP,
	MP_RULE_RBP,
	MP_RULE_CHAIN,
	MP_RULE_RSP_DEREF,
	MP_RULE_RBP_DEREF,
};

/* Where the caller's rbp is. */
enum mp_rule_bp {
	MP_BP_KEPT = 0, /* in rbp */
	MP_BP_AT_CFA,   /* saved at CFA + bp */
	MP_BP_AT_BP,    /* saved at rbp + bp */
};

struct mp_rule {
	int32_t cfa;
	int16_t bp;
	uint8_t add;          /* in 8 bytes */
	uint8_t kind : 4;     /* enum mp_rule_kind */
	uint8_t bp_where : 4; /* enum mp_rule_bp */
};
_Static_assert(sizeof(struct mp_rule) == 8, "a rule is one word");

/* Where a kernel's rt_sigframe keeps the interrupted registers, from rsp in the trampoline (Linux
 * x86-64: ucontext, its general registers from offset 40). */
#define MP_SIGNAL_BP 120u
#define MP_SIGNAL_SP 160u
#define MP_SIGNAL_PC 168u

static inline bool mp_rule_uses_bp(struct mp_rule rule)
{
	return rule.kind == MP_RULE_RBP || rule.kind == MP_RULE_CHAIN ||
	       rule.kind == MP_RULE_RBP_DEREF;
}

/* The rule of an address to look up (return address − 1, or an interrupted instruction). Reads call
 * frame information: up to a microsecond. Lock-free, async-signal-safe. */
struct mp_rule mp_rule_derive(uintptr_t address);

#endif
