/* walk.c: takes stacks; implements capture.h.
 *
 * What a thread keeps is its last stack, outermost frame first:
 *
 *     frames   [0] _start  [1] main  [2] run  …  [n−1] the hook's caller      each with its node
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
 * lookup, a step and a look into a per-thread table of edges (node, address) → child.
 */
#include "capture.h"

#include "shared/region.h"
#include "stacks.h"
#include "unwind/audit.h"
#include "unwind/full.h"
#include "unwind/rule_cache.h"
#include "unwind/step.h"

#include <string.h>

#define EDGE_BITS 13u /* of the number of edges; a pair of them shares a place */
#define EDGES     (1u << EDGE_BITS)

#define CHECKS (3 * MP_CAPTURE_DEPTH + 1) /* the last is never used */

/* A word of the stack that led from a frame to its caller. */
struct check {
	uintptr_t at, value;
};

struct kept_frame {
	struct mp_frame frame;
	uint32_t node;
	uint16_t checks; /* checks[0 … checks) belong to this frame and those outside of it */
	bool needs_bp;   /* a rule from here outward uses this frame's rbp */
};

struct new_frame {
	struct mp_frame frame;
	struct mp_rule rule;
	uint32_t id; /* of the address, for edges; 0: not remembered */
};

struct edge {
	uint64_t key; /* parent node in the upper half, id of the address in the lower; 0: free */
	uint32_t node;
	uint32_t spare;
};

struct mp_capture {
	uint32_t generation;
	uint32_t depth;
	bool cut; /* frames[0] is not the outermost */
	struct kept_frame frames[MP_CAPTURE_DEPTH];
	struct check checks[CHECKS];
	struct new_frame walked[MP_CAPTURE_DEPTH]; /* innermost first */
	struct edge edges[EDGES];
};

const uint32_t mp_capture_size = sizeof(struct mp_capture);

/* A word that was written a moment ago, as a word: the compiler would join two of them to one load
 * of a vector, which has to wait until both have left the store buffer. */
static inline uintptr_t word(const uintptr_t *at)
{
	return __atomic_load_n(at, __ATOMIC_RELAXED);
}

/* ---- nodes ------------------------------------------------------------------------------ */

/* An address that has no id, or whose edge was displaced. */
__attribute__((noinline)) static uint32_t child_anew(uint32_t parent, uintptr_t pc,
                                                     uint32_t generation)
{
	return mp_node_child(parent, mp_rule_of(pc, generation).where);
}

/* The child by the thread's edges, by the tree itself where they do not have it. Of the two edges
 * of a place the first is the newer. */
static inline uint32_t child(struct mp_capture *capture, uint32_t parent,
                             const struct new_frame *new)
{
	if (__builtin_expect(parent == MP_NODE_OVERFLOW, 0))
		return parent;
	if (__builtin_expect(!new->id, 0))
		return child_anew(parent, new->frame.pc, capture->generation);
	uint64_t key = (uint64_t)parent << 32 | new->id;
	uint64_t place = key * 0x9e3779b97f4a7c15ull >> (64 - EDGE_BITS) & ~1ull;
	struct edge *edge = &capture->edges[place];
	if (__builtin_expect(edge[0].key == key, 1))
		return edge[0].node;
	if (edge[1].key == key)
		return edge[1].node;
	edge[1] = edge[0];
	edge[0].node = child_anew(parent, new->frame.pc, capture->generation);
	edge[0].key = key;
	return edge[0].node;
}

/* ---- the proof -------------------------------------------------------------------------- */

/* How many checks, counted from the outermost, are left when one fails; 0 if all hold. */
static inline uint32_t prove(const struct mp_capture *capture, uint32_t checks)
{
	const struct check *check = &capture->checks[checks];
	while (check-- > capture->checks)
		if (__builtin_expect(mp_word_at(check->at) != check->value, 0))
			return (uint32_t)(check - capture->checks) + 1;
	return 0;
}

static inline bool same_frame(const struct kept_frame *kept, struct mp_frame frame)
{
	return kept->frame.sp == frame.sp && kept->frame.pc == frame.pc &&
	       (!kept->needs_bp || kept->frame.bp == frame.bp);
}

/* ---- the walk --------------------------------------------------------------------------- */

enum walk_end {
	WALK_MET,  /* a frame of the last stack, proven: `kept` frames stay */
	WALK_END,  /* the outermost frame */
	WALK_ZERO, /* the same, by a return address of 0 */
	WALK_CUT,  /* the depth limit */
	WALK_FULL, /* a frame needs more registers */
	WALK_LOST,
};

