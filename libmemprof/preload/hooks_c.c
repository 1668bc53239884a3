/* hooks_c.c: the C library's allocation functions, but for what entries.c makes short work of.
 *
 * Where the C library and jemalloc differ in what a program may rely on, the C library's way holds:
 * realloc(p, 0) frees and returns NULL, alignments that are no power of two are rounded up, sizes
 * given to free_sized are not believed.
 */
#include "hooks.h"
#include "jemalloc.h"
#include "live.h"
#include "next.h"
#include "sampled.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#define PAGE             4096u
#define MALLOC_ALIGNMENT 16u

void *reallocarray(void *block, size_t count, size_t size);
void free_sized(void *block, size_t size);
void free_aligned_sized(void *block, size_t alignment, size_t size);
int posix_memalign(void **block, size_t alignment, size_t size);
void *aligned_alloc(size_t alignment, size_t size);
void *memalign(size_t alignment, size_t size);
void *valloc(size_t size);
void *pvalloc(size_t size);
size_t malloc_usable_size(void *block);

/* ---- shared by the families --------------------------------------------------------------- */

void *mp_hook_malloc(size_t size, MP_SITE_PARAMETERS)
{
	if (mp_sampled_passes(mp_hook_size(size)))
		return mp_je_malloc(mp_hook_size(size));
	void *block = mp_je_malloc(mp_hook_size(size));
	return block ? mp_heap_allocated(block, size, MP_SITE_ARGUMENTS) : NULL;
}

size_t mp_hook_alignment(size_t alignment)
{
	if (alignment <= MALLOC_ALIGNMENT)
		return MALLOC_ALIGNMENT;
	if (alignment > SIZE_MAX / 2 + 1)
		return 0;
	size_t power = (size_t)1 << (64 - __builtin_clzl(alignment - 1));
	return power;
}

void *mp_hook_memalign(size_t alignment, size_t size, MP_SITE_PARAMETERS)
{
	size_t power = mp_hook_alignment(alignment);
	if (!power) {
		errno = EINVAL;
		return NULL;
	}
	void *block = mp_hook_aligned(power, size);
	if (block && !mp_sampled_passes(mp_hook_size(size)))
		mp_heap_allocated_as(block, size, mp_size_class_aligned(size, power),
		                     MP_SITE_ARGUMENTS);
	if (!block)
		errno = ENOMEM; /* jemalloc's memalign leaves it alone */
	return block;
}

/* A foreign block is moved by its own allocator. */
static void *realloc_block(void *block, size_t size, MP_SITE_PARAMETERS)
{
	if (mp_sampled_move_passes(block, mp_hook_size(size))) {
		void *passed = mp_je_realloc(block, mp_hook_size(size));
		if (!passed)
			errno = ENOMEM;
		return passed;
	}
	struct mp_moving moving = mp_heap_moving(block);
	if (moving.found == MP_LIVE_FOREIGN)
		return mp_next_realloc(block, size);
	void *moved = mp_je_realloc(block, mp_hook_size(size));
	if (moved) {
		mp_heap_moved(&moving, block, moved, size, mp_size_class(mp_hook_size(size)),
		              MP_SITE_ARGUMENTS);
		return moved;
	}
	mp_heap_not_moved(&moving, block);
	errno = ENOMEM; /* jemalloc's realloc does not always say so */
	return NULL;
}

void *mp_hook_realloc(void *block, size_t size, MP_SITE_PARAMETERS)
{
	if (!block)
		return mp_hook_malloc(size, MP_SITE_ARGUMENTS);
	if (size)
		return realloc_block(block, size, MP_SITE_ARGUMENTS);
	mp_heap_free(block);
	return NULL;
}

/* ---- the functions ------------------------------------------------------------------------ */

void *mp_malloc_otherwise(size_t size)
{
	void *block = mp_je_malloc(mp_hook_size(size));
	if (__builtin_expect(!block, 0))
		return NULL;
	if (size <= MP_TINY && mp_sampled_passes(mp_hook_size(size)))
		return block;
	return mp_heap_allocated(block, size, MP_SITE);
}

void *mp_calloc_otherwise(size_t count, size_t size)
{
	size_t bytes;
	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	void *block = mp_je_calloc(1, mp_hook_size(bytes));
	if (__builtin_expect(!block, 0) ||
	    (bytes <= MP_TINY && mp_sampled_passes(mp_hook_size(bytes))))
		return block;
	return mp_heap_allocated(block, bytes, MP_SITE);
}

void *mp_realloc_otherwise(void *block, size_t size)
{
	return mp_hook_realloc(block, size, MP_SITE);
}

MP_HOOK void *reallocarray(void *block, size_t count, size_t size)
{
	size_t bytes;
	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return mp_hook_realloc(block, bytes, MP_SITE);
}

MP_HOOK void free_sized(void *block, size_t size)
{
	(void)size;
	mp_heap_free(block);
}

MP_HOOK void free_aligned_sized(void *block, size_t alignment, size_t size)
{
	(void)alignment;
	(void)size;
	mp_heap_free(block);
}

MP_HOOK int posix_memalign(void **block, size_t alignment, size_t size)
{
	if (alignment == sizeof(void *))
		alignment = MALLOC_ALIGNMENT;
	int error = mp_je_posix_memalign(block, alignment, size);
	if (!error && !mp_sampled_passes(mp_hook_size(size)))
		mp_heap_allocated_as(*block, size, mp_size_class_aligned(size, alignment), MP_SITE);
	return error;
}

MP_HOOK void *aligned_alloc(size_t alignment, size_t size)
{
	return mp_hook_memalign(alignment, size, MP_SITE);
}

MP_HOOK void *memalign(size_t alignment, size_t size)
{
	return mp_hook_memalign(alignment, size, MP_SITE);
}

MP_HOOK void *valloc(size_t size)
{
	return mp_hook_memalign(PAGE, size, MP_SITE);
}

MP_HOOK void *pvalloc(size_t size)
{
	if (size > SIZE_MAX - PAGE) {
		errno = ENOMEM;
		return NULL;
	}
	size_t pages = (size + PAGE - 1) & ~(size_t)(PAGE - 1);
	void *block = mp_hook_aligned(PAGE, pages);
	if (block && !mp_sampled_passes(mp_hook_size(size)))
		mp_heap_allocated_as(block, size, mp_size_class_aligned(pages, PAGE), MP_SITE);
	if (!block)
		errno = ENOMEM;
	return block;
}

MP_HOOK size_t malloc_usable_size(void *block)
{
	if (!block)
		return 0;
	return mp_live_owned((uintptr_t)block) ? mp_je_malloc_usable_size(block)
	                                       : mp_next_usable_size(block);
}
