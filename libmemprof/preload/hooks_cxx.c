/* hooks_cxx.c: the C++ operators new, in C, so that no C++ library comes with us; and what
 * entries.c hands over of them.
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

/* The body of an operator, which is the program's own (MP_HOOK) or what an entry goes on to: the
 * allocator, and what counts its blocks, or else what the next operator says. */
#define PLAIN                    mp_je_malloc(mp_hook_size(size)), mp_heap_allocated(block, size, MP_SITE)
#define ALIGNED                  mp_hook_aligned(alignment, size), aligned(block, size, alignment, MP_SITE)
#define DEFINE(HEAD, WHAT, NEXT) DEFINE_(HEAD, WHAT, NEXT)
#define DEFINE_(HEAD, CALL, COUNTED, NEXT)                                                         \
	HEAD                                                                                       \
	{                                                                                          \
		void *block = CALL;                                                                \
		if (__builtin_expect(block != NULL, 1))                                            \
			return mp_sampled_passes(mp_hook_size(size)) ? block : COUNTED;            \
		static void *place;                                                                \
		return NEXT;                                                                       \
	}

DEFINE(NEW(mp_new_otherwise), PLAIN, next_new(MP_CALLER, "_Znwm", &place, size))
DEFINE(NEW(mp_new_array_otherwise), PLAIN, next_new(MP_CALLER, "_Znam", &place, size))
DEFINE(NEW_NOTHROW(mp_new_nothrow_otherwise), PLAIN,
       next_new_nothrow(MP_CALLER, "_ZnwmRKSt9nothrow_t", &place, size, nothrow))
DEFINE(NEW_NOTHROW(mp_new_array_nothrow_otherwise), PLAIN,
       next_new_nothrow(MP_CALLER, "_ZnamRKSt9nothrow_t", &place, size, nothrow))
DEFINE(MP_HOOK NEW_ALIGNED(_ZnwmSt11align_val_t), ALIGNED,
       next_new_aligned(MP_CALLER, "_ZnwmSt11align_val_t", &place, size, alignment))
DEFINE(MP_HOOK NEW_ALIGNED(_ZnamSt11align_val_t), ALIGNED,
       next_new_aligned(MP_CALLER, "_ZnamSt11align_val_t", &place, size, alignment))
DEFINE(MP_HOOK NEW_ALIGNED_NOTHROW(_ZnwmSt11align_val_tRKSt9nothrow_t), ALIGNED,
       next_new_aligned_nothrow(MP_CALLER, "_ZnwmSt11align_val_tRKSt9nothrow_t", &place, size,
                                alignment, nothrow))
DEFINE(MP_HOOK NEW_ALIGNED_NOTHROW(_ZnamSt11align_val_tRKSt9nothrow_t), ALIGNED,
       next_new_aligned_nothrow(MP_CALLER, "_ZnamSt11align_val_tRKSt9nothrow_t", &place, size,
                                alignment, nothrow))
