/* region.h: the memory that a profiled process and the launcher share.
 *
 * One region per process image: an anonymous memory file (memfd), made by the process on its first
 * event, sent to the launcher over a socket, and mapped by both. The process only writes counters
 * into it; the launcher only reads (the few fields marked "launcher writes" excepted). The region
 * outlives the process for as long as the launcher holds it: nothing is lost by SIGKILL.
 *
 *     0           struct mp_region           header: clocks, capacities, steps, peak
 *     names_at    bytes                      strings, each ended by 0: names, paths
 *     modules_at  struct mp_module []        what was mapped where, and when it went
 *     nodes_at    struct mp_node []          the tree of stacks: (parent, return address)
 *     phases_at   struct mp_phase []         the tree of phases: (parent, name)
 *     cells_at    struct mp_cell []          pairs (stack, phase): what counters belong to
 *     samples_at  struct mp_sample []        where CPU time went, by samples
 *     threads_at  struct mp_thread_slot []   one for each live thread, reused
 *     blocks_at   struct mp_block_desc []    what each 4 KiB block of the pool holds
 *     pool_at     4 KiB blocks               counters: pages of cells, phase times
 *
 * The file is sparse and its tables never move: a table costs what is touched of it. Where each
 * table starts, and how much it may hold, stands in the header. A full table is not an error: what
 * no longer fits is counted under MP_NODE_OVERFLOW and `overflows` says how often.
 *
 * Concurrency. Tables are append-only. An entry is written before its table's count or its own key
 * field is released, so a reader that sees the key sees the entry. Counters have one writer (the
 * thread that owns the slot; slot 0, which is shared, is updated by locked adds), are aligned, only
 * ever grow (those of 32 bits modulo 2^32), and are never reset: a slot that a new thread takes
 * over continues. So a sum over slots is right to within the operations that are under way while it
 * is read. Readers take the `out` half of a cell's counters before the `in` half: live is never
 * seen negative by more than what other threads freed meanwhile.
 *
 * Time is in ticks of the time stamp counter unless a name says ns; moments count from start_ticks.
 */
#ifndef MEMPROF_SHARED_REGION_H
#define MEMPROF_SHARED_REGION_H

#include <stdint.h>

#define MP_REGION_MAGIC  0x6e6f69676572706dull /* "mpregion" */
/* The layout of this file. Launcher and library of one build always agree; others are refused. */
#define MP_REGION_LAYOUT 9u

#define MP_BLOCK_SIZE 4096u

/* How the library finds the launcher: a Unix stream socket at this path; the first line of talk is
 * struct mp_hello with the region's descriptor as ancillary data. Nothing is answered. */
#define MP_ENV_SOCKET "MEMPROF_SOCKET"
#define MP_ENV_MODE   "MEMPROF_MODE" /* "exact" (default), "sampled=BYTES", "off" */
/* For tests only, and so in no manual: what the choice of samples begins with, a number. */
#define MP_ENV_SEED   "MEMPROF_SEED"
#define MP_ENV_FREQ   "MEMPROF_FREQ" /* samples a second of CPU time; none, or 0: not sampled */
#define MP_FREQ_MAX   10000u
#define MP_ENV_CALLS  "MEMPROF_CALLS" /* 1: calls of functions are counted */

struct mp_hello {
	uint64_t magic;
	uint32_t layout;
	int32_t pid;    /* in the process's own pid namespace; the launcher trusts SO_PEERCRED */
	uint64_t bytes; /* size of the region */
};

/* ---- stacks ----------------------------------------------------------------------------- */

/* Nodes that are no code. They are children of MP_NODE_ROOT (0) and have ids from 1. */
enum mp_special_node {
	MP_NODE_ROOT = 0,
	MP_NODE_CUT = 1,      /* outer frames beyond the depth limit */
	MP_NODE_NESTED = 2,   /* an event inside the profiler itself (a signal handler's) */
	MP_NODE_OVERFLOW = 3, /* a table is full */
	MP_NODE_UNKNOWN = 4,  /* no stack could be taken */
	MP_NODE_FIRST = 8,    /* the first node of real code */
};