struct walk {
	struct mp_frame frame; /* where it stands */
	uint32_t walked;       /* frames in capture->walked */
	uint32_t kept;         /* frames of the last stack that may still be met */
};

/* Of the first `kept` frames, those outside of the frame whose check failed, when `left` checks
 * were left. */
static uint32_t outside_of(const struct mp_capture *capture, uint32_t kept, uint32_t left)
{
	while (kept > 0 && capture->frames[kept - 1].checks >= left)
		kept--;
	return kept;
}

/* The walk is in the outermost frame of the first `kept` of the last stack. Are all outside of it
 * what they were? If not, `kept` is cut back to those whose callers may still be what they were. */
static inline bool proven_from(const struct mp_capture *capture, uint32_t *kept)
{
	uint32_t left = prove(capture, capture->frames[*kept - 1].checks);
	if (left != 0)
		*kept = outside_of(capture, *kept, left);
	return left == 0;
}

static const enum walk_end ends[] = {[MP_STEP_END] = WALK_END,
                                     [MP_STEP_ZERO] = WALK_ZERO,
                                     [MP_STEP_FULL] = WALK_FULL,
                                     [MP_STEP_LOST] = WALK_LOST};

/* Where the next frame may be: where the last stack had one. */
static inline uintptr_t guess(const struct mp_capture *capture, uint32_t kept, uintptr_t sp)
{
	const struct kept_frame *frames = capture->frames;
	if (kept > 0 && frames[kept - 1].frame.sp == sp)
		kept--;
	return kept > 0 ? frames[kept - 1].frame.sp : 0;
}

/* Where the walk stands is kept in variables of its own, and not in *walk: in registers. */
static enum walk_end walk_frames(struct mp_capture *capture, struct walk *walk)
{
	struct mp_frame frame = {word(&walk->frame.pc), word(&walk->frame.sp),
	                         word(&walk->frame.bp)};
	uintptr_t page = MP_STEP_NO_PAGE;
	uint32_t generation = capture->generation;
	uint32_t kept = walk->kept;
	struct new_frame *new = capture->walked;
	enum walk_end end = WALK_CUT;
	for (; new < capture->walked + MP_CAPTURE_DEPTH; new ++) {
		while (kept > 0 && capture->frames[kept - 1].frame.sp < frame.sp)
			kept--;
		if (kept > 0 && same_frame(&capture->frames[kept - 1], frame) &&
		    proven_from(capture, &kept)) {
			end = WALK_MET;
			break;
		}
		struct mp_known known = mp_rule_of(frame.pc, generation);
		if (__builtin_expect(mp_rule_kind(known.rule) <= MP_RULE_NO_CFI, 0))
			known.rule = mp_step_by_frame_pointer(frame);
		new->frame.pc = frame.pc;
		new->frame.sp = frame.sp;
		new->frame.bp = frame.bp;
		new->rule = known.rule;
		new->id = known.id;
		enum mp_step step =
		        mp_step(frame, known.rule, guess(capture, kept, frame.sp), &frame, &page);
		if (__builtin_expect(step != MP_STEP_ON, 0)) {
			new ++;
			end = ends[step];
			break;
		}
	}
	walk->walked = (uint32_t)(new - capture->walked);
	walk->kept = kept;
	walk->frame = frame;
	return end;
}

/* ---- remembering ------------------------------------------------------------------------ */

static void add_check(struct mp_capture *capture, uint32_t *checks, uintptr_t at)
{
	capture->checks[(*checks)++] = (struct check){at, mp_word_at(at)};
}

/* Adds what was read to get from `frame` to `caller`, last what was read first. */
static void add_checks(struct mp_capture *capture, uint32_t *checks, const struct new_frame *new,
                       const struct mp_frame *caller, bool caller_needs_bp)
{
	struct mp_rule rule = new->rule;
	if (mp_rule_kind(rule) == MP_RULE_SIGNAL) {
		if (caller_needs_bp)
			add_check(capture, checks, new->frame.sp + MP_SIGNAL_BP);
		add_check(capture, checks, new->frame.sp + MP_SIGNAL_SP);
		add_check(capture, checks, new->frame.sp + MP_SIGNAL_PC);
		return;
	}
	uintptr_t cfa = caller->sp;
	if (caller_needs_bp && mp_rule_bp_where(rule) != MP_BP_KEPT)
		add_check(capture, checks, mp_step_bp_slot(new->frame, rule, cfa));
	add_check(capture, checks, cfa - 8);
	if (mp_rule_kind(rule) == MP_RULE_RSP_DEREF || mp_rule_kind(rule) == MP_RULE_RBP_DEREF)
		add_check(capture, checks, mp_step_base(new->frame, rule));
}

