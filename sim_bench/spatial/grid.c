/* spatial/grid.c: a hash grid: the plane in square cells as wide as the usual query reaches, and a
 * table of buckets that cells are hashed into.
 *
 *     entries, ordered by bucket:  |b0 b0|b1|  |b3 b3 b3| …     start[b] … start[b + 1]
 *
 * Building is two passes over the points, without a comparison. A query looks at the cells that its
 * circle touches; where these are more than there are points, it looks at the points. The world may
 * have any size: only cells with points in them take memory.
 *
 * Exactness: a circle's cells are taken a little too generously (MARGIN), then spatial_within
 * decides. Two cells may share a bucket, so an entry knows its cell, and counts for that one alone.
 */
#include <math.h>

#include "memory.h"
#include "spatial/kinds.h"

/* Relative, and above what the divisions and differences of positions can round away. */
#define MARGIN 1e-12

/* Columns and rows farther out are all one: their numbers must not overflow. */
#define CELL_MOST INT64_C(1000000000000)

struct cell {
	int64_t column, row;
};

struct entry {
	struct spatial_point point;
	struct cell cell;
};

struct grid {
	struct spatial_index base;
	double width;
	struct entry *entries;
	uint32_t *start;       /* buckets + 1 */
	size_t count, buckets; /* buckets: a power of two */
};

static int64_t cell_at(const struct grid *grid, double value)
{
	double cell = floor(value / grid->width);
	return cell > (double)CELL_MOST    ? CELL_MOST
	       : cell < -(double)CELL_MOST ? -CELL_MOST
	                                   : (int64_t)cell;
}

static struct cell cell_of(const struct grid *grid, double x, double y)
{
	return (struct cell){cell_at(grid, x), cell_at(grid, y)};
}

static size_t bucket_of(const struct grid *grid, struct cell cell)
{
	uint64_t mixed = (uint64_t)cell.column * UINT64_C(0x9e3779b97f4a7c15) +
	                 (uint64_t)cell.row * UINT64_C(0xc2b2ae3d27d4eb4f);
	mixed ^= mixed >> 32;
	mixed *= UINT64_C(0xd6e8feb86659fd93);
	return (size_t)(mixed ^ (mixed >> 32)) & (grid->buckets - 1);
}

static struct spatial_index *grid_create(double reach)
{
	struct grid *grid = NEED(calloc(1, sizeof *grid));
	grid->width = reach;
	return &grid->base;
}

static void grid_release(struct grid *grid)
{
	free(grid->entries);
	free(grid->start);
	grid->entries = NULL;
	grid->start = NULL;
	grid->count = 0;
}

static size_t buckets_for(size_t count)
{
	size_t buckets = 1;
	while (buckets < count)
		buckets *= 2;
	return buckets;
}

/* Counts how many fall into each bucket, then puts each point where its bucket has got to. */
static void fill(struct grid *grid, const struct spatial_point *points)
{
	for (size_t i = 0; i < grid->count; i++)
		grid->start[bucket_of(grid, cell_of(grid, points[i].x, points[i].y)) + 1]++;
	for (size_t b = 0; b < grid->buckets; b++)
		grid->start[b + 1] += grid->start[b];
	uint32_t *filled = NEED(malloc(grid->buckets * sizeof *filled));
	for (size_t b = 0; b < grid->buckets; b++)
		filled[b] = grid->start[b];
	for (size_t i = 0; i < grid->count; i++) {
		struct cell cell = cell_of(grid, points[i].x, points[i].y);
		grid->entries[filled[bucket_of(grid, cell)]++] = (struct entry){points[i], cell};
	}
	free(filled);
}

static void grid_build(struct spatial_index *index, struct spatial_point *points, size_t count)
{
	struct grid *grid = (struct grid *)index;
	grid_release(grid);
	grid->count = count;
	if (count > 0) {
		grid->buckets = buckets_for(count);
		grid->start = NEED(calloc(grid->buckets + 1, sizeof *grid->start));
		grid->entries = NEED(malloc(count * sizeof *grid->entries));
		fill(grid, points);
	}
	free(points);
}

