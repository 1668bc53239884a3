/* jemalloc.h: the jemalloc inside, under the names that the build gave it (mk/jemalloc.syms). */
#ifndef MP_PRELOAD_JEMALLOC_H
#define MP_PRELOAD_JEMALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Flags of the *allocx functions. */
#define MP_JE_ALIGN(a) ((int)__builtin_ctzl(a))

void *mp_je_malloc(size_t size);
void *mp_je_calloc(size_t count, size_t size);
void *mp_je_realloc(void *block, size_t size);
void mp_je_free(void *block);
void *mp_je_memalign(size_t alignment, size_t size);
int mp_je_posix_memalign(void **block, size_t alignment, size_t size);
size_t mp_je_malloc_usable_size(const void *block);
void *mp_je_mallocx(size_t size, int flags);
void *mp_je_rallocx(void *block, size_t size, int flags);
size_t mp_je_xallocx(void *block, size_t size, size_t extra, int flags);
size_t mp_je_sallocx(const void *block, int flags);
void mp_je_dallocx(void *block, int flags);
size_t mp_je_nallocx(size_t size, int flags);
int mp_je_mallctl(const char *name, void *old, size_t *old_length, void *new, size_t new_length);
int mp_je_mallctlnametomib(const char *name, size_t *mib, size_t *length);
int mp_je_mallctlbymib(const size_t *mib, size_t mib_length, void *old, size_t *old_length,
                       void *new, size_t new_length);
void mp_je_malloc_stats_print(void (*write)(void *, const char *), void *argument,
                              const char *options);

/* What jemalloc calls by these names instead of the C library's (live.c, by way of plain.c;
 * jemalloc.c). */
void *mp_je_mmap(void *address, size_t bytes, int protection, int flags, int fd, off_t offset);
int mp_je_munmap(void *address, size_t bytes);
void *mp_je_sbrk(intptr_t increment);

/* The size class of a request: what the allocator gives for it. `alignment` is a power of two. No
 * lock. */
size_t mp_size_class(size_t size);
size_t mp_size_class_aligned(size_t size, size_t alignment);

#endif
