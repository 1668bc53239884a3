/* unwind_world.h: what stack capture needs around it, for tests and benchmarks: a tree of nodes
 * that can be read back, `where` without modules, memory, and a hook to capture from.
 *
 * To be included by the one source file of a test, since it defines what capture links against.
 */
#ifndef TESTS_UNWIND_WORLD_H
#define TESTS_UNWIND_WORLD_H

#include "capture.h"
#include "ownmem.h"
#include "shared/region.h"
#include "stacks.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define WORLD_NODES  (1u << 22)
#define WORLD_PLACES (1u << 23)

struct world_node {
	uint64_t where;
	uint32_t parent;
};
static struct world_node *world_nodes;
static uint32_t *world_places;
static uint32_t world_used = MP_NODE_FIRST;

static inline void *world_map(size_t bytes)
{
	void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return pages == MAP_FAILED ? NULL : pages;
}

__attribute__((constructor)) static void world_start(void)
{
	world_nodes = world_map(WORLD_NODES * sizeof *world_nodes);
	world_places = world_map(WORLD_PLACES * sizeof *world_places);
}

void *mp_own_map(size_t bytes)
{
	return world_map(bytes);
}

void mp_own_unmap(void *pages, size_t bytes)
{
	munmap(pages, bytes);
}

uint64_t mp_where(uintptr_t address)
{
	return address & 0xffffffffffffull;
}

/* Two threads that race for one key get one node: the place is taken by compare-and-swap, and the
 * loser's node is wasted. */
uint32_t mp_node_child(uint32_t parent, uint64_t where)
{
	uint64_t hash = (where ^ (uint64_t)parent << 32 ^ parent) * 0x9e3779b97f4a7c15ull;
	uint32_t place = (uint32_t)(hash >> 41);
	uint32_t made = 0;
	for (;; place = (place + 1) % WORLD_PLACES) {
		uint32_t number = __atomic_load_n(&world_places[place], __ATOMIC_ACQUIRE);
		if (number == 0) {
			if (!made) {
				made = __atomic_fetch_add(&world_used, 1, __ATOMIC_RELAXED);
				if (made >= WORLD_NODES)
					return MP_NODE_OVERFLOW;
				world_nodes[made] = (struct world_node){where, parent};
			}
			if (__atomic_compare_exchange_n(&world_places[place], &number, made, false,
			                                __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
				return made;
		}
		if (world_nodes[number].where == where && world_nodes[number].parent == parent)
			return number;
	}
}

/* The path of a node, innermost first; its root in *root. Returns the number of frames. */
static inline uint32_t world_path(uint32_t node, uintptr_t *path, uint32_t limit, uint32_t *root)
{
	uint32_t count = 0;
	while (node >= MP_NODE_FIRST && count < limit) {
		path[count++] = world_nodes[node].where;
		node = world_nodes[node].parent;
	}
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
