/* snapshot_estimates.c: see snapshot_estimates.h. */
#include "snapshot_estimates.h"
#include "memory.h"

#include <string.h>

_Static_assert(MP_ESTIMATE_ALLOCATED == (int)TRACE_CELL_ALLOCATIONS &&
                       MP_ESTIMATE_FREED == (int)TRACE_CELL_FREES &&
                       MP_ESTIMATE_TEMPORARIES == (int)TRACE_CELL_TEMPORARIES &&
                       MP_ESTIMATE_MOVED_IN == (int)TRACE_CELL_MOVED_IN &&
                       MP_ESTIMATE_MOVED_OUT == (int)TRACE_CELL_MOVED_OUT &&
                       MP_ESTIMATE_PEAK_BYTES == (int)TRACE_CELL_PEAK_BYTES &&
                       MP_ESTIMATE_CROSS_FREES == (int)TRACE_CELL_CROSS_FREES &&
                       MP_ESTIMATE_LIFE_STEPS == (int)TRACE_CELL_LIFE_STEPS_0 &&
                       MP_ESTIMATE_LIFE_TIME == (int)TRACE_CELL_LIFE_TIME_0 &&
                       MP_ESTIMATE_SIZES == (int)TRACE_CELL_SIZE_0,
               "the fields of samples are the trace's");

static double load_double(const double *from)
{
	double value;
	__atomic_load(from, &value, __ATOMIC_RELAXED);
	return value;
}

static bool is_bytes(uint32_t field)
{
	switch (field) {
	case TRACE_CELL_ALLOCATED_BYTES:
	case TRACE_CELL_ALLOCATED_USABLE:
	case TRACE_CELL_FREED_BYTES:
	case TRACE_CELL_FREED_USABLE:
	case TRACE_CELL_MOVED_IN_BYTES:
	case TRACE_CELL_MOVED_IN_USABLE:
	case TRACE_CELL_MOVED_OUT_BYTES:
	case TRACE_CELL_MOVED_OUT_USABLE:
	case TRACE_CELL_PEAK_BYTES:
		return true;
	default:
		return false;
	}
}

/* Written by allocations; the others are written by frees. */
static bool is_in_half(uint32_t field)
{
	return field < MP_ESTIMATE_FREED ||
	       (field >= MP_ESTIMATE_MOVED_IN && field < MP_ESTIMATE_MOVED_OUT) ||
	       field >= MP_ESTIMATE_SIZES;
}

static uint64_t whole(uint64_t units, uint32_t field)
{
	uint32_t bits = is_bytes(field) ? MP_ESTIMATE_BYTES_BITS : MP_ESTIMATE_COUNT_BITS;
	return (uint64_t)((int64_t)(units + (1u << (bits - 1))) >> bits);
}

static struct cell_variance *variance_of(struct snapshot *snapshot, uint32_t cell)
{
	memory_reserve(&snapshot->variances_now, &snapshot->variances_now_capacity, cell,
	               sizeof *snapshot->variances_now);
	return &snapshot->variances_now[cell - 1];
}

/* As of the heap's counters: what was held at the peak was kept by the first touch after it. */
static void read_peak(const struct mp_estimates *from, int64_t peak, uint64_t *field,
                      struct cell_variance *variance)
{
	bool kept = __atomic_load_n(&from->peak, __ATOMIC_ACQUIRE) == peak;
	int64_t held = kept ? __atomic_load_n(&from->held_at_peak, __ATOMIC_RELAXED)
	                    : mp_estimates_held(from);
	field[TRACE_CELL_PEAK_BYTES] += whole((uint64_t)held, TRACE_CELL_PEAK_BYTES);
	variance->field[TRACE_CELL_PEAK_BYTES] +=
	        kept ? load_double(&from->held_at_peak_variance) : mp_estimates_held_variance(from);
	field[TRACE_CELL_SAMPLED] += region_load(&from->sampled);
}

