/* walk.c: takes stacks; implements capture.h.
 *
 * What a thread keeps is its last stack, outermost frame first:
 *
 *     frames   [1] _start  [2] main  [3] run  …  [n] the hook's caller      each with its node
 *     checks   what was read of the stack to get from each frame to its caller: (address, value)
 *
 * A capture walks by rules from the innermost frame. As soon as it stands in a frame that the last
 * stack has too (same address to look up, same rsp, and same rbp if a rule from there on outward
 * uses it), the rest need not be walked: the checks of that frame and of all outer ones are
 * compared with memory, from the inside out. If all hold, the outer frames are what they were, and
 * so is their node. Only the frames inside of it are new; they are interned one by one from there.
 *
 *     last    main run step grow malloc          now   main run step look find malloc
 *                          └ same frame: compare main … step, intern look, find, malloc
 *
 * Why that is a proof. A step from a frame to its caller is a function of the frame's three values
 * and of the words that it reads (step.h). If a frame is the same, the step reads the same
 * addresses; if the words there are the same, its caller is the same frame. By induction from the
 * meeting frame outward the walk would find exactly what is remembered. It holds whatever happened
 * since: returns, longjmp, exceptions, another coroutine, another stack mapped at the same address.
 *
 * Why reading is safe. The comparison goes from the inside out and stops at the first difference.
 * So each word is only read once everything inside of it has been found equal, and it is then a
 * word that the walk itself would read now: part of a live frame. Nothing of the last stack is read
 * because it was there once. (The processor reads ahead of the comparisons, which is why it is
 * fast: the loads are independent. What it reads in vain cannot fault.)
 *
 * rbp is compared only where an outer rule uses it before it is loaded anew, since otherwise each
 * function that keeps a changing value in it would break the proof.
 *
 * What costs: one comparison for each remembered word, and for each frame that changed a rule
 * lookup, a step and a look into the index of the tree. Stacks that come again and again are not
 * walked at all: they are kept whole in the memo (memo.h), and found there by a proof of the same
 * kind. It is asked first; the last stack is the last one that was walked.
 *
 * A stack deeper than MP_CAPTURE_DEPTH keeps its innermost frames. While it is as deep, only an
 * unchanged one is proven; any other is walked and interned anew, which is bounded by the limit.
 *
 * Not remembered at all are stacks with a frame that takes all registers to leave (full.h), and
 * those that end where nothing tells the way: these hang on more than the words that were read.
 */
#include "capture.h"

#include "stacks.h"
#include "unwind/audit.h"
#include "unwind/code.h"
#include "unwind/full.h"
#include "unwind/step.h"
#include "unwind/unchanged.h"

const uint32_t mp_capture_size = sizeof(struct mp_capture);

/* A word that was written a moment ago, as a word: the compiler would join two of them to one load
 * of a vector, which has to wait until both have left the store buffer. */
static inline uint64_t word(const uint64_t *at)
{
	return __atomic_load_n(at, __ATOMIC_RELAXED);
}

/* ---- the walk --------------------------------------------------------------------------- */

enum walk_end {
	WALK_MET,  /* a frame of the last stack, proven: it and those outside of it stay */
	WALK_END,  /* the outermost frame */
	WALK_ZERO, /* the same, by a return address of 0 */
	WALK_CUT,  /* the depth limit */
	WALK_FULL, /* a frame needs more registers */
	WALK_LOST,
};

struct walk {
	struct mp_frame frame;            /* where it stands */
	const struct mp_kept_frame *kept; /* of the last stack: the innermost that may be met */
	struct mp_new_frame *end;         /* of the frames in capture->walked */
};

static const enum walk_end ends[] = {[MP_STEP_END] = WALK_END,
                                     [MP_STEP_ZERO] = WALK_ZERO,
                                     [MP_STEP_FULL] = WALK_FULL,
                                     [MP_STEP_LOST] = WALK_LOST};