static bool needs_bp(struct mp_rule rule, bool caller_needs_bp)
{
	if (mp_rule_uses_bp(rule) || (mp_rule_bp_where(rule) == MP_BP_AT_BP && caller_needs_bp))
		return true;
	return caller_needs_bp && mp_rule_bp_where(rule) == MP_BP_KEPT &&
	       mp_rule_kind(rule) != MP_RULE_SIGNAL;
}

/* Puts the walked frames on top of the frames that stay. `caller` is the frame outside of the
 * outermost of them, NULL if there is none that was read. */
static void remember(struct mp_capture *capture, const struct walk *walk,
                     const struct mp_frame *caller, uint32_t root)
{
	uint32_t depth = walk->kept;
	const struct kept_frame *outer = depth ? &capture->frames[depth - 1] : NULL;
	uint32_t checks = outer ? outer->checks : 0;
	uint32_t node = outer ? outer->node : root;
	bool caller_needs_bp = outer && outer->needs_bp;
	for (uint32_t i = walk->walked; i-- > 0;) {
		const struct new_frame *new = &capture->walked[i];
		if (caller)
			add_checks(capture, &checks, new, caller, caller_needs_bp);
		node = child(capture, node, new);
		caller_needs_bp = needs_bp(new->rule, caller_needs_bp);
		struct kept_frame *kept = &capture->frames[depth++];
		kept->frame.pc = word(&new->frame.pc);
		kept->frame.sp = word(&new->frame.sp);
		kept->frame.bp = word(&new->frame.bp);
		kept->node = node;
		kept->checks = (uint16_t)checks;
		kept->needs_bp = caller_needs_bp;
		caller = &new->frame;
	}
	capture->depth = depth;
}

/* ---- stacks that are not remembered ------------------------------------------------------- */

