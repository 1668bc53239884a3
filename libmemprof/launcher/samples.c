/* samples.c: see samples.h. */
#include "samples.h"
#include "memory.h"

#include <memprof/trace_format.h>
#include <stdlib.h>
#include <string.h>

void samples_free(struct samples *samples)
{
	free(samples->rows);
	idmap_free(&samples->ids);
	free(samples->entries.ids);
}

static uint32_t row_of(struct samples *samples, uint32_t stack, uint32_t phase, uint32_t role)
{
	uint64_t key = idmap_pair(stack, phase | role << 31);
	uint32_t number = idmap_find(&samples->ids, key);
	if (number)
		return number;
	memory_reserve(&samples->rows, &samples->rows_capacity, samples->rows_count + 1u,
	               sizeof *samples->rows);
	samples->rows[samples->rows_count++] =
	        (struct sample_row){.stack = stack, .phase = phase, .role = role};
	idmap_add(&samples->ids, key, samples->rows_count);
	return samples->rows_count;
}

/* The row of an entry, 0 while what it names is not written yet. Entry 0 is of no stack. */
static uint32_t find_row(struct samples *samples, struct tables *tables,
                         const struct region *region, uint32_t index, const struct mp_sample *entry)
{
	memory_reserve(&samples->entries.ids, &samples->entries.capacity, (size_t)index + 1,
	               sizeof *samples->entries.ids);
	uint32_t *known = &samples->entries.ids[index];
	if (*known)
		return *known;
	uint32_t phase,
	        stack = tables_stack(tables, region, index ? entry->node : MP_NODE_OVERFLOW);
	if (!stack || !tables_phase(tables, region, MP_SAMPLE_PHASE(entry->phase), &phase))
		return 0;
	bool others = entry->phase & MP_SAMPLE_OTHERS;
	*known = row_of(samples, stack, phase, others ? TRACE_ROLE_OTHERS : TRACE_ROLE_STEPPING);
	return *known;
}

void samples_read(struct samples *samples, struct tables *tables, const struct region *region)
{
	for (uint32_t i = 0; i < samples->rows_count; i++)
		samples->rows[i].samples_now = samples->rows[i].cpu_ns_now = 0;
	uint32_t used = region_samples_used(region);
	for (uint32_t index = 0; index < used; index++) {
		struct mp_sample entry;
		bool written = region_sample(region, index, &entry);
		if ((index && !written) || !entry.samples)
			continue;
		uint32_t number = find_row(samples, tables, region, index, &entry);
		if (!number)
			continue;
		samples->rows[number - 1].samples_now += entry.samples;
		samples->rows[number - 1].cpu_ns_now += entry.cpu_ns;
	}
}

void samples_pack(const struct samples *samples, uint32_t n, msgpack_packer *to)
{
	struct seq rows;
	seq_begin(&rows);
	for (uint32_t i = 0; i < samples->rows_count; i++) {
		const struct sample_row *row = &samples->rows[i];
		uint64_t count = row->samples_now - row->samples_base;
		uint64_t cpu_ns = row->cpu_ns_now - row->cpu_ns_base;
		if (!count && !cpu_ns)
			continue;
		seq_uint(&rows, row->stack);
		seq_uint(&rows, row->phase);
		seq_uint(&rows, row->role);
		seq_uint(&rows, count);
		seq_uint(&rows, cpu_ns);
	}
	if (!rows.count) {
		seq_drop(&rows);
		return;
	}
	pack_record(to, TRACE_SAMPLES);
	msgpack_pack_array(to, 3);
	msgpack_pack_uint32(to, n);
	msgpack_pack_int(to, TRACE_SAMPLE_WIDTH);
	seq_end_array(&rows, to);
}

void samples_commit(struct samples *samples)
{
	for (uint32_t i = 0; i < samples->rows_count; i++) {
		samples->rows[i].samples_base = samples->rows[i].samples_now;
		samples->rows[i].cpu_ns_base = samples->rows[i].cpu_ns_now;
	}
}
