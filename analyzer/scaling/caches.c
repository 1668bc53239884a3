/* caches.c: see caches.h. */
#include "scaling/caches.h"

#include <math.h>

#include "scaling/outlook.h"
#include "trace/trace.h"

static void note(struct study *study, size_t level, const char *name, double bytes)
{
	struct study_cache *cache = &study->caches[level];
	if (!cache->name || bytes < cache->bytes)
		*cache = (struct study_cache){name, bytes, INFINITY, false};
}

void caches_note(struct study *study, int64_t l2, int64_t l3)
{
	if (l2 != TRACE_UNKNOWN && l2 > 0)
		note(study, 0, "L2", (double)l2);
	if (study->options.cache > 0)
		note(study, 1, "last-level", study->options.cache);
	else if (l3 != TRACE_UNKNOWN && l3 > 0)
		note(study, 1, "L3", (double)l3);
}

const struct study_row *caches_working_set(const struct study *study)
{
	const struct study_row *heap = study_find(study, SUBJECT_RUN, "run", METRIC_PEAK);
	const struct study_row *rss = study_find(study, SUBJECT_RUN, "run", METRIC_RSS);
	return heap && !heap->trouble ? heap : rss && !rss->trouble ? rss : NULL;
}

/* Between two measured sizes by a straight line of logarithms. */
static double between(const struct series_point *a, const struct series_point *b, double bytes)
{
	double along = log(bytes / a->reduced) / log(b->reduced / a->reduced);
	return a->n * pow(b->n / a->n, along);
}

static void locate(const struct study *study, struct study_cache *cache,
                   const struct study_row *row)
{
	const struct series *s = &row->series;
	size_t i = 0;
	while (i < s->count && s->points[i].reduced <= cache->bytes)
		i++;
	cache->seen = s->count - i >= CACHES_BEYOND;
	cache->left_at = i == 0          ? 0
	                 : i == s->count ? outlook_reaches(study, row, cache->bytes)
	                                 : between(&s->points[i - 1], &s->points[i], cache->bytes);
}

void caches_locate(struct study *study)
{
	const struct study_row *row = caches_working_set(study);
	for (size_t i = 0; row && i < STUDY_CACHES; i++)
		if (study->caches[i].name)
			locate(study, &study->caches[i], row);
}

double caches_raise(const struct study *study, double n)
{
	double raise = 1;
	for (size_t i = 0; i < STUDY_CACHES; i++) {
		const struct study_cache *cache = &study->caches[i];
		if (cache->name && !cache->seen && n > cache->left_at)
			raise *= CACHES_RAISE;
	}
	return raise;
}
