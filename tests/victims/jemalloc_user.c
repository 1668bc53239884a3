/* jemalloc_user.c: a program that is linked to jemalloc and uses its own interface. What it prints
 * must not depend on a profiler. */
#include <jemalloc/jemalloc.h>
#include <memprof/memprof.h>
#include <string.h>

#include "truth.h"

static struct truth x = {.phase = "mallocx"};
static struct truth mixed = {.phase = "mixed"};

static void use_mallocx(void)
{
	for (int i = 0; i < 100; i++) {
		void *block = truth_made(&x, mallocx(100, MALLOCX_ALIGN(64) | MALLOCX_ZERO), 100);
		truth_must((uintptr_t)block % 64 == 0, "mallocx did not align");
		truth_must(sallocx(block, 0) >= 100, "sallocx");
		truth_must(sallocx(block, 0) == nallocx(100, MALLOCX_ALIGN(64)), "nallocx");
		block = truth_came(&x, rallocx(truth_goes(&x, block, 100), 3000, 0), 3000);
		memset(block, 1, 3000);
		if (i % 2)
			dallocx(truth_gone(&x, block, 3000), 0);
		else
			sdallocx(truth_gone(&x, block, 3000), 3000, 0);
	}
}

static void mix(void)
{
	for (int i = 0; i < 100; i++) {
		free(truth_gone(&mixed, truth_made(&mixed, mallocx(40, 0), 40), 40));
		dallocx(truth_gone(&mixed, truth_made(&mixed, malloc(41), 41), 41), 0);
	}
	void *stays = truth_made(&mixed, mallocx(42, 0), 42);
	truth_must(malloc_usable_size(stays) >= 42, "malloc_usable_size");
}

static void ask_mallctl(void)
{
	const char *version = NULL;
	size_t length = sizeof version;
	truth_must(mallctl("version", &version, &length, NULL, 0) == 0, "mallctl");
	truth_must(strncmp(version, "5.", 2) == 0, "another jemalloc");
	unsigned arena = 0;
	length = sizeof arena;
	truth_must(mallctl("arenas.create", &arena, &length, NULL, 0) == 0, "arenas.create");
	void *block = mallocx(5000, MALLOCX_ARENA(arena) | MALLOCX_TCACHE_NONE);
	truth_must(block != NULL, "an arena of its own");
	dallocx(block, MALLOCX_TCACHE_NONE);
	size_t mib[3], depth = 3;
	truth_must(mallctlnametomib("arenas.page", mib, &depth) == 0, "mallctlnametomib");
	size_t page = 0;
	length = sizeof page;
	truth_must(mallctlbymib(mib, depth, &page, &length, NULL, 0) == 0 && page == 4096, "page");
}

int main(void)
{
	MEMPROF_PHASE ("mallocx")
		use_mallocx();
	MEMPROF_PHASE ("mixed")
		mix();
	ask_mallctl();
	struct truth all[] = {x, mixed};
	truth_print(stdout, all, 2);
	return 0;
}