/* A frame below its caller. `where` = address to look up (return address − 1; the address itself
 * for an interrupted instruction) in the low 48 bits, index in the module table above. 0: the
 * entry is not written yet. Each (parent, where) has one id; but when two threads race for it, the
 * loser's entry is wasted, and says the same as the one that is used. The rest is the recorder's
 * own: ids, 0 for none. */
struct mp_node {
	uint64_t where;
	uint32_t parent;
	uint32_t cells;       /* the newest cell of this stack, and its phase (MP_CELLS_…) */
	uint32_t children[2]; /* search trees of them, by the uppermost bit of their order */
	uint32_t beside[2];   /* in such a tree: siblings whose order is lower, and higher */
};
/* Whose phase does not fit has the last one, which then says nothing. */
#define MP_CELLS_PHASE_BITS    10u
#define MP_CELLS_NO_PHASE      ((1u << MP_CELLS_PHASE_BITS) - 1)
#define MP_NODE_ADDRESS(where) ((where)&0xffffffffffffull)
#define MP_NODE_MODULE(where)  ((uint32_t)((where) >> 48))

/* A mapped object. Index 0 is "no module" (code made at run time). While it is mapped it has one
 * index. */
struct mp_module {
	uint64_t start, end; /* addresses; start is written first, end last, 0 = not yet */
	uint64_t bias;       /* address − bias = address in the file's own terms */
	uint64_t loaded;     /* ticks when first seen */
	uint64_t unloaded;   /* ticks when found gone, 0 = still there */
	uint32_t path;       /* offset in names; 0: none */
	uint8_t build_id_length;
	uint8_t build_id[20];
	uint8_t spare[7];
};

/* ---- phases ----------------------------------------------------------------------------- */

/* Phase 0 is "no phase". `name` is an offset in names; written last. */
struct mp_phase {
	uint32_t parent;
	uint32_t name;
};

/* A pair of node and phase; counters are kept by cell. Cell 0 is not used. node is written last;
 * as with nodes a pair may, rarely, have two cells. Memory beside the heap has cells of its own:
 * what kind of memory it is stands above the phase. */
#define MP_CELL_KIND_AT 24u
enum mp_cell_kind {
	MP_CELL_KIND_HEAP = 0,
	MP_CELL_KIND_MAPPED = 1, /* mapped by the program itself */
	MP_CELL_KIND_POOL = 2,   /* handed out by the program's first pool; the others follow */
};
#define MP_CELL_PHASE(word) ((word) & ((1u << MP_CELL_KIND_AT) - 1))
#define MP_CELL_KIND(word)  ((word) >> MP_CELL_KIND_AT)
struct mp_cell {
	uint32_t phase; /* MP_CELL_PHASE, MP_CELL_KIND */
	uint32_t node;  /* 0: not written */
	uint32_t next;  /* the recorder's own: another cell of this node, 0 for none */
};

/* ---- counters --------------------------------------------------------------------------- */

/* Lifetimes by power of two. In steps: 0 (freed in the step that made it), 1, 2–3, 4–7 … 1,024 and
 * more. In time, from a clock that the launcher sets about 20 times a second, by power of four:
 * below 10 ms, 10–40 ms, 40–160 ms … 44 minutes and more. */
#define MP_LIFE_STEPS 12u
#define MP_LIFE_TIME  11u

static inline uint32_t mp_life_steps_bucket(uint32_t steps)
{
	uint32_t bucket = 63u - (uint32_t)__builtin_clzll(2ull * steps + 1);
	return bucket < MP_LIFE_STEPS ? bucket : MP_LIFE_STEPS - 1;
}

/* Of a time in units of 10 ms. */
static inline uint32_t mp_life_time_bucket(uint32_t ticks)
{
	uint32_t bucket = (64u - (uint32_t)__builtin_clzll(2ull * ticks + 1)) / 2;
	return bucket < MP_LIFE_TIME ? bucket : MP_LIFE_TIME - 1;
}

/* Sizes as requested, by power of two: up to 16 bytes, 17–32, 33–64 … more than 256 KiB. */
#define MP_SIZES 16u

