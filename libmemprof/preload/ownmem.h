/* ownmem.h: the library's own memory, straight from the kernel. It is never given back, so what is
 * taken must be bounded by what the program does (threads, distinct stacks, live blocks). */
#ifndef MP_PRELOAD_OWNMEM_H
#define MP_PRELOAD_OWNMEM_H

#include <stddef.h>

/* Zeroed pages, reserved but not yet backed: only what is touched costs. NULL when there are none.
 * Async-signal-safe, errno is kept. */
void *mp_own_map(size_t bytes);
void mp_own_unmap(void *pages, size_t bytes);

#endif
