/* memprof.h: marks that a simulation sets for memprof, the memory and time profiler.
 *
 * Header-only, for C (gnu99 and later) and C++. Nothing to link: when the program is not being
 * profiled every mark costs one load and one test. Under `memprof run` the header finds the
 * profiler's table by dlsym, once, before main; every mark is then one indirect call.
 *
 *     #include <memprof/memprof.h>
 *
 *     memprof_steps_expected(1000);
 *     for (int i = 0; i < 1000; i++) {
 *         MEMPROF_STEP {
 *             memprof_agents(world->population);
 *             MEMPROF_PHASE("observation") observe_all(world);
 *             MEMPROF_PHASE("decision") { decide_all(world); }
 *         }
 *     }
 *
 * Words. A *step* is one turn of the simulation's clock; a run has one thread that steps. A *phase*
 * is a named scope of one thread; phases nest, and the same name below two parents is two phases.
 * A thread that is in no phase of its own inherits the phase of the thread that steps, so worker
 * threads need no marks; where that is not right, hand a token to them (memprof_phase_token).
 *
 * Rules that hold for all functions: they never fail, never allocate on behalf of the program,
 * never change errno, and may be called from any thread, not from signal handlers. Names are
 * copied at first use; they may have up to 127 bytes (longer ones are cut).
 *
 * This file is the whole contract: struct memprof_api only ever grows at its end.
 */
#ifndef MEMPROF_MEMPROF_H
#define MEMPROF_MEMPROF_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An open phase, to be given to memprof_phase_end. 0 when not profiled. */
typedef uint32_t memprof_scope;

/* A phase that another thread can adopt. 0: no phase. */
typedef uint32_t memprof_token;

/* A pool of the program's own. 0 when not profiled. */
typedef uint32_t memprof_pool_id;

/* The profiler's functions, version 1. `size` tells how many of them this profiler has: a header
 * newer than the profiler must not look past it. */
struct memprof_api {
	uint32_t version; /* 1 */
	uint32_t size;    /* sizeof(struct memprof_api) as the profiler knows it */
	uint32_t (*name_id)(const char *name);
	void (*run_begin)(const char *name);
	void (*run_end)(void);
	void (*steps_expected)(uint64_t steps);
	void (*step_begin)(void);
	void (*step_end)(void);
	memprof_scope (*phase_begin)(uint32_t name_id);
	void (*phase_end)(memprof_scope scope);
	memprof_token (*phase_token)(void);
	memprof_scope (*phase_adopt)(memprof_token token);
	void (*agents)(uint64_t count);
	void (*counter_add)(uint32_t name_id, int64_t delta);
	void (*param)(const char *name, const char *value);
	memprof_pool_id (*pool)(const char *name);
	void (*pool_alloc)(memprof_pool_id pool, const void *block, uint64_t bytes);
	void (*pool_free)(memprof_pool_id pool, const void *block);
	void (*pool_reset)(memprof_pool_id pool);
};

/* One pointer for each linked object (executable or library), shared by its translation units. */
__attribute__((weak, visibility("hidden"))) const struct memprof_api *memprof_api_table_;

/* dlsym under a name of our own: <dlfcn.h> is not imposed on the program. Weak, so that a static
 * program links; memprof cannot profile it and says so. */
extern void *memprof_dlsym_(void *handle, const char *symbol) __asm__("dlsym")
        __attribute__((weak));

__attribute__((constructor(101), used)) static void memprof_find_(void)
{
	if (!memprof_api_table_ && memprof_dlsym_)
		memprof_api_table_ =
		        (const struct memprof_api *)memprof_dlsym_((void *)0, "memprof_api_v1");
}

/* True when this process is being profiled. */
static inline bool memprof_active(void)
{
	return memprof_api_table_ != (void *)0;
}

/* Names the run, and marks where its set-up ends; optional. Steps work without it. */
static inline void memprof_run_begin(const char *name)
{
	if (memprof_api_table_)
		memprof_api_table_->run_begin(name);
}

/* Ends the run: what follows (clean-up) is not part of it; optional. */
static inline void memprof_run_end(void)
{
	if (memprof_api_table_)
		memprof_api_table_->run_end();
}

/* How many steps the run will take, for progress and time left. 0: not known. */
static inline void memprof_steps_expected(uint64_t steps)
{
	if (memprof_api_table_)
		memprof_api_table_->steps_expected(steps);
}

