/* observation/dense.c: a grid, always. Nothing to decide and nothing to search, at the price of
 * size × size floats for a channel that holds a single value. */
#include <string.h>

#include "memory.h"
#include "observation/kinds.h"

struct dense {
	struct layer base;
	float *moved; /* where a shift puts cells; changes places with `cells` */
	float *cells;
};

static struct dense *of(struct layer *layer)
{
	return (struct dense *)layer;
}

static size_t cell_count(const struct layer *layer)
{
	return (size_t)(layer->size * layer->size);
}

static struct layer *dense_create(int size)
{
	struct dense *dense = NEED(calloc(1, sizeof *dense));
	dense->base.kind = &layer_dense;
	dense->base.size = size;
	dense->cells = NEED(calloc(cell_count(&dense->base), sizeof(float)));
	return &dense->base;
}

static void dense_destroy(struct layer *layer)
{
	free(of(layer)->cells);
	free(of(layer)->moved);
	free(layer);
}

static void dense_add(struct layer *layer, int column, int row, float value)
{
	of(layer)->cells[row * layer->size + column] += value;
}

static void dense_put(struct layer *layer, int column, int row, float value)
{
	of(layer)->cells[row * layer->size + column] = value;
}

static void dense_load(struct layer *layer, const float *cells)
{
	memcpy(of(layer)->cells, cells, cell_count(layer) * sizeof *cells);
}

static void dense_clear(struct layer *layer)
{
	memset(of(layer)->cells, 0, cell_count(layer) * sizeof(float));
}

static void dense_fade(struct layer *layer, float factor)
{
	float *cells = of(layer)->cells;
	for (size_t i = 0; i < cell_count(layer); i++) {
		float value = cells[i] * factor;
		cells[i] = value < LAYER_FAINT ? 0 : value;
	}
}

static void dense_shift(struct layer *layer, int columns, int rows)
{
	struct dense *dense = of(layer);
	int size = layer->size;
	int first = columns < 0 ? -columns : 0, end = columns > 0 ? size - columns : size;
	if (!dense->moved)
		dense->moved = NEED(malloc(cell_count(layer) * sizeof(float)));
	memset(dense->moved, 0, cell_count(layer) * sizeof(float));
	for (int row = 0; row < size; row++) {
		int to = row + rows;
		if (to >= 0 && to < size && first < end)
			memcpy(dense->moved + to * size + first + columns,
			       dense->cells + row * size + first,
			       (size_t)(end - first) * sizeof(float));
	}
	float *cells = dense->cells;
	dense->cells = dense->moved;
	dense->moved = cells;
}

static void dense_render(const struct layer *layer, float *cells)
{
	const struct dense *dense = (const struct dense *)layer;
	memcpy(cells, dense->cells, cell_count(layer) * sizeof *cells);
}

const struct layer_kind layer_dense = {
        .name = "dense",
        .create = dense_create,
        .destroy = dense_destroy,
        .add = dense_add,
        .put = dense_put,
        .load = dense_load,
        .clear = dense_clear,
        .fade = dense_fade,
        .shift = dense_shift,
        .render = dense_render,
};
