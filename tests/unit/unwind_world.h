/* unwind_world.h: what stack capture needs around it, for tests and benchmarks: a region with
 * nothing but a tree of nodes, `where` without modules, memory, and a hook to capture from.
 *
 * To be included by the one source file of a test, since it defines what capture and the tree link
 * against.
 */
#ifndef TESTS_UNWIND_WORLD_H
#define TESTS_UNWIND_WORLD_H

#include "capture.h"
#include "ownmem.h"
#include "process.h"
#include "stacks.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define WORLD_NODES (1u << 22)

union mp_process_page mp_process_page;

static inline void *world_map(size_t bytes)
{
	void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return pages == MAP_FAILED ? NULL : pages;
}

__attribute__((constructor)) static void world_start(void)
{
	struct mp_region *region = world_map(sizeof *region + WORLD_NODES * sizeof(struct mp_node));
	region->nodes_at = sizeof *region;
	region->nodes_max = WORLD_NODES;
	region->nodes_used = MP_NODE_FIRST;
	mp_process_page.process.region = region;
}

static inline uint32_t world_nodes_used(void)
{
	return mp_process_page.process.region->nodes_used;
}

void *mp_own_map(size_t bytes)
{
	return world_map(bytes);
}

void mp_own_populate(void *pages, size_t bytes)
{
	(void)pages;
	(void)bytes;
}

void mp_own_unmap(void *pages, size_t bytes)
{
	munmap(pages, bytes);
}

static uint32_t world_asked; /* how often an address was looked up */

uint64_t mp_where(uintptr_t address)
{
	__atomic_fetch_add(&world_asked, 1, __ATOMIC_RELAXED);
	return MP_NODE_ADDRESS(address) ? MP_NODE_ADDRESS(address) : 1;
}

/* The path of a node, innermost first; its root in *root. Returns the number of frames. */
static inline uint32_t world_path(uint32_t node, uintptr_t *path, uint32_t limit, uint32_t *root)
{
	uint32_t count = 0;
	uint64_t where;
	while (count < limit && mp_node_read(node, &node, &where))
		path[count++] = where;
	*root = node;
	return count;
}

static __thread struct mp_capture *world_capture;
__attribute__((unused)) static __thread struct mp_capture_counts world_counts;

static inline struct mp_capture *world_memory(void)
{
	if (!world_capture)
		world_capture = world_map(mp_capture_size);
	return world_capture;
}

/* What a hook does: its frame pointer tells where its caller stands. */
#define WORLD_CAPTURE()                                                                            \
	mp_capture_stack(world_memory(), &world_counts, (uintptr_t)__builtin_return_address(0),    \
	                 (uintptr_t)__builtin_frame_address(0) + 16,                               \
	                 *(uintptr_t *)__builtin_frame_address(0))

#endif
