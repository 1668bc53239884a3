/* trace_format.h: the contract between the recorder, which writes traces, and whoever reads them.
 *
 * TRACE_FORMAT.md tells the format in prose, with worked bytes. This file has its numbers and
 * names: the kinds of record, the fields of rows, the ids that are fixed. Lists are X-macros, so
 * that the writer, the reader and their tests cannot disagree.
 *
 * A trace is a plain concatenation of msgpack objects, each an array [kind, body].
 */
#ifndef MEMPROF_TRACE_FORMAT_H
#define MEMPROF_TRACE_FORMAT_H

#define TRACE_MAGIC         "memprof-trace"
/* Major: a reader refuses what it does not know. Minor: new kinds, keys and fields, all of which
 * an older reader skips. */
#define TRACE_VERSION_MAJOR 1
#define TRACE_VERSION_MINOR 3

/* The side file that holds the open window stands beside the trace under this suffix. */
#define TRACE_OPEN_SUFFIX ".open"

/* X(number, NAME, what it is) */
#define TRACE_KINDS(X)                                                                             \
	X(1, HEADER, "what was run, where, when, and how it was recorded; always first")           \
	X(2, STRINGS, "strings, by id")                                                            \
	X(3, MODULE, "a mapped object: path, build-id, addresses")                                 \
	X(4, FRAMES, "code locations: module and address in it")                                   \
	X(5, STACKS, "the tree of stacks: parent and frame")                                       \
	X(6, PHASES, "the tree of phases: parent and name")                                        \
	X(7, THREAD, "a thread")                                                                   \
	X(8, CELLS, "pairs of stack and phase, which counters belong to")                          \
	X(9, WINDOW, "what happened between two moments")                                          \
	X(10, FACTS, "what became known about the run: name, steps expected, parameters …")        \
	X(11, SLOWEST, "the slowest steps so far; replaces the one before")                        \
	X(12, SYMBOLS, "functions and source lines of frames")                                     \
	X(13, MODULE_SYMBOLS, "what was found about a module's symbols")                           \
	X(14, WARNING, "a sentence the recorder wants to be read")                                 \
	X(15, END, "how the run ended; last, but for symbols and warnings")                        \
	X(16, OPEN, "first in the side file: which trace, and at which length, it continues")      \
	X(17, OTHER_CELLS, "the same of memory beside the heap: stack, phase and memory")          \
	X(18, SAMPLES, "where the CPU time of a window went, by samples")                          \
	X(19, CALLS, "the calls of functions in a window, counted one by one")                     \
	X(20, ALLOCATOR, "the allocator inside, by size class and arena; replaces the one before")

enum trace_kind {
#define X(number, name, text) TRACE_##name = number,
	TRACE_KINDS(X)
#undef X
};

/* Fields of a cell's row in a window, each with its bit of the row's mask. Each value is the change
 * since the window before; PEAK_BYTES, too, is the change of what the cell held at the peak known
 * so far, and may be negative. Bits are given by how often a field changes, since a mask takes as
 * many bytes as its highest bit needs: 16 bits are enough for nearly all. X(bit, NAME, name) */
