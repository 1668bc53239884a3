/* samples.h: the samples of CPU time, as they are and as they were at the end of the last window.
 *
 * The region has an entry for each (node, phase, role), rarely two; the trace has one row for each
 * (stack, phase, role). As with other counters (snapshot.h) a window is the difference between
 * `now` and `base`. */
#ifndef MEMPROF_LAUNCHER_SAMPLES_H
#define MEMPROF_LAUNCHER_SAMPLES_H

#include "tables.h"

struct sample_row {
	uint32_t stack, phase, role; /* of the trace */
	uint64_t samples_base, samples_now, cpu_ns_base, cpu_ns_now;
};

struct samples {
	struct sample_row *rows;
	size_t rows_capacity;
	uint32_t rows_count;
	struct idmap ids;           /* key of a row → its number + 1 */
	struct translation entries; /* of the region → number of their row + 1 */
};

void samples_free(struct samples *samples);

/* Reads the region's samples into `now`. */
void samples_read(struct samples *samples, struct tables *tables, const struct region *region);

/* Packs the record of window `n`; nothing if nothing was sampled in it. */
void samples_pack(const struct samples *samples, uint32_t n, msgpack_packer *to);

/* Ends the window. */
void samples_commit(struct samples *samples);

#endif
