/* spatial/kdtree_batched.c: a kd-tree that is brought up to date instead of built again.
 *
 *     nodes:  inner: axis, split, two children          left: not greater │ right: not less
 *             leaf:  a bucket of points                 (along the axis, than split)
 *     held:   every point by rising id, with the leaf that it is in
 *
 * An update compares the new points with those held, by id, in one pass: what did not move costs a
 * comparison; what moved within its leaf's region is written over in place; what left it, came or
 * went touches two buckets. So the cost is that of the dirty regions. A bucket that becomes too
 * full is split like a tree of its own. When as many points have changed leaves as there are, the
 * tree is built anew, since by then its halves are no longer even.
 *
 * Exactness: as for kdtree.c.
 */
#include <string.h>

#include "memory.h"
#include "spatial/kinds.h"
#include "spatial/split.h"

#define LEAF_MOST   8  /* points in a leaf when it is built */
#define BUCKET_MOST 24 /* points beyond which it is split */
#define NONE        UINT32_MAX

struct node {
	double split;
	uint32_t left, right; /* NONE: a leaf */
	uint32_t bucket;      /* of a leaf */
	enum split_axis axis;
};

struct bucket {
	struct spatial_point *points;
	uint32_t count, capacity;
};

struct held {
	struct spatial_point point;
	uint32_t leaf; /* node; NONE while it is in none */
};

struct kdtree_batched {
	struct spatial_index base;
	struct node *nodes;
	struct bucket *buckets;
	size_t node_count, node_capacity, bucket_count, bucket_capacity;
	struct held *held; /* by rising id */
	size_t count;
	size_t changed; /* points that changed leaves since the tree was built */
};

static struct spatial_index *batched_create(double reach)
{
	(void)reach;
	struct kdtree_batched *tree = NEED(calloc(1, sizeof *tree));
	return &tree->base;
}

/* ---- nodes and buckets ------------------------------------------------------------------- */

static uint32_t add_node(struct kdtree_batched *tree)
{
	if (tree->node_count == tree->node_capacity) {
		tree->node_capacity = tree->node_capacity ? tree->node_capacity * 2 : 64;
		tree->nodes = NEED(realloc(tree->nodes, tree->node_capacity * sizeof *tree->nodes));
	}
	tree->nodes[tree->node_count] = (struct node){.left = NONE, .right = NONE, .bucket = NONE};
	return (uint32_t)tree->node_count++;
}

static uint32_t add_bucket(struct kdtree_batched *tree)
{
	if (tree->bucket_count == tree->bucket_capacity) {
		tree->bucket_capacity = tree->bucket_capacity ? tree->bucket_capacity * 2 : 64;
		tree->buckets =
		        NEED(realloc(tree->buckets, tree->bucket_capacity * sizeof *tree->buckets));
	}
	tree->buckets[tree->bucket_count] = (struct bucket){0};
	return (uint32_t)tree->bucket_count++;
}

static void add_to_bucket(struct bucket *bucket, const struct spatial_point *point)
{
	if (bucket->count == bucket->capacity) {
		bucket->capacity = bucket->capacity ? bucket->capacity * 2 : LEAF_MOST;
		bucket->points =
		        NEED(realloc(bucket->points, bucket->capacity * sizeof *bucket->points));
	}
	bucket->points[bucket->count++] = *point;
}

static struct spatial_point *find_in_bucket(struct bucket *bucket, uint32_t id)
{
	struct spatial_point *point = bucket->points;
	while (point->id != id)
		point++;
	return point;
}

