/* terrain.h: the ground, one byte of each kind a cell. It is made once and never changes. */
#ifndef SIM_TERRAIN_H
#define SIM_TERRAIN_H

#include <stdbool.h>
#include <stdint.h>

struct terrain {
	int side;          /* cells to a side */
	uint8_t *obstacle; /* 1 where nobody can go */
	uint8_t *cost;     /* 0…255 for a factor of 1…2 */
};

/* Ground of SIDE × SIDE cells from a seed: about 3 of 100 cells are obstacles, costs change
 * smoothly. Released by terrain_release. */
struct terrain terrain_create(int side, uint64_t seed);
void terrain_release(struct terrain *terrain);

/* Whether nobody can stand there; everything outside the world is an obstacle. */
bool terrain_blocked(const struct terrain *terrain, int column, int row);

/* The factor of the cost of a move, 1…2; 1 outside the world. */
float terrain_cost(const struct terrain *terrain, int column, int row);

#endif