/* Did a signal interrupt the frame that is walked next? The innermost called a hook. */
static inline bool is_interrupted(const struct mp_capture *capture, const struct mp_new_frame *next)
{
	return next != capture->walked && mp_rule_kind(next[-1].rule) == MP_RULE_SIGNAL;
}

static inline __attribute__((always_inline)) enum walk_end
walk_frames(struct mp_capture *capture, struct walk *walk, uint32_t generation)
{
	/* In registers, and not in *walk. */
	struct mp_frame frame = walk->frame;
	const struct mp_kept_frame *kept = walk->kept;
	/* beside the frame where it stands: tells where the next one probably is */
	const struct mp_kept_frame *beside = &capture->last.frames[capture->depth];
	struct mp_new_frame *new = capture->walked;
	struct mp_new_frame *const limit = capture->walked + MP_CAPTURE_DEPTH;
	uintptr_t page = mp_step_page_below(frame.sp);
	enum walk_end end = WALK_CUT;
	for (; new != limit; new ++) {
		while (beside->frame.sp < frame.sp)
			beside--;
		uintptr_t guess = beside->frame.sp;
		if (guess == frame.sp) {
			guess = beside[-1].frame.sp;
			if (beside <= kept && mp_kept_is(beside, frame)) {
				uint32_t left = mp_checks_left(capture->last.checks,
				                               mp_kept_checks(beside));
				kept = beside;
				if (left == 0) {
					end = WALK_MET;
					break;
				}
				kept = mp_kept_outside_of(kept, left);
			}
		}
		struct mp_known known = mp_rule_of(frame.pc, generation);
		if (__builtin_expect(mp_rule_kind(known.rule) <= MP_RULE_NO_CFI, 0))
			known.rule = mp_step_uninformed(frame, is_interrupted(capture, new));
		new->frame.pc = frame.pc;
		new->frame.sp = frame.sp;
		new->frame.bp = frame.bp;
		new->rule = known.rule;
		new->where = known.where;
		enum mp_step step = mp_step(frame, known.rule, guess, &frame, &page);
		if (__builtin_expect(step != MP_STEP_ON, 0)) {
			new ++;
			end = ends[step];
			break;
		}
	}
	walk->frame = frame;
	walk->kept = kept;
	walk->end = new;
	return end;
}

/* ---- remembering ------------------------------------------------------------------------ */

/* Adds what was read to get from a frame to its caller, last what was read first. */
static struct mp_check *add_checks(struct mp_check *check, const struct mp_new_frame *new,
                                   struct mp_frame caller, bool caller_needs_bp)
{
	struct mp_rule rule = new->rule;
	uintptr_t places[3];
	uint32_t count = 0;
	if (mp_rule_kind(rule) == MP_RULE_SIGNAL) {
		if (caller_needs_bp)
			places[count++] = new->frame.sp + MP_SIGNAL_BP;
		places[count++] = new->frame.sp + MP_SIGNAL_SP;
		places[count++] = new->frame.sp + MP_SIGNAL_PC;
	} else {
		if (caller_needs_bp && mp_rule_bp_where(rule) != MP_BP_KEPT)
			places[count++] = mp_step_bp_slot(new->frame, rule, caller.sp);
		places[count++] = caller.sp - 8;
		if (mp_rule_kind(rule) >= MP_RULE_RSP_DEREF)
			places[count++] = mp_step_base(new->frame, rule);
	}
	for (uint32_t i = 0; i < count; i++, check++) {
		check->at = places[i];
		check->value = mp_word_at(places[i]);
	}
	return check;
}

/* Puts the walked frames on top of the frames that stay, `kept` and those outside of it. `caller`
 * is the frame outside of the outermost of the walked, if that one's way to it was read. */
