/* code.h: what instructions say of a return address, where no call frame information does.
 *
 * Code made at run time, and assembly written by hand without annotations, is told by its bytes:
 *
 * - Whether a call ends there: else it is no return address, whatever the stack holds.
 * - Its way out: a frame that will leave at once once it is returned to, by adding to rsp, popping
 *   registers and ret, has its caller's frame where those instructions will find it. That is no
 *   guess: it is what will be executed, unless the call never returns. Trampolines are of that kind
 * (Python's for perf: "call *%rcx; add $8, %rsp; ret", later "call *%rcx; pop %rbp; ret"), and no
 * frame pointer has to be where they are.
 *
 * To read bytes at an address that may be anything, the kernel is asked first, each time, since
 * such code goes as it came. That takes about 0.5 µs, so what was found of a return address is
 * remembered, in a table of the process without locks, and the bytes are not read again:
 *
 *     { address ^ facts, facts }    each entry's words are written and read apart from each other;
 *                                   halves of two entries do not fit together
 *
 * Facts carry an epoch. Each unmapping of the program's begins a new one, as dlclose does. Code
 * that is written over in place is taken for what it was: its return addresses are no longer on a
 * stack. What is not a return address is not remembered: it may become one at any time.
 *
 * Lock-free, async-signal-safe.
 */
#ifndef MP_UNWIND_CODE_H
#define MP_UNWIND_CODE_H

#include "unwind/rules.h"

#include <stdbool.h>
#include <stdint.h>

/* Does a call instruction end at `address`? */
bool mp_code_follows_call(uintptr_t address);

/* The rule of the frame that is returned to at `address`; MP_RULE_NO_CFI if no call ends there, or
 * if what follows is not a way out. */
struct mp_rule mp_code_way_out(uintptr_t address);

/* All that is remembered is void. */
void mp_code_forget(void);

#endif
