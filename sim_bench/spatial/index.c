/* spatial/index.c: the table of kinds, and what all kinds share: the list of hits and its order. */
#include "spatial/index.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "spatial/kinds.h"

static const struct spatial_kind *const kinds[] = {
        &spatial_kdtree, &spatial_kdtree_batched, &spatial_quadtree, &spatial_grid, &spatial_brute};

#define KIND_COUNT (sizeof kinds / sizeof kinds[0])

/* Below this many hits insertion sort beats the calls of qsort. */
#define INSERTION_MOST 32

const struct spatial_kind *spatial_kind_find(const char *name)
{
	for (size_t i = 0; i < KIND_COUNT; i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	return NULL;
}

const char *spatial_kind_names(void)
{
	static char names[128];
	if (!names[0]) {
		for (size_t i = 0; i < KIND_COUNT; i++) {
			size_t used = strlen(names);
			if (i > 0 && used + 1 < sizeof names)
				names[used++] = '|';
			strncat(names + used, kinds[i]->name, sizeof names - used - 1);
		}
	}
	return names;
}

const struct spatial_kind *spatial_kind_at(size_t i)
{
	return i < KIND_COUNT ? kinds[i] : NULL;
}

struct spatial_index *spatial_create(const struct spatial_kind *kind, double reach)
{
	struct spatial_index *index = kind->create(reach);
	index->kind = kind;
	return index;
}

void spatial_destroy(struct spatial_index *index)
{
	if (index)
		index->kind->destroy(index);
}

void spatial_build(struct spatial_index *index, struct spatial_point *points, size_t count)
{
	index->kind->build(index, points, count);
}

void spatial_update(struct spatial_index *index, struct spatial_point *points, size_t count)
{
	if (index->kind->update)
		index->kind->update(index, points, count);
	else
		index->kind->build(index, points, count);
}

static int by_id(const void *left, const void *right)
{
	const struct spatial_point *a = left, *b = right;
	return (a->id > b->id) - (a->id < b->id);
}

static void sort_by_id(struct spatial_point *points, size_t count)
{
	if (count > INSERTION_MOST) {
		qsort(points, count, sizeof *points, by_id);
		return;
	}
	for (size_t i = 1; i < count; i++) {
		struct spatial_point moving = points[i];
		size_t at = i;
		for (; at > 0 && points[at - 1].id > moving.id; at--)
			points[at] = points[at - 1];
		points[at] = moving;
	}
}

void spatial_query_radius(const struct spatial_index *index, double x, double y, double radius,
                          struct spatial_hits *hits)
{
	if (radius < 0)
		return;
	index->kind->query_radius(index, x, y, radius, hits);
	sort_by_id(hits->points, hits->count);
}

void spatial_query_nearest(const struct spatial_index *index, double x, double y, size_t wanted,
                           struct spatial_hits *hits)
{
	struct spatial_nearest nearest = {x, y, wanted, hits};
	if (wanted > 0)
		index->kind->query_nearest(index, &nearest);
}

double spatial_nearest_bound(const struct spatial_nearest *nearest)
{
	const struct spatial_hits *hits = nearest->hits;
	return hits->count < nearest->wanted
	               ? INFINITY
	               : spatial_squared(&hits->points[hits->count - 1], nearest->x, nearest->y);
}

void spatial_nearest_offer(struct spatial_nearest *nearest, const struct spatial_point *point)
{
	struct spatial_hits *hits = nearest->hits;
	double squared = spatial_squared(point, nearest->x, nearest->y);
	if (squared > spatial_nearest_bound(nearest))
		return;
	if (hits->count < nearest->wanted)
		spatial_hits_add(hits, point);
	else if (squared == spatial_nearest_bound(nearest) &&
	         hits->points[hits->count - 1].id < point->id)
		return;
	size_t at = hits->count - 1;
	for (; at > 0; at--) {
		const struct spatial_point *before = &hits->points[at - 1];
		double other = spatial_squared(before, nearest->x, nearest->y);
		if (other < squared || (other == squared && before->id < point->id))
			break;
		hits->points[at] = *before;
	}
	hits->points[at] = *point;
}

void spatial_hits_clear(struct spatial_hits *hits)
{
	hits->count = 0;
}

void spatial_hits_add(struct spatial_hits *hits, const struct spatial_point *point)
{
	if (hits->count == hits->capacity) {
		hits->capacity = hits->capacity ? hits->capacity * 2 : 4;
		hits->points = NEED(realloc(hits->points, hits->capacity * sizeof *hits->points));
	}
	hits->points[hits->count++] = *point;
}

void spatial_hits_free(struct spatial_hits *hits)
{
	free(hits->points);
	*hits = (struct spatial_hits){0};
}
