/* usage.c: see usage.h. */
#include "usage.h"
#include "count.h"
#include "os.h"
#include "phases.h"

#include <sys/resource.h>

/* What the kernel counts blocks of storage in, whatever the device's are. */
#define BLOCK 512u

static uint64_t reading_ticks; /* 0: not measured */

static uint64_t in_ns(const struct timeval *time)
{
	return (uint64_t)time->tv_sec * 1000000000u + (uint64_t)time->tv_usec * 1000u;
}

void mp_usage_read(struct mp_usage *now)
{
	struct rusage usage = {0};
	(void)mp_syscall(SYS_getrusage, RUSAGE_THREAD, (long)&usage, 0, 0, 0, 0);
	*now = (struct mp_usage){
	        .minor_faults = (uint64_t)usage.ru_minflt,
	        .major_faults = (uint64_t)usage.ru_majflt,
	        .waits = (uint64_t)usage.ru_nvcsw,
	        .preempted = (uint64_t)usage.ru_nivcsw,
	        .read_bytes = (uint64_t)usage.ru_inblock * BLOCK,
	        .written_bytes = (uint64_t)usage.ru_oublock * BLOCK,
	        .system_ns = in_ns(&usage.ru_stime),
	};
}

void mp_usage_add(struct mp_usage *sum, const struct mp_usage *begun, uint64_t ticks)
{
	struct mp_usage now;
	mp_usage_read(&now);
	ADD(sum->minor_faults, now.minor_faults - begun->minor_faults);
	ADD(sum->major_faults, now.major_faults - begun->major_faults);
	ADD(sum->waits, now.waits - begun->waits);
	ADD(sum->preempted, now.preempted - begun->preempted);
	ADD(sum->read_bytes, now.read_bytes - begun->read_bytes);
	ADD(sum->written_bytes, now.written_bytes - begun->written_bytes);
	ADD(sum->system_ns, now.system_ns - begun->system_ns);
	ADD(sum->ticks, ticks);
	ADD(sum->calls, 1);
}

/* What a reading costs here, in ticks. */
static uint64_t measure(void)
{
	uint64_t best = UINT64_MAX;
	for (unsigned i = 0; i < 8; i++) {
		struct mp_usage now;
		uint64_t begin = mp_ticks();
		mp_usage_read(&now);
		uint64_t took = mp_ticks() - begin;
		best = took < best ? took : best;
	}
	return best;
}

bool mp_usage_is_worth_reading(uint64_t calls, uint64_t ticks, uint64_t others)
{
	uint64_t cost = __atomic_load_n(&reading_ticks, __ATOMIC_RELAXED);
	if (!cost) {
		cost = measure();
		__atomic_store_n(&reading_ticks, cost, __ATOMIC_RELAXED);
	}
	return ticks >= calls * (cost + others) * 2 * MP_CPU_CLOCK_SHARE;
}
