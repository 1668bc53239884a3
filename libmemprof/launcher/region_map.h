/* region_map.h: a profiled process's region as the launcher sees it.
 *
 * The process owns the region and may, being broken, have written anything anywhere into it at any
 * time. So: where the tables lie is taken from the header once, checked against the file's size,
 * and kept in private memory; how much of them is in use is clamped each time it is read; an entry
 * is copied before it is looked at. No function here fails or faults because of what the region
 * says. The file cannot shrink under the mapping: it is sealed against that, or, where it cannot
 * be sealed, its size is checked before it is read (region_intact).
 *
 * The tables are mapped for reading only. The header has a second, writable mapping, for the few
 * fields that the launcher writes. */
#ifndef MEMPROF_LAUNCHER_REGION_MAP_H
#define MEMPROF_LAUNCHER_REGION_MAP_H

#include "shared/region.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct region {
	const struct mp_region *header; /* read only; its layout fields are not to be trusted */
	struct mp_region *writable;     /* the same memory, for tick and allocator_stats.asked */
	int fd;
	uint64_t bytes;
	bool sealed;
	/* the layout, as it was found to be valid */
	uint64_t names_at, modules_at, nodes_at, phases_at, cells_at, samples_at, threads_at,
	        blocks_at, pool_at;
	uint32_t names_max, modules_max, nodes_max, phases_max;
	uint32_t cells_max, samples_max, threads_max, blocks_max;
	/* what the process said of itself when it came */
	uint64_t start_ticks, start_mono_ns, start_real_ns;
	uint64_t sample_bytes;
	uint32_t origin, mode, sampling_hz, count_calls;
	int32_t parent_pid;
};

/* Maps the region behind `fd`, and takes the descriptor over (also on failure). Returns NULL and
 * leaves in *why a static sentence that says what is wrong with it, or that there is no memory. */
struct region *region_map(int fd, uint64_t bytes, const char **why);
void region_unmap(struct region *region);

/* False when the file is no longer as large as its mapping: it must not be read. */
bool region_intact(const struct region *region);

/* Bytes of memory that the region really takes. */
uint64_t region_footprint(const struct region *region);

/* Entries in use, never more than the table holds. */
uint32_t region_names_used(const struct region *region);
uint32_t region_modules_used(const struct region *region);
uint32_t region_nodes_used(const struct region *region);
uint32_t region_phases_used(const struct region *region);
uint32_t region_cells_used(const struct region *region);
uint32_t region_samples_used(const struct region *region);
uint32_t region_threads_used(const struct region *region);
uint32_t region_blocks_used(const struct region *region);

/* Copies of entries. False when the index is out of range, or the entry is not written (yet). */
bool region_module(const struct region *region, uint32_t index, struct mp_module *to);
bool region_node(const struct region *region, uint32_t index, struct mp_node *to);
bool region_phase(const struct region *region, uint32_t index, struct mp_phase *to);
bool region_cell(const struct region *region, uint32_t index, struct mp_cell *to);
bool region_sample(const struct region *region, uint32_t index, struct mp_sample *to);
bool region_block(const struct region *region, uint32_t index, struct mp_block_desc *to);

/* Entries in place. The index must be in range. The process goes on writing to them. */
const struct mp_thread_slot *region_thread(const struct region *region, uint32_t index);
const struct mp_estimates *region_estimates(const struct region *region, uint32_t block);

const struct mp_call_counts *region_call_counts(const struct region *region, uint32_t block);

/* The counters, and phase times, that begin in `block`; NULL when they do not lie inside the pool.
 */
const struct mp_counters *region_counters(const struct region *region, uint32_t block);
const struct mp_phase_times *region_phase_times(const struct region *region, uint32_t block);

#define REGION_NAME_MAX 4096u

/* Copies the name at an offset into `to` (REGION_NAME_MAX bytes); one that is longer, or does not
 * end, is cut. Returns its length; 0 for an offset out of range. */
size_t region_name(const struct region *region, uint32_t offset, char *to);

/* A counter that the process is writing to. */
static inline uint64_t region_load(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

#endif
