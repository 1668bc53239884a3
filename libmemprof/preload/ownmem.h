/* ownmem.h: the library's own memory, straight from the kernel. It is never given back, so what is
 * taken must be bounded by what the program does (threads, distinct stacks, live blocks). */
#ifndef MP_PRELOAD_OWNMEM_H
#define MP_PRELOAD_OWNMEM_H

#include <stddef.h>
#include <stdint.h>

/* Zeroed pages, NULL when there are none. Async-signal-safe, errno is kept. They are reported as
 * the profiler's own memory, whole. */
void *mp_own_map(size_t bytes);
void mp_own_unmap(void *pages, size_t bytes);

/* Pages that will soon be written one by one are asked of the kernel at once: a fault costs more
 * than its page. Where the kernel cannot, they come singly. */
void mp_own_populate(void *pages, size_t bytes);

/* The same for memory that is used from its beginning: each time, before it is used from one place
 * up to another. The first pages come singly, since many a program needs no more. */
#define MP_OWN_AHEAD (64u << 10)
static inline void mp_own_reach(void *memory, uint64_t from, uint64_t to)
{
	uint64_t ahead = (to - 1) / MP_OWN_AHEAD * MP_OWN_AHEAD;
	if (__builtin_expect(from <= ahead && ahead > 0, 0))
		mp_own_populate((char *)memory + ahead, MP_OWN_AHEAD);
}

/* And for a table: with each entry, before it is written. */
static inline void mp_own_fill(void *table, uint64_t number, size_t entry_bytes)
{
	mp_own_reach(table, number * entry_bytes, (number + 1) * entry_bytes);
}

/* As mp_own_map, for a table of which little will be touched: only that costs memory, and only what
 * is said by mp_own_touched is reported. */
void *mp_own_map_sparse(size_t bytes);
void mp_own_unmap_sparse(void *pages, size_t bytes);
void mp_own_touched(size_t bytes);

#endif
