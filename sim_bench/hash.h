/* hash.h: the state of a world in 64 bits.
 *
 * Two runs went the same way if their final hashes are equal. The hash covers what the next step
 * depends on: step, every place's amount, and of every living agent all of its fields and all
 * that it remembers, to the last bit. It does not cover how that is stored.
 */
#ifndef SIM_HASH_H
#define SIM_HASH_H

#include <stdint.h>

#include "world.h"

uint64_t world_hash(const struct world *world);

#endif
