/* reallocs.c: chains of reallocations, within a phase and from one phase to another. */
#include <memprof/memprof.h>
#include <string.h>

#include "truth.h"

static struct truth chain = {.phase = "chain"};
static struct truth born = {.phase = "born"};
static struct truth moved = {.phase = "moved"};
static struct truth ended = {.phase = "ended"};

/* NULL to 64 KiB and back to 8 bytes, each step a reallocation; what is inside stays. */
static void grow_and_shrink(void)
{
	char *block = truth_made(&chain, realloc(NULL, 16), 16);
	memcpy(block, "fifteen letters", 16);
	size_t bytes = 16;
	for (; bytes < 65536; bytes *= 2)
		block = truth_came(&chain, realloc(truth_goes(&chain, block, bytes), bytes * 2),
		                   bytes * 2);
	truth_must(strcmp(block, "fifteen letters") == 0, "realloc lost the contents");
	/* to the same size, then to almost nothing */
	block = truth_came(&chain, realloc(truth_goes(&chain, block, bytes), bytes), bytes);
	block = truth_came(&chain, realloc(truth_goes(&chain, block, bytes), 8), 8);
	truth_must(memcmp(block, "fifteen ", 8) == 0, "a shrinking realloc lost the contents");
	free(truth_gone(&chain, block, 8));
}

int main(void)
{
	static void *blocks[100];
	MEMPROF_PHASE ("chain")
		for (int i = 0; i < 50; i++)
			grow_and_shrink();
	MEMPROF_PHASE ("born")
		for (int i = 0; i < 100; i++)
			blocks[i] = truth_made(&born, malloc(100), 100);
	MEMPROF_PHASE ("moved")
		for (int i = 0; i < 60; i++)
			blocks[i] = truth_came(
			        &moved, realloc(truth_goes(&born, blocks[i], 100), 5000), 5000);
	MEMPROF_PHASE ("ended") {
		/* the C library's realloc to nothing is a free */
		for (int i = 0; i < 20; i++)
			truth_must(realloc(truth_gone(&moved, blocks[i], 5000), 0) == NULL,
			           "realloc to 0");
		for (int i = 60; i < 70; i++)
			free(truth_gone(&born, blocks[i], 100));
	}
	struct truth all[] = {chain, born, moved, ended};
	truth_print(stdout, all, 4);
	return 0;
}
