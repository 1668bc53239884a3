/* stacks.h: the tree of stacks in the region, each node interned once.
 *
 * The tree is its own index. The children of a node are two search trees, without balance, in an
 * order that mixes their addresses; so they are as flat as those of random keys, and mostly of a
 * node or two:
 *
 *     main ─children─▶ step ─children─▶ look ─beside─▶ move ─children─▶ …
 *                           └─────────▶ eat
 *
 * Nodes are numbered as they come, and so those of a path lie where those lie that were new with
 * them. Nothing is ever moved or taken out: a new node is put where the search for it ended, by
 * compare-and-swap, and who finds another one there searches on from it.
 */
#ifndef MP_PRELOAD_STACKS_H
#define MP_PRELOAD_STACKS_H

#include "process.h"

/* The order of siblings: one to one. */
static inline uint64_t mp_node_order(uint64_t where)
{
	return (where ^ where >> 17) * 0x9e3779b97f4a7c15ull;
}

/* Where the search for a child begins. */
static inline uint32_t *mp_node_children(struct mp_node *parent, uint64_t where)
{
	return &parent->children[mp_node_order(where) >> 63];
}

/* From there to the child at `where`; 0: there is none, and *place is where it belongs. */
static inline uint32_t mp_node_search(struct mp_node *nodes, uint32_t **place, uint64_t where)
{
	uint64_t order = mp_node_order(where);
	uint32_t child;
	while ((child = __atomic_load_n(*place, __ATOMIC_ACQUIRE))) {
		struct mp_node *node = &nodes[child];
		if (__builtin_expect(node->where == where, 1))
			break;
		*place = &node->beside[order > mp_node_order(node->where)];
	}
	return child;
}

/* Makes the child that a search did not find. */
uint32_t mp_node_make(struct mp_node *nodes, uint32_t parent, uint32_t *place, uint64_t where);

/* The child of `parent` (a node id) at `where` (address to look up, module above it, see struct
 * mp_node). Made if there is none. `nodes` is the region's table. Lock-free, async-signal-safe.
 * MP_NODE_OVERFLOW when the tree is full. */
static inline uint32_t mp_node_child(struct mp_node *nodes, uint32_t parent, uint64_t where)
{
	uint32_t *place = mp_node_children(&nodes[parent], where);
	uint32_t child = mp_node_search(nodes, &place, where);
	return __builtin_expect(child != 0, 1) ? child : mp_node_make(nodes, parent, place, where);
}

/* A node as it was interned: lock-free. False for ids that are no frames, or of no node. */
bool mp_node_read(uint32_t id, uint32_t *parent, uint64_t *where);

/* `where` of an address to look up, never 0: finds its module, and records the module if it is new.
 * About 100 ns; to be remembered by the caller until mp_capture_forget. Lock-free,
 * async-signal-safe. */
uint64_t mp_where(uintptr_t address);

#endif
