/* hostile_jemalloc.c: a program that is linked to jemalloc and brings memory of its own for an
 * arena, as programs with huge pages or far memory do. */
#include <jemalloc/jemalloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static const size_t RESERVED = (size_t)1 << 32;

/* Extents from one large reservation; none is given back (a hook that is left out keeps them). */
static void *reserve(extent_hooks_t *hooks, void *wanted, size_t bytes, size_t alignment,
                     bool *zero, bool *commit, unsigned arena)
{
	static char *base;
	static size_t used;
	(void)hooks, (void)arena;
	if (!base)
		base = mmap(NULL, RESERVED, PROT_READ | PROT_WRITE,
		            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	size_t from = (size_t)base + used;
	from = ((from + alignment - 1) & ~(alignment - 1)) - (size_t)base;
	if (wanted || base == MAP_FAILED || from + bytes > RESERVED)
		return NULL;
	used = from + bytes;
	*zero = *commit = true;
	return base + from;
}

static extent_hooks_t own_hooks = {.alloc = reserve};

int main(void)
{
	unsigned arena = 0;
	size_t length = sizeof arena;
	extent_hooks_t *hooks = &own_hooks;
	int created = mallctl("arenas.create", &arena, &length, &hooks, sizeof hooks);
	int flags = MALLOCX_ARENA(arena) | MALLOCX_TCACHE_NONE, made = 0;
	for (int i = 0; i < 100; i++) {
		char *block = mallocx((size_t)100 + (size_t)i * 1000, flags);
		made += block != NULL;
		memset(block, 1, 100);
		dallocx(block, MALLOCX_TCACHE_NONE);
	}
	printf("arena %d, %d blocks\n", created, made);
	return 0;
}
