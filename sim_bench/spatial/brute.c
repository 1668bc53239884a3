/* spatial/brute.c: every point is looked at. No structure, hence nothing to get wrong: the oracle
 * for all other kinds, and for a few points also the fastest. */
#include "memory.h"
#include "spatial/kinds.h"

struct brute {
	struct spatial_index base;
	struct spatial_point *points;
	size_t count;
};

static struct spatial_index *brute_create(double reach)
{
	(void)reach;
	struct brute *brute = NEED(calloc(1, sizeof *brute));
	return &brute->base;
}

static void brute_build(struct spatial_index *index, struct spatial_point *points, size_t count)
{
	struct brute *brute = (struct brute *)index;
	free(brute->points);
	brute->points = points;
	brute->count = count;
}

static void brute_query_radius(const struct spatial_index *index, double x, double y, double radius,
                               struct spatial_hits *hits)
{
	const struct brute *brute = (const struct brute *)index;
	for (size_t i = 0; i < brute->count; i++)
		if (spatial_within(&brute->points[i], x, y, radius))
			spatial_hits_add(hits, &brute->points[i]);
}

static void brute_query_nearest(const struct spatial_index *index, struct spatial_nearest *nearest)
{
	const struct brute *brute = (const struct brute *)index;
	for (size_t i = 0; i < brute->count; i++)
		spatial_nearest_offer(nearest, &brute->points[i]);
}

static void brute_destroy(struct spatial_index *index)
{
	struct brute *brute = (struct brute *)index;
	free(brute->points);
	free(brute);
}

const struct spatial_kind spatial_brute = {
        .name = "brute",
        .create = brute_create,
        .build = brute_build,
        .query_radius = brute_query_radius,
        .query_nearest = brute_query_nearest,
        .destroy = brute_destroy,
};
