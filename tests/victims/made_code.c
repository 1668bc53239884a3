/* made_code.c: an interpreter in small: a function made at run time, which calls back to allocate,
 * and whose name stands in a map as Python leaves it for perf. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ALLOCATIONS 1000

static void *volatile kept;

__attribute__((noinline)) static void allocate(void)
{
	for (int i = 0; i < ALLOCATIONS; i++) {
		kept = malloc(48);
		free(kept);
	}
}

/* push %rbp; mov %rsp, %rbp; call *%rdi; pop %rbp; ret: code with a frame pointer, and nothing that
 * tells how to unwind it. */
static const unsigned char CODE[] = {0x55, 0x48, 0x89, 0xe5, 0xff, 0xd7, 0x5d, 0xc3};

int main(void)
{
	char path[64];
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return 1;
	memcpy(page, CODE, sizeof CODE);
	if (mprotect(page, 4096, PROT_READ | PROT_EXEC) != 0)
		return 1;
	snprintf(path, sizeof path, "/tmp/perf-%d.map", (int)getpid());
	FILE *map = fopen(path, "w");
	if (!map)
		return 1;
	fprintf(map, "%lx %lx py::made:/project/script.py\n", (unsigned long)page,
	        (unsigned long)sizeof CODE);
	fclose(map);
	((void (*)(void (*)(void)))page)(allocate);
	printf("{\"allocations\": %d}\n", ALLOCATIONS);
	return 0;
}