#define TRACE_CELL_FIELDS(X)                                                                       \
	X(0, ALLOCATIONS, allocations)                                                             \
	X(1, ALLOCATED_BYTES, allocated_bytes)                                                     \
	X(2, ALLOCATED_USABLE, allocated_usable)                                                   \
	X(3, FREES, frees)                                                                         \
	X(4, FREED_BYTES, freed_bytes)                                                             \
	X(5, FREED_USABLE, freed_usable)                                                           \
	X(6, TEMPORARIES, temporaries)                                                             \
	X(16, MOVED_IN, moved_in)                                                                  \
	X(17, MOVED_IN_BYTES, moved_in_bytes)                                                      \
	X(18, MOVED_IN_USABLE, moved_in_usable)                                                    \
	X(19, MOVED_OUT, moved_out)                                                                \
	X(20, MOVED_OUT_BYTES, moved_out_bytes)                                                    \
	X(21, MOVED_OUT_USABLE, moved_out_usable)                                                  \
	X(13, PEAK_BYTES, peak_bytes)                                                              \
	X(54, CROSS_FREES, cross_frees)                                                            \
	X(7, LIFE_STEPS_0, life_steps_0)                                                           \
	X(27, LIFE_STEPS_1, life_steps_1)                                                          \
	X(32, LIFE_STEPS_2, life_steps_2)                                                          \
	X(33, LIFE_STEPS_3, life_steps_3)                                                          \
	X(34, LIFE_STEPS_4, life_steps_4)                                                          \
	X(35, LIFE_STEPS_5, life_steps_5)                                                          \
	X(36, LIFE_STEPS_6, life_steps_6)                                                          \
	X(37, LIFE_STEPS_7, life_steps_7)                                                          \
	X(38, LIFE_STEPS_8, life_steps_8)                                                          \
	X(39, LIFE_STEPS_9, life_steps_9)                                                          \
	X(40, LIFE_STEPS_10, life_steps_10)                                                        \
	X(41, LIFE_STEPS_11, life_steps_11)                                                        \
	X(8, LIFE_TIME_0, life_time_0)                                                             \
	X(28, LIFE_TIME_1, life_time_1)                                                            \
	X(29, LIFE_TIME_2, life_time_2)                                                            \
	X(30, LIFE_TIME_3, life_time_3)                                                            \
	X(31, LIFE_TIME_4, life_time_4)                                                            \
	X(42, LIFE_TIME_5, life_time_5)                                                            \
	X(43, LIFE_TIME_6, life_time_6)                                                            \
	X(44, LIFE_TIME_7, life_time_7)                                                            \
	X(45, LIFE_TIME_8, life_time_8)                                                            \
	X(46, LIFE_TIME_9, life_time_9)                                                            \
	X(47, LIFE_TIME_10, life_time_10)                                                          \
	X(15, SIZE_0, size_0)                                                                      \
	X(9, SIZE_1, size_1)                                                                       \
	X(10, SIZE_2, size_2)                                                                      \
	X(11, SIZE_3, size_3)                                                                      \
	X(12, SIZE_4, size_4)                                                                      \
	X(14, SIZE_5, size_5)                                                                      \
	X(23, SIZE_6, size_6)                                                                      \
	X(24, SIZE_7, size_7)                                                                      \
	X(25, SIZE_8, size_8)                                                                      \
	X(26, SIZE_9, size_9)                                                                      \
	X(48, SIZE_10, size_10)                                                                    \
	X(49, SIZE_11, size_11)                                                                    \
	X(50, SIZE_12, size_12)                                                                    \
	X(51, SIZE_13, size_13)                                                                    \
	X(52, SIZE_14, size_14)                                                                    \
	X(53, SIZE_15, size_15)                                                                    \
	X(22, SAMPLED, sampled)

/* Integers of a row of SAMPLES, in this order, and what they must be to add up: X(name, what) */
#define TRACE_SAMPLE_FIELDS(X)                                                                     \
	X(stack, "the stack, its innermost frame the instruction that was interrupted")            \
	X(phase, "the phase that the thread was in, its own or inherited; 0: none")                \
	X(role, "whose time: enum trace_role")                                                     \
	X(samples, "how often the stack was found")                                                \
	X(cpu_ns, "the CPU time that these samples stand for")

/* The same of CALLS: a row is what one function, called by one other in one phase, came to. */
#define TRACE_CALL_FIELDS(X)                                                                       \
	X(function, "frame of the function's first instruction")                                   \
	X(caller, "the same of the function that called it; TRACE_FRAME_ROOT: none was counted")   \
	X(phase, "the phase that the thread was in when the call began; 0: none")                  \
	X(role, "whose calls: enum trace_role")                                                    \
	X(calls, "calls that began")                                                               \
	X(self, "ticks in the function itself")                                                    \
	X(inclusive, "ticks of calls of the function that were not inside another call of it")     \
	X(untimed, "calls that were counted and not timed")

/* The same of `classes` of ALLOCATOR: a row is a size class. What lies in caches of threads counts
 * as held, and was allocated when it came there. */
#define TRACE_ALLOCATOR_CLASS_FIELDS(X)                                                            \
	X(size, "bytes of each of its regions")                                                    \
	X(slab_bytes, "bytes of a slab; 0: its regions have pages of their own")                   \
	X(slab_regions, "regions of a slab")                                                       \
	X(held, "regions that are not free")                                                       \
	X(allocated, "regions given out so far")                                                   \
	X(freed, "regions taken back so far")                                                      \
	X(requests, "requests so far; those that a cache served come late")                        \
	X(slabs, "slabs that there are")                                                           \
	X(slabs_partial, "of them, that have free regions beside held ones")                       \
	X(slabs_made, "slabs made so far")

/* The same of `arenas` of ALLOCATOR; bytes but for arena, threads and purges. */
#define TRACE_ALLOCATOR_ARENA_FIELDS(X)                                                            \
	X(arena, "its number")                                                                     \
	X(threads, "that allocate from it")                                                        \
	X(held, "of regions that are not free")                                                    \
	X(active, "of pages that have any such region")                                            \
	X(dirty, "of pages that have none, and wait to be given back")                             \
	X(muzzy, "of pages that the kernel may take, or has taken")                                \
	X(mapped, "of address space in use")                                                       \
	X(retained, "of address space kept, without memory")                                       \
	X(metadata, "of the arena's own")                                                          \
	X(resident, "in memory, at most")                                                          \
	X(cached, "of regions in caches of threads")                                               \
	X(purges, "how often pages were given back so far")                                        \
	X(purged, "of pages given back so far")

