/* trace.h: a trace as it was read: tables, totals and the series of windows, all of it checked.
 *
 * This is the format (libmemprof/TRACE_FORMAT.md) in memory and nothing more: times are ticks,
 * names are ids, nothing is interpreted. Whoever holds a `struct trace` may rely on this, whatever
 * bytes the file had:
 *
 *   - every id that occurs is below the count of its table (or is one of the fixed ids);
 *   - parents of stacks and phases have lower ids than their children, so both are trees;
 *   - numbers fit an int64_t, sums of changes too; moments of windows do not go backwards;
 *   - strings end with a 0.
 *
 * Bad bytes in the middle end the reading there: `damage` says where and what; all that is in the
 * struct is from before. A record is checked whole before any of it is taken over.
 */
#ifndef ANALYZER_TRACE_TRACE_H
#define ANALYZER_TRACE_TRACE_H

#include <memprof/trace_format.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "base/memory.h"
#include "base/table.h"
#include "trace/cell.h"
#include "trace/histogram.h"

/* A number that the trace does not tell. */
#define TRACE_UNKNOWN INT64_MIN

struct trace_anchor {
	int64_t ticks, mono_ns, real_ns;
};

/* Read from HEADER. Strings are never NULL; a number may be TRACE_UNKNOWN. */
struct trace_header {
	const char *writer, *run, *host, *boot, *origin, *exe, *cwd, *arch, *allocator, *mode;
	const char **command;
	size_t command_count;
	int64_t pid, ppid, page, cores;
	int64_t pid_inside; /* its number in its own namespace, where that is another */
	int64_t memory_machine, memory_cgroup, memory_address_space;
	int64_t cache_l2, cache_l3; /* bytes, as one core sees them */
	int64_t sample_bytes;       /* in sampled mode; else TRACE_UNKNOWN */
	double hz;                  /* estimate; 0: none */
	struct trace_anchor anchor;
	int64_t sampling_hz; /* of CPU time, as asked for; TRACE_UNKNOWN: it was not sampled */
	bool count_calls;    /* calls of functions were counted */
};

/* What MODULE_SYMBOLS says. UNSEEN: no such record. */
enum trace_symbols_state {
	TRACE_SYMBOLS_UNSEEN,
	TRACE_SYMBOLS_DEBUG,
	TRACE_SYMBOLS_SYMTAB,
	TRACE_SYMBOLS_NONE,
	TRACE_SYMBOLS_CHANGED,
	TRACE_SYMBOLS_GONE,
};

struct trace_module {
	uint32_t path; /* string */
	uint8_t build_id[64];
	size_t build_id_length;
	uint64_t start, end, bias;
	int64_t loaded, unloaded;
	enum trace_symbols_state state;
	int optimized; /* 1, 0, −1: not known */
	const char *producer;
};

struct trace_symbol {
	uint32_t function, file; /* strings; 0: not known */
	uint32_t line, function_line;
};

/* symbols[0…symbols_count), the innermost function first; symbols_count 0: none in the trace. */
struct trace_frame {
	uint32_t module;
	uint32_t symbols_count;
	uint64_t address;
	struct trace_symbol *symbols;
};

struct trace_stack {
	uint32_t parent, frame;
};

/* Sums over the windows, extremes for MIN and MAX; index: enum trace_phase_field. `seen`: there was
 * a row. */
struct trace_phase_times {
	int64_t fields[TRACE_PHASE_FIELDS_COUNT];
	bool seen;
	struct histogram histogram;
};

struct trace_phase {
	uint32_t parent, name;
	struct trace_phase_times times[2]; /* enum trace_role */
};

struct trace_thread {
	int64_t id, tid, started;
	uint32_t name;
	bool stepping;
};

/* CPU time of one stack in one phase, summed over the windows. Each (stack, phase, role) occurs
 * once. The stack's innermost frame is the interrupted instruction. */
struct trace_sample {
	uint32_t stack, phase, role; /* enum trace_role */
	int64_t samples, cpu_ns;
};

/* Calls of a function from one caller in one phase, summed over the windows; ticks. Each (function,
 * caller, phase, role) occurs once. See TRACE_FORMAT.md for what adds up. */
struct trace_call {
	uint32_t function, caller; /* frames of first instructions; caller 0: not counted */
	uint32_t phase, role;
	int64_t calls, self, inclusive, untimed;
};

/* How far an estimate is from the truth: its variance, as estimated from the same samples, and the
 * covariance of the two. Both add up over estimates from other samples. Not negative. */
struct variance {
	double variance;
	double pull; /* see variances.h */
};

