/* observation/hybrid.h: storage that is a list of points while few cells are set, and a grid from
 * then on; see layer.h for what it promises and hybrid.c for how. */
#ifndef SIM_OBSERVATION_HYBRID_H
#define SIM_OBSERVATION_HYBRID_H

#include "observation/layer.h"

extern const struct layer_kind layer_hybrid;

#endif
