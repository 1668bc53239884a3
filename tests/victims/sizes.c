/* sizes.c: blocks on either side of every limit of the size histogram: 2^e bytes, and one more, for
 * each e from 0 to 20; the block of 2^e bytes e + 1 times, the other one twice. By malloc (phase
 * "plain") and by aligned_alloc, where sizes differ from size classes ("aligned"). Each block is
 * written whole: no two of them overlap. */
#include <memprof/memprof.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "truth.h"

#define LIMITS 21
#define MOST   64

static void *block_of(int aligned, size_t size)
{
	void *block = aligned ? aligned_alloc(64, size) : malloc(size);
	truth_must(block != NULL, "no memory");
	return memset(block, 1, size);
}

static void make(int aligned, size_t size, int times)
{
	void *blocks[MOST];
	for (int i = 0; i < times; i++)
		blocks[i] = block_of(aligned, size);
	for (int i = 0; i < times; i++)
		free(blocks[i]);
}

static void make_all(int aligned)
{
	for (int e = 0; e < LIMITS; e++) {
		make(aligned, (size_t)1 << e, e + 1);
		make(aligned, ((size_t)1 << e) + 1, 2);
	}
}

int main(void)
{
	MEMPROF_PHASE ("plain")
		make_all(0);
	MEMPROF_PHASE ("aligned")
		make_all(1);
	return 0;
}