static inline uint32_t mp_size_bucket(uint64_t size)
{
	if (size <= 16)
		return 0;
	uint32_t bucket = 60u - (uint32_t)__builtin_clzll(size - 1);
	return bucket < MP_SIZES ? bucket : MP_SIZES - 1;
}

/* What one thread counted for one cell. Bytes are as requested; `usable` is what the allocator
 * gave. A reallocation moves a block: `moved_in` at the stack that called realloc, `moved_out` at
 * the stack that had the block. What is live is what came in less what went out; one thread's part
 * of that is negative where it frees what others allocated (mp_counters_held).
 *
 * How many allocations and frees there were is not counted by itself: each allocation is one of
 * `usual` or in one bucket of sizes, each free is one of `at_once` or in one bucket of each kind of
 * lifetime. Counts are 32 bits wide and wrap; whoever reads them takes differences, and reads often
 * enough.
 *
 * Counters of MP_CELLS_PER_BLOCK cells are five pages of the pool, in which each kind of line has
 * its own, since most cells are never more than a few allocations of one size, and a page costs
 * more when it is first touched than all of these:
 *
 *     page 0        struct mp_counters         what each event touches before the others
 *     page 1        struct mp_counters_sizes   allocations of another size than is usual
 *     pages 2 and 3 struct mp_counters_lives   frees, of what lived for some time
 *     page 4        struct mp_counters_moves   reallocations */
struct mp_counters {
	uint64_t alloc_bytes;
	uint64_t alloc_usable;
	uint64_t free_bytes;
	uint64_t free_usable;
	int64_t held_at_peak; /* valid while `peak` is the region's; else it is what is held */
	int64_t peak;
	uint32_t at_once;     /* freed before the step or the time that blocks record had changed */
	uint32_t temporaries; /* freed by the thread that allocated it, before it allocated again */
	uint32_t usual;       /* allocations in one bucket of sizes … */
	uint8_t usual_size;   /* … this one. Settled as soon as there are any */
	uint8_t moved;        /* 1: something is, or is about to be, in struct mp_counters_moves */
	uint8_t spare[2];
};

struct mp_counters_sizes {
	uint32_t sizes[MP_SIZES];
};

struct mp_counters_lives {
	uint32_t cross_frees; /* by another thread than allocated it */
	/* lifetimes of what was freed, but for at_once, from its allocation (reallocations do not
	 * count) */
	uint32_t life_steps[MP_LIFE_STEPS];
	uint32_t life_time[MP_LIFE_TIME];
};

struct mp_counters_moves {
	uint64_t moved_in_bytes;
	uint64_t moved_in_usable;
	uint64_t moved_out_bytes;
	uint64_t moved_out_usable;
	uint32_t moved_in;
	uint32_t moved_out;
};

#define MP_CELLS_PER_BLOCK ((uint32_t)(MP_BLOCK_SIZE / sizeof(struct mp_counters)))
#define MP_CELLS_BLOCKS    5u /* of the pool */

/* The halves of the page are swapped: processors take a store for one to an address 4 KiB away. */
static inline struct mp_counters_sizes *mp_counters_sizes(const struct mp_counters *counters)
{
	uintptr_t at = (uintptr_t)counters;
	return (struct mp_counters_sizes *)((at ^ MP_BLOCK_SIZE / 2) + MP_BLOCK_SIZE);
}

/* Two lines each. */
static inline struct mp_counters_lives *mp_counters_lives(const struct mp_counters *counters)
{
	uintptr_t at = (uintptr_t)counters;
	return (struct mp_counters_lives *)(at + at % MP_BLOCK_SIZE + 2 * (uintptr_t)MP_BLOCK_SIZE);
}

static inline struct mp_counters_moves *mp_counters_moves(const struct mp_counters *counters)
{
	uintptr_t at = (uintptr_t)counters;
	return (struct mp_counters_moves *)((at ^ MP_BLOCK_SIZE / 2) +
	                                    4 * (uintptr_t)MP_BLOCK_SIZE);
}

/* One thread's part of the live bytes of a cell of the heap. */
static inline int64_t mp_counters_held(const struct mp_counters *counters)
{
	uint64_t held = counters->alloc_bytes - counters->free_bytes;
	if (counters->moved) {
		const struct mp_counters_moves *moves = mp_counters_moves(counters);
		held += moves->moved_in_bytes - moves->moved_out_bytes;
	}
	return (int64_t)held;
}