/* In sampled mode: of each of a cell's fields; of usable bytes that of usable − requested. */
struct trace_variances {
	struct variance fields[TRACE_CELL_FIELDS_COUNT];
};

/* X(name): integer keys of the window's maps, see TRACE_FORMAT.md. */
/* clang-format off */
#define TRACE_HEAP_KEYS(X)                                                                         \
	X(live_bytes) X(live_blocks) X(peak_bytes) X(peak_ticks) X(peak_step) X(peak_error_bytes)
#define TRACE_ALLOCATOR_KEYS(X)                                                                    \
	X(taken) X(allocated) X(active) X(metadata) X(resident) X(mapped) X(retained)
#define TRACE_PROCESS_KEYS(X)                                                                      \
	X(rss_anon) X(rss_file) X(rss_shmem) X(swap) X(peak_rss) X(mapped_directly) X(unexplained) \
	X(user_ns) X(system_ns) X(minor_faults) X(major_faults) X(voluntary_switches)              \
	X(involuntary_switches) X(read_bytes) X(written_bytes) X(threads)
#define TRACE_PROFILER_KEYS(X)                                                                     \
	X(shared_bytes) X(private_bytes) X(launcher_bytes) X(events) X(overhead_ticks)             \
	X(overhead_events) X(scopes) X(captures) X(frames_walked) X(audits) X(audit_mismatches)    \
	X(truncated) X(foreign_frees) X(inherited_frees) X(unknown_frees) X(overflows)             \
	X(unbalanced) X(children_lost) X(children_lost_error) X(foreign_steps) X(damaged) X(mappings_missed) \
	X(samples) X(sampling_ticks) X(unsampled_threads) X(calls_missed)
/* clang-format on */

/* As at the last moment that told; `known`: one did. Figures it could not know are
 * TRACE_UNKNOWN. */
#define X(name) int64_t name;
struct trace_heap {
	bool known;
	TRACE_HEAP_KEYS(X)
};
struct trace_allocator {
	bool known;
	TRACE_ALLOCATOR_KEYS(X)
};
struct trace_process {
	bool known;
	TRACE_PROCESS_KEYS(X)
};
struct trace_profiler {
	bool known;
	TRACE_PROFILER_KEYS(X)
};
#undef X

/* ALLOCATOR: the last there is. The rows' members are those of the format. */
#define X(name, text) int64_t name;
struct trace_allocator_class {
	TRACE_ALLOCATOR_CLASS_FIELDS(X)
};
struct trace_allocator_arena {
	TRACE_ALLOCATOR_ARENA_FIELDS(X)
};
#undef X
struct trace_allocator_details {
	bool known;
	bool at_end; /* taken when the program had ended */
	int64_t taken, dirty_decay_ms, muzzy_decay_ms, arenas_all; /* decay −1: never */
	struct trace_allocator_class *classes;                     /* small ones first, by size */
	size_t classes_count;
	struct trace_allocator_arena *arenas;
	size_t arenas_count;
};

/* One window: its end, and what happened in it. Changes are 0 where the window has none. */
struct trace_window {
	struct trace_anchor anchor;
	bool open;
	int64_t steps_ended, steps_ticks;
	int64_t samples, sampled_ns;          /* of all its rows of SAMPLES */
	int64_t allocations, allocated_bytes; /* of the heap */
	int64_t agents_last;                  /* TRACE_UNKNOWN: no agents yet */
	struct trace_heap heap;
	struct trace_allocator allocator;
	struct trace_process process;
	struct trace_profiler profiler;
};

/* By how much the live bytes of a cell changed in a window, and what was freed in it, where one of
 * them is not 0. */
struct trace_live_change {
	uint32_t window, cell;
	int64_t bytes, frees, freed_bytes;
};

/* What calls of a phase that ended in a window took, in ticks. */
struct trace_phase_change {
	uint32_t window, phase, role; /* enum trace_role */
	int64_t calls, inclusive, self;
};

/* Steps and agents over all windows. */
struct trace_steps {
	int64_t ended, ticks, unaccounted, allocations, bytes, cpu_ns, cpu_ticks; /* sums */
	int64_t begun, min, max, max_step;                                        /* so far */
	int64_t usage[TRACE_USAGE_FIELDS]; /* sums, by the stepping thread: what the kernel counted,
	                                      in the order of phases' fields */
	struct histogram histogram;
};

struct trace_agents {
	bool known;
	int64_t last, first, min, max; /* so far */
	int64_t sum, steps;            /* sums */
};

struct trace_slow_step {
	int64_t step, ticks, started, allocations, bytes, agents;
};

struct trace_counter {
	uint32_t name;
	int64_t value;
};

