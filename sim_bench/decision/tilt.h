/* decision/tilt.h: how the values of a network change an agent's action weights. */
#ifndef SIM_DECISION_TILT_H
#define SIM_DECISION_TILT_H

#include "decision/circumstances.h"

/* Multiplies each weight by exp(tanh(value)), that is by 0.37 to 2.7: what is pointless stays so,
 * and an untrained network does not starve its agent. */
void tilt_weights(double weights[ACTION_COUNT], const float values[ACTION_COUNT]);

#endif