/* CPU time of a stack, whose innermost frame is the interrupted instruction, in a phase. Entries
 * are shared by all threads and changed by locked adds; whether the thread was the one that steps
 * is part of the key. As with nodes, a key may, rarely, have two entries. node is written last;
 * entry 0 counts what found the table full. */
#define MP_SAMPLE_OTHERS 0x80000000u /* of another thread than the one that steps */
struct mp_sample {
	uint32_t phase; /* and MP_SAMPLE_OTHERS */
	uint32_t node;  /* 0: not written */
	uint64_t samples;
	uint64_t cpu_ns; /* that they stand for */
};
#define MP_SAMPLE_PHASE(word) ((word) & ~MP_SAMPLE_OTHERS)
/* ---- estimates ------------------------------------------------------------------------- */

/* In sampled mode: what a cell's samples say of all that happened in it. Each sampled block stands
 * for 1/p blocks, p being the probability with which it was sampled: events of it add 1/p to counts
 * and bytes/p to sums of bytes (Horvitz and Thompson, 1952). As blocks are sampled independently,
 * the variance of such a sum is estimated without bias by the sum over its samples of
 * (1 − p)/p² · v², where v is what one of them counts for: 1, or its bytes.
 *
 * Counts are kept in 2^-16, bytes in 2^-10: whole numbers, so that what was added at an allocation
 * is taken off by its free to the last digit, in whatever order. Fields are those of cells in the
 * trace, in the same order. The variance of fields of usable bytes is that of what is usable beyond
 * what was requested. Any thread writes, by locked adds. */
enum mp_estimate {
	MP_ESTIMATE_ALLOCATED = 0, /* count, bytes, usable bytes */
	MP_ESTIMATE_FREED = 3,
	MP_ESTIMATE_TEMPORARIES = 6,
	MP_ESTIMATE_MOVED_IN = 7,
	MP_ESTIMATE_MOVED_OUT = 10,
	MP_ESTIMATE_PEAK_BYTES = 13, /* not added to: held_at_peak */
	MP_ESTIMATE_CROSS_FREES = 14,
	MP_ESTIMATE_LIFE_STEPS = 15,
	MP_ESTIMATE_LIFE_TIME = MP_ESTIMATE_LIFE_STEPS + MP_LIFE_STEPS,
	MP_ESTIMATE_SIZES = MP_ESTIMATE_LIFE_TIME + MP_LIFE_TIME,
	MP_ESTIMATE_FIELDS = MP_ESTIMATE_SIZES + MP_SIZES,
};
#define MP_ESTIMATE_COUNT_BITS 16u
#define MP_ESTIMATE_BYTES_BITS 10u

struct mp_estimates {
	uint64_t estimate[MP_ESTIMATE_FIELDS];
	double variance[MP_ESTIMATE_FIELDS];
	uint64_t sampled;     /* blocks sampled, when allocated or reallocated */
	int64_t held_at_peak; /* as in mp_counters; bytes in 2^-10 */
	double held_at_peak_variance;
	int64_t peak; /* as in mp_counters */
};
#define MP_ESTIMATES_PER_BLOCK ((uint32_t)(MP_BLOCK_SIZE / sizeof(struct mp_estimates)))

/* Live bytes of a cell, in 2^-10. */
static inline int64_t mp_estimates_held(const struct mp_estimates *sums)
{
	const uint64_t *estimate = sums->estimate;
	return (int64_t)(estimate[MP_ESTIMATE_ALLOCATED + 1] + estimate[MP_ESTIMATE_MOVED_IN + 1] -
	                 estimate[MP_ESTIMATE_FREED + 1] - estimate[MP_ESTIMATE_MOVED_OUT + 1]);
}

/* The variance of that: of the samples that are live. */
static inline double mp_estimates_held_variance(const struct mp_estimates *sums)
{
	const double *variance = sums->variance;
	return variance[MP_ESTIMATE_ALLOCATED + 1] + variance[MP_ESTIMATE_MOVED_IN + 1] -
	       variance[MP_ESTIMATE_FREED + 1] - variance[MP_ESTIMATE_MOVED_OUT + 1];
}

