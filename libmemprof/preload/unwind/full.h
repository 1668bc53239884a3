/* full.h: the walk with all registers, for stacks that have a frame without a simple rule.
 *
 * Some frames' CFA is kept in a register that a walk by rules does not follow (the dynamic linker's
 * lazy binding keeps it in rbx, gcc's realigning prologues in r10). To know that register, the walk
 * begins in the library itself, whose own call frame information leads to the hook's caller, with
 * every register that a callee keeps; then each row is evaluated as it is written, expressions
 * included. About 0.5 µs a frame; such stacks are rare, and not remembered.
 */
#ifndef MP_UNWIND_FULL_H
#define MP_UNWIND_FULL_H

#include "unwind/cfi.h"
#include "unwind/step.h"

struct mp_registers {
	uintptr_t pc;             /* to look up */
	uintptr_t value[MP_REGS]; /* by DWARF number; RA is not used */
	uint32_t known;           /* bit per register */
	bool interrupted;         /* by a signal: pc is no return address */
};

/* The registers of the frame that `frame` is, which must be a caller of this function. False when
 * it could not be found. */
bool mp_full_start(const struct mp_frame *frame, struct mp_registers *registers);

/* The registers that a signal interrupted, from its handler's ucontext_t. */
bool mp_full_interrupted(uintptr_t context, struct mp_registers *registers);

/* Goes to the caller. MP_STEP_LOST where nothing tells the way. */
enum mp_step mp_full_step(struct mp_registers *registers);

/* Evaluates a DWARF expression over registers; `initial` is pushed first unless NULL. Bytes are
 * [from, to). False on anything malformed, unknown or unreadable. */
bool mp_full_evaluate(const uint8_t *from, const uint8_t *to, const struct mp_registers *registers,
                      const uintptr_t *initial, uintptr_t *result);

#endif
