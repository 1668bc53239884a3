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

void snapshot_free(struct snapshot *snapshot)
{
	cell_sums_free(&snapshot->cells);
	cell_sums_free(&snapshot->other_cells);
	samples_free(&snapshot->samples);
	calls_free(&snapshot->calls);
	free(snapshot->variances_base);
	free(snapshot->variances_now);
	for (uint32_t i = 0; i < snapshot->phases_count; i++) {
		free(snapshot->phases[i].base);
		free(snapshot->phases[i].now);
	}
	free(snapshot->phases);
	free(snapshot->late);
	for (size_t i = 0; i < snapshot->seen_capacity; i++)
		free(snapshot->seen[i]);
	free(snapshot->seen);
}

_Static_assert(MP_LIFE_STEPS == TRACE_LIFE_STEPS && MP_LIFE_TIME == TRACE_LIFE_TIME &&
                       MP_SIZES == TRACE_SIZES,
               "the region's buckets are the trace's");

/* ---- cells ------------------------------------------------------------------------------- */

/* One thread's counters for one cell, as they were when they were last read. Only what has changed
 * since is added to the sums, so a read costs next to nothing for cells that nothing happened in,
 * and counts of 32 bits may wrap. */
struct seen_counters {
	struct mp_counters counters;
	struct mp_counters_sizes sizes;
	struct mp_counters_lives lives;
	struct mp_counters_moves moves;
	uint64_t held_at_peak; /* what they were taken to have held at the peak */
	struct cell_ref cell;  /* id 0: not known yet */
};

/* Those of a block of the pool. */
struct seen_block {
	struct seen_counters counters[MP_CELLS_PER_BLOCK];
};

/* What a counter has grown by since it was last read. */
static uint64_t grown64(const uint64_t *from, uint64_t *seen)
{
	uint64_t value = region_load(from), change = value - *seen;
	*seen = value;
	return change;
}

static uint64_t grown32(const uint32_t *from, uint32_t *seen)
{
	uint32_t value = __atomic_load_n(from, __ATOMIC_RELAXED), change = value - *seen;
	*seen = value;
	return change;
}

/* Adds how much each bucket has grown to fields that follow each other. Returns the sum. */
static uint64_t add_grown(uint64_t *field, const uint32_t *from, uint32_t *seen, uint32_t count)
{
	uint64_t sum = 0;
	for (uint32_t i = 0; i < count; i++) {
		uint64_t change = grown32(&from[i], &seen[i]);
		field[i] += change;
		sum += change;
	}
	return sum;
}

