/* decision/tilt.c: see tilt.h. */
#include "decision/tilt.h"

#include <math.h>

void tilt_weights(double weights[ACTION_COUNT], const float values[ACTION_COUNT])
{
	for (int a = 0; a < ACTION_COUNT; a++)
		weights[a] *= exp(tanh((double)values[a]));
}
