/* snapshot.c: see snapshot.h. */
#include "snapshot.h"
#include "memory.h"
#include "snapshot_estimates.h"

#include <stdlib.h>
#include <string.h>

/* Tries to read what the process does not change meanwhile, before taking it as it comes. */
#define TRIES 4

void snapshot_init(struct snapshot *snapshot)
{
	*snapshot = (struct snapshot){0};
}

static void sums_free(struct cell_sums *sums)
{
	free(sums->base);
	free(sums->now);
}

void snapshot_free(struct snapshot *snapshot)
{
	sums_free(&snapshot->cells);
	sums_free(&snapshot->other_cells);
	samples_free(&snapshot->samples);
	free(snapshot->variances_base);
	free(snapshot->variances_now);
	for (uint32_t i = 0; i < snapshot->phases_count; i++) {
		free(snapshot->phases[i].base);
		free(snapshot->phases[i].now);
	}
	free(snapshot->phases);
	free(snapshot->late);
}

_Static_assert(MP_LIFE_STEPS == TRACE_LIFE_STEPS && MP_LIFE_TIME == TRACE_LIFE_TIME,
               "the region's buckets are the trace's");

/* ---- cells ------------------------------------------------------------------------------- */

typedef void add_counters(struct cell_sum *sum, const struct mp_counters *from, uint64_t epoch);

static void add_out_half(struct cell_sum *sum, const struct mp_counters *from, uint64_t epoch)
{
	(void)epoch;
	sum->field[TRACE_CELL_FREES] += region_load(&from->frees);
	sum->field[TRACE_CELL_FREED_BYTES] += region_load(&from->free_bytes);
	sum->field[TRACE_CELL_FREED_USABLE] += region_load(&from->free_usable);
	sum->field[TRACE_CELL_MOVED_OUT] += region_load(&from->moved_out);
	sum->field[TRACE_CELL_MOVED_OUT_BYTES] += region_load(&from->moved_out_bytes);
	sum->field[TRACE_CELL_MOVED_OUT_USABLE] += region_load(&from->moved_out_usable);
	sum->field[TRACE_CELL_TEMPORARIES] += region_load(&from->temporaries);
	sum->field[TRACE_CELL_CROSS_FREES] += region_load(&from->cross_frees);
	for (uint32_t i = 0; i < MP_LIFE_STEPS; i++)
		sum->field[TRACE_CELL_LIFE_STEPS_0 + i] += region_load(&from->life_steps[i]);
	for (uint32_t i = 0; i < MP_LIFE_TIME; i++)
		sum->field[TRACE_CELL_LIFE_TIME_0 + i] += region_load(&from->life_time[i]);
}

/* What this thread's part of the cell held at the peak. A cell that was not touched since holds
 * what it held then; the first touch keeps the value and writes the epoch. */
static uint64_t held_at_peak(const struct mp_counters *from, uint64_t epoch)
{
	uint64_t held = region_load(&from->alloc_bytes) + region_load(&from->moved_in_bytes) -
	                region_load(&from->free_bytes) - region_load(&from->moved_out_bytes);
	bool kept = __atomic_load_n(&from->peak_epoch, __ATOMIC_ACQUIRE) == epoch;
	return kept ? region_load((const uint64_t *)&from->held_at_peak) : held;
}

static void add_in_half(struct cell_sum *sum, const struct mp_counters *from, uint64_t epoch)
{
	sum->field[TRACE_CELL_ALLOCATIONS] += region_load(&from->allocs);
	sum->field[TRACE_CELL_ALLOCATED_BYTES] += region_load(&from->alloc_bytes);
	sum->field[TRACE_CELL_ALLOCATED_USABLE] += region_load(&from->alloc_usable);
	sum->field[TRACE_CELL_MOVED_IN] += region_load(&from->moved_in);
	sum->field[TRACE_CELL_MOVED_IN_BYTES] += region_load(&from->moved_in_bytes);
	sum->field[TRACE_CELL_MOVED_IN_USABLE] += region_load(&from->moved_in_usable);
	sum->field[TRACE_CELL_PEAK_BYTES] += held_at_peak(from, epoch);
}

/* A cell that no thread has counted anything in takes no place in the trace. Of mappings, bytes may
 * go while nothing goes whole. */
static bool is_untouched(const struct mp_counters *from)
{
	return !(region_load(&from->allocs) | region_load(&from->moved_in) |
	         region_load(&from->frees) | region_load(&from->moved_out) |
	         region_load(&from->free_bytes) | region_load(&from->moved_out_bytes));
}

struct cell_sum *snapshot_sum_of(struct snapshot *snapshot, struct cell_ref cell)
{
	struct cell_sums *sums = cell.other ? &snapshot->other_cells : &snapshot->cells;
	memory_reserve(&sums->now, &sums->now_capacity, cell.id, sizeof *sums->now);
	if (cell.id > sums->count)
		sums->count = cell.id;
	return &sums->now[cell.id - 1];
}

