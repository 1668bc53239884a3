/* standin_ownmem.c: the library's own memory (ownmem.h), without a process to report it to. */
#include "ownmem.h"

#include <sys/mman.h>

void *mp_own_map_sparse(size_t bytes)
{
	void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return pages == MAP_FAILED ? NULL : pages;
}

void mp_own_unmap_sparse(void *pages, size_t bytes)
{
	munmap(pages, bytes);
}

void *mp_own_map(size_t bytes)
{
	return mp_own_map_sparse(bytes);
}

void mp_own_unmap(void *pages, size_t bytes)
{
	munmap(pages, bytes);
}

void mp_own_touched(size_t bytes)
{
	(void)bytes;
}

void mp_own_populate(void *pages, size_t bytes)
{
	(void)pages;
	(void)bytes;
}
