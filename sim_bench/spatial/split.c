/* spatial/split.c: the median by quickselect; see split.h. */
#include "spatial/split.h"

static void swap_points(struct spatial_point *a, struct spatial_point *b)
{
	struct spatial_point held = *a;
	*a = *b;
	*b = held;
}

enum split_axis split_wider_axis(const struct spatial_point *points, size_t count)
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
                       enum split_axis axis)
{
	double a = split_along(&points[low], axis),
	       b = split_along(&points[low + (high - low) / 2], axis),
	       c = split_along(&points[high], axis);
	if (a < b)
		return b < c ? b : (a < c ? c : a);
	return a < c ? a : (b < c ? c : b);
}

/* Quickselect: puts at MIDDLE the point that would be there if the array were sorted along AXIS.
 * Hoare's partition stops at equal keys, so that equal points split evenly. */
void split_at_median(struct spatial_point *points, size_t count, size_t middle,
                     enum split_axis axis)
{
	ptrdiff_t low = 0, high = (ptrdiff_t)count - 1, wanted = (ptrdiff_t)middle;
	while (low < high) {
		double pivot = pivot_of(points, low, high, axis);
		ptrdiff_t i = low, j = high;
		while (i <= j) {
			while (split_along(&points[i], axis) < pivot)
				i++;
			while (split_along(&points[j], axis) > pivot)
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
