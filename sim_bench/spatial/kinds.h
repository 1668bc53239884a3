/* spatial/kinds.h: the kinds of spatial index there are; each is one file of this directory. */
#ifndef SIM_SPATIAL_KINDS_H
#define SIM_SPATIAL_KINDS_H

#include "spatial/index.h"

extern const struct spatial_kind spatial_kdtree;
extern const struct spatial_kind spatial_kdtree_batched;
extern const struct spatial_kind spatial_quadtree;
extern const struct spatial_kind spatial_grid;
extern const struct spatial_kind spatial_brute;

#endif
