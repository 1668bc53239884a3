/* observation/layer.c: the table of kinds, and the splat, which all kinds share. */
#include "observation/layer.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "observation/kinds.h"

static const struct layer_kind *const kinds[] = {&layer_hybrid, &layer_dense};

#define KIND_COUNT (sizeof kinds / sizeof kinds[0])

const struct layer_kind *layer_kind_find(const char *name)
{
	for (size_t i = 0; i < KIND_COUNT; i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	return NULL;
}

const struct layer_kind *layer_kind_at(size_t i)
{
	return i < KIND_COUNT ? kinds[i] : NULL;
}

static void add_within(struct layer *layer, int column, int row, double value)
{
	if (value == 0 || column < 0 || row < 0 || column >= layer->size || row >= layer->size)
		return;
	layer->kind->add(layer, column, row, (float)value);
}

static void splat_bilinear(struct layer *layer, double column, double row, float value)
{
	if (!(column > -1 && row > -1 && column < layer->size && row < layer->size))
		return;
	double left = floor(column), top = floor(row);
	double right_part = column - left, bottom_part = row - top;
	int c = (int)left, r = (int)top;

	add_within(layer, c, r, value * (1 - right_part) * (1 - bottom_part));
	add_within(layer, c + 1, r, value * right_part * (1 - bottom_part));
	add_within(layer, c, r + 1, value * (1 - right_part) * bottom_part);
	add_within(layer, c + 1, r + 1, value * right_part * bottom_part);
}

static void splat_nearest(struct layer *layer, double column, double row, float value)
{
	if (!(column > -1 && row > -1 && column < layer->size && row < layer->size))
		return;
	add_within(layer, (int)floor(column + 0.5), (int)floor(row + 0.5), value);
}

void layer_splat(struct layer *layer, enum splat_kind kind, double column, double row, float value)
{
	if (kind == SPLAT_BILINEAR)
		splat_bilinear(layer, column, row, value);
	else
		splat_nearest(layer, column, row, value);
}
