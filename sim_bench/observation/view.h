/* observation/view.h: what an agent knows when it decides. All of it, and nothing else.
 *
 * A view is one block of memory: channel after channel, each a square of size × size cells, row
 * after row, size = 2 × radius + 1. The agent stands in the middle cell. Rows run with y, columns
 * with x. The decision reads views and includes nothing of the world.
 */
#ifndef SIM_OBSERVATION_VIEW_H
#define SIM_OBSERVATION_VIEW_H

#include <stddef.h>
#include <stdint.h>

#include "observation/channels.h"

/* The largest radius that buffers on the stack are made for. */
#define VIEW_RADIUS_MOST 16
#define VIEW_SIZE_MOST   (2 * VIEW_RADIUS_MOST + 1)

struct observation {
	int radius, size;
	double resources; /* the agent's own store, which it knows exactly */
	double health;    /* own, 0…1 */
	double hunger;    /* steps without resources over those that kill, 0…1 */
	float *cells;     /* CHANNEL_COUNT × size × size; NULL before the first look */
};

/* The cells of one channel. */
static inline const float *observation_channel(const struct observation *view, enum channel channel)
{
	return view->cells + (size_t)channel * (size_t)(view->size * view->size);
}

/* Releases the cells, which the next look then makes again. */
void observation_release(struct observation *view);

/* Releases a view that was allocated by malloc. NULL is nothing. */
void observation_free(struct observation *view);

/* The sum over the cells of a channel. */
double observation_sum(const struct observation *view, enum channel channel);

#endif
