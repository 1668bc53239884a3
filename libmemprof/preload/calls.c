/* calls.c: see calls.h. */
#include "calls.h"
#include "count.h"
#include "kernel_signal.h"
#include "os.h"
#include "ownmem.h"
#include "pool.h"
#include "stacks.h"
#include "unwind/rule_cache.h"

#include <signal.h>

bool mp_calls_wanted;

/* A function, and how many of its calls are open on this thread. */
struct function {
	uintptr_t address;
	uint64_t where;
	uint64_t active;
};

/* One edge of the thread's table; counts NULL: free. Of `caller` 0: called by nothing counted. */
struct edge {
	uintptr_t function, caller;
	uint32_t phase; /* as in struct mp_call_counts */
	struct mp_call_counts *counts;
	struct function *of;
};

struct open_call {
	uintptr_t here;
	struct mp_call_counts *counts;
	struct function *of;
	uint64_t begun;
	uint64_t inside;   /* ticks in calls that it made */
	uint64_t children; /* calls that it made … */
	uint64_t below;    /* … and these made, and so on */
};

struct mp_calls {
	uint32_t depth;
	uint32_t beyond; /* calls that are deeper than the limit */
	uintptr_t busy;  /* where the stack stood when it was entered; 0: it is not */
	uint32_t generation;
	uint32_t edges_count, edges_mask;
	uint32_t functions_left, counts_left; /* of the newest pieces */
	struct edge *edges;
	struct function *functions;
	struct mp_call_counts *counts;
	struct mp_thread *thread;
	struct open_call *open;
};

/* Of one call: inside its own interval, and outside of it; ticks. */
static uint64_t inner_ticks, outer_ticks;

static void missed(uint64_t calls)
{
	struct mp_region *region = mp_region();
	if (region)
		ADD_SHARED(region->calls_missed, calls);
}

/* ---- edges ------------------------------------------------------------------------------- */

#define EDGES_FIRST      1024u
#define FUNCTIONS_APIECE (4096u / sizeof(struct function))
#define COUNTS_APIECE    (MP_BLOCK_SIZE / sizeof(struct mp_call_counts))

static inline uint32_t place_of(const struct mp_calls *calls, uintptr_t function, uintptr_t caller,
                                uint32_t phase)
{
	uint64_t hash = (function ^ caller * 3 ^ (uint64_t)phase << 40) * 0x9e3779b97f4a7c15ull;
	return (uint32_t)(hash >> 40) & calls->edges_mask;
}

/* The edge, or the free place where it belongs. */
static inline struct edge *find_edge(const struct mp_calls *calls, uintptr_t function,
                                     uintptr_t caller, uint32_t phase)
{
	uint32_t place = place_of(calls, function, caller, phase);
	for (;; place = (place + 1) & calls->edges_mask) {
		struct edge *edge = &calls->edges[place];
		if (!edge->of ||
		    (edge->function == function && edge->caller == caller && edge->phase == phase))
			return edge;
	}
}

/* A table of twice the size. Functions have an edge of their own in it: (address, FUNCTION). */
static bool grow(struct mp_calls *calls)
{
	struct edge *old = calls->edges;
	uint32_t old_places = old ? calls->edges_mask + 1 : 0;
	uint32_t places = old ? old_places * 2 : EDGES_FIRST;
	if (places > 2 * MP_CALLS_EDGES)
		return false;
	struct edge *edges = mp_own_map(places * sizeof(*edges));
	if (!edges)
		return false;
	mp_signals mask = mp_signals_hold(); /* no jump leaves it half moved */
	calls->edges = edges;
	calls->edges_mask = places - 1;
	for (uint32_t i = 0; i < old_places; i++)
		if (old[i].of)
			*find_edge(calls, old[i].function, old[i].caller, old[i].phase) = old[i];
	mp_signals_release(mask);
	if (old)
		mp_own_unmap(old, old_places * sizeof(*old));
	return true;
}

#define FUNCTION 1u /* no function calls from there */

static struct function *make_function(struct mp_calls *calls, uintptr_t address)
{
	if (!calls->functions_left) {
		calls->functions = mp_own_map(FUNCTIONS_APIECE * sizeof(*calls->functions));
		if (!calls->functions)
			return NULL;
		calls->functions_left = FUNCTIONS_APIECE;
	}
	calls->functions_left--;
	struct function *function = calls->functions++;
	function->address = address;
	function->where = address ? mp_where(address) : 0;
	return function;
}

