/* address_limits.h: the part of RLIMIT_AS that is ours (hooks_limits.c). */
#ifndef MP_PRELOAD_ADDRESS_LIMITS_H
#define MP_PRELOAD_ADDRESS_LIMITS_H

#include <sys/resource.h>

/* The region of a process whose address space was not limited at its start, and with it what grows:
 * sparse tables of threads, words of pages. Both are generous, for they cost nothing. */
#define MP_REGION_BYTES (4096ull << 20)
#define MP_LIMIT_PART   (MP_REGION_BYTES + (64ull << 20))

/* A limit that we raised carries this below its pages, which the kernel does not look at, so that
 * a program that is started by exec under it is given the limit that was meant. */
#define MP_LIMIT_MARK 0xa5dull

/* In a new program image: takes our part off an inherited limit. */
void mp_limits_restore(void);

#endif