/* Calls `visit` for all counters that a thread has counted anything in, with their cell's index. */
typedef void visit_counters(void *context, uint64_t index, const struct mp_counters *counters);

static void each_counters(const struct region *region, visit_counters *visit, void *context)
{
	uint32_t blocks = region_blocks_used(region);
	for (uint32_t block = 0; block < blocks; block++) {
		struct mp_block_desc what;
		if (!region_block(region, block, &what) || what.kind != MP_BLOCK_CELLS)
			continue;
		const struct mp_counters *counters = region_counters(region, block);
		for (uint32_t i = 0; i < MP_CELLS_PER_BLOCK; i++)
			if (!is_untouched(&counters[i]))
				visit(context, (uint64_t)what.index * MP_CELLS_PER_BLOCK + i,
				      &counters[i]);
	}
}

struct half {
	struct snapshot *snapshot;
	struct tables *tables;
	const struct region *region;
	add_counters *add;
};

static void read_counters(void *context, uint64_t index, const struct mp_counters *counters)
{
	const struct half *half = context;
	struct cell_ref cell = {0, false};
	if (index < half->region->cells_max)
		cell = tables_cell(half->tables, half->region, (uint32_t)index);
	if (cell.id)
		half->add(snapshot_sum_of(half->snapshot, cell), counters,
		          half->snapshot->peak_epoch);
	else
		half->tables->damaged += half->tables->settled;
}

static void read_half(struct snapshot *snapshot, struct tables *tables, const struct region *region,
                      add_counters *add)
{
	struct half half = {snapshot, tables, region, add};
	each_counters(region, read_counters, &half);
}

/* One half of the heap's cells: the bytes that came in, or that went. */
struct heap_half {
	const struct region *region;
	bool in;
	uint64_t bytes;
};

static void add_heap_bytes(void *context, uint64_t index, const struct mp_counters *counters)
{
	struct heap_half *half = context;
	struct mp_cell cell;
	if (index >= half->region->cells_max ||
	    !region_cell(half->region, (uint32_t)index, &cell) ||
	    MP_CELL_KIND(cell.phase) != MP_CELL_KIND_HEAP)
		return;
	half->bytes += half->in ? region_load(&counters->alloc_bytes) +
	                                  region_load(&counters->moved_in_bytes)
	                        : region_load(&counters->free_bytes) +
	                                  region_load(&counters->moved_out_bytes);
}

static uint64_t sum_half(const struct region *region, bool in)
{
	struct heap_half half = {region, in, 0};
	each_counters(region, add_heap_bytes, &half);
	return half.bytes;
}

int64_t snapshot_live_now(const struct region *region)
{
	if (region->mode == MP_MODE_SAMPLED)
		return snapshot_estimates_live_now(region);
	uint64_t out = sum_half(region, false);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return (int64_t)(sum_half(region, true) - out);
}

/* With several threads the peak that they see lags behind by what each has not yet told the others.
 * Once nothing changes any more, what is live is known exactly: if that is more, it is the peak. */
static void settle_peak(struct snapshot *snapshot, const struct region *region)
{
	int64_t seen = (int64_t)region_load((const uint64_t *)&region->header->peak_bytes);
	snapshot->peak_is_end = snapshot_live_bytes(snapshot) > seen;
	if (snapshot->peak_is_end && region->mode == MP_MODE_SAMPLED)
		snapshot_estimates_settle_peak(snapshot);
	for (uint32_t i = 0; snapshot->peak_is_end && i < snapshot->cells.count; i++) {
		uint64_t *field = snapshot->cells.now[i].field;
		field[TRACE_CELL_PEAK_BYTES] =
		        field[TRACE_CELL_ALLOCATED_BYTES] + field[TRACE_CELL_MOVED_IN_BYTES] -
		        field[TRACE_CELL_FREED_BYTES] - field[TRACE_CELL_MOVED_OUT_BYTES];
	}
}

static void sums_begin(struct cell_sums *sums)
{
	memory_reserve(&sums->now, &sums->now_capacity, sums->count + 1u, sizeof *sums->now);
	memset(sums->now, 0, sums->now_capacity * sizeof *sums->now);
}

static void sums_end(struct cell_sums *sums)
{
	memory_reserve(&sums->base, &sums->base_capacity, sums->count, sizeof *sums->base);
}

/* The peak is the heap's. */
static void other_cells_have_no_peak(struct cell_sums *sums)
{
	for (uint32_t i = 0; i < sums->count; i++)
		sums->now[i].field[TRACE_CELL_PEAK_BYTES] = 0;
}

