/* spatial/quadtree.c: squares that split in four when more than CAPACITY points fall into one.
 *
 *     node ── children: four nodes in a row, by quarter (left top, right top, left bottom, …)
 *          └─ or a list of points, linked by index
 *
 * Points are put in one by one, so building costs a walk from the root for each; the box of the
 * root is that of all points. A box is not stored: the walk halves it. Points that no halving can
 * part (equal, or nearly so) end in one list at DEPTH_MOST.
 *
 * Exactness: a box is skipped only if the square of its distance exceeds the bound. Differences,
 * squares and sums round monotonely, so every point in it is then beyond the bound too.
 */
#include <math.h>

#include "memory.h"
#include "spatial/kinds.h"

#define CAPACITY   4
#define DEPTH_MOST 40
#define NONE       UINT32_MAX

struct node {
	uint32_t children; /* the first of four, or NONE: a leaf */
	uint32_t first;    /* point of a leaf, or NONE */
	uint32_t count;    /* points of a leaf */
};

struct box {
	double left, top, right, bottom; /* rims included */
};

struct quadtree {
	struct spatial_index base;
	struct spatial_point *points;
	uint32_t *next; /* the next point of the same leaf */
	size_t count;
	struct node *nodes;
	size_t node_count, node_capacity;
	struct box box;
};

static struct spatial_index *quadtree_create(double reach)
{
	(void)reach;
	struct quadtree *tree = NEED(calloc(1, sizeof *tree));
	return &tree->base;
}

static struct box box_of(const struct spatial_point *points, size_t count)
{
	struct box box = {points[0].x, points[0].y, points[0].x, points[0].y};
	for (size_t i = 1; i < count; i++) {
		box.left = fmin(box.left, points[i].x);
		box.right = fmax(box.right, points[i].x);
		box.top = fmin(box.top, points[i].y);
		box.bottom = fmax(box.bottom, points[i].y);
	}
	return box;
}

static double middle_of(double low, double high)
{
	return low + (high - low) / 2;
}

/* A quarter of a box; the middle lines belong to the right and the lower ones. */
static struct box quarter_of(const struct box *box, unsigned quarter)
{
	double x = middle_of(box->left, box->right), y = middle_of(box->top, box->bottom);
	return (struct box){
	        .left = quarter & 1 ? x : box->left,
	        .right = quarter & 1 ? box->right : x,
	        .top = quarter & 2 ? y : box->top,
	        .bottom = quarter & 2 ? box->bottom : y,
	};
}

static unsigned quarter_for(const struct box *box, const struct spatial_point *point)
{
	return (point->x >= middle_of(box->left, box->right) ? 1u : 0u) |
	       (point->y >= middle_of(box->top, box->bottom) ? 2u : 0u);
}

static uint32_t add_nodes(struct quadtree *tree, size_t count)
{
	if (tree->node_count + count > tree->node_capacity) {
		tree->node_capacity = tree->node_capacity ? tree->node_capacity * 2 : 64;
		tree->nodes = NEED(realloc(tree->nodes, tree->node_capacity * sizeof *tree->nodes));
	}
	for (size_t i = 0; i < count; i++)
		tree->nodes[tree->node_count + i] = (struct node){NONE, NONE, 0};
	tree->node_count += count;
	return (uint32_t)(tree->node_count - count);
}

static void link_point(struct quadtree *tree, uint32_t at, uint32_t point)
{
	tree->next[point] = tree->nodes[at].first;
	tree->nodes[at].first = point;
	tree->nodes[at].count++;
}

/* Hands the points of a full leaf down to four new ones. */
static void split_leaf(struct quadtree *tree, uint32_t at, const struct box *box)
{
	uint32_t children = add_nodes(tree, 4), point = tree->nodes[at].first;
	while (point != NONE) {
		uint32_t next = tree->next[point];
		link_point(tree, children + quarter_for(box, &tree->points[point]), point);
		point = next;
	}
	tree->nodes[at] = (struct node){children, NONE, 0};
}

