/* observation/perception.h: what one agent carries of what it sees: a layer for each channel.
 *
 * The window is aligned to the cells of the world: its middle cell is the one that the agent stands
 * in. When the agent has moved, what it remembers is shifted by whole cells the other way.
 */
#ifndef SIM_OBSERVATION_PERCEPTION_H
#define SIM_OBSERVATION_PERCEPTION_H

#include <stdbool.h>
#include <stdint.h>

#include "observation/channels.h"
#include "observation/layer.h"

struct perception {
	struct layer *layers[CHANNEL_COUNT];
	int radius, size;
	int column, row; /* the world's cell in the middle of the window */
	bool placed;     /* false until the first observation */
};

/* Empty layers of a kind for a window of 2 × radius + 1 cells. Released by perception_destroy. */
struct perception *perception_create(const struct layer_kind *kind, int radius);
void perception_destroy(struct perception *perception);

/* Puts the window's middle at a cell of the world, and moves what is remembered along. */
void perception_place(struct perception *perception, int column, int row);

/* Lets a step pass: fading channels fade by their factors. */
void perception_age(struct perception *perception);

/* Empties the instant channels. */
void perception_forget(struct perception *perception);

/* Writes all channels, CHANNEL_COUNT × size × size cells, in the order of the list. */
void perception_render(const struct perception *perception, float *cells);

#endif
