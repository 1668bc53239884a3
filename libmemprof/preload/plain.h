/* plain.h: the blocks that a process which samples frees without a further look.
 *
 *     base                                                         a window of 32 GiB
 *      |   2 2 2 2 2 2 2 2 1 2 2 2 2 2 2 2 2 2 2 0 0 0 0 0   |    a byte for each grain of 8 KiB
 *                          |                     |
 *                          |                     +-- other memory, or the allocator's in part
 *                          +-- a sampled block begins in one of its two pages
 *
 * A grain's byte counts those of its pages that are plain: the allocator's, and no sampled block
 * begins there. Where all are, the block is the allocator's own affair. This is what the words of
 * pages say (live.h, sampled_blocks.h), in a sixteenth of the memory, so that it stays in the cache
 * that is nearest however the program frees; and in half as many instructions. What is not plain is
 * looked up there.
 *
 * The window begins below the allocator's first mapping, since mappings follow each other
 * downwards. What lies outside, and everything where each allocation is recorded, is never plain.
 *
 * Changes are in such an order that a byte never says too much: it is counted down before a block
 * that is sampled is handed out, and before pages go back to the system. What a handler that left
 * by a jump interrupted leaves at most a grain that is never plain again. */
#ifndef MP_PRELOAD_PLAIN_H
#define MP_PRELOAD_PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define MP_PLAIN_GRAIN  8192u
#define MP_PLAIN_GRAINS (1u << 22)
#define MP_PLAIN_PAGES  2u /* of a grain */

/* What a free reads; it does not change once a block can be plain. */
extern struct mp_plain {
	uintptr_t base; /* so high that nothing is in the window, until this process samples */
	const uint8_t *grains;
} mp_plain;

static inline bool mp_plain_is(const void *block)
{
	uintptr_t grain = ((uintptr_t)block - mp_plain.base) / MP_PLAIN_GRAIN;
	__asm__("" : "+r"(grain)); /* or compilers work it out twice, for each of the two */
	return __builtin_expect(grain < MP_PLAIN_GRAINS, 1) &&
	       __builtin_expect(mp_plain.grains[grain] == MP_PLAIN_PAGES, 1);
}

/* From now on blocks may be plain: the process samples, or records no allocations. */
void mp_plain_begin(void);

/* A sampled block will begin in the page of the address, as the first; none does any more. */
void mp_plain_mark(uintptr_t address);
void mp_plain_unmark(uintptr_t address);

/* jemalloc's mmap and munmap: these, and then those of the table of live blocks. */
void *mp_plain_mmap(void *address, size_t bytes, int protection, int flags, int fd, off_t offset);
int mp_plain_munmap(void *address, size_t bytes);

#endif