static void query_cell(const struct grid *grid, struct cell cell, double x, double y, double radius,
                       struct spatial_hits *hits)
{
	size_t bucket = bucket_of(grid, cell);
	for (uint32_t i = grid->start[bucket]; i < grid->start[bucket + 1]; i++) {
		const struct entry *entry = &grid->entries[i];
		if (entry->cell.column == cell.column && entry->cell.row == cell.row &&
		    spatial_within(&entry->point, x, y, radius))
			spatial_hits_add(hits, &entry->point);
	}
}

static void query_all(const struct grid *grid, double x, double y, double radius,
                      struct spatial_hits *hits)
{
	for (size_t i = 0; i < grid->count; i++)
		if (spatial_within(&grid->entries[i].point, x, y, radius))
			spatial_hits_add(hits, &grid->entries[i].point);
}

static void grid_query_radius(const struct spatial_index *index, double x, double y, double radius,
                              struct spatial_hits *hits)
{
	const struct grid *grid = (const struct grid *)index;
	double wide_x = radius + MARGIN * (fabs(x) + radius),
	       wide_y = radius + MARGIN * (fabs(y) + radius);
	struct cell first = cell_of(grid, x - wide_x, y - wide_y),
	            last = cell_of(grid, x + wide_x, y + wide_y);
	double cells =
	        ((double)(last.column - first.column) + 1) * ((double)(last.row - first.row) + 1);
	if (cells > (double)grid->count) {
		query_all(grid, x, y, radius, hits);
		return;
	}
	for (int64_t row = first.row; row <= last.row; row++)
		for (int64_t column = first.column; column <= last.column; column++)
			query_cell(grid, (struct cell){column, row}, x, y, radius, hits);
}

static void offer_cell(const struct grid *grid, struct cell cell, struct spatial_nearest *nearest)
{
	size_t bucket = bucket_of(grid, cell);
	for (uint32_t i = grid->start[bucket]; i < grid->start[bucket + 1]; i++) {
		const struct entry *entry = &grid->entries[i];
		if (entry->cell.column == cell.column && entry->cell.row == cell.row)
			spatial_nearest_offer(nearest, &entry->point);
	}
}

static void offer_all(const struct grid *grid, struct spatial_nearest *nearest)
{
	nearest->hits->count = 0;
	for (size_t i = 0; i < grid->count; i++)
		spatial_nearest_offer(nearest, &grid->entries[i].point);
}

/* The cells at RING cells from the middle one, to each side. */
static void offer_ring(const struct grid *grid, struct cell middle, int64_t ring,
                       struct spatial_nearest *nearest)
{
	for (int64_t row = -ring; row <= ring; row++) {
		int64_t stride = row == -ring || row == ring || ring == 0 ? 1 : 2 * ring;
		for (int64_t column = -ring; column <= ring; column += stride)
			offer_cell(grid, (struct cell){middle.column + column, middle.row + row},
			           nearest);
	}
}

/* Ring by ring, until nothing nearer can come: what lies in a ring is at least ring - 1 cells away.
 * Where that would visit more cells than there are points, the points are looked at instead. */
static void grid_query_nearest(const struct spatial_index *index, struct spatial_nearest *nearest)
{
	const struct grid *grid = (const struct grid *)index;
	struct cell middle = cell_of(grid, nearest->x, nearest->y);
	bool countable = llabs(middle.column) < CELL_MOST && llabs(middle.row) < CELL_MOST;
	size_t visited = 0;
	for (int64_t ring = 0; countable; ring++) {
		double least = (double)(ring - 1) * grid->width * (1 - 1e-9);
		if (ring > 0 && least * least > spatial_nearest_bound(nearest))
			return;
		visited += ring > 0 ? 8 * (size_t)ring : 1;
		if (visited > grid->count)
			break;
		offer_ring(grid, middle, ring, nearest);
	}
	offer_all(grid, nearest);
}

static void grid_destroy(struct spatial_index *index)
{
	struct grid *grid = (struct grid *)index;
	grid_release(grid);
	free(grid);
}

const struct spatial_kind spatial_grid = {
        .name = "grid",
        .create = grid_create,
        .build = grid_build,
        .query_radius = grid_query_radius,
        .query_nearest = grid_query_nearest,
        .destroy = grid_destroy,
};
