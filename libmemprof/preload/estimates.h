/* estimates.h: what samples add to the sums of their cells, and to the region's live bytes.
 *
 * Sums of a cell are all threads' (struct mp_estimates, region.h): with so few events locked adds
 * are cheap enough. What a cell held at the peak is kept as in exact mode (heap.c): by the epoch in
 * which its sums were last touched. Two threads that touch a cell at once just after a peak may
 * keep one sample too many or too few of it. */
#ifndef MP_PRELOAD_ESTIMATES_H
#define MP_PRELOAD_ESTIMATES_H

#include "shared/region.h"
#include "weight.h"

/* Sums by cell; zeroed memory is an empty table. */
struct mp_estimate_table {
	struct mp_estimates **blocks; /* by cell / MP_ESTIMATES_PER_BLOCK */
};

/* The sums of a cell, made at first use. NULL: no room, or cell 0. */
struct mp_estimates *mp_estimates_of(struct mp_estimate_table *table, uint32_t cell);

/* A sampled block came (ALLOCATED, MOVED_IN): it is live from now on. */
void mp_estimates_came(struct mp_region *region, struct mp_estimates *sums, enum mp_estimate field,
                       const struct mp_weight *weight);

/* It went (FREED, MOVED_OUT). */
void mp_estimates_went(struct mp_region *region, struct mp_estimates *sums, enum mp_estimate field,
                       const struct mp_weight *weight);

/* It counts in a field that has no bytes. */
void mp_estimates_counted(struct mp_estimates *sums, uint32_t field,
                          const struct mp_weight *weight);

#endif
