/* spatial/split.h: halving a set of points along an axis, for the trees. */
#ifndef SIM_SPATIAL_SPLIT_H
#define SIM_SPATIAL_SPLIT_H

#include "spatial/index.h"

enum split_axis { AXIS_X, AXIS_Y };

static inline double split_along(const struct spatial_point *point, enum split_axis axis)
{
	return axis == AXIS_X ? point->x : point->y;
}

/* The axis along which COUNT points (at least one) spread farther. */
enum split_axis split_wider_axis(const struct spatial_point *points, size_t count);

/* Reorders points so that the one at MIDDLE is the one that would be there if they were sorted
 * along AXIS, none before it is greater and none behind it is less. Linear on average, on sorted
 * and on equal points too. */
void split_at_median(struct spatial_point *points, size_t count, size_t middle,
                     enum split_axis axis);

#endif
