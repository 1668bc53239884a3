/* observation/view.c: the little that a view does by itself. */
#include "observation/view.h"

#include <stdlib.h>

void observation_release(struct observation *view)
{
	free(view->cells);
	view->cells = NULL;
}

void observation_free(struct observation *view)
{
	if (!view)
		return;
	free(view->cells);
	free(view);
}

double observation_sum(const struct observation *view, enum channel channel)
{
	const float *cells = observation_channel(view, channel);
	double sum = 0;
	for (int i = 0; i < view->size * view->size; i++)
		sum += cells[i];
	return sum;
}