static inline __attribute__((always_inline)) uint32_t
remember(struct mp_capture *capture, const struct mp_kept_frame *kept,
         const struct mp_new_frame *new, struct mp_frame caller, bool has_caller, uint32_t node)
{
	struct mp_node *nodes = mp_nodes(mp_region());
	struct mp_kept_frame *next = &capture->last.frames[kept - capture->last.frames];
	struct mp_check *check = &capture->last.checks[mp_kept_checks(kept)];
	bool caller_needs_bp = mp_kept_needs_bp(kept);
	while (new -- != capture->walked) {
		struct mp_rule rule = new->rule;
		struct mp_frame frame = {word(&new->frame.pc), word(&new->frame.sp),
		                         word(&new->frame.bp)};
		if (__builtin_expect(has_caller, 1)) {
			bool plain = !caller_needs_bp || mp_rule_bp_where(rule) == MP_BP_KEPT;
			if (__builtin_expect(plain & mp_rule_is_usual(rule), 1)) {
				check->at = caller.sp - 8;
				check->value = caller.pc + 1;
				check++;
			} else {
				check = add_checks(check, new, caller, caller_needs_bp);
			}
		}
		node = mp_node_child(nodes, node, word(&new->where));
		caller_needs_bp = mp_rule_needs_bp(rule, caller_needs_bp);
		next++;
		next->frame.pc = frame.pc;
		next->frame.sp = frame.sp;
		next->frame.bp = frame.bp;
		next->node = node;
		next->checks = (uint32_t)(check - capture->last.checks) << 1 | caller_needs_bp;
		caller = frame;
		has_caller = true;
	}
	capture->depth = (uint32_t)(next - capture->last.frames);
	return node;
}

/* The same for a whole stack, whose path begins at `root`. */
static uint32_t remember_whole(struct mp_capture *capture, const struct walk *walk, bool has_caller,
                               uint32_t root)
{
	return remember(capture, capture->last.frames, walk->end, walk->frame, has_caller, root);
}

/* ---- stacks that are not remembered ------------------------------------------------------- */

static uint32_t intern(const uint64_t *where, uint32_t count, uint32_t root)
{
	struct mp_node *nodes = mp_nodes(mp_region());
	uint32_t node = root;
	while (count-- > 0)
		node = mp_node_child(nodes, node, where[count]);
	return node;
}

/* The root of a path that ended with `step`. */
static uint32_t root_of(enum mp_step step)
{
	switch (step) {
	case MP_STEP_ON:
		return MP_NODE_CUT;
	case MP_STEP_END:
	case MP_STEP_ZERO:
		return MP_NODE_ROOT;
	default:
		return MP_NODE_UNKNOWN;
	}
}

static uint32_t walk_full(struct mp_registers *registers, uint32_t generation)
{
	uint64_t where[MP_CAPTURE_DEPTH];
	uint32_t count = 0;
	enum mp_step step = MP_STEP_ON;
	while (step == MP_STEP_ON && count < MP_CAPTURE_DEPTH) {
		where[count++] = mp_rule_of(registers->pc, generation).where;
		step = mp_full_step(registers);
	}
	return intern(where, count, root_of(step));
}

/* A frame from which nothing tells the way. */
static uint32_t intern_lost(uintptr_t pc, uint32_t generation)
{
	const uint64_t where = mp_rule_of(pc, generation).where;
	return intern(&where, 1, MP_NODE_UNKNOWN);
}

__attribute__((noinline)) static uint32_t capture_full(struct mp_frame frame, uint32_t generation)
{
	struct mp_registers registers;
	if (!mp_full_start(&frame, &registers))
		return intern_lost(frame.pc, generation);
	return walk_full(&registers, generation);
}

/* False, and nothing in *node, where a frame needs all registers. `interrupted`: by a signal, the
 * innermost frame. */