/* Calls of a function by one caller in one phase, on the threads of one slot. Ticks are less what
 * counting cost. function is written last. A key may occur more than once. */
struct mp_call_counts {
	uint64_t function; /* as struct mp_node's where, of its first instruction; 0: not one */
	uint64_t caller;   /* the same; 0: called by nothing that is counted */
	uint32_t phase;    /* and MP_SAMPLE_OTHERS */
	uint32_t spare;
	uint64_t calls;
	uint64_t self;
	uint64_t inclusive; /* of calls that were not inside another of the same function */
	uint64_t untimed;   /* of the calls */
	uint64_t more;
};

/* Durations: log-linear. Values below 128 have a bucket each; above, each octave has 64, so a
 * bucket is at most 1/64 of its value wide and its middle is within 0.8 % of every value in it. */
#define MP_HIST_SUB     64u
#define MP_HIST_BUCKETS (MP_HIST_SUB * 42u) /* up to 2^47 ticks: a day and more */

static inline uint32_t mp_hist_bucket(uint64_t ticks)
{
	if (ticks < 2 * MP_HIST_SUB)
		return (uint32_t)ticks;
	uint32_t shift = 63u - (uint32_t)__builtin_clzll(ticks) - 6u;
	uint32_t bucket = (shift + 1u) * MP_HIST_SUB + (uint32_t)((ticks >> shift) - MP_HIST_SUB);
	return bucket < MP_HIST_BUCKETS ? bucket : MP_HIST_BUCKETS - 1u;
}

/* The lowest value of a bucket. The highest is that of the next, less one. */
static inline uint64_t mp_hist_low(uint32_t bucket)
{
	if (bucket < 2 * MP_HIST_SUB)
		return bucket;
	return (uint64_t)(MP_HIST_SUB + bucket % MP_HIST_SUB) << (bucket / MP_HIST_SUB - 1u);
}

/* What the kernel counted for a thread in scopes, where these were long enough to bear the reading.
 * Bytes are those of storage: what came from, or goes to, the page cache alone is none. */
struct mp_usage {
	uint64_t calls; /* of the scope that were read … */
	uint64_t ticks; /* … and their wall time */
	uint64_t minor_faults, major_faults;
	uint64_t waits;     /* left the CPU of its own will: voluntary switches */
	uint64_t preempted; /* was put off it: involuntary switches */
	uint64_t read_bytes, written_bytes;
	uint64_t system_ns; /* CPU time in the kernel */
};

/* What one thread spent in one phase. It takes MP_PHASE_BLOCKS blocks of the pool. */
struct mp_phase_times {
	uint64_t calls;          /* ended */
	uint64_t inclusive;      /* ticks */
	uint64_t self;           /* ticks not in a child phase */
	uint64_t min, max;       /* ticks of a call; min 0 with calls 0 */
	uint64_t cpu_ns;         /* CPU time of the calls where it was read … */
	uint64_t cpu_calls;      /* … how many these were … */
	uint64_t cpu_ticks;      /* … and their wall time */
	uint64_t entered;        /* begun (calls, and those still open or never ended) */
	uint64_t scopes;         /* child scopes begun and ended inside: their cost lies in here */
	uint64_t step_self;      /* the parts of self and inclusive that lie in steps: */
	uint64_t step_inclusive; /* the sum of step_self + mp_steps.unaccounted is mp_steps.ticks */
	struct mp_usage usage;   /* inclusive */
	uint64_t spare[3];
	uint32_t hist[MP_HIST_BUCKETS]; /* calls by duration; wraps at 2^32: take differences */
};
#define MP_PHASE_BLOCKS ((sizeof(struct mp_phase_times) + MP_BLOCK_SIZE - 1) / MP_BLOCK_SIZE)

