/* region_map.c: see region_map.h. */
#include "region_map.h"
#include "memory.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* More than any region has; a size above it is nonsense. */
#define REGION_BYTES_MAX (1ull << 42)

static bool table_fits(const struct region *region, uint64_t at, uint64_t entries, size_t size,
                       size_t alignment)
{
	return at >= sizeof(struct mp_region) && at % alignment == 0 && at <= region->bytes &&
	       entries <= (region->bytes - at) / size;
}

static void copy_layout(struct region *region)
{
	const struct mp_region *h = region->header;
	region->names_at = h->names_at;
	region->modules_at = h->modules_at;
	region->nodes_at = h->nodes_at;
	region->phases_at = h->phases_at;
	region->cells_at = h->cells_at;
	region->samples_at = h->samples_at;
	region->threads_at = h->threads_at;
	region->blocks_at = h->blocks_at;
	region->pool_at = h->pool_at;
	region->names_max = h->names_max;
	region->modules_max = h->modules_max;
	region->nodes_max = h->nodes_max;
	region->phases_max = h->phases_max;
	region->cells_max = h->cells_max;
	region->samples_max = h->samples_max;
	region->threads_max = h->threads_max;
	region->blocks_max = h->blocks_max;
	region->start_ticks = h->start_ticks;
	region->start_mono_ns = h->start_mono_ns;
	region->start_real_ns = h->start_real_ns;
	region->origin = h->origin;
	region->mode = h->mode;
	region->sampling_hz = h->sampling_hz;
	region->count_calls = h->count_calls;
	region->sample_bytes = h->sample_bytes;
	region->parent_pid = h->parent_pid;
}

static bool layout_is_valid(const struct region *region)
{
	return table_fits(region, region->names_at, region->names_max, 1, 1) &&
	       table_fits(region, region->modules_at, region->modules_max, sizeof(struct mp_module),
	                  8) &&
	       table_fits(region, region->nodes_at, region->nodes_max, sizeof(struct mp_node), 8) &&
	       table_fits(region, region->phases_at, region->phases_max, sizeof(struct mp_phase),
	                  4) &&
	       table_fits(region, region->cells_at, region->cells_max, sizeof(struct mp_cell), 4) &&
	       table_fits(region, region->samples_at, region->samples_max, sizeof(struct mp_sample),
	                  8) &&
	       table_fits(region, region->threads_at, region->threads_max,
	                  sizeof(struct mp_thread_slot), 8) &&
	       table_fits(region, region->blocks_at, region->blocks_max,
	                  sizeof(struct mp_block_desc), 4) &&
	       table_fits(region, region->pool_at, region->blocks_max, MP_BLOCK_SIZE, 8);
}

/* Maps the file; on failure what was mapped is left to region_unmap. */
static const char *map_file(struct region *region)
{
	struct stat info;
	if (fstat(region->fd, &info) != 0 || !S_ISREG(info.st_mode))
		return "it is not a memory file";
	if (region->bytes < sizeof(struct mp_region) || region->bytes > REGION_BYTES_MAX ||
	    (uint64_t)info.st_size < region->bytes)
		return "its size is not as announced";
	region->sealed = fcntl(region->fd, F_ADD_SEALS, F_SEAL_SHRINK) == 0 ||
	                 (fcntl(region->fd, F_GET_SEALS) & F_SEAL_SHRINK) != 0;
	void *all = mmap(NULL, region->bytes, PROT_READ, MAP_SHARED, region->fd, 0);
	if (all == MAP_FAILED)
		return "there is no room to map it";
	region->header = all;
	void *head = mmap(NULL, sizeof(struct mp_region), PROT_READ | PROT_WRITE, MAP_SHARED,
	                  region->fd, 0);
	if (head == MAP_FAILED)
		return "there is no room to map it";
	region->writable = head;
	return NULL;
}

static const char *check(struct region *region)
{
	if (region->header->magic != MP_REGION_MAGIC)
		return "it does not begin as a region does";
	if (region->header->layout != MP_REGION_LAYOUT)
		return "it has another layout: libmemprof.so and memprof are of different builds";
	copy_layout(region);
	if (!layout_is_valid(region))
		return "its tables do not lie inside it";
	return NULL;
}

struct region *region_map(int fd, uint64_t bytes, const char **why)
{
	struct region *region = memory_new(1, sizeof *region);
	region->fd = fd;
	region->bytes = bytes;
	*why = map_file(region);
	if (!*why)
		*why = check(region);
	if (!*why)
		return region;
	region_unmap(region);
	return NULL;
}

void region_unmap(struct region *region)
{
	if (region->header)
		munmap((void *)region->header, region->bytes);
	if (region->writable)
		munmap(region->writable, sizeof(struct mp_region));
	close(region->fd);
	free(region);
}

bool region_intact(const struct region *region)
{
	struct stat info;
	return region->sealed ||
	       (fstat(region->fd, &info) == 0 && (uint64_t)info.st_size >= region->bytes);
}

uint64_t region_footprint(const struct region *region)
{
	struct stat info;
	return fstat(region->fd, &info) == 0 ? (uint64_t)info.st_blocks * 512 : 0;
}

static uint32_t clamped(const uint32_t *count, uint32_t max)
{
	uint32_t used = __atomic_load_n(count, __ATOMIC_ACQUIRE);
	return used < max ? used : max;
}