static bool walk_afresh(struct mp_frame frame, bool interrupted, uint32_t generation,
                        uint32_t *node)
{
	uint64_t where[MP_CAPTURE_DEPTH];
	uintptr_t page = mp_step_page_below(frame.sp);
	uint32_t count = 0;
	enum mp_step step = MP_STEP_ON;
	while (step == MP_STEP_ON && count < MP_CAPTURE_DEPTH) {
		struct mp_known known = mp_rule_of(frame.pc, generation);
		if (mp_rule_kind(known.rule) <= MP_RULE_NO_CFI)
			known.rule = mp_step_uninformed(frame, interrupted);
		interrupted = mp_rule_kind(known.rule) == MP_RULE_SIGNAL;
		where[count++] = known.where;
		step = mp_step(frame, known.rule, 0, &frame, &page);
	}
	if (step == MP_STEP_FULL)
		return false;
	*node = intern(where, count, root_of(step));
	return true;
}

uint32_t mp_capture_stack_afresh(uintptr_t return_address, uintptr_t sp, uintptr_t bp)
{
	const struct mp_frame innermost = {return_address - 1, sp, bp};
	uint32_t generation = mp_rules_generation(), node;
	if (walk_afresh(innermost, false, generation, &node))
		return node;
	return capture_full(innermost, generation);
}

uint32_t mp_capture_interrupted(const void *context)
{
	uintptr_t at = (uintptr_t)context;
	const struct mp_frame innermost = {mp_word_at(at + MP_SIGNAL_PC),
	                                   mp_word_at(at + MP_SIGNAL_SP),
	                                   mp_word_at(at + MP_SIGNAL_BP)};
	uint32_t generation = mp_rules_generation(), node;
	struct mp_registers registers;
	if (walk_afresh(innermost, true, generation, &node))
		return node;
	if (!mp_full_interrupted(at, &registers))
		return intern_lost(innermost.pc, generation);
	return walk_full(&registers, generation);
}

/* ---- audits ------------------------------------------------------------------------------- */

/* Is the node of a frame of the last stack, as it was interned, that frame below its caller? */
static bool node_agrees(const struct mp_capture *capture, uint32_t frame, uint64_t where)
{
	const struct mp_kept_frame *kept = &capture->last.frames[frame];
	uint32_t outside = frame > 1 ? kept[-1].node : capture->cut ? MP_NODE_CUT : MP_NODE_ROOT;
	uint32_t parent;
	uint64_t interned;
	if (kept->node == MP_NODE_OVERFLOW)
		return true;
	return mp_node_read(kept->node, &parent, &interned) && interned == where &&
	       parent == outside;
}

/* Does libunwind find what is remembered of the last stack, and does its node say the same? Frames
 * of code without call frame information are guesses of either side: up to there. */
static bool audit_agrees(const struct mp_capture *capture)
{
	bool guessed = false;
	for (uint32_t i = capture->depth; i > 0; i--) {
		const struct mp_frame *frame = &capture->last.frames[i].frame;
		struct mp_known known = mp_rule_of(frame->pc, capture->generation);
		if (!node_agrees(capture, i, known.where))
			return false;
		if (guessed)
			continue;
		if (mp_audit_pc() != frame->pc)
			return false;
		guessed = mp_rule_kind(known.rule) <= MP_RULE_NO_CFI || (i == 1 && capture->cut);
		if (!guessed && mp_audit_step() != (i > 1 ? MP_STEP_ON : MP_STEP_END))
			return false;
	}
	return true;
}

/* ---- the seam --------------------------------------------------------------------------- */

__attribute__((noinline)) static void
forget_own(struct mp_capture *capture, const struct mp_capture_counts *counts, uint32_t generation)
{
	if (capture->generation == 0)
		capture->next_audit = mp_audit_next(counts->captures);
	capture->depth = 0;
	capture->cut = false;
	capture->last.frames[0] = (struct mp_kept_frame){.frame = {.sp = UINTPTR_MAX}};
	mp_memo_forget(&capture->memo);
	capture->generation = generation;
}