/* Begins and ends a step. The first thread that begins one is the thread that steps; calls by
 * others are ignored and counted. An end without a begin is ignored; a begin inside a step ends
 * that step first. */
static inline void memprof_step_begin(void)
{
	if (memprof_api_table_)
		memprof_api_table_->step_begin();
}

static inline void memprof_step_end(void)
{
	if (memprof_api_table_)
		memprof_api_table_->step_end();
}

/* The number of agents alive now; it belongs to the current step, or to the next one. */
static inline void memprof_agents(uint64_t count)
{
	if (memprof_api_table_)
		memprof_api_table_->agents(count);
}

/* A number for a phase or counter name, for use in loops where the name is not a literal.
 * Any thread; the same name always gives the same number in one process. */
static inline uint32_t memprof_name(const char *name)
{
	return memprof_api_table_ ? memprof_api_table_->name_id(name) : 0;
}

/* Begins a phase of the calling thread by its number (memprof_name). */
static inline memprof_scope memprof_phase_begin_id(uint32_t name_id)
{
	return memprof_api_table_ ? memprof_api_table_->phase_begin(name_id) : 0;
}

/* Ends a phase, and every phase opened after it by this thread that is still open: after a
 * longjmp or an exception the next end puts things right. */
static inline void memprof_phase_end(memprof_scope scope)
{
	if (memprof_api_table_)
		memprof_api_table_->phase_end(scope);
}

/* The number of NAME, looked up once for each place in the source. NAME must be a literal. */
#define MEMPROF_NAME_ID_(NAME)                                                                     \
	(__extension__({                                                                           \
		static uint32_t memprof_id_;                                                       \
		if (memprof_api_table_ && !__atomic_load_n(&memprof_id_, __ATOMIC_RELAXED))        \
			__atomic_store_n(&memprof_id_, memprof_name(NAME), __ATOMIC_RELAXED);      \
		__atomic_load_n(&memprof_id_, __ATOMIC_RELAXED);                                   \
	}))

/* memprof_scope memprof_phase_begin(const char *literal): begins a phase by a literal name. */
#define memprof_phase_begin(NAME) memprof_phase_begin_id(MEMPROF_NAME_ID_(NAME))

/* The phase that this thread is in, to be handed to a worker thread, which adopts it and gives the
 * scope back by memprof_phase_end. Time in an adopted phase is the worker's own: it counts as the
 * phase's CPU time, not as wall time of the step. */
static inline memprof_token memprof_phase_token(void)
{
	return memprof_api_table_ ? memprof_api_table_->phase_token() : 0;
}

static inline memprof_scope memprof_phase_adopt(memprof_token token)
{
	return memprof_api_table_ ? memprof_api_table_->phase_adopt(token) : 0;
}

/* Adds to a named counter (actions, births, queries …): its sum a window and over the run is
 * reported. memprof_count takes a literal name. */
static inline void memprof_counter_add(uint32_t name_id, int64_t delta)
{
	if (memprof_api_table_)
		memprof_api_table_->counter_add(name_id, delta);
}

#define memprof_count(NAME, DELTA) memprof_counter_add(MEMPROF_NAME_ID_(NAME), (DELTA))

/* Records a parameter of the run ("radius", "6"): traces are told apart and compared by them. */
static inline void memprof_param(const char *name, const char *value)
{
	if (memprof_api_table_)
		memprof_api_table_->param(name, value);
}

/* Pools: arenas, slabs and free lists of the program's own, inside which the profiler cannot see.
 * What they hand out and get back is told to it, and is then reported by call-site and phase under
 * the pool's name, beside the heap (which has the pool's own memory already).
 *
 *     static memprof_pool_id pool;
 *     pool = memprof_pool("agents");                 once; the same name is the same pool
 *     memprof_pool_alloc(pool, block, bytes);        handed out; in the function that hands it out
 *     memprof_pool_free(pool, block);                taken back
 *     memprof_pool_reset(pool);                      all that is out is taken back at once
 *
 * There may be 254 pools. Addresses may be any, and may be the same in two pools. A block that is
 * handed out while it is out is taken for taken back before; taking back what is not out does
 * nothing. The call-site is where memprof_pool_alloc stands, or, as for the heap, the
 * caller of a function that does nothing but pass blocks on. */