static void read_sums(struct snapshot *snapshot, struct cell_ref cell,
                      const struct mp_estimates *from, bool in)
{
	uint64_t *sum = snapshot_changed_fields(snapshot, cell);
	struct cell_variance *variance = variance_of(snapshot, cell.id);
	for (uint32_t field = 0; field < MP_ESTIMATE_FIELDS; field++) {
		if (field == MP_ESTIMATE_PEAK_BYTES || is_in_half(field) != in)
			continue;
		sum[field] += whole(region_load(&from->estimate[field]), field);
		variance->field[field] += load_double(&from->variance[field]);
	}
	if (in)
		read_peak(from, snapshot->peak, sum, variance);
}

static void read_block(struct snapshot *snapshot, struct tables *tables,
                       const struct region *region, uint32_t block, uint32_t first, bool in)
{
	const struct mp_estimates *sums = region_estimates(region, block);
	for (uint32_t i = 0; i < MP_ESTIMATES_PER_BLOCK; i++) {
		if (!region_load(&sums[i].sampled))
			continue;
		struct cell_ref cell = {0, false};
		if ((uint64_t)first + i < region->cells_max)
			cell = tables_cell(tables, region, first + i);
		if (cell.id && !cell.other)
			read_sums(snapshot, cell, &sums[i], in);
		else
			tables->damaged += tables->settled;
	}
}

void snapshot_estimates_read(struct snapshot *snapshot, struct tables *tables,
                             const struct region *region, bool in)
{
	uint32_t blocks = region->mode == MP_MODE_SAMPLED ? region_blocks_used(region) : 0;
	for (uint32_t block = 0; block < blocks; block++) {
		struct mp_block_desc what;
		if (region_block(region, block, &what) && what.kind == MP_BLOCK_ESTIMATES &&
		    what.index < region->cells_max)
			read_block(snapshot, tables, region, block,
			           what.index * MP_ESTIMATES_PER_BLOCK, in);
	}
}

void snapshot_estimates_begin(struct snapshot *snapshot, const struct region *region)
{
	if (region->mode != MP_MODE_SAMPLED)
		return;
	memory_reserve(&snapshot->variances_now, &snapshot->variances_now_capacity,
	               snapshot->cells.count + 1u, sizeof *snapshot->variances_now);
	memset(snapshot->variances_now, 0,
	       snapshot->variances_now_capacity * sizeof *snapshot->variances_now);
	cell_sums_clear(&snapshot->cells);
}

/* Every cell has its place, in both. */
void snapshot_estimates_end(struct snapshot *snapshot, const struct region *region)
{
	if (region->mode != MP_MODE_SAMPLED)
		return;
	memory_reserve(&snapshot->variances_now, &snapshot->variances_now_capacity,
	               snapshot->cells.count, sizeof *snapshot->variances_now);
	memory_reserve(&snapshot->variances_base, &snapshot->variances_base_capacity,
	               snapshot->cells.count, sizeof *snapshot->variances_base);
}

void snapshot_estimates_commit(struct snapshot *snapshot)
{
	struct cell_variance *variances = snapshot->variances_base;
	size_t capacity = snapshot->variances_base_capacity;
	snapshot->variances_base = snapshot->variances_now;
	snapshot->variances_base_capacity = snapshot->variances_now_capacity;
	snapshot->variances_now = variances;
	snapshot->variances_now_capacity = capacity;
}

void snapshot_estimates_settle_peak(struct snapshot *snapshot)
{
	for (uint32_t i = 0; i < snapshot->cells.count; i++) {
		double *field = snapshot->variances_now[i].field;
		field[TRACE_CELL_PEAK_BYTES] =
		        field[TRACE_CELL_ALLOCATED_BYTES] + field[TRACE_CELL_MOVED_IN_BYTES] -
		        field[TRACE_CELL_FREED_BYTES] - field[TRACE_CELL_MOVED_OUT_BYTES];
	}
}

int64_t snapshot_estimates_live_now(const struct region *region)
{
	return (int64_t)region_load((const uint64_t *)&region->header->live_bytes) >>
	       MP_ESTIMATE_BYTES_BITS;
}