struct trace_param {
	const char *name, *value;
};

/* FACTS. Numbers may be TRACE_UNKNOWN, costs NAN, name NULL. */
struct trace_facts {
	const char *name;
	int64_t run_begun, run_ended, steps_expected, stepping_thread, load_ns;
	double scope_inner_ticks, scope_outer_ticks, clock_ticks;
	struct trace_param *params;
	size_t params_count, params_capacity;
};

struct trace_end {
	bool known;
	const char *reason;
	int64_t status, signal;
	bool out_of_memory, steps_open;
	struct trace_anchor anchor;
};

#define TRACE_TABLE(type, name)                                                                    \
	type *name;                                                                                \
	size_t name##_count, name##_capacity

struct trace {
	const char *path;
	struct trace_header header;
	TRACE_TABLE(const char *, strings);        /* by id; 0 is "" */
	TRACE_TABLE(struct trace_module, modules); /* by id; 0 is "none" */
	TRACE_TABLE(struct trace_frame,
	            frames); /* by id; those below TRACE_FRAME_FIRST are fixed */
	TRACE_TABLE(struct trace_stack, stacks);        /* by id; 0 is the empty stack */
	TRACE_TABLE(struct trace_phase, phases);        /* by id; 0 is "no phase" */
	TRACE_TABLE(struct trace_cell, cells);          /* by id; 0 is not used */
	TRACE_TABLE(struct trace_variances, variances); /* by cell; empty but in sampled mode */
	TRACE_TABLE(struct trace_cell, other_cells);    /* memory beside the heap; by id as cells */
	TRACE_TABLE(struct trace_sample, samples);      /* CPU time, in order of first sight */
	TRACE_TABLE(struct trace_call, calls);          /* calls counted, in order of first sight */
	TRACE_TABLE(struct trace_thread, threads);      /* in order of first sight */
	TRACE_TABLE(struct trace_window, windows);      /* in order */
	TRACE_TABLE(struct trace_live_change, live_changes);   /* in order of windows */
	TRACE_TABLE(struct trace_phase_change, phase_changes); /* in order of windows */
	TRACE_TABLE(struct trace_counter, counters);           /* in order of first sight */
	TRACE_TABLE(struct trace_slow_step, slowest);          /* slowest first */
	TRACE_TABLE(const char *, warnings);
	/* Over all cells, so that any sum over some of them is known not to overflow; for
	 * PEAK_BYTES the sum of the sizes of changes. */
	int64_t totals[TRACE_CELL_FIELDS_COUNT];
	int64_t other_totals[TRACE_CELL_FIELDS_COUNT]; /* the same over all other cells */
	int64_t samples_total, sampled_ns_total;       /* over all samples */
	int64_t calls_totals[4];                 /* over all calls: of each sum, as in the struct */
	struct table samples_index, calls_index; /* the reader's own */
	struct trace_facts facts;
	struct trace_steps steps;
	struct trace_agents agents;
	struct trace_heap heap; /* the last that was told; so below */
	struct trace_allocator allocator;
	struct trace_allocator_details allocator_details;
	struct trace_process process;
	struct trace_profiler profiler;
	struct trace_end end;
	int64_t skew; /* of the last window */

	size_t file_bytes;      /* of the file as it was read */
	size_t whole_bytes;     /* up to where its objects were read */
	bool torn;              /* after that comes the beginning of one more object */
	bool joined;            /* the side file was read behind it */
	bool newer_minor;       /* written by a newer version: some of it may have been skipped */
	const char *side_bytes; /* of the side file, if joined: its whole records but the first */
	size_t side_length;
	char damage[256]; /* empty, or what is wrong at byte whole_bytes */

	struct arena arena; /* strings, symbols and sums of cells */
};

/* Reads the trace in the file `path`, and its side file where the rules of the format say so. NULL
 * with `failure` set if there is no trace that could be read at all (no file, not a trace, another
 * major version); a trace that is damaged behind its header is returned with what stands before
 * the damage, and `damage` not empty. Free with trace_free. */
struct trace *trace_load(const char *path, struct failure *failure);

/* The same from memory: `bytes`, and of a side file `side` (NULL: none). `path` is only for
 * messages. */
struct trace *trace_parse(const char *path, const char *bytes, size_t length, const char *side,
                          size_t side_length, struct failure *failure);

void trace_free(struct trace *trace);

/* The variances of a cell's fields; NULL where the trace tells none. */
static inline const struct trace_variances *trace_variances_of(const struct trace *trace,
                                                               size_t cell)
{
	return cell < trace->variances_count ? &trace->variances[cell] : NULL;
}

#endif