#define TRACE_LIFE_STEPS 12 /* fields from LIFE_STEPS_0: freed blocks by lifetime in steps */
#define TRACE_LIFE_TIME  11 /* fields from LIFE_TIME_0: the same by time */
#define TRACE_SIZES      16 /* fields from SIZE_0: allocations by size */

/* Fields of a phase's row in a window. All but MIN and MAX, which are the extremes so far, are
 * changes. Ticks of the clock, or nanoseconds where the name says so. */
#define TRACE_PHASE_FIELDS(X)                                                                      \
	X(0, CALLS, calls)                                                                         \
	X(1, INCLUSIVE, inclusive)                                                                 \
	X(2, SELF, self)                                                                           \
	X(3, MIN, min)                                                                             \
	X(4, MAX, max)                                                                             \
	X(5, CPU_NS, cpu_ns)                                                                       \
	X(6, CPU_CALLS, cpu_calls)                                                                 \
	X(7, CPU_TICKS, cpu_ticks)                                                                 \
	X(8, ENTERED, entered)                                                                     \
	X(9, SCOPES, scopes)                                                                       \
	X(10, STEP_SELF, step_self)                                                                \
	X(11, STEP_INCLUSIVE, step_inclusive)                                                      \
	X(12, USAGE_CALLS, usage_calls)                                                            \
	X(13, USAGE_TICKS, usage_ticks)                                                            \
	X(14, MINOR_FAULTS, minor_faults)                                                          \
	X(15, MAJOR_FAULTS, major_faults)                                                          \
	X(16, WAITS, waits)                                                                        \
	X(17, PREEMPTED, preempted)                                                                \
	X(18, READ_BYTES, read_bytes)                                                              \
	X(19, WRITTEN_BYTES, written_bytes)                                                        \
	X(20, SYSTEM_NS, system_ns)

/* The last of these are what the kernel counted, and also members of `steps`. */
#define TRACE_USAGE_FIRST  12
#define TRACE_USAGE_FIELDS 9

/* In the order of the list above, so that each histogram is an array. */
enum trace_cell_field {
#define X(bit, upper, lower) TRACE_CELL_##upper,
	TRACE_CELL_FIELDS(X)
#undef X
	        TRACE_CELL_FIELDS_COUNT
};

enum trace_cell_bit {
#define X(bit, upper, lower) TRACE_CELL_BIT_##upper = bit,
	TRACE_CELL_FIELDS(X)
#undef X
};

enum trace_sample_field {
#define X(name, text) TRACE_SAMPLE_##name,
	TRACE_SAMPLE_FIELDS(X)
#undef X
	        TRACE_SAMPLE_WIDTH
};

enum trace_call_field {
#define X(name, text) TRACE_CALL_##name,
	TRACE_CALL_FIELDS(X)
#undef X
	        TRACE_CALL_WIDTH
};

enum trace_allocator_class_field {
#define X(name, text) TRACE_ALLOCATOR_CLASS_##name,
	TRACE_ALLOCATOR_CLASS_FIELDS(X)
#undef X
	        TRACE_ALLOCATOR_CLASS_WIDTH
};

enum trace_allocator_arena_field {
#define X(name, text) TRACE_ALLOCATOR_ARENA_##name,
	TRACE_ALLOCATOR_ARENA_FIELDS(X)
#undef X
	        TRACE_ALLOCATOR_ARENA_WIDTH
};

enum trace_phase_field {
#define X(bit, upper, lower) TRACE_PHASE_##upper = bit,
	TRACE_PHASE_FIELDS(X)
#undef X
	        TRACE_PHASE_FIELDS_COUNT
};

/* Whose time a phase's row is. */
enum trace_role {
	TRACE_ROLE_STEPPING = 0, /* of the thread that steps: its times add up to the steps */
	TRACE_ROLE_OTHERS = 1,   /* of all other threads together */
};

/* Frame ids below TRACE_FRAME_FIRST are no code and are never listed. */
enum trace_special_frame {
	TRACE_FRAME_ROOT = 0,
	TRACE_FRAME_CUT = 1,      /* outer frames beyond the recorder's depth limit */
	TRACE_FRAME_NESTED = 2,   /* an event inside the profiler itself (a signal handler's) */
	TRACE_FRAME_OVERFLOW = 3, /* a table of the recorder was full */
	TRACE_FRAME_UNKNOWN = 4,  /* no stack could be taken */
	TRACE_FRAME_FIRST = 8,
};

/* What memory an OTHER_CELLS row is of. Any other value is the string that names a pool. */
#define TRACE_MEMORY_MAPPED 0 /* mapped by the program itself */

/* Durations come as counts by bucket. Below 2·TRACE_HIST_SUB a bucket is one tick wide; above, each
 * octave has TRACE_HIST_SUB buckets. Bucket b ≥ 2·SUB begins at (SUB + b mod SUB)·2^(b div SUB −
 * 1). */
#define TRACE_HIST_SUB 64

#endif
