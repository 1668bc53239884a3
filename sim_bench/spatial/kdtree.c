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

#define LEAF_MOST 8

enum axis { AXIS_X, AXIS_Y };

struct kdtree {
	struct spatial_index base;
	struct spatial_point *points;
	uint8_t *split; /* enum axis, at the middle of each range that is not a leaf */
	size_t count;
};

static double along(const struct spatial_point *point, enum axis axis)
{
	return axis == AXIS_X ? point->x : point->y;
}

static void swap_points(struct spatial_point *a, struct spatial_point *b)
{
	struct spatial_point held = *a;
	*a = *b;
	*b = held;
}

static enum axis wider_axis(const struct spatial_point *points, size_t count)
{
	double min_x = points[0].x, max_x = min_x, min_y = points[0].y, max_y = min_y;
	for (size_t i = 1; i < count; i++) {
		if (points[i].x < min_x)
			min_x = points[i].x;
		if (points[i].x > max_x)
			max_x = points[i].x;
		if (points[i].y < min_y)
			min_y = points[i].y;
		if (points[i].y > max_y)
			max_y = points[i].y;
	}
	return max_x - min_x >= max_y - min_y ? AXIS_X : AXIS_Y;
}

/* The median of the first, middle and last coordinate: a pivot that sorted input cannot spoil. */
static double pivot_of(const struct spatial_point *points, ptrdiff_t low, ptrdiff_t high,
                       enum axis axis)
{
	double a = along(&points[low], axis), b = along(&points[low + (high - low) / 2], axis),
	       c = along(&points[high], axis);
	if (a < b)
		return b < c ? b : (a < c ? c : a);
	return a < c ? a : (b < c ? c : b);
}

/* Quickselect: puts at MIDDLE the point that would be there if the array were sorted along AXIS.
 * Hoare's partition stops at equal keys, so that equal points split evenly. */
static void select_middle(struct spatial_point *points, size_t count, size_t middle, enum axis axis)
{
	ptrdiff_t low = 0, high = (ptrdiff_t)count - 1, wanted = (ptrdiff_t)middle;
	while (low < high) {
		double pivot = pivot_of(points, low, high, axis);
		ptrdiff_t i = low, j = high;
		while (i <= j) {
			while (along(&points[i], axis) < pivot)
				i++;
			while (along(&points[j], axis) > pivot)
				j--;
			if (i <= j)
				swap_points(&points[i++], &points[j--]);
		}
		if (wanted <= j)
			high = j;
		else if (wanted >= i)
			low = i;
		else
			return;
	}
}

static void build_range(struct kdtree *tree, size_t first, size_t end)
{
	size_t count = end - first;
	if (count <= LEAF_MOST)
		return;
	size_t middle = first + count / 2;
	enum axis axis = wider_axis(tree->points + first, count);
	select_middle(tree->points + first, count, middle - first, axis);
	tree->split[middle] = (uint8_t)axis;
	build_range(tree, first, middle);
	build_range(tree, middle + 1, end);
}

static struct spatial_index *kdtree_create(void)
{
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
	enum axis axis = (enum axis)tree->split[middle];
	double offset = along(point, axis) - (axis == AXIS_X ? circle->x : circle->y);
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
        .destroy = kdtree_destroy,
};
