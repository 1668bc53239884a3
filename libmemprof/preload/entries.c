/* entries.c: malloc, free, operators new and delete, as they are for nearly all calls in a process
 * that samples its allocations, or records none: the allocator's own, behind a look at a countdown
 * (sampled.h) or at a byte (plain.h).
 *
 *     program --> malloc --jump--> jemalloc's malloc            it passes: nothing was pushed
 *                    +-----jump--> mp_malloc_otherwise          all else, whole: sampled, or exact
 *
 * What the look costs is all that such a process pays for being here, so there are no frames, and
 * what all callers share is once in the instruction cache. Jumps, not calls: the functions of
 * hooks_c.c and hooks_cxx.c take the program's stack from where they stand (MP_SITE).
 */
#include "hooks.h"
#include "jemalloc.h"
#include "sampled.h"

#include <errno.h>

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *block, size_t size);
void free(void *block);
void *_Znwm(size_t size);
void *_Znam(size_t size);
void *_ZnwmRKSt9nothrow_t(size_t size, const void *nothrow);
void *_ZnamRKSt9nothrow_t(size_t size, const void *nothrow);

/* Tiny blocks are not of the size that they are asked for. */
static inline bool passes(size_t size)
{
	return __builtin_expect(size > MP_TINY, 1) && mp_sampled_passes(size);
}

MP_HOOK void *malloc(size_t size)
{
	return passes(size) ? mp_je_malloc(size) : mp_malloc_otherwise(size);
}

MP_HOOK void *calloc(size_t count, size_t size)
{
	size_t bytes;
	bool known = !__builtin_mul_overflow(count, size, &bytes);
	return known && passes(bytes) ? mp_je_calloc(1, bytes) : mp_calloc_otherwise(count, size);
}

MP_HOOK void *realloc(void *block, size_t size)
{
	if (__builtin_expect(size <= MP_TINY || !mp_sampled_move_passes(block, size), 0))
		return mp_realloc_otherwise(block, size);
	void *moved = mp_je_realloc(block, size);
	if (!moved)
		errno = ENOMEM; /* jemalloc's realloc does not always say so */
	return moved;
}

MP_HOOK void free(void *block)
{
	if (__builtin_expect(mp_plain_is(block), 1))
		mp_je_free(block);
	else
		mp_heap_free(block);
}

/* ---- C++ ---------------------------------------------------------------------------------- */

/* Without memory the way otherwise finds none either, and asks the next operator. */
#define NEW(HEAD, OTHERWISE)                                                                       \
	MP_HOOK void *HEAD                                                                         \
	{                                                                                          \
		void *block = passes(size) ? mp_je_malloc(size) : NULL;                            \
		return __builtin_expect(block != NULL, 1) ? block : OTHERWISE;                     \
	}

NEW(_Znwm(size_t size), mp_new_otherwise(size))
NEW(_Znam(size_t size), mp_new_array_otherwise(size))
NEW(_ZnwmRKSt9nothrow_t(size_t size, const void *nothrow), mp_new_nothrow_otherwise(size, nothrow))
NEW(_ZnamRKSt9nothrow_t(size_t size, const void *nothrow),
    mp_new_array_nothrow_otherwise(size, nothrow))

/* Every delete frees; sizes and alignments that it is told are not believed. */
#define DELETE(NAME) MP_HOOK void NAME(void *block) __attribute__((alias("free")))
DELETE(_ZdlPv);
DELETE(_ZdaPv);
DELETE(_ZdlPvm);
DELETE(_ZdaPvm);
DELETE(_ZdlPvRKSt9nothrow_t);
DELETE(_ZdaPvRKSt9nothrow_t);
DELETE(_ZdlPvSt11align_val_t);
DELETE(_ZdaPvSt11align_val_t);
DELETE(_ZdlPvmSt11align_val_t);
DELETE(_ZdaPvmSt11align_val_t);
DELETE(_ZdlPvSt11align_val_tRKSt9nothrow_t);
DELETE(_ZdaPvSt11align_val_tRKSt9nothrow_t);