static struct function *function_of(struct mp_calls *calls, uintptr_t address)
{
	struct edge *edge = find_edge(calls, address, FUNCTION, 0);
	if (!edge->of) {
		struct function *function = make_function(calls, address);
		if (!function)
			return NULL;
		*edge = (struct edge){address, FUNCTION, 0, NULL, function};
		calls->edges_count++;
	}
	return edge->of;
}

static struct mp_call_counts *make_counts(struct mp_calls *calls)
{
	if (!calls->counts_left) {
		calls->counts = mp_pool_take(1, MP_BLOCK_CALLS, calls->thread->slot_index, 0);
		if (!calls->counts)
			return NULL;
		calls->counts_left = COUNTS_APIECE;
	}
	calls->counts_left--;
	return calls->counts++;
}

/* An edge that is not in the table; NULL: there is no room for it. */
__attribute__((noinline)) static struct edge *add_edge(struct mp_calls *calls, uintptr_t function,
                                                       struct function *caller, uint32_t phase)
{
	/* Two may be added: the function, and the edge. */
	if (calls->edges_count + 2 > calls->edges_mask / 2 && !grow(calls))
		return NULL;
	struct function *of = function_of(calls, function);
	struct mp_call_counts *counts = of ? make_counts(calls) : NULL;
	if (!counts)
		return NULL;
	counts->caller = caller ? caller->where : 0;
	counts->phase = phase;
	__atomic_store_n(&counts->function, of->where, __ATOMIC_RELEASE);
	uintptr_t calling = caller ? caller->address : 0;
	struct edge *edge = find_edge(calls, function, calling, phase);
	*edge = (struct edge){function, calling, phase, counts, of};
	calls->edges_count++;
	return edge;
}

/* Code has gone: an address may mean another function now. What is open keeps its counters. */
__attribute__((noinline)) static void forget_edges(struct mp_calls *calls, uint32_t generation)
{
	calls->generation = generation;
	calls->edges_count = 0;
	for (uint32_t i = 0; calls->edges && i <= calls->edges_mask; i++)
		calls->edges[i] = (struct edge){0};
}

/* ---- ending calls ------------------------------------------------------------------------ */

static inline uint64_t less(uint64_t ticks, uint64_t cost)
{
	return ticks > cost ? ticks - cost : 0;
}

/* The innermost open call has ended. */
static inline void pop(struct mp_calls *calls, uint64_t now)
{
	struct open_call *call = &calls->open[--calls->depth];
	uint64_t elapsed = less(now, call->begun);
	uint64_t cost = inner_ticks + call->children * outer_ticks;
	ADD(call->counts->self, less(elapsed, call->inside + cost));
	if (--call->of->active == 0)
		ADD(call->counts->inclusive,
		    less(elapsed, inner_ticks + call->below * (inner_ticks + outer_ticks)));
	if (calls->depth) {
		struct open_call *caller = call - 1;
		caller->inside += elapsed;
		caller->children++;
		caller->below += 1 + call->below;
	}
}

static bool on_alternate_stack(void)
{
	stack_t alternate;
	return mp_syscall(SYS_sigaltstack, 0, (long)&alternate, 0, 0, 0, 0) == 0 &&
	       (alternate.ss_flags & SS_ONSTACK);
}

/* A function's frame may end so far apart at two hooks that it calls. */
#define SAME_FRAME 8u
/* Stacks that are further apart are two. */
#define SAME_STACK (64u << 20)

static inline bool is_left(const struct open_call *call, uintptr_t here)
{
	return __builtin_expect(call->here + SAME_FRAME < here, 0);
}

/* Is that another stack, from which nothing can be told? */
static bool is_elsewhere(const struct open_call *call, uintptr_t here)
{
	uintptr_t apart = here > call->here ? here - call->here : call->here - here;
	return apart > SAME_STACK || on_alternate_stack();
}

/* The stack stands at `here`: calls inside of that have ended, though no hook said so. */
__attribute__((noinline)) static void end_left(struct mp_calls *calls, uintptr_t here, uint64_t now)
{
	if (is_elsewhere(&calls->open[calls->depth - 1], here))
		return;
	calls->beyond = 0;
	while (calls->depth && is_left(&calls->open[calls->depth - 1], here))
		pop(calls, now);
}

