/* ownmem.c: see ownmem.h. */
#include "ownmem.h"
#include "os.h"
#include "process.h"

#include <stdint.h>
#include <sys/mman.h>

#define LARGE_PAGE (2ul << 20)

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif

void *mp_own_map_sparse(size_t bytes)
{
	long pages = mp_syscall(SYS_mmap, 0, (long)bytes, PROT_READ | PROT_WRITE,
	                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return pages < 0 ? NULL : (void *)pages;
}

void mp_own_unmap_sparse(void *pages, size_t bytes)
{
	(void)mp_syscall(SYS_munmap, (long)pages, (long)bytes, 0, 0, 0, 0);
}

void mp_own_touched(size_t bytes)
{
	struct mp_region *region = mp_region();
	if (region)
		__atomic_fetch_add(&region->private_bytes, bytes, __ATOMIC_RELAXED);
}

void *mp_own_map(size_t bytes)
{
	void *pages = mp_own_map_sparse(bytes);
	if (pages)
		mp_own_touched(bytes);
	return pages;
}

void mp_own_populate(void *pages, size_t bytes)
{
	(void)mp_syscall(SYS_madvise, (long)pages, (long)bytes, MADV_POPULATE_WRITE, 0, 0, 0);
}

/* Zeroed pages that begin where a large page does. */
static char *map_aligned(size_t bytes)
{
	char *pages = mp_own_map_sparse(bytes + LARGE_PAGE);
	if (!pages)
		return NULL;
	size_t before = -(uintptr_t)pages & (LARGE_PAGE - 1);
	size_t end = (bytes + 4095) & ~4095ul;
	if (before)
		mp_own_unmap_sparse(pages, before);
	mp_own_unmap_sparse(pages + before + end, LARGE_PAGE - before);
	return pages + before;
}

void *mp_own_map_dense(size_t bytes)
{
	if (bytes < LARGE_PAGE)
		return mp_own_map(bytes);
	char *pages = map_aligned(bytes);
	if (!pages)
		return NULL;
	/* Not what is behind the last whole one: that would be a large page for a few bytes. */
	(void)mp_syscall(SYS_madvise, (long)pages, (long)(bytes & ~(LARGE_PAGE - 1)), MADV_HUGEPAGE,
	                 0, 0, 0);
	mp_own_touched(bytes);
	return pages;
}

void mp_own_unmap(void *pages, size_t bytes)
{
	mp_own_unmap_sparse(pages, bytes);
	mp_own_touched(-bytes);
}