/* What a block of the pool holds; kind is written last. */
enum mp_block_kind {
	MP_BLOCK_NONE = 0,
	MP_BLOCK_CELLS = 1,     /* the first of MP_CELLS_BLOCKS: counters of a slot, of cells from
	                         * index·MP_CELLS_PER_BLOCK on */
	MP_BLOCK_PHASE = 2,     /* the first of MP_PHASE_BLOCKS: times of phase `index` of a slot */
	MP_BLOCK_MORE = 3,      /* continues the block before */
	MP_BLOCK_CALLS = 5,     /* struct mp_call_counts of a slot */
	MP_BLOCK_ESTIMATES = 4, /* mp_estimates of cells from index·MP_ESTIMATES_PER_BLOCK on */
};
struct mp_block_desc {
	uint32_t index;
	uint16_t slot;
	uint16_t kind;
};

/* ---- threads ---------------------------------------------------------------------------- */

#define MP_PHASE_DEPTH 64u /* nesting beyond this is counted in its parent */

struct mp_thread_slot {
	uint64_t alloc_bytes; /* of all its allocations so far */
	/* stacks, in the order of the library's struct mp_capture_counts */
	uint64_t captures;      /* stacks taken */
	uint64_t frames_walked; /* frames that had to be unwound for them */
	uint64_t truncated;     /* stacks cut at the depth limit */
	uint64_t audits, audit_mismatches;
	int64_t allocs_less_captures; /* a stack is taken for each allocation: the exceptions */
	/* profiler's own work on events of the heap, as measured, and on how many */
	uint64_t overhead_ticks;
	uint64_t overhead_events;
	uint64_t foreign_frees;   /* pointers that are not ours, passed on */
	uint64_t inherited_frees; /* blocks from before fork */
	uint64_t unknown_frees;   /* ours by address, but not live: the program's double free */
	uint64_t scopes;          /* phase and step marks */
	uint64_t unbalanced;      /* phases closed by an outer end */
	uint64_t started;         /* ticks */
	uint32_t tid;             /* 0: free. Written last */
	uint32_t phase;           /* the innermost open phase of its own; 0: none */
	uint32_t depth;
	uint32_t takeovers; /* threads that had this slot before */
	uint64_t spare[15];
};

/* How many allocations a thread has made so far. */
static inline uint64_t mp_slot_allocs(const struct mp_thread_slot *slot)
{
	return __atomic_load_n(&slot->captures, __ATOMIC_RELAXED) +
	       (uint64_t)__atomic_load_n(&slot->allocs_less_captures, __ATOMIC_RELAXED);
}

/* ---- steps ------------------------------------------------------------------------------- */

#define MP_SLOWEST 32u
struct mp_slow_step {
	uint64_t step; /* from 1; 0: unused entry */
	uint64_t ticks;
	uint64_t started; /* ticks */
	uint64_t allocs, alloc_bytes;
	uint64_t agents;
};

/* Written by the thread that steps. `version` is odd while slowest[] is being changed. */
struct mp_steps {
	uint64_t expected;
	uint64_t begun, ended;
	uint64_t ticks;       /* sum of the ended steps */
	uint64_t unaccounted; /* ticks of ended steps in no phase */
	uint64_t min, max, max_step;
	uint64_t cpu_ns;     /* process CPU time inside the steps where it was read … */
	uint64_t cpu_ticks;  /* … and their wall time */
	uint64_t open_since; /* ticks of the open step's begin; 0: none open */
	uint64_t agents;     /* last given */
	uint64_t agents_first, agents_min, agents_max;
	uint64_t agents_sum;          /* over ended steps with agents known … */
	uint64_t agents_steps;        /* … and how many these were */
	uint64_t foreign;             /* steps begun by threads that do not step */
	uint64_t allocs, alloc_bytes; /* within ended steps, all threads */
	uint32_t thread;              /* slot of the thread that steps, 0: none yet */
	uint32_t spare;
	uint64_t run_begun, run_ended; /* ticks of the marks, 0: none */
	uint32_t run_name;             /* offset in names */
	uint32_t version;
	struct mp_usage usage; /* of ended steps, of the thread that steps */
	struct mp_slow_step slowest[MP_SLOWEST];
	uint32_t hist[MP_HIST_BUCKETS];
};

/* ---- counters by name, parameters --------------------------------------------------------- */

