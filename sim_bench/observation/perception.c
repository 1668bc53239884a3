/* observation/perception.c: the layers of an agent as one; see perception.h. */
#include "observation/perception.h"

#include "memory.h"

struct perception *perception_create(const struct layer_kind *kind, int radius)
{
	struct perception *perception = NEED(calloc(1, sizeof *perception));
	perception->radius = radius;
	perception->size = 2 * radius + 1;
	for (int c = 0; c < CHANNEL_COUNT; c++)
		perception->layers[c] = kind->create(perception->size);
	return perception;
}

void perception_destroy(struct perception *perception)
{
	if (!perception)
		return;
	for (int c = 0; c < CHANNEL_COUNT; c++)
		perception->layers[c]->kind->destroy(perception->layers[c]);
	free(perception);
}

void perception_place(struct perception *perception, int column, int row)
{
	int columns = perception->column - column, rows = perception->row - row;
	bool moved = perception->placed && (columns != 0 || rows != 0);
	perception->column = column;
	perception->row = row;
	perception->placed = true;
	if (!moved)
		return;
	for (int c = 0; c < CHANNEL_COUNT; c++)
		if (channel_infos[c].persistence != INSTANT)
			perception->layers[c]->kind->shift(perception->layers[c], columns, rows);
}

void perception_age(struct perception *perception)
{
	for (int c = 0; c < CHANNEL_COUNT; c++)
		if (channel_infos[c].persistence == FADING)
			perception->layers[c]->kind->fade(perception->layers[c],
			                                  channel_infos[c].factor);
}

void perception_forget(struct perception *perception)
{
	for (int c = 0; c < CHANNEL_COUNT; c++)
		if (channel_infos[c].persistence == INSTANT)
			perception->layers[c]->kind->clear(perception->layers[c]);
}

void perception_render(const struct perception *perception, float *cells)
{
	int layer_cells = perception->size * perception->size;
	for (int c = 0; c < CHANNEL_COUNT; c++)
		perception->layers[c]->kind->render(perception->layers[c], cells + c * layer_cells);
}
