/* launcher_region.h: a region made by hand, as a profiled process would make it, and a look into
 * the records that the launcher packs of it. For unit tests of the launcher. */
#ifndef MEMPROF_TESTS_LAUNCHER_REGION_H
#define MEMPROF_TESTS_LAUNCHER_REGION_H

#include "launcher/pack.h"
#include "launcher/region_map.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MADE_NAMES   4096u
#define MADE_MODULES 8u
#define MADE_NODES   256u
#define MADE_PHASES  32u
#define MADE_CELLS   128u
#define MADE_THREADS 8u
#define MADE_BLOCKS  64u
#define MADE_SAMPLES 16u

struct made_region {
	int fd;
	uint64_t bytes;
	struct mp_region *header;
};

static inline void *made_at(const struct made_region *made, uint64_t at)
{
	return (char *)made->header + at;
}

static inline struct made_region made_region(void)
{
	struct made_region made = {.fd = memfd_create("region", MFD_CLOEXEC)};
	uint64_t at = (sizeof(struct mp_region) + 4095) & ~4095ull;
	uint64_t names = at, modules = names + MADE_NAMES;
	uint64_t nodes = modules + MADE_MODULES * sizeof(struct mp_module);
	uint64_t phases = nodes + MADE_NODES * sizeof(struct mp_node);
	uint64_t cells = phases + MADE_PHASES * sizeof(struct mp_phase);
	uint64_t samples = (cells + MADE_CELLS * sizeof(struct mp_cell) + 7) & ~7ull;
	uint64_t threads = samples + MADE_SAMPLES * sizeof(struct mp_sample);
	uint64_t blocks = threads + MADE_THREADS * sizeof(struct mp_thread_slot);
	uint64_t pool = (blocks + MADE_BLOCKS * sizeof(struct mp_block_desc) + 4095) & ~4095ull;
	made.bytes = pool + (uint64_t)MADE_BLOCKS * MP_BLOCK_SIZE;
	if (ftruncate(made.fd, (off_t)made.bytes) != 0)
		abort();
	made.header = mmap(NULL, made.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, made.fd, 0);
	if (made.header == MAP_FAILED)
		abort();
	*made.header = (struct mp_region){
	        .magic = MP_REGION_MAGIC,
	        .layout = MP_REGION_LAYOUT,
	        .pid = getpid(),
	        .bytes = made.bytes,
	        .start_ticks = 1000,
	        .names_at = names,
	        .modules_at = modules,
	        .nodes_at = nodes,
	        .phases_at = phases,
	        .cells_at = cells,
	        .samples_at = samples,
	        .threads_at = threads,
	        .blocks_at = blocks,
	        .pool_at = pool,
	        .names_max = MADE_NAMES,
	        .modules_max = MADE_MODULES,
	        .nodes_max = MADE_NODES,
	        .phases_max = MADE_PHASES,
	        .cells_max = MADE_CELLS,
	        .samples_max = MADE_SAMPLES,
	        .threads_max = MADE_THREADS,
	        .blocks_max = MADE_BLOCKS,
	        .names_used = 1,
	        .modules_used = 1,
	        .nodes_used = MP_NODE_FIRST,
	        .phases_used = 1,
	        .cells_used = 1,
	        .samples_used = 1,
	        .threads_used = 1,
	        .mode = MP_MODE_EXACT,
	};
	return made;
}

static inline void made_free(struct made_region *made)
{
	munmap(made->header, made->bytes);
	close(made->fd);
}

/* The launcher's view of it. */
static inline struct region *made_map(const struct made_region *made, const char **why)
{
	return region_map(dup(made->fd), made->bytes, why);
}

static inline uint32_t made_name(struct made_region *made, const char *name)
{
	uint32_t at = made->header->names_used;
	strcpy((char *)made_at(made, made->header->names_at) + at, name);
	made->header->names_used += (uint32_t)strlen(name) + 1;
	return at;
}

static inline uint32_t made_module(struct made_region *made, const char *path, uint64_t start,
                                   uint64_t end)
{
	uint32_t index = made->header->modules_used++;
	struct mp_module *module = made_at(made, made->header->modules_at);
	module[index] = (struct mp_module){
	        .start = start, .end = end, .bias = start, .path = made_name(made, path)};
	return index;
}

static inline uint32_t made_node(struct made_region *made, uint32_t parent, uint32_t module,
                                 uint64_t address)
{
	uint32_t index = made->header->nodes_used++;
	struct mp_node *node = made_at(made, made->header->nodes_at);
	node[index].parent = parent;
	node[index].where = (uint64_t)module << 48 | address;
	return index;
}

