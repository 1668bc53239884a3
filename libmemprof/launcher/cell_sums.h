/* cell_sums.h: what cells have come to, and what had been written of it.
 *
 * A program may have a million cells. So they lie in blocks that never move; of what had been
 * written only those fields are kept that are not 0, of sixty some ten; and of a block in which
 * nothing changed nothing is looked at. */
#ifndef MEMPROF_LAUNCHER_CELL_SUMS_H
#define MEMPROF_LAUNCHER_CELL_SUMS_H

#include <memprof/trace_format.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sums over the threads, fields as in the trace. */
struct cell_sum {
	uint64_t field[TRACE_CELL_FIELDS_COUNT];
};

/* Cells are numbered from 0 here: by id − 1. */
struct cell_sums {
	struct cell_block **blocks;
	size_t blocks_capacity;
	uint32_t count;
};

void cell_sums_free(struct cell_sums *sums);

/* The sums of a cell, which will have changed; it is added where it is new. */
uint64_t *cell_sums_change(struct cell_sums *sums, uint32_t cell);

/* The sums of a cell below `count`. */
const struct cell_sum *cell_sums_now(const struct cell_sums *sums, uint32_t cell);

/* The next cell from `cell` on whose sums may have changed since they were written; `count` if
 * there is none. */
uint32_t cell_sums_next_changed(const struct cell_sums *sums, uint32_t cell);

/* What had been written of it. */
void cell_sums_written(const struct cell_sums *sums, uint32_t cell, struct cell_sum *to);

/* What is now has been written. */
void cell_sums_commit(struct cell_sums *sums);

/* Sets all sums to 0, for those that are read anew each time. */
void cell_sums_clear(struct cell_sums *sums);

#endif
