/* stacks.c: see stacks.h. A node's key is (parent, where); its number is its place in the region.
 */
#include "stacks.h"
#include "process.h"

static bool node_equal(void *context, uint32_t number, const void *key)
{
	const struct mp_node *node = (struct mp_node *)context + number;
	const struct mp_node *wanted = key;
	return node->where == wanted->where && node->parent == wanted->parent;
}

static uint32_t node_make(void *context, const void *key)
{
	struct mp_region *region = mp_region();
	const struct mp_node *wanted = key;
	uint32_t number = __atomic_fetch_add(&region->nodes_used, 1, __ATOMIC_RELAXED);
	if (number >= region->nodes_max) {
		__atomic_store_n(&region->nodes_used, region->nodes_max, __ATOMIC_RELAXED);
		mp_overflowed(region);
		return 0;
	}
	struct mp_node *node = (struct mp_node *)context + number;
	node->parent = wanted->parent;
	__atomic_store_n(&node->where, wanted->where, __ATOMIC_RELEASE);
	return number;
}

uint32_t mp_node_child(uint32_t parent, uint64_t where)
{
	struct mp_region *region = mp_region();
	struct mp_node key = {where, parent, 0};
	uint32_t number = mp_intern(&mp_process_page.process.nodes, mp_intern_hash(where, parent),
	                            node_equal, node_make, mp_nodes(region), &key);
	return number ? number : MP_NODE_OVERFLOW;
}
