/* stacks.h: the tree of stacks in the region, each node interned once.
 *
 * A node's key is (parent, where). Where its key lies in the index is told by a hash of its whole
 * path, made of addresses alone, from the root on. So the places of all frames of a path are known
 * before any of them has been read, and can be fetched at once; then each frame costs one look at a
 * line that is there. Two paths with one hash cost a longer row, and nothing else.
 */
#ifndef MP_PRELOAD_STACKS_H
#define MP_PRELOAD_STACKS_H

#include "process.h"

/* The hash of the path that is `path` and then `address`, a `where` or what it was made of. A
 * polynomial in the addresses, whose upper bits are taken. (The lowest bit of an address tells no
 * two calls apart, and mp_where makes 1 of 0.) */
static inline uint64_t mp_path_hash(uint64_t path, uint64_t address)
{
	return (path + (MP_NODE_ADDRESS(address) | 1)) * 0x9e3779b97f4a7c15ull;
}

/* The hash of a path that has no frames yet. */
static inline uint64_t mp_path_hash_of_root(uint32_t root)
{
	return (root + 1ull) * 0xbf58476d1ce4e5b9ull;
}

/* Begins to fetch what tells the node of a path. */
static inline void mp_node_prefetch(uint64_t path)
{
	const struct mp_intern_table *newest = mp_intern_newest(&mp_process_page.process.nodes);
	if (newest)
		mp_intern_prefetch(newest, path);
}

/* What the newest table of the index does not have. */
uint32_t mp_node_child_elsewhere(uint32_t parent, uint64_t where, uint64_t path);

/* The child of `parent` (a node id) at `where` (address to look up, module above it, see struct
 * mp_node), whose path has the hash `path`. Made if there is none. Lock-free, async-signal-safe.
 * MP_NODE_OVERFLOW when the tree is full. */
static inline uint32_t mp_node_child(uint32_t parent, uint64_t where, uint64_t path)
{
	const struct mp_intern_table *newest = mp_intern_newest(&mp_process_page.process.nodes);
	if (__builtin_expect(newest != NULL, 1)) {
		uint32_t number = mp_intern_find(newest, path, where, parent);
		if (__builtin_expect(number != 0, 1))
			return number;
	}
	return mp_node_child_elsewhere(parent, where, path);
}

/* A node as it was interned: lock-free. False for ids that are no frames, or of no node. */
bool mp_node_read(uint32_t id, uint32_t *parent, uint64_t *where);

/* `where` of an address to look up, never 0: finds its module, and records the module if it is new.
 * About 100 ns; to be remembered by the caller until mp_capture_forget. Lock-free,
 * async-signal-safe. */
uint64_t mp_where(uintptr_t address);

#endif
