/* spatial/kdtree.c: a balanced tree of alternating half planes, without pointers.
 *
 * The tree is an order of the array of points. For the range [first, end):
 *
 *     first ........ middle ........ end          middle = (first + end) / 2
 *     └ not greater ┘   │   └ not less ┘          along split[middle]: the wider side of the range
 *                    the splitting point
 *
 * and the two parts are ranges in turn, down to leaves of at most LEAF_MOST points, which are
 * looked at one by one. The middle is the median (quickselect), so the depth is log2(n / LEAF_MOST)
 * whatever the positions are, all at one point included. Building is O(n log n), a query that finds
 * k points O(√n + k).
 *
 * Exactness: a part is skipped only if the square of the distance to the splitting line exceeds the
 * square of the radius. Rounding is monotone, so every point of that part fails spatial_within too,
 * and the tree agrees with the oracle to the last bit.
 */
#include "memory.h"
#include "spatial/kinds.h"
#include "spatial/split.h"

#define LEAF_MOST 8

struct kdtree {
	struct spatial_index base;
	struct spatial_point *points;
	uint8_t *split; /* enum split_axis, at the middle of each range that is not a leaf */
	size_t count;
};

static void build_range(struct kdtree *tree, size_t first, size_t end)
{
	size_t count = end - first;
	if (count <= LEAF_MOST)
		return;
	size_t middle = first + count / 2;
	enum split_axis axis = split_wider_axis(tree->points + first, count);
	split_at_median(tree->points + first, count, middle - first, axis);
	tree->split[middle] = (uint8_t)axis;
	build_range(tree, first, middle);
	build_range(tree, middle + 1, end);
}

static struct spatial_index *kdtree_create(double reach)
{
	(void)reach;
	struct kdtree *tree = NEED(calloc(1, sizeof *tree));
	return &tree->base;
}

static void kdtree_release(struct kdtree *tree)
{
	free(tree->points);
	free(tree->split);
	tree->points = NULL;
	tree->split = NULL;
	tree->count = 0;
}

static void kdtree_build(struct spatial_index *index, struct spatial_point *points, size_t count)
{
	struct kdtree *tree = (struct kdtree *)index;
	kdtree_release(tree);
	tree->points = points;
	tree->count = count;
	if (count == 0)
		return;
	tree->split = NEED(malloc(count));
	build_range(tree, 0, count);
}

struct circle {
	double x, y, radius;
};

static void query_range(const struct kdtree *tree, size_t first, size_t end,
                        const struct circle *circle, struct spatial_hits *hits)
{
	size_t count = end - first;
	if (count <= LEAF_MOST) {
		for (size_t i = first; i < end; i++)
			if (spatial_within(&tree->points[i], circle->x, circle->y, circle->radius))
				spatial_hits_add(hits, &tree->points[i]);
		return;
	}
	size_t middle = first + count / 2;
	const struct spatial_point *point = &tree->points[middle];
	enum split_axis axis = (enum split_axis)tree->split[middle];
	double offset = split_along(point, axis) - (axis == AXIS_X ? circle->x : circle->y);
	bool beyond = offset * offset > circle->radius * circle->radius;

	if (!(beyond && offset < 0))
		query_range(tree, first, middle, circle, hits);
	if (!beyond && spatial_within(point, circle->x, circle->y, circle->radius))
		spatial_hits_add(hits, point);
	if (!(beyond && offset > 0))
		query_range(tree, middle + 1, end, circle, hits);
}

static void kdtree_query_radius(const struct spatial_index *index, double x, double y,
                                double radius, struct spatial_hits *hits)
{
	const struct kdtree *tree = (const struct kdtree *)index;
	const struct circle circle = {x, y, radius};
	query_range(tree, 0, tree->count, &circle, hits);
}

/* The nearer part first: what it finds lets more of the other be skipped. */
static void nearest_in_range(const struct kdtree *tree, size_t first, size_t end,
                             struct spatial_nearest *nearest)
{
	size_t count = end - first;
	if (count <= LEAF_MOST) {
		for (size_t i = first; i < end; i++)
			spatial_nearest_offer(nearest, &tree->points[i]);
		return;
	}
	size_t middle = first + count / 2;
	const struct spatial_point *point = &tree->points[middle];
	enum split_axis axis = (enum split_axis)tree->split[middle];
	double offset = split_along(point, axis) - (axis == AXIS_X ? nearest->x : nearest->y);

	if (offset >= 0)
		nearest_in_range(tree, first, middle, nearest);
	else
		nearest_in_range(tree, middle + 1, end, nearest);
	spatial_nearest_offer(nearest, point);
	if (offset * offset > spatial_nearest_bound(nearest))
		return;
	if (offset >= 0)
		nearest_in_range(tree, middle + 1, end, nearest);
	else
		nearest_in_range(tree, first, middle, nearest);
}

static void kdtree_query_nearest(const struct spatial_index *index, struct spatial_nearest *nearest)
{
	const struct kdtree *tree = (const struct kdtree *)index;
	nearest_in_range(tree, 0, tree->count, nearest);
}

static void kdtree_destroy(struct spatial_index *index)
{
	struct kdtree *tree = (struct kdtree *)index;
	kdtree_release(tree);
	free(tree);
}

const struct spatial_kind spatial_kdtree = {
        .name = "kdtree",
        .create = kdtree_create,
        .build = kdtree_build,
        .query_radius = kdtree_query_radius,
        .query_nearest = kdtree_query_nearest,
        .destroy = kdtree_destroy,
};
