/* stacks.c: see stacks.h. A node's number is its place in the region. */
#include "stacks.h"

#include "ownmem.h"

/* An entry of the table; 0: it is full. */
static uint32_t take_entry(struct mp_node *nodes, uint32_t parent, uint64_t where)
{
	struct mp_region *region = mp_region();
	uint32_t number = __atomic_fetch_add(&region->nodes_used, 1, __ATOMIC_RELAXED);
	if (number >= region->nodes_max) {
		__atomic_store_n(&region->nodes_used, region->nodes_max, __ATOMIC_RELAXED);
		mp_overflowed(region);
		return 0;
	}
	mp_own_fill(nodes, number, sizeof *nodes);
	nodes[number].parent = parent;
	__atomic_store_n(&nodes[number].where, where, __ATOMIC_RELEASE);
	return number;
}

uint32_t mp_node_make(struct mp_node *nodes, uint32_t parent, uint32_t *place, uint64_t where)
{
	if (parent == MP_NODE_OVERFLOW)
		return parent;
	uint32_t number = take_entry(nodes, parent, where), child = 0;
	if (!number)
		return MP_NODE_OVERFLOW;
	while (!child) {
		uint32_t none = 0;
		if (__atomic_compare_exchange_n(place, &none, number, false, __ATOMIC_ACQ_REL,
		                                __ATOMIC_ACQUIRE))
			return number;
		child = mp_node_search(nodes, &place, where);
	}
	return child; /* another thread was faster with the same */
}

bool mp_node_read(uint32_t id, uint32_t *parent, uint64_t *where)
{
	struct mp_region *region = mp_region();
	if (!region || id < MP_NODE_FIRST || id >= region->nodes_max)
		return false;
	const struct mp_node *node = mp_nodes(region) + id;
	*where = __atomic_load_n(&node->where, __ATOMIC_ACQUIRE);
	*parent = node->parent;
	return *where != 0;
}
