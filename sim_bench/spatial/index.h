/* spatial/index.h: which points lie near a place. The interface of every spatial index.
 *
 *     points ──build──▶ index ──query_radius──▶ hits, by rising id
 *
 * An index is built over a whole set of points at once and then answers queries. It holds copies of
 * positions, so it is out of date as soon as something moved; its owner knows, and builds it again
 * before the next query.
 *
 * Invariant: the hits of a query do not depend on the kind of index. Membership is decided by
 * spatial_within alone, which every kind calls, and hits are delivered in rising id. The brute
 * force kind is the oracle for all others.
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

struct spatial_index;

/* The functions of one kind of index. An implementation embeds struct spatial_index first. */
struct spatial_kind {
	const char *name;
	struct spatial_index *(*create)(void);
	void (*build)(struct spatial_index *index, struct spatial_point *points, size_t count);
	void (*query_radius)(const struct spatial_index *index, double x, double y, double radius,
	                     struct spatial_hits *hits);
	void (*destroy)(struct spatial_index *index);
};

struct spatial_index {
	const struct spatial_kind *kind;
};

/* The kind of that name, or NULL. */
const struct spatial_kind *spatial_kind_find(const char *name);

/* All names, for messages: "kdtree|brute". Static storage. */
const char *spatial_kind_names(void);

/* An empty index of a kind. The caller releases it with spatial_destroy. */
struct spatial_index *spatial_create(const struct spatial_kind *kind);
void spatial_destroy(struct spatial_index *index);

/* Replaces what the index holds. POINTS was allocated by malloc and belongs to the index from now
 * on (it may be reordered); NULL when COUNT is 0. */
void spatial_build(struct spatial_index *index, struct spatial_point *points, size_t count);

/* Appends to HITS every point within RADIUS of (x, y), the rim included, in rising id. HITS must
 * be empty. A negative radius finds nothing. */
void spatial_query_radius(const struct spatial_index *index, double x, double y, double radius,
                          struct spatial_hits *hits);

/* For implementations: appends one point, in any order. */
void spatial_hits_add(struct spatial_hits *hits, const struct spatial_point *point);
void spatial_hits_free(struct spatial_hits *hits);

/* The one rule of membership. Compares squares, in this order of operations, so that every kind
 * rounds alike. */
static inline bool spatial_within(const struct spatial_point *point, double x, double y,
                                  double radius)
{
	double dx = point->x - x, dy = point->y - y;
	return dx * dx + dy * dy <= radius * radius;
}

#endif