/* The end of a call that is not the innermost: the others have ended too, if it is there at all.
 * (It may have begun before a fork.) */
__attribute__((noinline)) static void end_outer(struct mp_calls *calls, uintptr_t function,
                                                uintptr_t here, uint64_t now)
{
	uint32_t at = calls->depth;
	while (at && !(calls->open[at - 1].of->address == function &&
	               calls->open[at - 1].here + SAME_FRAME >= here))
		at--;
	while (at && calls->depth >= at)
		pop(calls, now);
}

/* ---- the thread's ------------------------------------------------------------------------- */

#define OPEN_BYTES (MP_CALLS_DEPTH * sizeof(struct open_call))

static bool furnish(struct mp_calls *calls)
{
	calls->open = mp_own_map_sparse(OPEN_BYTES);
	return calls->open && grow(calls);
}

static void calibrate(struct mp_calls *calls);

__attribute__((noinline)) static struct mp_calls *make_calls(struct mp_thread *thread)
{
	struct mp_calls *calls = mp_own_map(sizeof(*calls));
	if (!calls)
		return NULL;
	calls->thread = thread;
	calls->generation = mp_rules_generation();
	if (!furnish(calls))
		return NULL;
	if (!__atomic_load_n(&outer_ticks, __ATOMIC_RELAXED))
		calibrate(calls);
	thread->calls = calls;
	return calls;
}

/* The calling thread's, not in use; NULL: it is, below a signal handler, or there is none. */
static inline struct mp_calls *take(uintptr_t here)
{
	struct mp_thread *thread = mp_self;
	if (__builtin_expect(!thread->calls, 0)) {
		if (thread->state == MP_THREAD_NONE)
			thread = mp_thread_enter_slow(here);
		if (!thread || (!thread->calls && !make_calls(thread)))
			return NULL;
	}
	struct mp_calls *calls = thread->calls;
	/* Left by siglongjmp from a handler: nobody is inside any more. */
	if (__builtin_expect(calls->busy != 0, 0) && (here <= calls->busy || on_alternate_stack()))
		return NULL;
	calls->busy = here;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	return calls;
}

static inline void give_back(struct mp_calls *calls)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	calls->busy = 0;
}

/* ---- the hooks --------------------------------------------------------------------------- */

static inline uint32_t phase_now(const struct mp_thread *thread, const struct mp_region *region)
{
	uint32_t phase = thread->phase;
	if (!phase)
		phase = __atomic_load_n(&region->now_phase, __ATOMIC_RELAXED);
	return mp_thread_is_stepping(thread, region) ? phase : phase | MP_SAMPLE_OTHERS;
}

static inline void enter(struct mp_calls *calls, uintptr_t function, uintptr_t here)
{
	struct open_call *top = calls->depth ? &calls->open[calls->depth - 1] : NULL;
	uint32_t generation = mp_rules_generation();
	if (top && is_left(top, here)) {
		end_left(calls, here, mp_ticks());
		top = calls->depth ? &calls->open[calls->depth - 1] : NULL;
	}
	if (__builtin_expect(calls->generation != generation, 0))
		forget_edges(calls, generation);
	uint32_t phase = phase_now(calls->thread, mp_region());
	struct edge *edge = find_edge(calls, function, top ? top->of->address : 0, phase);
	if (__builtin_expect(!edge->of, 0))
		edge = add_edge(calls, function, top ? top->of : NULL, phase);
	if (__builtin_expect(!edge || calls->depth == MP_CALLS_DEPTH, 0)) {
		calls->beyond++;
		if (!edge) {
			missed(1);
			return;
		}
		ADD(edge->counts->calls, 1);
		ADD(edge->counts->untimed, 1);
		return;
	}
	ADD(edge->counts->calls, 1);
	edge->of->active++;
	struct open_call *call = &calls->open[calls->depth++];
	*call = (struct open_call){.here = here, .counts = edge->counts, .of = edge->of};
	call->begun = mp_ticks();
}

/* Not the plain end of the innermost call: calls inside of the one that ends were left, or it is
 * not there at all. */