static void insert(struct quadtree *tree, uint32_t point)
{
	struct box box = tree->box;
	uint32_t at = 0;
	for (unsigned depth = 0;; depth++) {
		if (tree->nodes[at].children == NONE) {
			if (tree->nodes[at].count < CAPACITY || depth >= DEPTH_MOST)
				break;
			split_leaf(tree, at, &box);
		}
		unsigned quarter = quarter_for(&box, &tree->points[point]);
		box = quarter_of(&box, quarter);
		at = tree->nodes[at].children + quarter;
	}
	link_point(tree, at, point);
}

static void quadtree_release(struct quadtree *tree)
{
	free(tree->points);
	free(tree->next);
	free(tree->nodes);
	tree->points = NULL;
	tree->next = NULL;
	tree->nodes = NULL;
	tree->count = tree->node_count = tree->node_capacity = 0;
}

static void quadtree_build(struct spatial_index *index, struct spatial_point *points, size_t count)
{
	struct quadtree *tree = (struct quadtree *)index;
	quadtree_release(tree);
	tree->points = points;
	tree->count = count;
	if (count == 0)
		return;
	tree->next = NEED(malloc(count * sizeof *tree->next));
	tree->box = box_of(points, count);
	add_nodes(tree, 1);
	for (size_t i = 0; i < count; i++)
		insert(tree, (uint32_t)i);
}

static double beyond(double low, double high, double value)
{
	return value < low ? low - value : value > high ? value - high : 0;
}

/* The square of the distance from a place to a box. */
static double squared_to(const struct box *box, double x, double y)
{
	double dx = beyond(box->left, box->right, x), dy = beyond(box->top, box->bottom, y);
	return dx * dx + dy * dy;
}

struct circle {
	double x, y, radius;
};

static void query_node(const struct quadtree *tree, uint32_t at, const struct box *box,
                       const struct circle *circle, struct spatial_hits *hits)
{
	const struct node *node = &tree->nodes[at];
	if (squared_to(box, circle->x, circle->y) > circle->radius * circle->radius)
		return;
	for (uint32_t point = node->first; point != NONE; point = tree->next[point])
		if (spatial_within(&tree->points[point], circle->x, circle->y, circle->radius))
			spatial_hits_add(hits, &tree->points[point]);
	for (unsigned quarter = 0; node->children != NONE && quarter < 4; quarter++) {
		struct box inner = quarter_of(box, quarter);
		query_node(tree, node->children + quarter, &inner, circle, hits);
	}
}

static void quadtree_query_radius(const struct spatial_index *index, double x, double y,
                                  double radius, struct spatial_hits *hits)
{
	const struct quadtree *tree = (const struct quadtree *)index;
	const struct circle circle = {x, y, radius};
	if (tree->count > 0)
		query_node(tree, 0, &tree->box, &circle, hits);
}

/* The quarter that holds the place, or is nearest to it, is looked at first. */
static void nearest_in_node(const struct quadtree *tree, uint32_t at, const struct box *box,
                            struct spatial_nearest *nearest)
{
	const struct node *node = &tree->nodes[at];
	if (squared_to(box, nearest->x, nearest->y) > spatial_nearest_bound(nearest))
		return;
	for (uint32_t point = node->first; point != NONE; point = tree->next[point])
		spatial_nearest_offer(nearest, &tree->points[point]);
	if (node->children == NONE)
		return;
	const struct spatial_point place = {.x = nearest->x, .y = nearest->y};
	unsigned home = quarter_for(box, &place);
	for (unsigned turn = 0; turn < 4; turn++) {
		struct box inner = quarter_of(box, home ^ turn);
		nearest_in_node(tree, node->children + (home ^ turn), &inner, nearest);
	}
}

static void quadtree_query_nearest(const struct spatial_index *index,
                                   struct spatial_nearest *nearest)
{
	const struct quadtree *tree = (const struct quadtree *)index;
	if (tree->count > 0)
		nearest_in_node(tree, 0, &tree->box, nearest);
}

static void quadtree_destroy(struct spatial_index *index)
{
	struct quadtree *tree = (struct quadtree *)index;
	quadtree_release(tree);
	free(tree);
}

const struct spatial_kind spatial_quadtree = {
        .name = "quadtree",
        .create = quadtree_create,
        .build = quadtree_build,
        .query_radius = quadtree_query_radius,
        .query_nearest = quadtree_query_nearest,
        .destroy = quadtree_destroy,
};
