/* snapshot.h: what a region's counters have come to, and what had been written of it.
 *
 * A snapshot keeps everything twice: `now`, as it was last read, and `base`, as it was at the end
 * of the last window. A window is the difference; ending it makes `now` the next base. Counters
 * never go back, so nothing is lost when a window is read and thrown away (the side file's are).
 *
 * A read costs in proportion to what has changed since the last one: of counters of cells that
 * nothing happened in one cache line is looked at.
 *
 * Order of reading (region.h): of all cells first the half that frees write, then the half that
 * allocations write, so that a block freed while we read is not missing from what was allocated.
 *
 * Cells are sums over threads, by the trace's ids, those of the heap apart from those of memory
 * beside it. Phase times stay apart by thread, since which
 * thread steps may be known only later: the change of each is counted for the role that its thread
 * has when the window ends. */
#ifndef MEMPROF_LAUNCHER_SNAPSHOT_H
#define MEMPROF_LAUNCHER_SNAPSHOT_H

#include "calls.h"
#include "cell_sums.h"
#include "samples.h"
#include "tables.h"

/* What one thread spent in one phase: one place in the pool. */
struct phase_entry {
	uint32_t block; /* where it begins */
	uint32_t slot;
	uint32_t phase; /* of the trace; valid once `known` */
	uint32_t region_phase;
	bool known;
	struct mp_phase_times *base, *now;
};

/* Sums over all threads' slots. */
struct thread_sums {
	uint64_t events, overhead_ticks, overhead_events, scopes, captures, frames_walked;
	uint64_t audits, audit_mismatches, truncated, unbalanced;
	uint64_t foreign_frees, inherited_frees, unknown_frees;
	uint64_t allocs;
};

/* Of the heap's cells in sampled mode: the variances of their sums. */
struct cell_variance {
	double field[TRACE_CELL_FIELDS_COUNT];
};

struct snapshot {
	struct cell_sums cells, other_cells; /* by cell id − 1 */
	struct samples samples;
	struct calls calls;
	struct cell_variance *variances_base, *variances_now; /* by cell id − 1 */
	size_t variances_base_capacity, variances_now_capacity;
	struct seen_block **seen; /* counters as they were last read, by block of the pool */
	size_t seen_capacity;
	uint64_t events; /* allocations, frees and reallocations */

	struct phase_entry *phases;
	size_t phases_capacity;
	uint32_t phases_count;
	uint32_t blocks_seen; /* blocks below it were looked at for phases … */
	uint32_t *late;       /* … but these, whose kind was not written then */
	size_t late_capacity;
	uint32_t late_count;

	struct mp_steps steps_base, steps_now;
	int64_t counters_base[MP_NAMED_COUNTERS], counters_now[MP_NAMED_COUNTERS];
	struct thread_sums threads;
	int64_t peak;
	int64_t live_most; /* as the threads' common sum has it; INT64_MAX: the cells are exact */
	bool peak_is_end;  /* more is live at the end than at the peak that the threads saw */
};

void snapshot_init(struct snapshot *snapshot);
void snapshot_free(struct snapshot *snapshot);

/* Reads everything into `now`, translating ids by way of `tables`.
 *
 * The region's peak leaves out what threads have not yet added to the common sum (within the error
 * that the region states). Once the process is gone its cells tell what is live exactly: if that is
 * more than the peak, it is the peak, and `peak_is_end`. */
void snapshot_read(struct snapshot *snapshot, struct tables *tables, const struct region *region);

/* Finds places of phase times that are new; snapshot_read does this by itself. */
void snapshot_find_phases(struct snapshot *snapshot, struct tables *tables,
                          const struct region *region);

/* The fields of a cell's sums in `now`, which will have changed. */
uint64_t *snapshot_changed_fields(struct snapshot *snapshot, struct cell_ref cell);

/* Ends the window: what is now is what changes are counted from. */
void snapshot_commit(struct snapshot *snapshot);

/* A consistent copy of the step counters: not torn by a step that ends meanwhile, if the process
 * pauses between steps at all. */
void snapshot_read_steps(const struct region *region, struct mp_steps *to);

/* The slot of the thread that steps. Until one has, the main thread is taken to be it. */
uint32_t snapshot_stepping_slot(const struct region *region, const struct mp_steps *steps);

/* Live bytes and blocks: the sums over all cells, exact once the process is gone. Before, blocks
 * that came while the cells were read are in them, others that went in their place are not yet out:
 * bytes are bounded by the sum that the threads keep, so they are at most 64 KiB a thread more than
 * was live at one moment. Of blocks there is no such sum. */
int64_t snapshot_live_bytes(const struct snapshot *snapshot);
/* Live bytes of the heap as they are in the region now, without a snapshot, bounded likewise. */
int64_t snapshot_live_now(const struct region *region);
int64_t snapshot_live_blocks(const struct snapshot *snapshot);

/* Bytes that the program has mapped itself and not unmapped. */
int64_t snapshot_mapped_bytes(const struct snapshot *snapshot, const struct tables *tables);

#endif