static uint32_t intern(const uint64_t *where, uint32_t count, uint32_t root)
{
	uint32_t node = root;
	while (count-- > 0 && node != MP_NODE_OVERFLOW)
		node = mp_node_child(node, where[count]);
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

__attribute__((noinline)) static uint32_t capture_full(struct mp_frame frame, uint32_t generation)
{
	uint64_t where[MP_CAPTURE_DEPTH];
	struct mp_registers registers;
	uint32_t count = 0;
	enum mp_step step = MP_STEP_ON;
	if (!mp_full_start(&frame, &registers))
		return mp_node_child(MP_NODE_UNKNOWN, mp_rule_of(frame.pc, generation).where);
	while (step == MP_STEP_ON && count < MP_CAPTURE_DEPTH) {
		where[count++] = mp_rule_of(registers.pc, generation).where;
		step = mp_full_step(&registers);
	}
	return intern(where, count, root_of(step));
}

uint32_t mp_capture_stack_afresh(uintptr_t return_address, uintptr_t sp, uintptr_t bp)
{
	uint32_t generation = mp_rules_generation();
	uint64_t where[MP_CAPTURE_DEPTH];
	const struct mp_frame innermost = {return_address - 1, sp, bp};
	struct mp_frame frame = innermost;
	uintptr_t page = MP_STEP_NO_PAGE;
	uint32_t count = 0;
	enum mp_step step = MP_STEP_ON;
	while (step == MP_STEP_ON && count < MP_CAPTURE_DEPTH) {
		struct mp_known known = mp_rule_of(frame.pc, generation);
		if (mp_rule_kind(known.rule) <= MP_RULE_NO_CFI)
			known.rule = mp_step_by_frame_pointer(frame);
		where[count++] = known.where;
		step = mp_step(frame, known.rule, 0, &frame, &page);
	}
	if (step == MP_STEP_FULL)
		return capture_full(innermost, generation);
	return intern(where, count, root_of(step));
}

/* ---- audits ------------------------------------------------------------------------------- */

/* Does libunwind find what is remembered of the last stack? Frames of code without call frame
 * information are guesses of either side: up to there. */
static bool audit_agrees(const struct mp_capture *capture)
{
	for (uint32_t i = capture->depth; i-- > 0;) {
		const struct mp_frame *frame = &capture->frames[i].frame;
		if (mp_audit_pc() != frame->pc)
			return false;
		struct mp_rule rule = mp_rule_of(frame->pc, capture->generation).rule;
		if (mp_rule_kind(rule) <= MP_RULE_NO_CFI || (i == 0 && capture->cut))
			return true;
		enum mp_step step = mp_audit_step();
		if (step != (i > 0 ? MP_STEP_ON : MP_STEP_END))
			return false;
	}
	return true;
}

__attribute__((noinline)) static void audit(const struct mp_capture *capture,
                                            struct mp_capture_counts *counts)
{
	if (capture->depth == 0 ||
	    !mp_audit_begin(&capture->frames[capture->depth - 1].frame, capture->generation))
		return;
	bool agrees = audit_agrees(capture);
	mp_audit_end();
	counts->audits++;
	counts->audit_mismatches += !agrees;
}

/* ---- the seam --------------------------------------------------------------------------- */

static void forget_own(struct mp_capture *capture, uint32_t generation)
{
	capture->depth = 0;
	capture->cut = false;
	capture->generation = generation;
	memset(capture->edges, 0, sizeof capture->edges);
}

static uint32_t innermost_node(const struct mp_capture *capture)
{
	return capture->frames[capture->depth - 1].node;
}

/* Takes a stack that is not the last one. `left` is how many checks were left when one of the last
 * stack failed, CHECKS if none was compared. */
__attribute__((noinline)) static uint32_t capture_changed(struct mp_capture *capture,
                                                          struct mp_capture_counts *counts,
                                                          uintptr_t pc, uintptr_t sp, uintptr_t bp,
                                                          uint32_t left)
{
	uint32_t generation = mp_rules_generation();
	if (__builtin_expect(capture->generation != generation, 0))
		forget_own(capture, generation);
	uint32_t kept = outside_of(capture, capture->depth, left);
	struct walk walk = {.frame = {pc, sp, bp}, .kept = kept};
	enum walk_end end = walk_frames(capture, &walk);
	/* A path that was cut begins where the limit was, and so does its whole chain of nodes. */
	if (end == WALK_MET && (capture->cut || walk.kept + walk.walked > MP_CAPTURE_DEPTH)) {
		counts->frames_walked += walk.walked;
		walk = (struct walk){.frame = {pc, sp, bp}};
		end = walk_frames(capture, &walk);
	}
	counts->frames_walked += walk.walked;
	capture->cut = end == WALK_CUT;
	switch (end) {
	case WALK_MET:
		remember(capture, &walk, &capture->frames[walk.kept - 1].frame, 0);
		break;
	case WALK_END:
		walk.kept = 0;
		remember(capture, &walk, NULL, MP_NODE_ROOT);
		break;
	case WALK_ZERO:
		walk.kept = 0;
		remember(capture, &walk, &walk.frame, MP_NODE_ROOT);
		break;
	case WALK_CUT:
		walk.kept = 0;
		counts->truncated++;
		remember(capture, &walk, &walk.frame, MP_NODE_CUT);
		break;
	case WALK_FULL:
		capture->depth = 0;
		return capture_full((struct mp_frame){pc, sp, bp}, generation);
	default: {
		/* Where it ends hangs on more than was kept: it is walked again each time. */
		walk.kept = 0;
		remember(capture, &walk, NULL, MP_NODE_UNKNOWN);
		uint32_t node = innermost_node(capture);
		capture->depth = 0;
		return node;
	}
	}
	return innermost_node(capture);
}

static inline uint32_t capture_stack(struct mp_capture *capture, struct mp_capture_counts *counts,
                                     struct mp_frame innermost)
{
	uint32_t left = CHECKS; /* none has failed */
	if (__builtin_expect(capture->depth > 0 && capture->generation == mp_rules_generation(),
	                     1)) {
		const struct kept_frame *last = &capture->frames[capture->depth - 1];
		if (same_frame(last, innermost)) {
			left = prove(capture, last->checks);
			if (__builtin_expect(left == 0, 1)) {
				counts->truncated += capture->cut;
				return last->node;
			}
		}
	}
	return capture_changed(capture, counts, innermost.pc, innermost.sp, innermost.bp, left);
}

uint32_t mp_capture_stack(struct mp_capture *capture, struct mp_capture_counts *counts,
                          uintptr_t return_address, uintptr_t sp, uintptr_t bp)
{
	uint32_t node =
	        capture_stack(capture, counts, (struct mp_frame){return_address - 1, sp, bp});
	if (__builtin_expect(++counts->captures % MP_AUDIT_EARLY_PERIOD == 0, 0))
		audit(capture, counts);
	return node;
}

void mp_capture_forget(void)
{
	mp_rules_forget();
	mp_readable_forget();
}

void mp_capture_start(void)
{
	mp_audit_start();
}
