/* moments.c: see moments.h. */
#include "report/moments.h"

#include <math.h>
#include <stdlib.h>

static bool tells(const struct profile_point *point)
{
	return !isnan(point->rss) || !isnan(point->resident);
}

const struct profile_point *moments_last(const struct profile *p)
{
	for (size_t i = p->points_count; i-- > 0;)
		if (tells(&p->points[i]))
			return &p->points[i];
	return NULL;
}

static const struct profile_point *first_heap(const struct profile *p)
{
	for (size_t i = 0; i < p->points_count; i++)
		if (!isnan(p->points[i].resident))
			return &p->points[i];
	return NULL;
}

static const struct profile_point *nearest(const struct profile *p, double time)
{
	const struct profile_point *best = NULL;
	for (size_t i = 0; i < p->points_count; i++)
		if (tells(&p->points[i]) &&
		    (!best || fabs(p->points[i].time - time) < fabs(best->time - time)))
			best = &p->points[i];
	return best;
}

static const struct profile_point *largest_rss(const struct profile *p)
{
	const struct profile_point *best = NULL;
	for (size_t i = 0; i < p->points_count; i++)
		if (!isnan(p->points[i].rss) && (!best || p->points[i].rss > best->rss))
			best = &p->points[i];
	return best;
}

static int by_time(const void *a, const void *b)
{
	const struct profile_point *x = ((const struct moment *)a)->point;
	const struct profile_point *y = ((const struct moment *)b)->point;
	return (x > y) - (x < y);
}

size_t moments_find(const struct profile *p, struct moment moments[MOMENTS_MAX])
{
	const struct profile_point *last = moments_last(p);
	double end = last ? last->time : 0;
	/* What is worth a name comes first: of moments that fall together the first stays. */
	const struct moment wanted[] = {
	        {"end", last},
	        {"most RSS", largest_rss(p)},
	        {"first", first_heap(p)},
	        {"1/4", nearest(p, end / 4)},
	        {"1/2", nearest(p, end / 2)},
	        {"3/4", nearest(p, end * 3 / 4)},
	};
	size_t count = 0;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		bool taken = !wanted[i].point;
		for (size_t k = 0; k < count; k++)
			taken = taken || moments[k].point == wanted[i].point;
		if (!taken)
			moments[count++] = wanted[i];
	}
	qsort(moments, count, sizeof(*moments), by_time);
	return count;
}
