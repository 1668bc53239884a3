/* jemalloc.c: what surrounds the jemalloc inside: its size classes, its statistics. */
#include "jemalloc.h"
#include "allocator_stats.h"
#include "os.h"
#include "process.h"

#include <errno.h>

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

static uint64_t read_statistic(const char *name)
{
	size_t value = 0, length = sizeof(value);
	return mp_je_mallctl(name, &value, &length, NULL, 0) == 0 ? value : 0;
}

void mp_allocator_stats_take(struct mp_region *region)
{
	struct mp_allocator_stats *stats = &region->allocator_stats;
	uint64_t asked = __atomic_load_n(&stats->asked, __ATOMIC_RELAXED);
	uint64_t answered = __atomic_load_n(&stats->answered, __ATOMIC_RELAXED);
	if (asked == answered ||
	    !__atomic_compare_exchange_n(&stats->answered, &answered, asked, false,
	                                 __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return;
	int error = errno;
	uint64_t epoch = 1;
	(void)mp_je_mallctl("epoch", NULL, NULL, &epoch, sizeof(epoch));
	stats->allocated = read_statistic("stats.allocated");
	stats->active = read_statistic("stats.active");
	stats->metadata = read_statistic("stats.metadata");
	stats->resident = read_statistic("stats.resident");
	stats->mapped = read_statistic("stats.mapped");
	stats->retained = read_statistic("stats.retained");
	__atomic_store_n(&stats->taken, mp_ticks() - region->start_ticks, __ATOMIC_RELEASE);
	errno = error;
}
