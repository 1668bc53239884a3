/* snapshot_estimates.h: the part of a snapshot that comes from samples (region.h, mp_estimates): in
 * sampled mode the sums of the heap's cells are estimates, and each has a variance.
 *
 * The fields of a cell are the trace's: whole numbers, rounded from the region's finer units. All
 * that the cell's samples say is rounded at once, so what is freed again is off to the last one. */
#ifndef MEMPROF_LAUNCHER_SNAPSHOT_ESTIMATES_H
#define MEMPROF_LAUNCHER_SNAPSHOT_ESTIMATES_H

#include "snapshot.h"

/* In this order, for each reading: begin, the half that frees write, the half that allocations
 * write, end. In other modes they do nothing. */
void snapshot_estimates_begin(struct snapshot *snapshot, const struct region *region);
void snapshot_estimates_read(struct snapshot *snapshot, struct tables *tables,
                             const struct region *region, bool in);
void snapshot_estimates_end(struct snapshot *snapshot, const struct region *region);

/* The window ends: variances are from now on counted from here. */
void snapshot_estimates_commit(struct snapshot *snapshot);

/* What is live now is the peak: variances follow. */
void snapshot_estimates_settle_peak(struct snapshot *snapshot);

/* The estimate of live bytes in the region, without a snapshot. */
int64_t snapshot_estimates_live_now(const struct region *region);

#endif
