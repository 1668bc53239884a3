/* stacks.c: see stacks.h. A node's number is its place in the region. */
#include "stacks.h"

#include "ownmem.h"

static uint32_t node_make(void *table, const struct mp_intern_key *key, const void *subject)
{
	(void)subject;
	struct mp_region *region = mp_region();
	uint32_t number = __atomic_fetch_add(&region->nodes_used, 1, __ATOMIC_RELAXED);
	if (number >= region->nodes_max) {
		__atomic_store_n(&region->nodes_used, region->nodes_max, __ATOMIC_RELAXED);
		mp_overflowed(region);
		return 0;
	}
	mp_own_fill(table, number, sizeof(struct mp_node));
	struct mp_node *node = (struct mp_node *)table + number;
	node->parent = key->more;
	node->hash = (uint32_t)(key->hash >> 32);
	__atomic_store_n(&node->where, key->key, __ATOMIC_RELEASE);
	return number;
}

static struct mp_intern_key node_key(const void *table, uint32_t number)
{
	const struct mp_node *node = (const struct mp_node *)table + number;
	return (struct mp_intern_key){(uint64_t)node->hash << 32, node->where, node->parent};
}

static const struct mp_intern_kind nodes = {
        .make = node_make, .key_of = node_key, .entry_bytes = sizeof(struct mp_node)};

uint32_t mp_node_child_elsewhere(uint32_t parent, uint64_t where, uint64_t path)
{
	if (parent == MP_NODE_OVERFLOW)
		return parent;
	const struct mp_intern_key key = {path, where, parent};
	uint32_t number = mp_intern_elsewhere(&mp_process_page.process.nodes, &key, &nodes,
	                                      mp_nodes(mp_region()), NULL);
	return number ? number : MP_NODE_OVERFLOW;
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
