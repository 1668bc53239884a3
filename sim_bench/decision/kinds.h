/* decision/kinds.h: the ways to decide that there are; each is one file of this directory. */
#ifndef SIM_DECISION_KINDS_H
#define SIM_DECISION_KINDS_H

#include "decision/decision.h"

extern const struct decision_kind decision_weights;         /* action weights */
extern const struct decision_kind decision_network;         /* and a network of each agent's own */
extern const struct decision_kind decision_network_batched; /* and one for all */

#endif
