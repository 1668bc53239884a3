/* spatial/index.h: which points lie near a place. The interface of every spatial index.
 *
 *     points ──build, update──▶ index ──query_radius───▶ hits, by rising id
 *                                     ──query_nearest──▶ hits, by rising distance, then id
 *
 * An index is built over a whole set of points at once and then answers queries. It holds copies of
 * positions, so it is out of date as soon as something moved; its owner knows, and updates it
 * before the next query.
 *
 * Invariant: the hits of a query do not depend on the kind of index. Membership is decided by
 * spatial_within and spatial_squared alone, which every kind calls, and hits are delivered in an
 * order that is one. The brute force kind is the oracle for all others.
 *
 * To add a kind: a file that defines a struct spatial_kind, and a row in index.c.
 *
 * Building needs exclusive access; queries may run concurrently.
 */
#ifndef SIM_SPATIAL_INDEX_H
#define SIM_SPATIAL_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spatial_point {
	double x, y; /* in cells; anywhere, also outside the world, but never NaN */
	uint32_t id; /* unique within the index */
	void *item;  /* the owner's; handed back with a hit and never looked at */
};

/* A growing list of found points. Start from {0}; release with spatial_hits_free. */
struct spatial_hits {
	struct spatial_point *points;
	size_t count, capacity;
};

/* The nearest points found so far; for implementations. */
struct spatial_nearest {
	double x, y;
	size_t wanted;
	struct spatial_hits *hits; /* by rising distance, then id; at most `wanted` */
};

struct spatial_index;

/* The functions of one kind of index. An implementation embeds struct spatial_index first. */
struct spatial_kind {
	const char *name;
	struct spatial_index *(*create)(double reach);
	void (*build)(struct spatial_index *index, struct spatial_point *points, size_t count);
	/* NULL where nothing is cheaper than building again. */
	void (*update)(struct spatial_index *index, struct spatial_point *points, size_t count);
	void (*query_radius)(const struct spatial_index *index, double x, double y, double radius,
	                     struct spatial_hits *hits);
	void (*query_nearest)(const struct spatial_index *index, struct spatial_nearest *nearest);
	void (*destroy)(struct spatial_index *index);
};

struct spatial_index {
	const struct spatial_kind *kind;
};

/* The kind of that name, or NULL. */
const struct spatial_kind *spatial_kind_find(const char *name);

/* All names, for messages: "kdtree|grid|…". Static storage. */
const char *spatial_kind_names(void);

/* The kinds there are, in the order of the table; NULL beyond the last. */
const struct spatial_kind *spatial_kind_at(size_t i);

/* An empty index of a kind, for queries of about the radius REACH (greater than 0), which a grid
 * makes its cells of. The caller releases it with spatial_destroy. */
struct spatial_index *spatial_create(const struct spatial_kind *kind, double reach);
void spatial_destroy(struct spatial_index *index);

/* Replaces what the index holds. POINTS was allocated by malloc and belongs to the index from now
 * on (it may be reordered); NULL when COUNT is 0. */
void spatial_build(struct spatial_index *index, struct spatial_point *points, size_t count);

/* Like spatial_build, for points of which most are where they were: kinds that can bring themselves
 * up to date do so. Points of the same id are the same point. */
void spatial_update(struct spatial_index *index, struct spatial_point *points, size_t count);

/* Appends to HITS every point within RADIUS of (x, y), the rim included, in rising id. HITS must
 * be empty. A negative radius finds nothing. */
void spatial_query_radius(const struct spatial_index *index, double x, double y, double radius,
                          struct spatial_hits *hits);

/* Puts into HITS, which must be empty, the WANTED points nearest to (x, y), or all if there are
 * fewer: by rising distance, and by rising id where distances are equal to the last bit. */
void spatial_query_nearest(const struct spatial_index *index, double x, double y, size_t wanted,
                           struct spatial_hits *hits);

/* Empties a list and keeps its memory. */
void spatial_hits_clear(struct spatial_hits *hits);

/* For implementations: takes a point among the nearest if it belongs there. */
void spatial_nearest_offer(struct spatial_nearest *nearest, const struct spatial_point *point);

/* For implementations: the square of the distance beyond which no point is wanted any more. */
double spatial_nearest_bound(const struct spatial_nearest *nearest);

/* For implementations: appends one point, in any order. */
void spatial_hits_add(struct spatial_hits *hits, const struct spatial_point *point);
void spatial_hits_free(struct spatial_hits *hits);

/* The square of a distance, in this order of operations, so that every kind rounds alike. */
static inline double spatial_squared(const struct spatial_point *point, double x, double y)
{
	double dx = point->x - x, dy = point->y - y;
	return dx * dx + dy * dy;
}

/* The one rule of membership. */
static inline bool spatial_within(const struct spatial_point *point, double x, double y,
                                  double radius)
{
	return spatial_squared(point, x, y) <= radius * radius;
}

#endif
