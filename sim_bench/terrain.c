/* terrain.c: value noise for the costs, and scattered obstacles; see terrain.h. */
#include "terrain.h"

#include <math.h>

#include "memory.h"
#include "rng.h"

#define OBSTACLE_CHANCE 0.03
/* Cells between the nodes of the noise. */
#define NOISE_CELLS     8

static double node_value(uint64_t seed, int column, int row)
{
	/* The high half of b keeps the nodes' streams apart from those of the cells. */
	struct rng rng =
	        rng_stream(seed, RNG_TERRAIN, (uint64_t)column, (uint64_t)row | UINT64_C(1) << 32);
	return rng_unit(&rng);
}

/* Bilinear between the four nodes around a cell. */
static double noise_at(uint64_t seed, int column, int row)
{
	int left = column / NOISE_CELLS, top = row / NOISE_CELLS;
	double u = (double)(column % NOISE_CELLS) / NOISE_CELLS,
	       v = (double)(row % NOISE_CELLS) / NOISE_CELLS;
	double upper = node_value(seed, left, top) * (1 - u) + node_value(seed, left + 1, top) * u;
	double lower =
	        node_value(seed, left, top + 1) * (1 - u) + node_value(seed, left + 1, top + 1) * u;
	return upper * (1 - v) + lower * v;
}

struct terrain terrain_create(int side, uint64_t seed)
{
	size_t cells = (size_t)side * (size_t)side;
	struct terrain terrain = {
	        .side = side,
	        .obstacle = NEED(malloc(cells)),
	        .cost = NEED(malloc(cells)),
	};
	for (int row = 0; row < side; row++) {
		for (int column = 0; column < side; column++) {
			size_t cell = (size_t)row * (size_t)side + (size_t)column;
			struct rng rng =
			        rng_stream(seed, RNG_TERRAIN, (uint64_t)column, (uint64_t)row);
			terrain.obstacle[cell] = rng_chance(&rng, OBSTACLE_CHANCE);
			terrain.cost[cell] = (uint8_t)lround(noise_at(seed, column, row) * 255);
		}
	}
	return terrain;
}

void terrain_release(struct terrain *terrain)
{
	free(terrain->obstacle);
	free(terrain->cost);
	*terrain = (struct terrain){0};
}

static bool inside(const struct terrain *terrain, int column, int row)
{
	return column >= 0 && row >= 0 && column < terrain->side && row < terrain->side;
}

bool terrain_blocked(const struct terrain *terrain, int column, int row)
{
	return !inside(terrain, column, row) ||
	       terrain->obstacle[(size_t)row * (size_t)terrain->side + (size_t)column];
}

float terrain_cost(const struct terrain *terrain, int column, int row)
{
	if (!inside(terrain, column, row))
		return 1;
	return 1 + (float)terrain->cost[(size_t)row * (size_t)terrain->side + (size_t)column] / 255;
}
