/* jemalloc.c: what surrounds the jemalloc inside: its size classes, what it is kept from. */
#include "jemalloc.h"

size_t mp_size_class(size_t size)
{
	return mp_je_nallocx(size ? size : 1, 0);
}

size_t mp_size_class_aligned(size_t size, size_t alignment)
{
	return mp_je_nallocx(size ? size : 1, MP_JE_ALIGN(alignment));
}

/* jemalloc's own heap profiling would bring an unwinder and a mathematics library with it. It is
 * switched off, above whatever MALLOC_CONF says, and what it would call is never reached. */
extern const char *mp_je_malloc_conf_2_conf_harder;
const char *mp_je_malloc_conf_2_conf_harder = "prof:false";

#define NEVER_REACHED(TYPE, NAME, ...)                                                             \
	TYPE NAME(__VA_ARGS__);                                                                    \
	TYPE NAME(__VA_ARGS__)                                                                     \
	{                                                                                          \
		__builtin_trap();                                                                  \
	}
NEVER_REACHED(int, mp_je_Unwind_Backtrace, void)
NEVER_REACHED(uintptr_t, mp_je_Unwind_GetIP, void)
NEVER_REACHED(double, mp_je_log, void)
NEVER_REACHED(double, mp_je_exp, void)
NEVER_REACHED(double, mp_je_round, void)
