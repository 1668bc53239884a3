/* capture.h: the seam behind which stacks are taken.
 *
 * A hook hands in where its caller stands: return address, stack pointer after the return (the
 * hook's CFA) and the caller's rbp. It gets back the node of the stack tree whose path is the stack
 * of return addresses at this moment. What is behind the seam knows nothing of allocations.
 */
#ifndef MP_PRELOAD_CAPTURE_H
#define MP_PRELOAD_CAPTURE_H

#include <stdint.h>

/* At most so many frames; outer ones are cut, and the path then begins at MP_NODE_CUT. */
#define MP_CAPTURE_DEPTH 128u

/* What a thread remembers of its last stack. Zeroed memory is a valid, empty memory. */
struct mp_capture;
extern const uint32_t mp_capture_size; /* bytes to set aside, zeroed, for a struct mp_capture */

/* A stack that was taken. `note` is the caller's, to keep what goes with this stack: it is 0 when
 * the stack is taken for the first time, and may be so again at any later time. */
struct mp_taken {
	uint64_t note;
	uint32_t node;
};

/* What happened in captures of one thread; only ever grows. */
struct mp_capture_counts {
	uint64_t captures;
	uint64_t frames_walked; /* frames that had to be unwound, others were proven unchanged */
	uint64_t truncated;
	uint64_t audits, audit_mismatches;
};

/* Takes the calling thread's stack. `capture` and `counts` belong to this thread; not reentrant on
 * the same capture (the caller guards). No lock, no system call, no allocation but by mp_own_map.
 */
uint32_t mp_capture_stack(struct mp_capture *capture, struct mp_capture_counts *counts,
                          uintptr_t return_address, uintptr_t sp, uintptr_t bp);

/* The same without memory: for events that interrupt a capture. Async-signal-safe. */
uint32_t mp_capture_stack_afresh(uintptr_t return_address, uintptr_t sp, uintptr_t bp);

/* The stack that a signal interrupted: `context` is its handler's ucontext_t. The innermost frame
 * is the interrupted instruction itself. Async-signal-safe, without memory. */
uint32_t mp_capture_interrupted(const void *context);

/* Once, from the library's constructor, single-threaded: opens libunwind, for what has no simple
 * rule and for audits. Captures work before it, and without it. */
void mp_capture_start(void);

/* Code was unmapped, or node ids have begun anew (fork): everything remembered is void. */
void mp_capture_forget(void);

/* The program unmapped memory of its own making, in which there may have been code. A few ns;
 * lock-free, async-signal-safe. */
void mp_capture_unmapped(void);

#endif