static void read_cells(struct snapshot *snapshot, struct tables *tables,
                       const struct region *region)
{
	for (int try = 0; try < TRIES; try++) {
		sums_begin(&snapshot->cells);
		sums_begin(&snapshot->other_cells);
		snapshot_estimates_begin(snapshot, region);
		read_half(snapshot, tables, region, add_out_half);
		snapshot_estimates_read(snapshot, tables, region, false);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		snapshot->peak_epoch = region_load(&region->header->peak_epoch);
		read_half(snapshot, tables, region, add_in_half);
		snapshot_estimates_read(snapshot, tables, region, true);
		/* A new peak while we read: some cells would tell of the old one. */
		if (snapshot->peak_epoch == region_load(&region->header->peak_epoch))
			break;
	}
	sums_end(&snapshot->cells);
	sums_end(&snapshot->other_cells);
	snapshot_estimates_end(snapshot, region);
	other_cells_have_no_peak(&snapshot->other_cells);
	if (tables->settled)
		settle_peak(snapshot, region);
}

/* ---- phases ------------------------------------------------------------------------------ */

static void add_phase(struct snapshot *snapshot, const struct region *region, uint32_t block,
                      const struct mp_block_desc *what)
{
	if (!region_phase_times(region, block))
		return;
	memory_reserve(&snapshot->phases, &snapshot->phases_capacity, snapshot->phases_count + 1u,
	               sizeof *snapshot->phases);
	snapshot->phases[snapshot->phases_count++] = (struct phase_entry){
	        .block = block,
	        .slot = what->slot,
	        .region_phase = what->index,
	        .base = memory_new(1, sizeof(struct mp_phase_times)),
	        .now = memory_new(1, sizeof(struct mp_phase_times)),
	};
}

/* True when it is known what the block holds. */
static bool look_at_block(struct snapshot *snapshot, const struct region *region, uint32_t block)
{
	struct mp_block_desc what;
	if (!region_block(region, block, &what))
		return false;
	if (what.kind == MP_BLOCK_PHASE)
		add_phase(snapshot, region, block, &what);
	return true;
}

void snapshot_find_phases(struct snapshot *snapshot, struct tables *tables,
                          const struct region *region)
{
	uint32_t still_late = 0;
	for (uint32_t i = 0; i < snapshot->late_count; i++)
		if (!look_at_block(snapshot, region, snapshot->late[i]))
			snapshot->late[still_late++] = snapshot->late[i];
	snapshot->late_count = still_late;
	uint32_t blocks = region_blocks_used(region);
	for (; snapshot->blocks_seen < blocks; snapshot->blocks_seen++) {
		if (look_at_block(snapshot, region, snapshot->blocks_seen))
			continue;
		memory_reserve(&snapshot->late, &snapshot->late_capacity, snapshot->late_count + 1u,
		               sizeof *snapshot->late);
		snapshot->late[snapshot->late_count++] = snapshot->blocks_seen;
	}
	for (uint32_t i = 0; i < snapshot->phases_count; i++) {
		struct phase_entry *entry = &snapshot->phases[i];
		if (!entry->known)
			entry->known =
			        tables_phase(tables, region, entry->region_phase, &entry->phase);
	}
}

static void read_phases(struct snapshot *snapshot, struct tables *tables,
                        const struct region *region)
{
	snapshot_find_phases(snapshot, tables, region);
	for (uint32_t i = 0; i < snapshot->phases_count; i++) {
		struct phase_entry *entry = &snapshot->phases[i];
		*entry->now = *region_phase_times(region, entry->block);
	}
}

/* ---- steps, threads, counters -------------------------------------------------------------- */

void snapshot_read_steps(const struct region *region, struct mp_steps *to)
{
	const struct mp_steps *from = &region->header->steps;
	for (int try = 0; try < TRIES; try++) {
		uint32_t version = __atomic_load_n(&from->version, __ATOMIC_ACQUIRE);
		uint64_t ended = __atomic_load_n(&from->ended, __ATOMIC_ACQUIRE);
		*to = *from;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (version % 2 == 0 && region_load(&from->ended) == ended &&
		    __atomic_load_n(&from->version, __ATOMIC_RELAXED) == version)
			break;
	}
}

uint32_t snapshot_stepping_slot(const struct region *region, const struct mp_steps *steps)
{
	if (steps->thread)
		return steps->thread;
	uint32_t used = region_threads_used(region);
	for (uint32_t slot = 1; slot < used; slot++)
		if (__atomic_load_n(&region_thread(region, slot)->tid, __ATOMIC_RELAXED) ==
		    (uint32_t)region->header->pid)
			return slot;
	return 1;
}

