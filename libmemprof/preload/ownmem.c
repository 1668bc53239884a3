/* ownmem.c: see ownmem.h. */
#include "ownmem.h"
#include "os.h"
#include "process.h"

#include <stdint.h>
#include <sys/mman.h>

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

void mp_own_unmap(void *pages, size_t bytes)
{
	mp_own_unmap_sparse(pages, bytes);
	mp_own_touched(-bytes);
}
