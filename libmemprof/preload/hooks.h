/* hooks.h: what the families of hooks share. A hook is a function that the program calls in place
 * of the allocator's: the allocator does the work, mp_heap_* records it. */
#ifndef MP_PRELOAD_HOOKS_H
#define MP_PRELOAD_HOOKS_H

#include "heap.h"
#include "jemalloc.h"

#include <stdbool.h>
#include <stddef.h>

/* Visible to the program. MP_SITE reads its frame pointer: the room is built with it. */
#define MP_HOOK __attribute__((visibility("default")))

/* From the constructor. What hooks lead on to is looked up where they may be called from a signal
 * handler later; forked children are seen from their first moment. */
void mp_hooks_threads_start(void);
void mp_hooks_signals_start(void);
void mp_hooks_calls_start(void);

/* What malloc, realloc and memalign do, on behalf of a hook. */
void *mp_hook_malloc(size_t size, MP_SITE_PARAMETERS);
void *mp_hook_memalign(size_t alignment, size_t size, MP_SITE_PARAMETERS);
void *mp_hook_realloc(void *block, size_t size, MP_SITE_PARAMETERS);

/* Whole hooks, for what is not an entry's (entries.c), which goes on to them by a jump: they find
 * the program's stack as if it had called them. */
void *mp_malloc_otherwise(size_t size);
void *mp_calloc_otherwise(size_t count, size_t size);
void *mp_realloc_otherwise(void *block, size_t size);
void *mp_new_otherwise(size_t size);
void *mp_new_array_otherwise(size_t size);
void *mp_new_nothrow_otherwise(size_t size, const void *nothrow);
void *mp_new_array_nothrow_otherwise(size_t size, const void *nothrow);

/* jemalloc's memalign, which does not align a block of no bytes. */
static inline void *mp_hook_aligned(size_t alignment, size_t size)
{
	return mp_je_memalign(alignment, size ? size : 1);
}

/* Alignments are rounded up to a power of two, 16 at least, as the C library does. 0: too large. */
size_t mp_hook_alignment(size_t alignment);

#endif
