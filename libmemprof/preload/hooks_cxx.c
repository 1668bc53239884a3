/* hooks_cxx.c: C++ operators new and delete, in C, so that no C++ library comes with us.
 *
 * They are hooked themselves, not only the malloc below them: it saves a frame in each stack. When
 * there is no memory the next definition of the operator takes over: it calls the new-handler and
 * throws, as the program expects, through our frame.
 */
#include "hooks.h"
#include "jemalloc.h"
#include "next.h"
#include "sampled.h"

#define NEW(NAME)                 void *NAME(size_t size)
#define NEW_NOTHROW(NAME)         void *NAME(size_t size, const void *nothrow)
#define NEW_ALIGNED(NAME)         void *NAME(size_t size, size_t alignment)
#define NEW_ALIGNED_NOTHROW(NAME) void *NAME(size_t size, size_t alignment, const void *nothrow)

NEW(_Znwm);
NEW(_Znam);
NEW_NOTHROW(_ZnwmRKSt9nothrow_t);
NEW_NOTHROW(_ZnamRKSt9nothrow_t);
NEW_ALIGNED(_ZnwmSt11align_val_t);
NEW_ALIGNED(_ZnamSt11align_val_t);
NEW_ALIGNED_NOTHROW(_ZnwmSt11align_val_tRKSt9nothrow_t);
NEW_ALIGNED_NOTHROW(_ZnamSt11align_val_tRKSt9nothrow_t);

static __attribute__((noinline)) void *next_new(void *caller, const char *name, void **place,
                                                size_t size)
{
	void *(*next)(size_t) = (void *(*)(size_t))mp_next_cxx(name, place, caller);
	return next ? next(size) : NULL;
}

static __attribute__((noinline)) void *next_new_aligned(void *caller, const char *name,
                                                        void **place, size_t size, size_t alignment)
{
	void *(*next)(size_t, size_t) = (void *(*)(size_t, size_t))mp_next_cxx(name, place, caller);
	return next ? next(size, alignment) : NULL;
}

static __attribute__((noinline)) void *
next_new_nothrow(void *caller, const char *name, void **place, size_t size, const void *nothrow)
{
	void *(*next)(size_t, const void *) =
	        (void *(*)(size_t, const void *))mp_next_cxx(name, place, caller);
	return next ? next(size, nothrow) : NULL;
}

static __attribute__((noinline)) void *next_new_aligned_nothrow(void *caller, const char *name,
                                                                void **place, size_t size,
                                                                size_t alignment,
                                                                const void *nothrow)
{
	void *(*next)(size_t, size_t, const void *) =
	        (void *(*)(size_t, size_t, const void *))mp_next_cxx(name, place, caller);
	return next ? next(size, alignment, nothrow) : NULL;
}

#define MP_CALLER __builtin_return_address(0)

static inline __attribute__((always_inline)) void *aligned(void *block, size_t size,
                                                           size_t alignment, MP_SITE_PARAMETERS)
{
	mp_heap_allocated_as(block, size, mp_size_class_aligned(size, alignment),
	                     MP_SITE_ARGUMENTS);
	return block;
}

/* The body of an operator: the allocator, and what counts its blocks, or else what the next
 * operator says. */
#define PLAIN                    mp_je_malloc(mp_hook_size(size)), mp_heap_allocated(block, size, MP_SITE)
#define ALIGNED                  mp_je_memalign(alignment, size), aligned(block, size, alignment, MP_SITE)
#define DEFINE(HEAD, WHAT, NEXT) DEFINE_(HEAD, WHAT, NEXT)
#define DEFINE_(HEAD, CALL, COUNTED, NEXT)                                                         \
	MP_HOOK HEAD                                                                               \
	{                                                                                          \
		void *block = CALL;                                                                \
		if (__builtin_expect(block != NULL, 1))                                            \
			return mp_sampled_passes(mp_hook_size(size)) ? block : COUNTED;            \
		static void *place;                                                                \
		return NEXT;                                                                       \
	}

DEFINE(NEW(_Znwm), PLAIN, next_new(MP_CALLER, "_Znwm", &place, size))
DEFINE(NEW(_Znam), PLAIN, next_new(MP_CALLER, "_Znam", &place, size))
DEFINE(NEW_NOTHROW(_ZnwmRKSt9nothrow_t), PLAIN,
       next_new_nothrow(MP_CALLER, "_ZnwmRKSt9nothrow_t", &place, size, nothrow))
DEFINE(NEW_NOTHROW(_ZnamRKSt9nothrow_t), PLAIN,
       next_new_nothrow(MP_CALLER, "_ZnamRKSt9nothrow_t", &place, size, nothrow))
DEFINE(NEW_ALIGNED(_ZnwmSt11align_val_t), ALIGNED,
       next_new_aligned(MP_CALLER, "_ZnwmSt11align_val_t", &place, size, alignment))
DEFINE(NEW_ALIGNED(_ZnamSt11align_val_t), ALIGNED,
       next_new_aligned(MP_CALLER, "_ZnamSt11align_val_t", &place, size, alignment))
DEFINE(NEW_ALIGNED_NOTHROW(_ZnwmSt11align_val_tRKSt9nothrow_t), ALIGNED,
       next_new_aligned_nothrow(MP_CALLER, "_ZnwmSt11align_val_tRKSt9nothrow_t", &place, size,
                                alignment, nothrow))
DEFINE(NEW_ALIGNED_NOTHROW(_ZnamSt11align_val_tRKSt9nothrow_t), ALIGNED,
       next_new_aligned_nothrow(MP_CALLER, "_ZnamSt11align_val_tRKSt9nothrow_t", &place, size,
                                alignment, nothrow))

/* Every delete frees; sizes and alignments that it is told are not believed. */
#define DELETE(NAME)                                                                               \
	void NAME(void *block);                                                                    \
	MP_HOOK void NAME(void *block)                                                             \
	{                                                                                          \
		if (__builtin_expect(mp_heap_frees(block), 1))                                     \
			mp_je_free(block);                                                         \
		else                                                                               \
			mp_hook_free(block);                                                       \
	}

DELETE(_ZdlPv)
DELETE(_ZdaPv)
DELETE(_ZdlPvm)
DELETE(_ZdaPvm)
DELETE(_ZdlPvRKSt9nothrow_t)
DELETE(_ZdaPvRKSt9nothrow_t)
DELETE(_ZdlPvSt11align_val_t)
DELETE(_ZdaPvSt11align_val_t)
DELETE(_ZdlPvmSt11align_val_t)
DELETE(_ZdaPvmSt11align_val_t)
DELETE(_ZdlPvSt11align_val_tRKSt9nothrow_t)
DELETE(_ZdaPvSt11align_val_tRKSt9nothrow_t)