#define MP_NAMED_COUNTERS 256u
struct mp_named_counter {
	uint32_t name; /* offset in names; written last, 0: unused */
	uint32_t spare;
	int64_t value; /* sum of what was added, locked adds */
};

/* Pools that a program has named; a pool's kind of memory is MP_CELL_KIND_POOL + its place. */
#define MP_POOLS 254u

#define MP_PARAMS 128u
struct mp_param {
	uint32_t name, value; /* offsets in names; name written last */
};

/* ---- jemalloc's statistics ---------------------------------------------------------------- */

/* Taken inside the process, by whatever thread passes by, when the launcher has asked. */
struct mp_allocator_stats {
	uint64_t asked;    /* launcher writes: number of the request */
	uint64_t answered; /* the last request that was heard */
	uint32_t version;  /* odd while what follows changes, and the details */
	uint32_t spare;
	uint64_t taken;                                                   /* ticks; 0: never */
	uint64_t allocated, active, metadata, resident, mapped, retained; /* bytes */
};

/* A size class. Small ones are regions of slabs; a block of a large one has pages of its own. What
 * lies in a thread's cache counts as held. */
struct mp_allocator_class {
	uint64_t size;
	uint64_t slab_bytes, slab_regions; /* 0: a large class */
	uint64_t held;                     /* regions now */
	uint64_t allocated, freed;         /* regions, so far */
	uint64_t requests;                 /* by the program, so far; those of caches come late */
	uint64_t slabs, slabs_partial;     /* now; those of them that have room */
	uint64_t slabs_made;               /* so far */
};

struct mp_allocator_arena {
	uint64_t arena;
	uint64_t threads;
	uint64_t held;             /* bytes of regions, those in caches too */
	uint64_t active;           /* bytes of pages that hold any */
	uint64_t dirty, muzzy;     /* bytes of pages that hold none and wait to be given back */
	uint64_t mapped, retained; /* bytes of address space, in use and kept */
	uint64_t metadata;         /* bytes of the arena's own */
	uint64_t resident;         /* bytes, at most */
	uint64_t cached;           /* bytes in caches of threads */
	uint64_t purges, purged;   /* how often pages were given back, and bytes of them so far */
};

#define MP_ALLOCATOR_CLASSES 256u
#define MP_ALLOCATOR_ARENAS  64u /* of more than these the first are told */

/* Class by class and arena by arena: taken when the run is an eighth older than at the last time,
 * and when it ends. */
struct mp_allocator_details {
	uint64_t taken;  /* ticks; 0: never */
	uint32_t at_end; /* taken when the program had ended, the ending thread's cache flushed */
	uint32_t arenas_all;
	int64_t dirty_decay_ms, muzzy_decay_ms; /* how long pages wait; below 0: for ever */
	uint32_t classes_used, arenas_used;
	struct mp_allocator_class classes[MP_ALLOCATOR_CLASSES];
	struct mp_allocator_arena arenas[MP_ALLOCATOR_ARENAS];
};

/* ---- header ------------------------------------------------------------------------------- */

struct mp_region {
	uint64_t magic;
	uint32_t layout;
	int32_t pid;
	uint64_t bytes; /* of the file */

	/* clocks at the start of recording, read together */
	uint64_t start_ticks;
	uint64_t start_mono_ns; /* CLOCK_MONOTONIC */
	uint64_t start_real_ns; /* CLOCK_REALTIME */

	/* where the tables are, and what they may hold */
	uint64_t names_at, modules_at, nodes_at, phases_at, cells_at, samples_at, threads_at,
	        blocks_at, pool_at;
	uint32_t names_max, modules_max, nodes_max, phases_max;
	uint32_t cells_max, samples_max, threads_max, blocks_max;

	/* how much is in use: entries below these counts exist, once their key is written */
	uint32_t names_used, modules_used, nodes_used, phases_used;
	uint32_t cells_used, samples_used, threads_used, blocks_used;
	uint32_t threads_live;
	uint64_t overflows; /* events that found a table full */