/* Ends a walk that met nothing of the last stack. */
static uint32_t begin_anew(struct mp_capture *capture, struct mp_capture_counts *counts,
                           enum walk_end end, const struct walk *walk, struct mp_frame innermost)
{
	uint32_t node;
	capture->cut = end == WALK_CUT;
	switch (end) {
	case WALK_END:
		return remember_whole(capture, walk, false, MP_NODE_ROOT);
	case WALK_ZERO:
		return remember_whole(capture, walk, true, MP_NODE_ROOT);
	case WALK_CUT:
		counts->truncated++;
		return remember_whole(capture, walk, true, MP_NODE_CUT);
	case WALK_FULL:
		capture->depth = 0;
		return capture_full(innermost, capture->generation);
	default:
		/* Where it ends hangs on more than is kept: it is walked again each time. */
		node = remember_whole(capture, walk, false, MP_NODE_UNKNOWN);
		capture->depth = 0;
		return node;
	}
}

/* Takes a stack with no regard to the last one. */
__attribute__((noinline)) static uint32_t capture_anew(struct mp_capture *capture,
                                                       struct mp_capture_counts *counts,
                                                       struct mp_frame innermost)
{
	struct walk walk = {.frame = innermost, .kept = capture->last.frames};
	enum walk_end end = walk_frames(capture, &walk, capture->generation);
	counts->frames_walked += (uint64_t)(walk.end - capture->walked);
	return begin_anew(capture, counts, end, &walk, innermost);
}

/* Takes a stack by walking. */
static uint32_t capture_by_walk(struct mp_capture *capture, struct mp_capture_counts *counts,
                                struct mp_frame innermost)
{
	struct walk walk = {.frame = innermost, .kept = &capture->last.frames[capture->depth]};
	enum walk_end end = walk_frames(capture, &walk, capture->generation);
	uint32_t walked = (uint32_t)(walk.end - capture->walked);
	counts->frames_walked += walked;
	if (__builtin_expect(end != WALK_MET, 0))
		return begin_anew(capture, counts, end, &walk, innermost);
	/* A path that was cut begins where the limit was, and so does its whole chain of nodes. */
	uint32_t meeting = (uint32_t)(walk.kept - capture->last.frames);
	if (__builtin_expect(capture->cut || meeting + walked > MP_CAPTURE_DEPTH, 0))
		return capture_anew(capture, counts, innermost);
	return remember(capture, walk.kept, walk.end, walk.kept->frame, true, walk.kept->node);
}

/* A hit makes up for so many misses, and so does a stack that came for the second time and is kept
 * now, since it may be one of many, as long as there is room; beyond that many, the memo is asked
 * now and then only. */
#define MEMO_HIT    4u
#define MEMO_MISSED 256u
#define MEMO_RARELY 16u

static inline void make_up(struct mp_capture *capture, uint32_t misses)
{
	uint32_t missed = capture->missed < MEMO_MISSED ? capture->missed : MEMO_MISSED;
	capture->missed = missed < misses ? 0 : missed - misses;
}

/* Is it worth asking the memo? Not where all stacks are new. */
static inline bool ask_memo(struct mp_capture *capture)
{
	if (__builtin_expect(capture->missed < MEMO_MISSED, 1))
		return true;
	capture->missed++;
	if (capture->missed % MEMO_RARELY != 0)
		return false;
	if (capture->missed >= 2 * MEMO_MISSED)
		capture->missed = MEMO_MISSED;
	return true;
}

/* Takes a stack that the memo has not, or is not asked for, by walking; under a key that it was
 * asked for in vain it may be kept. */
__attribute__((noinline)) static struct mp_taken *capture_unknown(struct mp_capture *capture,
                                                                  struct mp_capture_counts *counts,
                                                                  struct mp_frame innermost,
                                                                  uint64_t key)
{
	struct mp_memo_stack *kept = NULL;
	capture->taken.node = capture_by_walk(capture, counts, innermost);
	capture->taken.note = 0;
	if (key && capture->depth)
		kept = mp_memo_remember(&capture->memo, key, &capture->last, capture->depth,
		                        capture->cut);
	if (kept && !mp_memo_came_round(&capture->memo))
		make_up(capture, MEMO_HIT);
	return kept ? &kept->taken : &capture->taken;
}

