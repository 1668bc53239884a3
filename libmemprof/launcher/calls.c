/* calls.c: see calls.h. */
#include "calls.h"
#include "memory.h"

#include <memprof/trace_format.h>
#include <stdlib.h>
#include <string.h>

#define COUNTS_A_BLOCK (MP_BLOCK_SIZE / sizeof(struct mp_call_counts))

void calls_free(struct calls *calls)
{
	free(calls->rows);
	idmap_free(&calls->edges);
	idmap_free(&calls->ids);
}

static struct call_row *row_of(struct calls *calls, uint32_t function, uint32_t caller,
                               uint32_t phase, uint32_t role)
{
	uint64_t key = idmap_pair(function, caller);
	uint32_t edge = idmap_find(&calls->edges, key);
	if (!edge) {
		edge = ++calls->edges_count;
		idmap_add(&calls->edges, key, edge);
	}
	key = idmap_pair(edge, phase | role << 31);
	uint32_t number = idmap_find(&calls->ids, key);
	if (!number) {
		memory_reserve(&calls->rows, &calls->rows_capacity, calls->rows_count + 1u,
		               sizeof *calls->rows);
		number = ++calls->rows_count;
		calls->rows[number - 1] = (struct call_row){
		        .function = function, .caller = caller, .phase = phase, .role = role};
		idmap_add(&calls->ids, key, number);
	}
	return &calls->rows[number - 1];
}

static void add_entry(struct calls *calls, struct tables *tables, const struct region *region,
                      const struct mp_call_counts *from)
{
	uint32_t phase;
	uint64_t function = __atomic_load_n(&from->function, __ATOMIC_ACQUIRE);
	uint64_t count = region_load(&from->calls);
	if (!function || !count ||
	    !tables_phase(tables, region, MP_SAMPLE_PHASE(from->phase), &phase))
		return;
	uint32_t callee = tables_frame(tables, region, function), caller = TRACE_FRAME_ROOT;
	if (from->caller)
		caller = tables_frame(tables, region, from->caller);
	/* What is not told yet waits for the next window. */
	if (!callee || (from->caller && !caller))
		return;
	bool others = from->phase & MP_SAMPLE_OTHERS;
	struct call_row *row = row_of(calls, callee, caller, phase,
	                              others ? TRACE_ROLE_OTHERS : TRACE_ROLE_STEPPING);
	row->now[CALL_CALLS] += count;
	row->now[CALL_SELF] += region_load(&from->self);
	row->now[CALL_INCLUSIVE] += region_load(&from->inclusive);
	row->now[CALL_UNTIMED] += region_load(&from->untimed);
}

void calls_read(struct calls *calls, struct tables *tables, const struct region *region)
{
	if (!region->count_calls)
		return;
	for (uint32_t i = 0; i < calls->rows_count; i++)
		memset(calls->rows[i].now, 0, sizeof calls->rows[i].now);
	uint32_t blocks = region_blocks_used(region);
	for (uint32_t block = 0; block < blocks; block++) {
		struct mp_block_desc what;
		if (!region_block(region, block, &what) || what.kind != MP_BLOCK_CALLS)
			continue;
		const struct mp_call_counts *counts = region_call_counts(region, block);
		for (uint32_t i = 0; i < COUNTS_A_BLOCK; i++)
			add_entry(calls, tables, region, &counts[i]);
	}
}

static void add_row(struct seq *rows, const struct call_row *row)
{
	if (memcmp(row->base, row->now, sizeof row->now) == 0)
		return;
	seq_uint(rows, row->function);
	seq_uint(rows, row->caller);
	seq_uint(rows, row->phase);
	seq_uint(rows, row->role);
	for (int sum = 0; sum < CALL_SUMS; sum++)
		seq_uint(rows, row->now[sum] - row->base[sum]);
}

void calls_pack(const struct calls *calls, uint32_t n, msgpack_packer *to)
{
	struct seq rows;
	seq_begin(&rows);
	for (uint32_t i = 0; i < calls->rows_count; i++)
		add_row(&rows, &calls->rows[i]);
	if (!rows.count) {
		seq_drop(&rows);
		return;
	}
	pack_record(to, TRACE_CALLS);
	msgpack_pack_array(to, 3);
	msgpack_pack_uint32(to, n);
	msgpack_pack_int(to, TRACE_CALL_WIDTH);
	seq_end_array(&rows, to);
}

void calls_commit(struct calls *calls)
{
	for (uint32_t i = 0; i < calls->rows_count; i++)
		memcpy(calls->rows[i].base, calls->rows[i].now, sizeof calls->rows[i].now);
}