	/* how this image came to be */
	uint32_t origin; /* enum mp_origin */
	int32_t parent_pid;
	uint32_t mode;                /* enum mp_mode */
	uint64_t sample_bytes;        /* in sampled mode: bytes from sample to sample, on average */
	uint32_t allocator;           /* offset in names: "jemalloc 5.3.0" */
	uint64_t children_lost;       /* forked children that could not reach the launcher */
	uint32_t children_lost_error; /* errno of the last of them */
	uint32_t own_allocator; /* 1: the program defines malloc itself, so we are not called */
	uint32_t exe;           /* offset in names: path of the executable */
	uint32_t arguments;     /* offset in names: the arguments, one a line, cut at 4,095 bytes */
	uint64_t start_cpu_ns;  /* CPU time that the process had used when the recording began */

	/* what the profiler itself takes */
	uint64_t private_bytes; /* own memory, not the allocator's, mapped and touched at most */
	uint64_t scope_inner_ticks; /* of one scope: inside its own interval … */
	uint64_t scope_outer_ticks; /* … and outside of it, in its parent; 1/16 ticks both */
	uint64_t clock_ticks;       /* one read of the clock, 1/16 ticks */
	uint64_t load_ns;           /* CPU time that starting up took */

	/* samples of CPU time */
	uint32_t sampling_hz;       /* asked for; 0: none are taken */
	uint32_t count_calls;       /* 1: calls of functions are counted */
	uint64_t samples;           /* taken */
	uint64_t sampling_ticks;    /* spent in taking them */
	uint64_t calls_missed;      /* calls that there was no room to count */
	uint64_t unsampled_threads; /* for which no timer, or no signal, was to be had */

	/* the heap; written by locked operations, or by the only thread */
	/* live_bytes: flushed part, see peak_error_bytes; in sampled mode in 2^-10 */
	__attribute__((aligned(64))) int64_t live_bytes;
	uint64_t peak_when;        /* step and coarse time, as a block's origin */
	uint64_t peak_error_bytes; /* the most the peak may be off: threads × 64 KiB, 0 with one */

	/* what each event of the heap reads, in one line. First what a block records as its origin,
	 * read whole: the steps begun, and coarse time */
	__attribute__((aligned(64))) uint32_t now_step;
	uint32_t now_tick;  /* launcher writes: units of 10 ms */
	uint32_t now_phase; /* what threads without a phase inherit */
	uint32_t now_spare;
	int64_t peak_bytes; /* only ever rises: so it also tells one peak from another */
	__attribute__((aligned(64))) struct mp_allocator_stats allocator_stats;
	__attribute__((aligned(64))) struct mp_named_counter counters[MP_NAMED_COUNTERS];
	struct mp_param params[MP_PARAMS];
	uint32_t pools[MP_POOLS]; /* names, told at a pool's first use; 0: not used */
	uint64_t mappings_missed; /* mappings and unmappings that could not be followed */
	__attribute__((aligned(64))) struct mp_steps steps;
	__attribute__((aligned(64))) struct mp_allocator_details allocator_details;
};

/* A thread adds to live_bytes when it has allocated or freed so much since it last did. */
#define MP_LIVE_PORTION (64 * 1024)

enum mp_origin {
	MP_ORIGIN_EXEC = 0, /* a program image started by exec */
	MP_ORIGIN_FORK = 1, /* a child that went on without exec */
};

enum mp_mode {
	MP_MODE_OFF = 0, /* marks only */
	MP_MODE_EXACT = 1,
	MP_MODE_SAMPLED = 2,
};

/* What sample_bytes may be. */
#define MP_SAMPLED_BYTES_MIN 16ull
#define MP_SAMPLED_BYTES_MAX (1ull << 30)

_Static_assert(sizeof(struct mp_node) == 32, "two nodes a cache line");
_Static_assert(sizeof(struct mp_counters) == 64 && sizeof(struct mp_counters_sizes) == 64 &&
                       sizeof(struct mp_counters_lives) <= 128 &&
                       sizeof(struct mp_counters_moves) <= 64,
               "counters are lines of a page each");
_Static_assert(sizeof(struct mp_call_counts) == 64, "a cache line each");
_Static_assert(sizeof(struct mp_thread_slot) == 256, "slots share no cache line");
_Static_assert(sizeof(struct mp_module) == 72, "no hidden padding");

#endif
