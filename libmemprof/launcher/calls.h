/* calls.h: counted calls, as they are and as they were at the end of the last window.
 *
 * The region has entries by slot, function, caller, phase and role; the trace has one row for each
 * (function, caller, phase, role). A window is the difference between `now` and `base`
 * (snapshot.h). */
#ifndef MEMPROF_LAUNCHER_CALLS_H
#define MEMPROF_LAUNCHER_CALLS_H

#include "tables.h"

enum call_sum {
	CALL_CALLS,
	CALL_SELF,
	CALL_INCLUSIVE,
	CALL_UNTIMED,
	CALL_SUMS,
};

struct call_row {
	uint32_t function, caller, phase, role; /* of the trace */
	uint64_t base[CALL_SUMS], now[CALL_SUMS];
};

struct calls {
	struct call_row *rows;
	size_t rows_capacity;
	uint32_t rows_count;
	struct idmap edges; /* function and caller → a number + 1 */
	uint32_t edges_count;
	struct idmap ids; /* that number, phase and role → number of the row + 1 */
};

void calls_free(struct calls *calls);

/* Reads the region's counted calls into `now`. */
void calls_read(struct calls *calls, struct tables *tables, const struct region *region);

/* Packs the record of window `n`; nothing if nothing was called in it. */
void calls_pack(const struct calls *calls, uint32_t n, msgpack_packer *to);

/* Ends the window. */
void calls_commit(struct calls *calls);

#endif
