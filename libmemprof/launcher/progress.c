/* progress.c: see progress.h. */
#include "progress.h"
#include "clock.h"

static const struct progress_look *newest(const struct progress *progress)
{
	return &progress->looks[(progress->next + PROGRESS_LOOKS - 1) % PROGRESS_LOOKS];
}

static const struct progress_look *oldest(const struct progress *progress)
{
	return &progress->looks[progress->filled < PROGRESS_LOOKS ? 0 : progress->next];
}

void progress_look(struct progress *progress, uint64_t at_ns, uint64_t count)
{
	if (progress->filled && count < newest(progress)->count)
		*progress = (struct progress){0};
	progress->looks[progress->next] = (struct progress_look){at_ns, count};
	progress->next = (progress->next + 1) % PROGRESS_LOOKS;
	if (progress->filled < PROGRESS_LOOKS)
		progress->filled++;
}

double progress_rate(const struct progress *progress)
{
	if (progress->filled < 2)
		return 0;
	const struct progress_look *from = oldest(progress), *to = newest(progress);
	if (to->at_ns <= from->at_ns)
		return 0;
	return (double)(to->count - from->count) * (double)NS_PER_SECOND /
	       (double)(to->at_ns - from->at_ns);
}

double progress_seconds_left(uint64_t count, uint64_t expected, double rate)
{
	if (expected == 0 || rate <= 0)
		return -1;
	return count >= expected ? 0 : (double)(expected - count) / rate;
}
