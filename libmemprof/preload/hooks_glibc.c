/* hooks_glibc.c: the C library's own questions about its heap, answered from the one in use.
 *
 * A program that prints its heap by mallinfo would otherwise read zeros. What has no counterpart in
 * jemalloc stays 0. malloc_info and malloc_stats, which print, are left to the C library and tell
 * of its empty heap.
 */
#include "hooks.h"
#include "jemalloc.h"

#include <limits.h>
#include <malloc.h>
#include <stdint.h>

#define ALL_ARENAS "arena.4096." /* MALLCTL_ARENAS_ALL */

static size_t statistic(const char *name)
{
	size_t value = 0, length = sizeof(value);
	return mp_je_mallctl(name, &value, &length, NULL, 0) == 0 ? value : 0;
}

MP_HOOK struct mallinfo2 mallinfo2(void)
{
	uint64_t epoch = 1;
	(void)mp_je_mallctl("epoch", NULL, NULL, &epoch, sizeof(epoch));
	size_t active = statistic("stats.active"), allocated = statistic("stats.allocated");
	return (struct mallinfo2){
	        .arena = statistic("stats.mapped"),
	        .uordblks = allocated,
	        .fordblks = active > allocated ? active - allocated : 0,
	};
}

static int saturated(size_t value)
{
	return value > INT_MAX ? INT_MAX : (int)value;
}

MP_HOOK struct mallinfo mallinfo(void)
{
	struct mallinfo2 info = mallinfo2();
	return (struct mallinfo){
	        .arena = saturated(info.arena),
	        .uordblks = saturated(info.uordblks),
	        .fordblks = saturated(info.fordblks),
	};
}

/* Gives unused pages back. 1: some may have been, as the C library says it. */
MP_HOOK int malloc_trim(size_t pad)
{
	(void)pad;
	return mp_je_mallctl(ALL_ARENAS "purge", NULL, NULL, NULL, 0) == 0;
}