static inline uint32_t made_phase(struct made_region *made, uint32_t parent, uint32_t name)
{
	uint32_t index = made->header->phases_used++;
	struct mp_phase *phase = made_at(made, made->header->phases_at);
	phase[index] = (struct mp_phase){parent, name};
	return index;
}

static inline struct mp_sample *made_sample(struct made_region *made, uint32_t node, uint32_t phase)
{
	struct mp_sample *samples = made_at(made, made->header->samples_at);
	struct mp_sample *sample = &samples[made->header->samples_used++];
	*sample = (struct mp_sample){.phase = phase, .node = node};
	return sample;
}

static inline uint32_t made_cell(struct made_region *made, uint32_t node, uint32_t phase)
{
	uint32_t index = made->header->cells_used++;
	struct mp_cell *cell = made_at(made, made->header->cells_at);
	cell[index] = (struct mp_cell){.phase = phase, .node = node};
	return index;
}

static inline uint32_t made_blocks(struct made_region *made, uint32_t count,
                                   enum mp_block_kind kind, uint16_t slot, uint32_t index)
{
	uint32_t at = made->header->blocks_used;
	struct mp_block_desc *blocks = made_at(made, made->header->blocks_at);
	made->header->blocks_used += count;
	for (uint32_t i = 1; i < count; i++)
		blocks[at + i] = (struct mp_block_desc){.slot = slot, .kind = MP_BLOCK_MORE};
	blocks[at] = (struct mp_block_desc){index, slot, (uint16_t)kind};
	return at;
}

/* The counters of the first block of cells for a slot. */
static inline struct mp_counters *made_counters(struct made_region *made, uint16_t slot)
{
	uint32_t block = made_blocks(made, MP_CELLS_BLOCKS, MP_BLOCK_CELLS, slot, 0);
	return made_at(made, made->header->pool_at + (uint64_t)block * MP_BLOCK_SIZE);
}

static inline struct mp_phase_times *made_times(struct made_region *made, uint16_t slot,
                                                uint32_t phase)
{
	uint32_t block = made_blocks(made, MP_PHASE_BLOCKS, MP_BLOCK_PHASE, slot, phase);
	return made_at(made, made->header->pool_at + (uint64_t)block * MP_BLOCK_SIZE);
}

static inline struct mp_thread_slot *made_thread(struct made_region *made, uint32_t tid)
{
	struct mp_thread_slot *threads = made_at(made, made->header->threads_at);
	uint32_t slot = made->header->threads_used++;
	threads[slot].tid = tid;
	made->header->threads_live++;
	return &threads[slot];
}

/* ---- records ----------------------------------------------------------------------------- */

/* The body of the n-th record of a kind; nil when there is none. The zone lives on in `unpacked`.
 */
static inline msgpack_object record_of(const struct packed *packed, int kind, int n,
                                       msgpack_unpacked *unpacked)
{
	size_t offset = 0;
	msgpack_unpacked_init(unpacked);
	while (msgpack_unpack_next(unpacked, packed->bytes.data, packed->bytes.size, &offset) ==
	       MSGPACK_UNPACK_SUCCESS) {
		const msgpack_object *record = &unpacked->data;
		if (record->type == MSGPACK_OBJECT_ARRAY && record->via.array.size == 2 &&
		    record->via.array.ptr[0].via.i64 == kind && n-- == 0)
			return record->via.array.ptr[1];
	}
	return (msgpack_object){.type = MSGPACK_OBJECT_NIL};
}

/* True when the bytes are whole records and nothing else. */
static inline bool all_whole(const struct packed *packed)
{
	size_t offset = 0;
	msgpack_unpacked unpacked;
	msgpack_unpacked_init(&unpacked);
	while (offset < packed->bytes.size) {
		if (msgpack_unpack_next(&unpacked, packed->bytes.data, packed->bytes.size,
		                        &offset) != MSGPACK_UNPACK_SUCCESS)
			break;
		if (unpacked.data.type != MSGPACK_OBJECT_ARRAY || unpacked.data.via.array.size != 2)
			break;
	}
	msgpack_unpacked_destroy(&unpacked);
	return offset == packed->bytes.size;
}

static inline msgpack_object member(msgpack_object map, const char *key)
{
	for (uint32_t i = 0; map.type == MSGPACK_OBJECT_MAP && i < map.via.map.size; i++) {
		msgpack_object_str name = map.via.map.ptr[i].key.via.str;
		if (name.size == strlen(key) && memcmp(name.ptr, key, name.size) == 0)
			return map.via.map.ptr[i].val;
	}
	return (msgpack_object){.type = MSGPACK_OBJECT_NIL};
}

static inline int64_t number_at(msgpack_object array, uint32_t index)
{
	return array.type == MSGPACK_OBJECT_ARRAY && index < array.via.array.size
	               ? array.via.array.ptr[index].via.i64
	               : INT64_MIN;
}

#endif
