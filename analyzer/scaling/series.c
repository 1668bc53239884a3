/* series.c: see series.h. */
#include "scaling/series.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

/* So far the squares of values and the cubes of sizes are exact. */
#define VALUE_LEAST 1e-100
#define VALUE_MOST  1e100
#define SIZE_LEAST  1e-15
#define SIZE_MOST   1e15

static struct series_point *point_of(struct series *series, double asked)
{
	for (size_t i = 0; i < series->count; i++)
		if (fabs(series->points[i].asked - asked) <= 1e-9 * fabs(asked))
			return &series->points[i];
	series->points = mem_grow(series->points, &series->capacity, series->count + 1,
	                          sizeof(*series->points));
	struct series_point *point = &series->points[series->count++];
	point->asked = asked;
	return point;
}

void series_add(struct series *series, double asked, double n, double value)
{
	struct series_point *point = point_of(series, asked);
	point->values =
	        mem_grow(point->values, &point->capacity, point->count + 1, sizeof(*point->values));
	point->values[point->count++] = value;
	point->n += (n - point->n) / (double)point->count;
	series->measurements++;
}

static int by_size(const void *a, const void *b)
{
	double x = ((const struct series_point *)a)->n, y = ((const struct series_point *)b)->n;
	return (x > y) - (x < y);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void take_lowest(struct series_point *point, size_t count)
{
	point->low_count = count;
	point->low_sum = 0;
	for (size_t i = 0; i < point->count; i++)
		point->low_sum += point->values[i < count ? i : count - 1];
}

static void sum_up(struct series_point *point)
{
	double sum = 0, squares = 0;
	qsort(point->values, point->count, sizeof(*point->values), by_value);
	point->least = INFINITY;
	point->most = -INFINITY;
	for (size_t i = 0; i < point->count; i++) {
		sum += point->values[i];
		point->least = fmin(point->least, point->values[i]);
		point->most = fmax(point->most, point->values[i]);
	}
	point->mean = sum / (double)point->count;
	/* The mean of equal values is that value, whatever the sum's last bit was. */
	if (point->least >= point->most)
		point->mean = point->least;
	for (size_t i = 0; i < point->count; i++)
		squares += (point->values[i] - point->mean) * (point->values[i] - point->mean);
	point->squares = squares;
	point->reduced = point->mean;
	take_lowest(point, point->count);
}

void series_finish(struct series *series)
{
	if (series->count)
		qsort(series->points, series->count, sizeof(*series->points), by_size);
	for (size_t i = 0; i < series->count; i++)
		sum_up(&series->points[i]);
}

void series_take_lowest(struct series *series)
{
	for (size_t i = 0; i < series->count; i++)
		if (series->points[i].count >= 3)
			take_lowest(&series->points[i], (series->points[i].count + 2) / 2);
}

struct series series_part(const struct series *series, size_t from, size_t to)
{
	struct series part = {.points = series->points + from, .count = to - from};
	for (size_t i = from; i < to; i++)
		part.measurements += series->points[i].count;
	return part;
}

void series_free(struct series *series)
{
	for (size_t i = 0; i < series->count; i++)
		free(series->points[i].values);
	free(series->points);
	*series = (struct series){0};
}

static const char *value_trouble(double value)
{
	if (!isfinite(value))
		return "a value that is no number";
	if (value <= 0)
		return "a value that is zero or negative";
	return value < VALUE_LEAST || value > VALUE_MOST ? "a value beyond reason" : NULL;
}

static const char *size_trouble(double n)
{
	if (!isfinite(n) || n <= 0)
		return "a size that is zero, negative or no number";
	return n < SIZE_LEAST || n > SIZE_MOST ? "a size beyond reason" : NULL;
}

bool series_check(const struct series *series, struct text *why)
{
	const char *trouble = NULL;
	for (size_t i = 0; i < series->count && !trouble; i++) {
		const struct series_point *point = &series->points[i];
		trouble = size_trouble(point->n);
		for (size_t j = 0; j < point->count && !trouble; j++)
			trouble = value_trouble(point->values[j]);
		if (trouble)
			text_printf(why, "%s (at n = %g); laws are of positive quantities", trouble,
			            point->n);
	}
	if (!trouble && series->count < SERIES_SIZES_MIN) {
		trouble = "sizes";
		text_printf(why, "%zu distinct size%s: laws need %d or more, better 5",
		            series->count, series->count == 1 ? "" : "s", SERIES_SIZES_MIN);
	}
	return !trouble;
}