uint32_t region_names_used(const struct region *region)
{
	return clamped(&region->header->names_used, region->names_max);
}

uint32_t region_modules_used(const struct region *region)
{
	return clamped(&region->header->modules_used, region->modules_max);
}

uint32_t region_nodes_used(const struct region *region)
{
	return clamped(&region->header->nodes_used, region->nodes_max);
}

uint32_t region_phases_used(const struct region *region)
{
	return clamped(&region->header->phases_used, region->phases_max);
}

uint32_t region_cells_used(const struct region *region)
{
	return clamped(&region->header->cells_used, region->cells_max);
}

uint32_t region_samples_used(const struct region *region)
{
	return clamped(&region->header->samples_used, region->samples_max);
}

uint32_t region_threads_used(const struct region *region)
{
	return clamped(&region->header->threads_used, region->threads_max);
}

uint32_t region_blocks_used(const struct region *region)
{
	return clamped(&region->header->blocks_used, region->blocks_max);
}

static const void *entry(const struct region *region, uint64_t table, uint32_t index, size_t size)
{
	return (const char *)region->header + table + (uint64_t)index * size;
}

bool region_module(const struct region *region, uint32_t index, struct mp_module *to)
{
	if (index >= region_modules_used(region))
		return false;
	const struct mp_module *from = entry(region, region->modules_at, index, sizeof *from);
	if (!__atomic_load_n(&from->end, __ATOMIC_ACQUIRE))
		return false;
	*to = *from;
	return true;
}

bool region_node(const struct region *region, uint32_t index, struct mp_node *to)
{
	if (index >= region_nodes_used(region))
		return false;
	const struct mp_node *from = entry(region, region->nodes_at, index, sizeof *from);
	uint64_t where = __atomic_load_n(&from->where, __ATOMIC_ACQUIRE);
	*to = (struct mp_node){.where = where, .parent = from->parent};
	return where != 0;
}

bool region_phase(const struct region *region, uint32_t index, struct mp_phase *to)
{
	if (index >= region_phases_used(region))
		return false;
	const struct mp_phase *from = entry(region, region->phases_at, index, sizeof *from);
	to->name = __atomic_load_n(&from->name, __ATOMIC_ACQUIRE);
	to->parent = from->parent;
	return to->name != 0;
}

bool region_cell(const struct region *region, uint32_t index, struct mp_cell *to)
{
	if (index >= region_cells_used(region))
		return false;
	const struct mp_cell *from = entry(region, region->cells_at, index, sizeof *from);
	uint32_t node = __atomic_load_n(&from->node, __ATOMIC_ACQUIRE);
	*to = (struct mp_cell){.phase = from->phase, .node = node};
	return node != 0;
}

bool region_sample(const struct region *region, uint32_t index, struct mp_sample *to)
{
	if (index >= region_samples_used(region))
		return false;
	const struct mp_sample *from = entry(region, region->samples_at, index, sizeof *from);
	to->node = __atomic_load_n(&from->node, __ATOMIC_ACQUIRE);
	to->phase = from->phase;
	to->samples = region_load(&from->samples);
	to->cpu_ns = region_load(&from->cpu_ns);
	return to->node != 0;
}

bool region_block(const struct region *region, uint32_t index, struct mp_block_desc *to)
{
	if (index >= region_blocks_used(region))
		return false;
	const struct mp_block_desc *from = entry(region, region->blocks_at, index, sizeof *from);
	to->kind = __atomic_load_n(&from->kind, __ATOMIC_ACQUIRE);
	to->index = from->index;
	to->slot = from->slot;
	return to->kind != MP_BLOCK_NONE;
}

const struct mp_thread_slot *region_thread(const struct region *region, uint32_t index)
{
	return entry(region, region->threads_at, index, sizeof(struct mp_thread_slot));
}

const struct mp_counters *region_counters(const struct region *region, uint32_t block)
{
	if (region->blocks_max < MP_CELLS_BLOCKS || block > region->blocks_max - MP_CELLS_BLOCKS)
		return NULL;
	return entry(region, region->pool_at, block, MP_BLOCK_SIZE);
}

const struct mp_estimates *region_estimates(const struct region *region, uint32_t block)
{
	return entry(region, region->pool_at, block, MP_BLOCK_SIZE);
}

const struct mp_call_counts *region_call_counts(const struct region *region, uint32_t block)
{
	return entry(region, region->pool_at, block, MP_BLOCK_SIZE);
}

const struct mp_phase_times *region_phase_times(const struct region *region, uint32_t block)
{
	if (region->blocks_max < MP_PHASE_BLOCKS || block > region->blocks_max - MP_PHASE_BLOCKS)
		return NULL;
	return entry(region, region->pool_at, block, MP_BLOCK_SIZE);
}

size_t region_name(const struct region *region, uint32_t offset, char *to)
{
	uint32_t used = region_names_used(region);
	*to = '\0';
	if (offset >= used)
		return 0;
	size_t room = used - offset < REGION_NAME_MAX - 1 ? used - offset : REGION_NAME_MAX - 1;
	memcpy(to, entry(region, region->names_at, offset, 1), room);
	to[room] = '\0';
	return strlen(to);
}