#define ADD_GROWN64(FIELD, from, seen, name)                                                       \
	field[TRACE_CELL_##FIELD] += grown64(&(from)->name, &(seen)->name)
#define ADD_GROWN32(FIELD, from, seen, name)                                                       \
	field[TRACE_CELL_##FIELD] += grown32(&(from)->name, &(seen)->name)

/* The same for allocations of the usual size. */
static uint64_t add_usual(uint64_t *field, const struct mp_counters *from,
                          struct seen_counters *seen)
{
	uint64_t change = grown32(&from->usual, &seen->counters.usual);
	__atomic_thread_fence(__ATOMIC_ACQUIRE); /* if there are any, the size is settled */
	field[__atomic_load_n(&from->usual_size, __ATOMIC_RELAXED) % MP_SIZES] += change;
	return change;
}

static bool is_moved(const struct mp_counters *from)
{
	return __atomic_load_n(&from->moved, __ATOMIC_ACQUIRE) != 0;
}

/* These return how many events there were. */
typedef uint64_t add_half(uint64_t field[], const struct mp_counters *from,
                          struct seen_counters *seen);

static uint64_t add_out_half(uint64_t field[], const struct mp_counters *from,
                             struct seen_counters *seen)
{
	const struct mp_counters_lives *lives = mp_counters_lives(from);
	const struct mp_counters_moves *moves = mp_counters_moves(from);
	ADD_GROWN64(FREED_BYTES, from, &seen->counters, free_bytes);
	ADD_GROWN64(FREED_USABLE, from, &seen->counters, free_usable);
	if (is_moved(from)) {
		ADD_GROWN32(MOVED_OUT, moves, &seen->moves, moved_out);
		ADD_GROWN64(MOVED_OUT_BYTES, moves, &seen->moves, moved_out_bytes);
		ADD_GROWN64(MOVED_OUT_USABLE, moves, &seen->moves, moved_out_usable);
	}
	ADD_GROWN32(TEMPORARIES, from, &seen->counters, temporaries);
	ADD_GROWN32(CROSS_FREES, lives, &seen->lives, cross_frees);
	uint64_t at_once = grown32(&from->at_once, &seen->counters.at_once);
	field[TRACE_CELL_LIFE_STEPS_0] += at_once;
	field[TRACE_CELL_LIFE_TIME_0] += at_once;
	add_grown(&field[TRACE_CELL_LIFE_STEPS_0], lives->life_steps, seen->lives.life_steps,
	          MP_LIFE_STEPS);
	uint64_t frees = at_once + add_grown(&field[TRACE_CELL_LIFE_TIME_0], lives->life_time,
	                                     seen->lives.life_time, MP_LIFE_TIME);
	field[TRACE_CELL_FREES] += frees;
	return frees;
}

static uint64_t add_in_half(uint64_t field[], const struct mp_counters *from,
                            struct seen_counters *seen)
{
	uint64_t moved = 0;
	ADD_GROWN64(ALLOCATED_BYTES, from, &seen->counters, alloc_bytes);
	ADD_GROWN64(ALLOCATED_USABLE, from, &seen->counters, alloc_usable);
	if (is_moved(from)) {
		const struct mp_counters_moves *moves = mp_counters_moves(from);
		moved = grown32(&moves->moved_in, &seen->moves.moved_in);
		field[TRACE_CELL_MOVED_IN] += moved;
		ADD_GROWN64(MOVED_IN_BYTES, moves, &seen->moves, moved_in_bytes);
		ADD_GROWN64(MOVED_IN_USABLE, moves, &seen->moves, moved_in_usable);
	}
	uint64_t allocations = add_grown(&field[TRACE_CELL_SIZE_0], mp_counters_sizes(from)->sizes,
	                                 seen->sizes.sizes, MP_SIZES);
	allocations += add_usual(&field[TRACE_CELL_SIZE_0], from, seen);
	field[TRACE_CELL_ALLOCATIONS] += allocations;
	return allocations + moved;
}

/* Has anything been written of a half? The first line and the moves tell, but for an event that is
 * under way: so at the end everything is compared. */
typedef bool half_changed(const struct mp_counters *from, const struct seen_counters *seen);

static bool out_changed(const struct mp_counters *from, const struct seen_counters *seen)
{
	const struct mp_counters_moves *moves = mp_counters_moves(from);
	return region_load(&from->free_usable) != seen->counters.free_usable ||
	       region_load(&from->free_bytes) != seen->counters.free_bytes ||
	       (is_moved(from) &&
	        region_load(&moves->moved_out_usable) != seen->moves.moved_out_usable);
}

static bool in_changed(const struct mp_counters *from, const struct seen_counters *seen)
{
	const struct mp_counters_moves *moves = mp_counters_moves(from);
	return region_load(&from->alloc_usable) != seen->counters.alloc_usable ||
	       region_load(&from->alloc_bytes) != seen->counters.alloc_bytes ||
	       (is_moved(from) &&
	        region_load(&moves->moved_in_usable) != seen->moves.moved_in_usable);
}

static bool anything_changed(const struct mp_counters *from, const struct seen_counters *seen)
{
	return memcmp(from, &seen->counters, sizeof seen->counters) != 0 ||
	       memcmp(mp_counters_sizes(from), &seen->sizes, sizeof seen->sizes) != 0 ||
	       memcmp(mp_counters_lives(from), &seen->lives, sizeof seen->lives) != 0 ||
	       memcmp(mp_counters_moves(from), &seen->moves, sizeof seen->moves) != 0;
}

uint64_t *snapshot_changed_fields(struct snapshot *snapshot, struct cell_ref cell)
{
	struct cell_sums *sums = cell.other ? &snapshot->other_cells : &snapshot->cells;
	return cell_sums_change(sums, cell.id - 1);
}

/* What this thread's part of the cell held at the peak. A cell that was not touched since holds
 * what it held then; the first touch keeps the value and writes which peak that was. */
static uint64_t held_at_peak(const struct mp_counters *from, int64_t peak)
{
	uint64_t held = (uint64_t)mp_counters_held(from);
	bool kept = __atomic_load_n(&from->peak, __ATOMIC_ACQUIRE) == peak;
	return kept ? region_load((const uint64_t *)&from->held_at_peak) : held;
}

/* The peak is the heap's. */
static void read_peak(struct snapshot *snapshot, const struct mp_counters *from,
                      struct seen_counters *seen)
{
	uint64_t held = held_at_peak(from, snapshot->peak);
	if (!seen->cell.id || seen->cell.other || held == seen->held_at_peak)
		return;
	snapshot_changed_fields(snapshot, seen->cell)[TRACE_CELL_PEAK_BYTES] +=
	        held - seen->held_at_peak;
	seen->held_at_peak = held;
}

/* One pass over all counters. */
struct pass {
	struct snapshot *snapshot;
	struct tables *tables;
	const struct region *region;
	half_changed *changed;
	add_half *add;
	bool with_peak;
};

static bool cell_is_known(const struct pass *pass, struct seen_counters *seen, uint64_t index)
{
	if (!seen->cell.id && index < pass->region->cells_max)
		seen->cell = tables_cell(pass->tables, pass->region, (uint32_t)index);
	pass->tables->damaged += !seen->cell.id && pass->tables->settled;
	return seen->cell.id != 0;
}

static void read_counters(const struct pass *pass, const struct mp_counters *from,
                          struct seen_counters *seen, uint64_t index)
{
	struct snapshot *snapshot = pass->snapshot;
	if (pass->changed(from, seen) && cell_is_known(pass, seen, index)) {
		uint64_t *field = snapshot_changed_fields(snapshot, seen->cell);
		uint64_t events = pass->add(field, from, seen);
		snapshot->events += seen->cell.other ? 0 : events;
	}
	if (pass->with_peak)
		read_peak(snapshot, from, seen);
}

static struct seen_block *seen_block(struct snapshot *snapshot, uint32_t block)
{
	memory_reserve(&snapshot->seen, &snapshot->seen_capacity, block + 1u,
	               sizeof *snapshot->seen);
	if (!snapshot->seen[block])
		snapshot->seen[block] = memory_new(1, sizeof **snapshot->seen);
	return snapshot->seen[block];
}

static void read_half(const struct pass *pass)
{
	uint32_t blocks = region_blocks_used(pass->region);
	for (uint32_t block = 0; block < blocks; block++) {
		struct mp_block_desc what;
		if (!region_block(pass->region, block, &what) || what.kind != MP_BLOCK_CELLS)
			continue;
		const struct mp_counters *counters = region_counters(pass->region, block);
		if (!counters)
			continue;
		struct seen_block *seen = seen_block(pass->snapshot, block);
		for (uint32_t i = 0; i < MP_CELLS_PER_BLOCK; i++)
			read_counters(pass, &counters[i], &seen->counters[i],
			              (uint64_t)what.index * MP_CELLS_PER_BLOCK + i);
	}
}

/* The bytes that came in, or that went. */
static uint64_t half_of(const struct mp_counters *from, bool in)
{
	const struct mp_counters_moves *moves = mp_counters_moves(from);
	uint64_t bytes = region_load(in ? &from->alloc_bytes : &from->free_bytes);
	if (is_moved(from))
		bytes += region_load(in ? &moves->moved_in_bytes : &moves->moved_out_bytes);
	return bytes;
}

/* One half of the heap's cells. */
struct heap_half {
	const struct region *region;
	bool in;
	uint64_t bytes;
};

static void add_heap_bytes(struct heap_half *half, uint64_t index,
                           const struct mp_counters *counters)
{
	struct mp_cell cell;
	if (index >= half->region->cells_max ||
	    !region_cell(half->region, (uint32_t)index, &cell) ||
	    MP_CELL_KIND(cell.phase) != MP_CELL_KIND_HEAP)
		return;
	half->bytes += half_of(counters, half->in);
}

static uint64_t sum_half(const struct region *region, bool in)
{
	struct heap_half half = {region, in, 0};
	uint32_t blocks = region_blocks_used(region);
	for (uint32_t block = 0; block < blocks; block++) {
		struct mp_block_desc what;
		if (!region_block(region, block, &what) || what.kind != MP_BLOCK_CELLS)
			continue;
		const struct mp_counters *counters = region_counters(region, block);
		if (!counters)
			continue;
		for (uint32_t i = 0; i < MP_CELLS_PER_BLOCK; i++)
			add_heap_bytes(&half, (uint64_t)what.index * MP_CELLS_PER_BLOCK + i,
			               &counters[i]);
	}
	return half.bytes;
}

/* What is live at this moment, or a little more: the sum that threads add to, and what each may
 * have kept back. A thread that comes meanwhile has not been counted, but has no portion yet; one
 * that goes adds what it had. Of estimates nothing is kept back. */
static int64_t live_most(const struct region *region)
{
	if (region->mode == MP_MODE_SAMPLED)
		return snapshot_estimates_live_now(region);
	const struct mp_region *h = region->header;
	int64_t threads = __atomic_load_n(&h->threads_live, __ATOMIC_ACQUIRE);
	int64_t live = (int64_t)region_load((const uint64_t *)&h->live_bytes);
	return live + (threads > 1 ? threads : 1) * MP_LIVE_PORTION;
}

int64_t snapshot_live_now(const struct region *region)
{
	if (region->mode == MP_MODE_SAMPLED)
		return snapshot_estimates_live_now(region);
	uint64_t out = sum_half(region, false);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	int64_t live = (int64_t)(sum_half(region, true) - out), most = live_most(region);
	return live < most ? live : most;
}

static int64_t peak_of(const struct region *region)
{
	return (int64_t)region_load((const uint64_t *)&region->header->peak_bytes);
}

static uint64_t live_bytes_of(const struct cell_sum *cell)
{
	const uint64_t *field = cell->field;
	return field[TRACE_CELL_ALLOCATED_BYTES] + field[TRACE_CELL_MOVED_IN_BYTES] -
	       field[TRACE_CELL_FREED_BYTES] - field[TRACE_CELL_MOVED_OUT_BYTES];
}

/* With several threads the peak that they see lags behind by what each has not yet told the others.
 * Once nothing changes any more, what is live is known exactly: if that is more, it is the peak. */
static void settle_peak(struct snapshot *snapshot, const struct region *region)
{
	snapshot->peak_is_end = snapshot_live_bytes(snapshot) > peak_of(region);
	if (snapshot->peak_is_end && region->mode == MP_MODE_SAMPLED)
		snapshot_estimates_settle_peak(snapshot);
	for (uint32_t i = 0; snapshot->peak_is_end && i < snapshot->cells.count; i++) {
		uint64_t *field =
		        snapshot_changed_fields(snapshot, (struct cell_ref){i + 1, false});
		field[TRACE_CELL_PEAK_BYTES] = live_bytes_of(cell_sums_now(&snapshot->cells, i));
	}
}

static void read_cells(struct snapshot *snapshot, struct tables *tables,
                       const struct region *region)
{
	struct pass out = {.snapshot = snapshot,
	                   .tables = tables,
	                   .region = region,
	                   .changed = tables->settled ? anything_changed : out_changed,
	                   .add = add_out_half};
	struct pass in = out;
	in.changed = tables->settled ? anything_changed : in_changed;
	in.add = add_in_half;
	in.with_peak = true;
	for (int try = 0; try < TRIES; try++) {
		snapshot_estimates_begin(snapshot, region);
		read_half(&out);
		snapshot_estimates_read(snapshot, tables, region, false);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		snapshot->peak = peak_of(region);
		read_half(&in);
		snapshot_estimates_read(snapshot, tables, region, true);
		/* A new peak while we read: some cells would tell of the old one. */
		if (snapshot->peak == peak_of(region))
			break;
	}
	snapshot_estimates_end(snapshot, region);
	snapshot->live_most = tables->settled ? INT64_MAX : live_most(region);
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
		sums.allocs += mp_slot_allocs(thread);
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
	/* In sampled mode only what was timed was an event. */
	sums.events = region->mode == MP_MODE_SAMPLED ? sums.overhead_events : snapshot->events;
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
	calls_read(&snapshot->calls, tables, region);
	read_threads(snapshot, region);
	for (uint32_t i = 0; i < MP_NAMED_COUNTERS; i++)
		snapshot->counters_now[i] =
		        (int64_t)region_load((const uint64_t *)&region->header->counters[i].value);
}

void snapshot_commit(struct snapshot *snapshot)
{
	cell_sums_commit(&snapshot->cells);
	cell_sums_commit(&snapshot->other_cells);
	samples_commit(&snapshot->samples);
	calls_commit(&snapshot->calls);
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

int64_t snapshot_live_bytes(const struct snapshot *snapshot)
{
	uint64_t sum = 0;
	for (uint32_t i = 0; i < snapshot->cells.count; i++)
		sum += live_bytes_of(cell_sums_now(&snapshot->cells, i));
	return (int64_t)sum < snapshot->live_most ? (int64_t)sum : snapshot->live_most;
}

int64_t snapshot_mapped_bytes(const struct snapshot *snapshot, const struct tables *tables)
{
	uint64_t sum = 0;
	for (uint32_t i = 0; i < snapshot->other_cells.count; i++)
		if (tables_kind(tables, i + 1) == MP_CELL_KIND_MAPPED)
			sum += live_bytes_of(cell_sums_now(&snapshot->other_cells, i));
	return (int64_t)sum;
}

int64_t snapshot_live_blocks(const struct snapshot *snapshot)
{
	uint64_t sum = 0;
	for (uint32_t i = 0; i < snapshot->cells.count; i++) {
		const uint64_t *field = cell_sums_now(&snapshot->cells, i)->field;
		sum += field[TRACE_CELL_ALLOCATIONS] + field[TRACE_CELL_MOVED_IN] -
		       field[TRACE_CELL_FREES] - field[TRACE_CELL_MOVED_OUT];
	}
	return (int64_t)sum;
}
