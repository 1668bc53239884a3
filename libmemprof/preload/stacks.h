/* stacks.h: the tree of stacks in the region, each node interned once. */
#ifndef MP_PRELOAD_STACKS_H
#define MP_PRELOAD_STACKS_H

#include <stdint.h>

/* The child of `parent` (a node id) at `where` (address to look up, module above it, see struct
 * mp_node). Made if there is none. Lock-free, async-signal-safe. MP_NODE_OVERFLOW when the tree is
 * full. */
uint32_t mp_node_child(uint32_t parent, uint64_t where);

/* `where` of an address to look up: finds its module, and records the module if it is new. About
 * 100 ns; to be remembered by the caller until mp_capture_forget. Lock-free, async-signal-safe. */
uint64_t mp_where(uintptr_t address);

#endif
