/* heap.h: what is recorded of an allocation, a free and a reallocation.
 *
 * The hooks call these around the allocator. MP_SITE says where the program stands, as the stack is
 * taken from there. Nothing here changes errno or fails visibly.
 */
#ifndef MP_PRELOAD_HEAP_H
#define MP_PRELOAD_HEAP_H

#include "live.h"
#include "sampled_blocks.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a hook was called from: return address, stack pointer of the caller after the return, the
 * caller's rbp. Three words, handed on in registers. */
#define MP_SITE_PARAMETERS uintptr_t return_address, uintptr_t sp, uintptr_t bp
#define MP_SITE_ARGUMENTS  return_address, sp, bp

/* To be used in the hook itself, which must keep a frame pointer. */
#define MP_SITE                                                                                    \
	(uintptr_t) __builtin_return_address(0),                                                   \
	        (uintptr_t)__builtin_frame_address(0) + 2 * sizeof(void *),                        \
	        *(uintptr_t *)__builtin_frame_address(0)

/* After the allocator gave `block` for `size` bytes, as malloc does. Returns the block. */
void *mp_heap_allocated(void *block, size_t size, MP_SITE_PARAMETERS);

/* The same for a block that is not of the size class of its size: that is `usable`. */
void mp_heap_allocated_as(void *block, size_t size, size_t usable, MP_SITE_PARAMETERS);

/* The C library's blocks are aligned to 16 bytes however small; jemalloc's of up to 8 bytes are
 * not. What to ask jemalloc for. */
#define MP_TINY 8u
static inline size_t mp_hook_size(size_t size)
{
	return __builtin_expect(size > MP_TINY, 1) ? size : 16;
}

/* What becomes of a block that the program frees. */
enum mp_freeing {
	MP_FREE_HERE,  /* it is the allocator's */
	MP_FREE_NEXT,  /* it is foreign, and belongs to the next allocator */
	MP_FREE_TWICE, /* it was the allocator's, and was freed before: leave it */
};

/* Before a block is given back. True: it is the allocator's, and counted or not to be, as nearly
 * all are. False: nothing has happened yet, and mp_heap_freeing says what becomes of it. */
bool mp_heap_frees(const void *block);
enum mp_freeing mp_heap_freeing(void *block);

/* All of a free, of NULL too: both of these, and the block given back to whom it belongs. */
void mp_heap_free(void *block);

/* A reallocation is in three parts: the record is taken before the allocator moves the block, since
 * the old address may at once be another thread's; then it is put at the new address, or back. */
struct mp_moving {
	enum mp_live_found found;
	struct mp_live_block from;
	struct mp_sampled_block sample; /* in sampled mode, where found is MP_LIVE_FOUND */
};
struct mp_moving mp_heap_moving(void *block);
void mp_heap_moved(const struct mp_moving *moving, void *old, void *block, size_t size,
                   size_t usable, MP_SITE_PARAMETERS);
void mp_heap_not_moved(const struct mp_moving *moving, void *block);

#endif