__attribute__((noinline)) static void leave_slowly(struct mp_calls *calls, uintptr_t function,
                                                   uintptr_t here, bool tail, uint64_t now)
{
	struct open_call *top = &calls->open[calls->depth - 1];
	if (is_elsewhere(top, here)) {
		if (top->of->address == function)
			pop(calls, now);
		return;
	}
	calls->beyond = 0;
	while (calls->depth && calls->open[calls->depth - 1].here + (tail ? 0 : SAME_FRAME) < here)
		pop(calls, now);
	if (!tail)
		end_outer(calls, function, here, now);
}

static inline void leave(struct mp_calls *calls, uintptr_t function, uintptr_t here, bool tail,
                         uint64_t now)
{
	struct open_call *top = calls->depth ? &calls->open[calls->depth - 1] : NULL;
	if (__builtin_expect(!top, 0)) {
		calls->beyond -= calls->beyond != 0;
		return;
	}
	bool inside =
	        tail ? calls->depth > 1 && top[-1].here < here : top->here + SAME_FRAME < here;
	if (__builtin_expect(calls->beyond != 0, 0) && (tail ? top->here >= here : !inside)) {
		calls->beyond--;
		return;
	}
	if (__builtin_expect(top->of->address == function && !inside && (!tail || top->here < here),
	                     1))
		pop(calls, now);
	else
		leave_slowly(calls, function, here, tail, now);
}

void mp_calls_enter(uintptr_t function, uintptr_t here)
{
	struct mp_calls *calls = take(here);
	if (!calls) {
		missed(1);
		return;
	}
	enter(calls, function, here);
	give_back(calls);
}

void mp_calls_exit(uintptr_t function, uintptr_t here, bool tail, uint64_t now)
{
	struct mp_calls *calls = mp_self->calls;
	if (!calls || !(calls = take(here)))
		return;
	leave(calls, function, here, tail, now);
	give_back(calls);
}

void mp_calls_jump(uintptr_t sp)
{
	uintptr_t here = mp_stack_pointer();
	struct mp_calls *calls = mp_self->calls;
	if (!calls || sp < here || sp - here > SAME_STACK || !(calls = take(here)))
		return;
	uint64_t now = mp_ticks();
	while (calls->depth && calls->open[calls->depth - 1].here < sp) {
		calls->beyond = 0;
		pop(calls, now);
	}
	give_back(calls);
}

void mp_calls_thread_ends(struct mp_thread *thread)
{
	struct mp_calls *calls = thread->calls;
	uint64_t now = mp_ticks();
	if (!calls || calls->busy)
		return;
	calls->beyond = 0;
	while (calls->depth)
		pop(calls, now);
}

/* main's calls end with the process. */
__attribute__((destructor(101))) static void process_ends(void)
{
	mp_calls_thread_ends(mp_self);
}

/* ---- what it costs ----------------------------------------------------------------------- */

#define ROUNDS  256u
#define BATCHES 15u

struct batch {
	uint64_t all, within;
};

static struct batch median(struct batch *batches)
{
	for (unsigned i = 1; i < BATCHES; i++)
		for (unsigned j = i; j && batches[j].all < batches[j - 1].all; j--) {
			struct batch larger = batches[j - 1];
			batches[j - 1] = batches[j];
			batches[j] = larger;
		}
	return batches[BATCHES / 2];
}

/* Through the hooks themselves, with a function that is none; the launcher passes its counters by.
 * The median: the shortest is shorter than calls are in a busy machine. */
static void calibrate(struct mp_calls *calls)
{
	void (*volatile begins)(void *, void *) = __cyg_profile_func_enter;
	void (*volatile ends)(void *, void *) = __cyg_profile_func_exit;
	struct batch batches[BATCHES];
	struct mp_thread *thread = calls->thread;
	struct edge *edge = add_edge(calls, 0, NULL, phase_now(thread, mp_region()));
	if (!edge)
		return;
	thread->calls = calls;
	for (unsigned batch = 0; batch < BATCHES; batch++) {
		uint64_t before = edge->counts->self, begin = mp_ticks();
		for (unsigned i = 0; i < ROUNDS; i++) {
			begins(NULL, NULL);
			ends(NULL, NULL);
		}
		batches[batch] = (struct batch){mp_ticks() - begin, edge->counts->self - before};
	}
	thread->calls = NULL;
	struct batch typical = median(batches);
	inner_ticks = typical.within / ROUNDS;
	__atomic_store_n(&outer_ticks, (typical.all - typical.within) / ROUNDS, __ATOMIC_RELAXED);
}