static void read_threads(struct snapshot *snapshot, const struct region *region)
{
	struct thread_sums sums = {0};
	uint32_t used = region_threads_used(region);
	for (uint32_t slot = 0; slot < used; slot++) {
		const struct mp_thread_slot *thread = region_thread(region, slot);
		sums.allocs += region_load(&thread->allocs);
		sums.events += region_load(&thread->events);
		sums.overhead_ticks += region_load(&thread->overhead_ticks);
		sums.overhead_events += region_load(&thread->overhead_events);
		sums.scopes += region_load(&thread->scopes);
		sums.captures += region_load(&thread->captures);
		sums.frames_walked += region_load(&thread->frames_walked);
		sums.audits += region_load(&thread->audits);
		sums.audit_mismatches += region_load(&thread->audit_mismatches);
		sums.truncated += region_load(&thread->truncated);
		sums.unbalanced += region_load(&thread->unbalanced);
		sums.foreign_frees += region_load(&thread->foreign_frees);
		sums.inherited_frees += region_load(&thread->inherited_frees);
		sums.unknown_frees += region_load(&thread->unknown_frees);
	}
	snapshot->threads = sums;
}

void snapshot_read(struct snapshot *snapshot, struct tables *tables, const struct region *region)
{
	/* Steps before phases: a step's self times are then all there by the time they are read. */
	snapshot_read_steps(region, &snapshot->steps_now);
	read_phases(snapshot, tables, region);
	tables_take_modules(tables, region);
	read_cells(snapshot, tables, region);
	samples_read(&snapshot->samples, tables, region);
	read_threads(snapshot, region);
	for (uint32_t i = 0; i < MP_NAMED_COUNTERS; i++)
		snapshot->counters_now[i] =
		        (int64_t)region_load((const uint64_t *)&region->header->counters[i].value);
}

static void sums_commit(struct cell_sums *sums)
{
	struct cell_sum *cells = sums->base;
	size_t capacity = sums->base_capacity;
	sums->base = sums->now;
	sums->base_capacity = sums->now_capacity;
	sums->now = cells;
	sums->now_capacity = capacity;
}

void snapshot_commit(struct snapshot *snapshot)
{
	sums_commit(&snapshot->cells);
	sums_commit(&snapshot->other_cells);
	samples_commit(&snapshot->samples);
	snapshot_estimates_commit(snapshot);
	for (uint32_t i = 0; i < snapshot->phases_count; i++) {
		struct phase_entry *entry = &snapshot->phases[i];
		struct mp_phase_times *base = entry->base;
		/* A phase that is not known was in no window: its changes wait. */
		if (!entry->known)
			continue;
		entry->base = entry->now;
		entry->now = base;
	}
	snapshot->steps_base = snapshot->steps_now;
	memcpy(snapshot->counters_base, snapshot->counters_now, sizeof snapshot->counters_base);
}

static uint64_t sum_cell(const struct cell_sum *cell, const signed char sign[])
{
	uint64_t sum = 0;
	for (int field = 0; field < TRACE_CELL_FIELDS_COUNT; field++)
		sum += (uint64_t)(int64_t)sign[field] * cell->field[field];
	return sum;
}

static int64_t sum_cells(const struct snapshot *snapshot, const signed char sign[])
{
	uint64_t sum = 0;
	for (uint32_t i = 0; i < snapshot->cells.count; i++)
		sum += sum_cell(&snapshot->cells.now[i], sign);
	return (int64_t)sum;
}

static const signed char live_bytes_sign[TRACE_CELL_FIELDS_COUNT] = {
        [TRACE_CELL_ALLOCATED_BYTES] = 1,
        [TRACE_CELL_MOVED_IN_BYTES] = 1,
        [TRACE_CELL_FREED_BYTES] = -1,
        [TRACE_CELL_MOVED_OUT_BYTES] = -1,
};

int64_t snapshot_live_bytes(const struct snapshot *snapshot)
{
	return sum_cells(snapshot, live_bytes_sign);
}

int64_t snapshot_mapped_bytes(const struct snapshot *snapshot, const struct tables *tables)
{
	uint64_t sum = 0;
	for (uint32_t i = 0; i < snapshot->other_cells.count; i++)
		if (tables_kind(tables, i + 1) == MP_CELL_KIND_MAPPED)
			sum += sum_cell(&snapshot->other_cells.now[i], live_bytes_sign);
	return (int64_t)sum;
}

int64_t snapshot_live_blocks(const struct snapshot *snapshot)
{
	static const signed char sign[TRACE_CELL_FIELDS_COUNT] = {
	        [TRACE_CELL_ALLOCATIONS] = 1,
	        [TRACE_CELL_MOVED_IN] = 1,
	        [TRACE_CELL_FREES] = -1,
	        [TRACE_CELL_MOVED_OUT] = -1,
	};
	return sum_cells(snapshot, sign);
}