/* Takes a stack that is not its root's, or is kept by rules of another generation, or not at all.
 */
__attribute__((noinline)) static struct mp_taken *capture_another(struct mp_capture *capture,
                                                                  struct mp_capture_counts *counts,
                                                                  uintptr_t return_address,
                                                                  uintptr_t sp, uintptr_t bp,
                                                                  const mp_memo_word *fails)
{
	uint32_t generation = mp_rules_generation();
	if (__builtin_expect(capture->generation != generation, 0)) {
		forget_own(capture, counts, generation);
		fails = NULL;
	}
	uintptr_t pc = return_address - 1;
	struct mp_taken *taken;
	struct mp_memo_stack *found = NULL;
	uint64_t key = 0;
	if (ask_memo(capture))
		found = mp_memo_find(&capture->memo, pc, sp, bp, fails, &key);
	if (__builtin_expect(found != NULL, 1)) {
		make_up(capture, MEMO_HIT);
		counts->truncated += found->cut;
		taken = &found->taken;
	} else {
		capture->missed += key != 0;
		taken = capture_unknown(capture, counts, (struct mp_frame){pc, sp, bp}, key);
	}
	if (__builtin_expect(++counts->captures >= capture->next_audit, 0))
		mp_capture_audit(capture, counts, return_address, sp, bp, taken->node);
	return taken;
}

/* Mostly it is the root of its innermost frame. */
struct mp_taken *mp_capture_other_stack(struct mp_capture *capture,
                                        struct mp_capture_counts *counts, uintptr_t return_address,
                                        uintptr_t sp, uintptr_t bp,
                                        const mp_memo_word *fails)
{
	struct mp_memo *memo = &capture->memo;
	uintptr_t pc = return_address - 1;
	if (fails || memo->ring_bytes == 0 || capture->missed >= MEMO_MISSED ||
	    capture->generation != mp_rules_generation())
		return capture_another(capture, counts, return_address, sp, bp, fails);
	struct mp_memo_stack *root = mp_memo_look_up(memo, mp_memo_root_key(pc, sp), pc, sp, bp);
	if (__builtin_expect(root != NULL, 1)) {
		memo->root = root;
		fails = mp_memo_compare(root);
	}
	if (!root || fails != root->end)
		return capture_another(capture, counts, return_address, sp, bp, fails);
	if (capture->missed)
		make_up(capture, MEMO_HIT);
	counts->truncated += root->cut;
	if (__builtin_expect(++counts->captures >= capture->next_audit, 0))
		mp_capture_audit(capture, counts, return_address, sp, bp, root->taken.node);
	return &root->taken;
}

void mp_capture_audit(struct mp_capture *capture, struct mp_capture_counts *counts,
                      uintptr_t return_address, uintptr_t sp, uintptr_t bp, uint32_t node)
{
	const struct mp_frame innermost = {return_address - 1, sp, bp};
	capture->next_audit = mp_audit_next(counts->captures);
	uint32_t walked = capture_by_walk(capture, counts, innermost);
	if (capture->depth == 0 ||
	    !mp_audit_begin(&capture->last.frames[capture->depth].frame, capture->generation))
		return;
	bool agrees = audit_agrees(capture) && walked == node;
	mp_audit_end();
	counts->audits++;
	counts->audit_mismatches += !agrees;
}

uint32_t mp_capture_stack(struct mp_capture *capture, struct mp_capture_counts *counts,
                          uintptr_t return_address, uintptr_t sp, uintptr_t bp)
{
	return mp_capture_stack_here(capture, counts, return_address, sp, bp)->node;
}

void mp_capture_forget(void)
{
	mp_rules_forget();
	mp_readable_forget();
	mp_code_forget();
}

void mp_capture_unmapped(void)
{
	mp_code_forget();
}

void mp_capture_start(void)
{
	mp_audit_start();
}