static inline bool memprof_has_pools_(void)
{
	return memprof_api_table_ &&
	       memprof_api_table_->size >= __builtin_offsetof(struct memprof_api, pool_reset) +
	                                           sizeof(memprof_api_table_->pool_reset);
}

static inline memprof_pool_id memprof_pool(const char *name)
{
	return memprof_has_pools_() ? memprof_api_table_->pool(name) : 0;
}

/* Macros, so that the place that names them is the call-site, without optimisation too. Arguments
 * are evaluated once, always. A pool's number is 0 where the profiler has no pools. */
#define memprof_pool_alloc(POOL, BLOCK, BYTES)                                                     \
	do {                                                                                       \
		memprof_pool_id memprof_pool_ = (POOL);                                            \
		const void *memprof_block_ = (BLOCK);                                              \
		uint64_t memprof_bytes_ = (BYTES);                                                 \
		if (memprof_pool_)                                                                 \
			memprof_api_table_->pool_alloc(memprof_pool_, memprof_block_,              \
			                               memprof_bytes_);                            \
	} while (0)
#define memprof_pool_free(POOL, BLOCK)                                                             \
	do {                                                                                       \
		memprof_pool_id memprof_pool_ = (POOL);                                            \
		const void *memprof_block_ = (BLOCK);                                              \
		if (memprof_pool_)                                                                 \
			memprof_api_table_->pool_free(memprof_pool_, memprof_block_);              \
	} while (0)
#define memprof_pool_reset(POOL)                                                                   \
	do {                                                                                       \
		memprof_pool_id memprof_pool_ = (POOL);                                            \
		if (memprof_pool_)                                                                 \
			memprof_api_table_->pool_reset(memprof_pool_);                             \
	} while (0)

/* MEMPROF_PHASE("name") statement   and   MEMPROF_STEP statement
 * run the statement inside the scope, which closes on every way out of it: its end, break (which
 * leaves only the statement), return, goto and C++ exceptions. */
struct memprof_open_ {
	memprof_scope scope;
	bool once;
};

static inline struct memprof_open_ memprof_open_phase_(memprof_scope scope)
{
	struct memprof_open_ open = {scope, true};
	return open;
}

static inline struct memprof_open_ memprof_open_step_(void)
{
	memprof_step_begin();
	return memprof_open_phase_(0);
}

static inline void memprof_close_phase_(const struct memprof_open_ *open)
{
	memprof_phase_end(open->scope);
}

static inline void memprof_close_step_(const struct memprof_open_ *open)
{
	(void)open;
	memprof_step_end();
}

#define MEMPROF_JOIN2_(A, B) A##B
#define MEMPROF_JOIN_(A, B)  MEMPROF_JOIN2_(A, B)
#define MEMPROF_SCOPED_(VAR, CLOSE, OPEN)                                                          \
	for (__attribute__((cleanup(CLOSE))) struct memprof_open_ VAR = (OPEN); VAR.once;          \
	     VAR.once = false)

#define MEMPROF_PHASE(NAME)                                                                        \
	MEMPROF_SCOPED_(MEMPROF_JOIN_(memprof_phase_, __COUNTER__), memprof_close_phase_,          \
	                memprof_open_phase_(memprof_phase_begin(NAME)))

#define MEMPROF_STEP                                                                               \
	MEMPROF_SCOPED_(MEMPROF_JOIN_(memprof_step_, __COUNTER__), memprof_close_step_,            \
	                memprof_open_step_())

#ifdef __cplusplus
} /* extern "C" */

namespace memprof
{
/* RAII: a phase for the rest of the enclosing block. `memprof::phase p{"observation"};` */
class phase
{
	memprof_scope scope_;

      public:
	explicit phase(const char *name) : scope_(memprof_phase_begin_id(memprof_name(name))) {}
	explicit phase(memprof_token token, int) : scope_(memprof_phase_adopt(token)) {}
	~phase()
	{
		memprof_phase_end(scope_);
	}
	phase(const phase &) = delete;
	phase &operator=(const phase &) = delete;
};

/* RAII: a step for the rest of the enclosing block. */
class step
{
      public:
	step()
	{
		memprof_step_begin();
	}
	~step()
	{
		memprof_step_end();
	}
	step(const step &) = delete;
	step &operator=(const step &) = delete;
};
} // namespace memprof
#endif

#endif
