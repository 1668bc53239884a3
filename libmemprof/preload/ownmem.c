/* ownmem.c: see ownmem.h. */
#include "ownmem.h"
#include "os.h"
#include "process.h"

#include <sys/mman.h>

void *mp_own_map(size_t bytes)
{
	long pages = mp_syscall(SYS_mmap, 0, (long)bytes, PROT_READ | PROT_WRITE,
	                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (pages < 0)
		return NULL;
	struct mp_region *region = mp_region();
	if (region)
		__atomic_fetch_add(&region->private_bytes, bytes, __ATOMIC_RELAXED);
	return (void *)pages;
}

void mp_own_unmap(void *pages, size_t bytes)
{
	(void)mp_syscall(SYS_munmap, (long)pages, (long)bytes, 0, 0, 0, 0);
	struct mp_region *region = mp_region();
	if (region)
		__atomic_fetch_sub(&region->private_bytes, bytes, __ATOMIC_RELAXED);
}