static struct held *find_held(struct kdtree_batched *tree, uint32_t id)
{
	size_t low = 0, high = tree->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (tree->held[middle].point.id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return &tree->held[low];
}

/* Makes node AT the root of COUNT points. Its bucket, if it had one, was emptied by the caller. */
static void build_node(struct kdtree_batched *tree, uint32_t at, struct spatial_point *points,
                       size_t count)
{
	if (count <= LEAF_MOST) {
		if (tree->nodes[at].bucket == NONE) {
			uint32_t bucket = add_bucket(tree);
			tree->nodes[at].bucket = bucket;
		}
		for (size_t i = 0; i < count; i++) {
			add_to_bucket(&tree->buckets[tree->nodes[at].bucket], &points[i]);
			find_held(tree, points[i].id)->leaf = at;
		}
		return;
	}
	size_t middle = count / 2;
	enum split_axis axis = split_wider_axis(points, count);
	split_at_median(points, count, middle, axis);
	uint32_t left = add_node(tree), right = add_node(tree);
	struct node *node = &tree->nodes[at];
	tree->nodes[left].bucket = node->bucket; /* an emptied one goes on in use */
	*node = (struct node){split_along(&points[middle], axis), left, right, NONE, axis};
	build_node(tree, left, points, middle);
	build_node(tree, right, points + middle, count - middle);
}

static void drop_tree(struct kdtree_batched *tree)
{
	for (size_t i = 0; i < tree->bucket_count; i++)
		free(tree->buckets[i].points);
	tree->bucket_count = tree->node_count = tree->changed = 0;
}

/* Builds the tree over the held points; POINTS are the same, and are reordered. */
static void build_tree(struct kdtree_batched *tree, struct spatial_point *points)
{
	drop_tree(tree);
	if (tree->count > 0)
		build_node(tree, add_node(tree), points, tree->count);
}

/* ---- build and update -------------------------------------------------------------------- */

static int by_id(const void *left, const void *right)
{
	const struct spatial_point *a = left, *b = right;
	return (a->id > b->id) - (a->id < b->id);
}

static void sort_points(struct spatial_point *points, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		if (points[i - 1].id > points[i].id) {
			qsort(points, count, sizeof *points, by_id);
			return;
		}
	}
}

static void hold(struct kdtree_batched *tree, const struct spatial_point *points, size_t count)
{
	free(tree->held);
	tree->held = count ? NEED(malloc(count * sizeof *tree->held)) : NULL;
	tree->count = count;
	for (size_t i = 0; i < count; i++)
		tree->held[i] = (struct held){points[i], NONE};
}

static void batched_build(struct spatial_index *index, struct spatial_point *points, size_t count)
{
	struct kdtree_batched *tree = (struct kdtree_batched *)index;
	sort_points(points, count);
	hold(tree, points, count);
	build_tree(tree, points);
	free(points);
}

static uint32_t leaf_for(const struct kdtree_batched *tree, const struct spatial_point *point)
{
	uint32_t at = 0;
	while (tree->nodes[at].left != NONE)
		at = split_along(point, tree->nodes[at].axis) < tree->nodes[at].split
		             ? tree->nodes[at].left
		             : tree->nodes[at].right;
	return at;
}

static void take_out(struct kdtree_batched *tree, const struct held *held)
{
	struct bucket *bucket = &tree->buckets[tree->nodes[held->leaf].bucket];
	*find_in_bucket(bucket, held->point.id) = bucket->points[bucket->count - 1];
	bucket->count--;
}

static void split_bucket(struct kdtree_batched *tree, uint32_t leaf)
{
	struct bucket *bucket = &tree->buckets[tree->nodes[leaf].bucket];
	size_t count = bucket->count;
	struct spatial_point *points = NEED(malloc(count * sizeof *points));
	memcpy(points, bucket->points, count * sizeof *points);
	bucket->count = 0;
	build_node(tree, leaf, points, count);
	free(points);
}

static void put_in(struct kdtree_batched *tree, struct held *held)
{
	uint32_t leaf = leaf_for(tree, &held->point);
	struct bucket *bucket = &tree->buckets[tree->nodes[leaf].bucket];
	held->leaf = leaf;
	add_to_bucket(bucket, &held->point);
	if (bucket->count > BUCKET_MOST)
		split_bucket(tree, leaf);
}

/* A point that was there before: written over where its leaf is still the right one, else taken out
 * of it, to be put in later. */
static void keep(struct kdtree_batched *tree, const struct held *before, struct held *now)
{
	bool same = before->point.x == now->point.x && before->point.y == now->point.y &&
	            before->point.item == now->point.item;
	now->leaf = before->leaf;
	if (same)
		return;
	if (leaf_for(tree, &now->point) == before->leaf) {
		struct bucket *bucket = &tree->buckets[tree->nodes[before->leaf].bucket];
		*find_in_bucket(bucket, now->point.id) = now->point;
		return;
	}
	take_out(tree, before);
	now->leaf = NONE;
	tree->changed++;
}

