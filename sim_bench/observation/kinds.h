/* observation/kinds.h: the kinds of storage that layers have; each is one file of this directory.
 * layer.h says what they promise, each file how it keeps it. */
#ifndef SIM_OBSERVATION_KINDS_H
#define SIM_OBSERVATION_KINDS_H

#include "observation/layer.h"

extern const struct layer_kind layer_hybrid; /* points while few cells are set, then a grid */
extern const struct layer_kind layer_dense;  /* a grid */

#endif
