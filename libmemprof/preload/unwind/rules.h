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
 *     SIGNAL        –                          signal trampoline: from the ucontext at rsp
 *     END           –                          the outermost frame (return address undefined)
 *     FULL          by other registers, or by an expression of another form
 *     NO_CFI        nothing is known: its instructions, and the chain of frame pointers where
 *                   plausible, are tried
 *     NO_OBJECT     the same, of code that is in no object; not remembered, since its address may
 *                   come to mean anything
 */
#ifndef MP_UNWIND_RULES_H
#define MP_UNWIND_RULES_H

#include <stdbool.h>
#include <stdint.h>

enum mp_rule_kind {
	MP_RULE_NO_OBJECT = 0,
	MP_RULE_NO_CFI = 1,
	MP_RULE_END = 2,
	MP_RULE_FULL = 3,
	MP_RULE_SIGNAL = 4,
	/* with a CFA; those by rbp are odd */
	MP_RULE_RSP = 6,
	MP_RULE_RBP = 7,
	MP_RULE_CHAIN = 9,
	MP_RULE_RSP_DEREF = 10,
	MP_RULE_RBP_DEREF = 11,
};

/* Where the caller's rbp is. */
enum mp_rule_bp {
	MP_BP_KEPT = 0, /* in rbp */
	MP_BP_AT_CFA,   /* saved at CFA + bp */
	MP_BP_AT_BP,    /* saved at rbp + bp */
};

/* One word, taken apart by shifts, so that it travels in a register.
 *
 *     63 … 32   cfa, signed
 *     31 … 16   bp, signed
 *     15 …  8   add, in 8 bytes
 *      7 …  4   enum mp_rule_bp
 *      3 …  0   enum mp_rule_kind
 */
struct mp_rule {
	uint64_t bits;
};

static inline struct mp_rule mp_rule_make(enum mp_rule_kind kind, int32_t cfa, uint8_t add,
                                          enum mp_rule_bp bp_where, int16_t bp)
{
	return (struct mp_rule){(uint64_t)(uint32_t)cfa << 32 | (uint64_t)(uint16_t)bp << 16 |
	                        (uint64_t)add << 8 | (uint64_t)bp_where << 4 | (uint64_t)kind};
}

static inline struct mp_rule mp_rule_of_kind(enum mp_rule_kind kind)
{
	return mp_rule_make(kind, 0, 0, MP_BP_KEPT, 0);
}

static inline enum mp_rule_kind mp_rule_kind(struct mp_rule rule)
{
	return (enum mp_rule_kind)(rule.bits & 15u);
}

static inline enum mp_rule_bp mp_rule_bp_where(struct mp_rule rule)
{
	return (enum mp_rule_bp)(rule.bits >> 4 & 15u);
}

static inline uintptr_t mp_rule_add(struct mp_rule rule)
{
	return (rule.bits >> 8 & 0xffu) * 8u;
}

/* Signed offsets, as what is to be added to an address. */
static inline uintptr_t mp_rule_bp_offset(struct mp_rule rule)
{
	return (uintptr_t)(intptr_t)(int16_t)(rule.bits >> 16);
}

static inline uintptr_t mp_rule_cfa_offset(struct mp_rule rule)
{
	return (uintptr_t)((int64_t)rule.bits >> 32);
}

/* Where a kernel's rt_sigframe keeps the interrupted registers, from rsp in the trampoline (Linux
 * x86-64: ucontext, its general registers from offset 40). */
#define MP_SIGNAL_BP 120u
#define MP_SIGNAL_SP 160u
#define MP_SIGNAL_PC 168u

/* Whether the CFA comes from rbp; only for kinds from RSP on. */
static inline bool mp_rule_uses_bp(struct mp_rule rule)
{
	return rule.bits & 1u;
}

/* RSP or RBP: by far most frames. */
static inline bool mp_rule_is_usual(struct mp_rule rule)
{
	return (rule.bits & 14u) == MP_RULE_RSP;
}

/* Whether the frame's own rbp leads outward: to its CFA, or, if the caller's rbp does so in the
 * caller, because that is in it or found through it. A trampoline's interrupted rbp lies elsewhere:
 * its rule says MP_BP_AT_CFA. */
static inline bool mp_rule_needs_bp(struct mp_rule rule, bool caller_needs_bp)
{
	bool callers = caller_needs_bp && mp_rule_bp_where(rule) != MP_BP_AT_CFA;
	return mp_rule_uses_bp(rule) || callers;
}

/* mov $15, %rax; syscall: what every restorer of signal handlers is, in every libc. */
bool mp_rule_is_sigreturn(uintptr_t address);

/* The rule of an address to look up (return address − 1, or an interrupted instruction). Reads call
 * frame information: up to a microsecond. Lock-free, async-signal-safe. */
struct mp_rule mp_rule_derive(uintptr_t address);

#endif
