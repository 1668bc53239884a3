/* histogram.c: see histogram.h. New counts are put at the end and merged into the sorted part when
 * they have become several times as many as it, or when somebody asks. */
#include "trace/histogram.h"

#include <math.h>
#include <memprof/trace_format.h>
#include <stdlib.h>

#include "base/memory.h"

static int by_bucket(const void *a, const void *b)
{
	const struct histogram_entry *x = a, *y = b;
	return (x->bucket > y->bucket) - (x->bucket < y->bucket);
}

/* Sums stop at the largest number: what hostile input says must not overflow. */
static int64_t add_saturated(int64_t a, int64_t b)
{
	int64_t sum;
	return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

static void histogram_merge(struct histogram *h)
{
	if (h->merged == h->count)
		return;
	qsort(h->entries, h->count, sizeof(*h->entries), by_bucket);
	size_t kept = 0;
	for (size_t i = 1; i < h->count; i++) {
		if (h->entries[i].bucket == h->entries[kept].bucket)
			h->entries[kept].count =
			        add_saturated(h->entries[kept].count, h->entries[i].count);
		else
			h->entries[++kept] = h->entries[i];
	}
	h->count = h->merged = kept + 1;
}

void histogram_add(struct histogram *h, uint32_t bucket, int64_t count)
{
	if (h->count >= h->merged * 8 + 1024)
		histogram_merge(h);
	h->entries = mem_grow(h->entries, &h->capacity, h->count + 1, sizeof(*h->entries));
	h->entries[h->count++] = (struct histogram_entry){bucket, count};
}

int64_t histogram_total(const struct histogram *h)
{
	int64_t total = 0;
	for (size_t i = 0; i < h->count; i++)
		total = add_saturated(total, h->entries[i].count);
	return total;
}

int64_t histogram_low(uint32_t bucket)
{
	if (bucket < 2 * TRACE_HIST_SUB)
		return bucket;
	return (int64_t)(TRACE_HIST_SUB + bucket % TRACE_HIST_SUB) << (bucket / TRACE_HIST_SUB - 1);
}

static double bucket_middle(uint32_t bucket)
{
	/* The highest value in a bucket is the next one's lowest, less one. */
	return ((double)histogram_low(bucket) + (double)(histogram_low(bucket + 1) - 1)) / 2;
}

double histogram_quantile(struct histogram *h, double q, int64_t min, int64_t max)
{
	histogram_merge(h);
	int64_t total = histogram_total(h);
	if (total <= 0)
		return -1;
	double wanted = fmax(1, ceil(q * (double)total)), sum = 0;
	size_t i = 0;
	while (i + 1 < h->count && (sum += (double)h->entries[i].count) < wanted)
		i++;
	double value = bucket_middle(h->entries[i].bucket);
	return fmin(fmax(value, (double)min), (double)max);
}

void histogram_free(struct histogram *h)
{
	free(h->entries);
	*h = (struct histogram){0};
}