/* Compares what was held with what is held now, both by rising id: removes what is gone, leaves
 * without a leaf what is to be put in. */
static void remove_stale(struct kdtree_batched *tree, const struct held *before, size_t count)
{
	size_t i = 0, j = 0;
	while (i < count) {
		if (j < tree->count && tree->held[j].point.id < before[i].point.id) {
			j++;
		} else if (j < tree->count && tree->held[j].point.id == before[i].point.id) {
			keep(tree, &before[i++], &tree->held[j]);
			j++;
		} else {
			take_out(tree, &before[i++]);
			tree->changed++;
		}
	}
}

static void batched_update(struct spatial_index *index, struct spatial_point *points, size_t count)
{
	struct kdtree_batched *tree = (struct kdtree_batched *)index;
	struct held *before = tree->held;
	size_t before_count = tree->count;
	if (before_count == 0 || count == 0 || tree->changed > count) {
		batched_build(index, points, count);
		return;
	}
	sort_points(points, count);
	tree->held = NULL;
	hold(tree, points, count);
	free(points);
	remove_stale(tree, before, before_count);
	free(before);
	for (size_t i = 0; i < count; i++)
		if (tree->held[i].leaf == NONE)
			put_in(tree, &tree->held[i]);
}

/* ---- queries ----------------------------------------------------------------------------- */

struct circle {
	double x, y, radius;
};

static void query_node(const struct kdtree_batched *tree, uint32_t at, const struct circle *circle,
                       struct spatial_hits *hits)
{
	const struct node *node = &tree->nodes[at];
	if (node->left == NONE) {
		const struct bucket *bucket = &tree->buckets[node->bucket];
		for (uint32_t i = 0; i < bucket->count; i++)
			if (spatial_within(&bucket->points[i], circle->x, circle->y,
			                   circle->radius))
				spatial_hits_add(hits, &bucket->points[i]);
		return;
	}
	double offset = node->split - (node->axis == AXIS_X ? circle->x : circle->y);
	bool beyond = offset * offset > circle->radius * circle->radius;
	if (!(beyond && offset < 0))
		query_node(tree, node->left, circle, hits);
	if (!(beyond && offset > 0))
		query_node(tree, node->right, circle, hits);
}

static void batched_query_radius(const struct spatial_index *index, double x, double y,
                                 double radius, struct spatial_hits *hits)
{
	const struct kdtree_batched *tree = (const struct kdtree_batched *)index;
	const struct circle circle = {x, y, radius};
	if (tree->count > 0)
		query_node(tree, 0, &circle, hits);
}

static void nearest_in_node(const struct kdtree_batched *tree, uint32_t at,
                            struct spatial_nearest *nearest)
{
	const struct node *node = &tree->nodes[at];
	if (node->left == NONE) {
		const struct bucket *bucket = &tree->buckets[node->bucket];
		for (uint32_t i = 0; i < bucket->count; i++)
			spatial_nearest_offer(nearest, &bucket->points[i]);
		return;
	}
	double offset = node->split - (node->axis == AXIS_X ? nearest->x : nearest->y);
	nearest_in_node(tree, offset > 0 ? node->left : node->right, nearest);
	if (offset * offset <= spatial_nearest_bound(nearest))
		nearest_in_node(tree, offset > 0 ? node->right : node->left, nearest);
}

static void batched_query_nearest(const struct spatial_index *index,
                                  struct spatial_nearest *nearest)
{
	const struct kdtree_batched *tree = (const struct kdtree_batched *)index;
	if (tree->count > 0)
		nearest_in_node(tree, 0, nearest);
}

static void batched_destroy(struct spatial_index *index)
{
	struct kdtree_batched *tree = (struct kdtree_batched *)index;
	drop_tree(tree);
	free(tree->nodes);
	free(tree->buckets);
	free(tree->held);
	free(tree);
}

const struct spatial_kind spatial_kdtree_batched = {
        .name = "kdtree-batched",
        .create = batched_create,
        .build = batched_build,
        .update = batched_update,
        .query_radius = batched_query_radius,
        .query_nearest = batched_query_nearest,
        .destroy = batched_destroy,
};
