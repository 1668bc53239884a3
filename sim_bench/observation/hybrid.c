/* observation/hybrid.c: sparse points until dense, then a grid.
 *
 *     empty ──add, put──▶ points, growing by doubling ──more than a quarter set──▶ grid
 *       ▲                                                                           │
 *       └──────────── clear, or everything faded or shifted away ◀──────────────────┘
 *
 * Most channels of most agents hold a handful of values, so points save memory; the price is memory
 * that comes and goes with what is seen. A list is searched from its end: a splat touches the cells
 * that it has just touched.
 */
#include "observation/kinds.h"

#include <stdint.h>
#include <string.h>

#include "memory.h"

/* A grid once more than 1/DENSE_PART of the cells are set. */
#define DENSE_PART 4

struct point {
	uint16_t cell;
	float value;
};

struct hybrid {
	struct layer base;
	struct point *points; /* NULL when there are none, or when grid is set */
	uint32_t count, capacity;
	float *grid; /* size × size, or NULL */
};

static struct hybrid *of(struct layer *layer)
{
	return (struct hybrid *)layer;
}

static uint32_t cell_count(const struct hybrid *hybrid)
{
	return (uint32_t)(hybrid->base.size * hybrid->base.size);
}

static void drop_points(struct hybrid *hybrid)
{
	free(hybrid->points);
	hybrid->points = NULL;
	hybrid->count = hybrid->capacity = 0;
}

static void hybrid_clear(struct layer *layer)
{
	struct hybrid *hybrid = of(layer);
	drop_points(hybrid);
	free(hybrid->grid);
	hybrid->grid = NULL;
}

static void become_grid(struct hybrid *hybrid)
{
	hybrid->grid = NEED(calloc(cell_count(hybrid), sizeof *hybrid->grid));
	for (uint32_t i = 0; i < hybrid->count; i++)
		hybrid->grid[hybrid->points[i].cell] = hybrid->points[i].value;
	drop_points(hybrid);
}

static void append_point(struct hybrid *hybrid, uint16_t cell)
{
	if (hybrid->count == hybrid->capacity) {
		hybrid->capacity = hybrid->capacity ? hybrid->capacity * 2 : 4;
		hybrid->points =
		        NEED(realloc(hybrid->points, hybrid->capacity * sizeof *hybrid->points));
	}
	hybrid->points[hybrid->count++] = (struct point){cell, 0};
}

/* The place of a cell's value, made if need be. Valid until the next call on this layer. */
static float *cell_at(struct hybrid *hybrid, int column, int row)
{
	uint16_t cell = (uint16_t)(row * hybrid->base.size + column);
	if (hybrid->grid)
		return &hybrid->grid[cell];
	for (uint32_t i = hybrid->count; i-- > 0;)
		if (hybrid->points[i].cell == cell)
			return &hybrid->points[i].value;
	if ((hybrid->count + 1) * DENSE_PART > cell_count(hybrid)) {
		become_grid(hybrid);
		return &hybrid->grid[cell];
	}
	append_point(hybrid, cell);
	return &hybrid->points[hybrid->count - 1].value;
}

static struct layer *hybrid_create(int size)
{
	struct hybrid *hybrid = NEED(calloc(1, sizeof *hybrid));
	hybrid->base.kind = &layer_hybrid;
	hybrid->base.size = size;
	return &hybrid->base;
}

static void hybrid_destroy(struct layer *layer)
{
	hybrid_clear(layer);
	free(layer);
}

static void hybrid_add(struct layer *layer, int column, int row, float value)
{
	*cell_at(of(layer), column, row) += value;
}

static void hybrid_put(struct layer *layer, int column, int row, float value)
{
	*cell_at(of(layer), column, row) = value;
}

static void hybrid_load(struct layer *layer, const float *cells)
{
	struct hybrid *hybrid = of(layer);
	size_t bytes = cell_count(hybrid) * sizeof *cells;
	drop_points(hybrid);
	if (!hybrid->grid)
		hybrid->grid = NEED(malloc(bytes));
	memcpy(hybrid->grid, cells, bytes);
}

static float faded(float value, float factor)
{
	value *= factor;
	return value < LAYER_FAINT ? 0 : value;
}

static void fade_grid(struct hybrid *hybrid, float factor)
{
	float most = 0;
	for (uint32_t i = 0; i < cell_count(hybrid); i++) {
		hybrid->grid[i] = faded(hybrid->grid[i], factor);
		most = hybrid->grid[i] > most ? hybrid->grid[i] : most;
	}
	if (most == 0)
		hybrid_clear(&hybrid->base);
}

static void fade_points(struct hybrid *hybrid, float factor)
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < hybrid->count; i++) {
		struct point point = hybrid->points[i];
		point.value = faded(point.value, factor);
		if (point.value != 0)
			hybrid->points[kept++] = point;
	}
	hybrid->count = kept;
	if (kept == 0)
		drop_points(hybrid);
}

static void hybrid_fade(struct layer *layer, float factor)
{
	struct hybrid *hybrid = of(layer);
	if (hybrid->grid)
		fade_grid(hybrid, factor);
	else
		fade_points(hybrid, factor);
}

static void shift_points(struct hybrid *hybrid, int columns, int rows)
{
	int size = hybrid->base.size;
	uint32_t kept = 0;
	for (uint32_t i = 0; i < hybrid->count; i++) {
		struct point point = hybrid->points[i];
		int column = point.cell % size + columns, row = point.cell / size + rows;
		if (column < 0 || row < 0 || column >= size || row >= size)
			continue;
		point.cell = (uint16_t)(row * size + column);
		hybrid->points[kept++] = point;
	}
	hybrid->count = kept;
	if (kept == 0)
		drop_points(hybrid);
}

static void shift_grid(struct hybrid *hybrid, int columns, int rows)
{
	int size = hybrid->base.size;
	float *moved = NEED(calloc(cell_count(hybrid), sizeof *moved));
	int first = columns < 0 ? -columns : 0, end = columns > 0 ? size - columns : size;
	for (int row = 0; row < size; row++) {
		int to = row + rows;
		if (to >= 0 && to < size && first < end)
			memcpy(moved + to * size + first + columns,
			       hybrid->grid + row * size + first,
			       (size_t)(end - first) * sizeof *moved);
	}
	free(hybrid->grid);
	hybrid->grid = moved;
}

static void hybrid_shift(struct layer *layer, int columns, int rows)
{
	struct hybrid *hybrid = of(layer);
	if (hybrid->grid)
		shift_grid(hybrid, columns, rows);
	else
		shift_points(hybrid, columns, rows);
}

static void hybrid_render(const struct layer *layer, float *cells)
{
	const struct hybrid *hybrid = (const struct hybrid *)layer;
	size_t bytes = cell_count(hybrid) * sizeof *cells;
	if (hybrid->grid) {
		memcpy(cells, hybrid->grid, bytes);
		return;
	}
	memset(cells, 0, bytes);
	for (uint32_t i = 0; i < hybrid->count; i++)
		cells[hybrid->points[i].cell] = hybrid->points[i].value;
}

const struct layer_kind layer_hybrid = {
        .name = "hybrid",
        .create = hybrid_create,
        .destroy = hybrid_destroy,
        .add = hybrid_add,
        .put = hybrid_put,
        .load = hybrid_load,
        .clear = hybrid_clear,
        .fade = hybrid_fade,
        .shift = hybrid_shift,
        .render = hybrid_render,
};
