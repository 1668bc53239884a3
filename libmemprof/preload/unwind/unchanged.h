/* unchanged.h: is the stack the one that its innermost frame had the last time? So it is for many
 * allocations in a row, and so this look at it is to be part of the function that counts them. All
 * else is in walk.c, which tells why the look is a proof. */
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
	struct mp_memo memo;
	uint32_t generation;
	uint32_t depth;
	bool cut;              /* last.frames[1] is not the outermost */
	uint32_t missed;       /* questions of late that the memo had no answer to (ask_memo) */
	uint64_t next_audit;   /* the capture, by number, that is audited next */
	struct mp_taken taken; /* a stack that is not in the memo */
	struct mp_last last;
	struct mp_new_frame walked[MP_CAPTURE_DEPTH]; /* innermost first */
};

/* The stack, which was taken as `node`, is to be held against libunwind's. */
void mp_capture_audit(struct mp_capture *capture, struct mp_capture_counts *counts,
                      uintptr_t return_address, uintptr_t sp, uintptr_t bp, uint32_t node);

/* Takes a stack that is not memo.root. `fails` is the first check of that that fails; NULL if none
 * was compared. */
struct mp_taken *mp_capture_other_stack(struct mp_capture *capture,
                                        struct mp_capture_counts *counts, uintptr_t return_address,
                                        uintptr_t sp, uintptr_t bp, const mp_memo_word *fails);

/* mp_capture_stack, of which the part that most captures come to lies here. */
static inline __attribute__((always_inline)) struct mp_taken *
mp_capture_stack_here(struct mp_capture *capture, struct mp_capture_counts *counts,
                      uintptr_t return_address, uintptr_t sp, uintptr_t bp)
{
	struct mp_memo_stack *root = capture->memo.root;
	const mp_memo_word *fails = NULL;
	if (__builtin_expect(root && capture->generation == mp_rules_generation() &&
	                             mp_memo_is(root, return_address - 1, sp, bp),
	                     1)) {
		fails = mp_memo_compare(root);
		if (__builtin_expect(fails == root->end, 1)) {
			counts->truncated += root->cut;
			if (__builtin_expect(++counts->captures >= capture->next_audit, 0))
				mp_capture_audit(capture, counts, return_address, sp, bp,
				                 root->taken.node);
			return &root->taken;
		}
	}
	return mp_capture_other_stack(capture, counts, return_address, sp, bp, fails);
}

#endif
