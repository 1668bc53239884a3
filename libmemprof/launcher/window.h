/* window.h: packs what happened in a window, and the facts that became known by its end.
 *
 * The records of a window, in the order in which they are packed: tables that grew, threads, the
 * window, its samples and calls, the allocator's details where they are due, facts and slowest
 * steps where they changed. */
#ifndef MEMPROF_LAUNCHER_WINDOW_H
#define MEMPROF_LAUNCHER_WINDOW_H

#include "allocator.h"
#include "clock.h"
#include "procstat.h"
#include "snapshot.h"
#include "threads.h"

/* What a window is packed from. Everything belongs to one process image. */
struct window_source {
	const struct region *region;
	struct tables tables;
	struct snapshot snapshot;
	struct threads threads;
	const struct procstat *process;
	pid_t pid;
	struct allocator allocator;
	uint64_t launcher_bytes;
	const char *const *params; /* that the user gave, each NAME=VALUE; not owned */
	size_t params_count;
	bool alive; /* the process may be counting while we read */
	bool last;  /* no window comes after this one */
	/* what is in the trace already: a record is packed again only when it would differ */
	struct packed facts, slowest;
	uint32_t windows; /* in the trace */
};

void window_source_init(struct window_source *source, const struct region *region, pid_t pid,
                        const struct procstat *process);
void window_source_free(struct window_source *source);

/* Reads the region and appends to `to` what it came to since the last window, which ends at
 * `anchor`. With `commit` the next window begins here; without, the window is marked open and
 * nothing is changed but what has been seen of the tables. */
void window_pack(struct window_source *source, const struct moment *anchor, struct packed *to,
                 bool commit);

/* Packs an anchor as the format has it. */
void window_pack_anchor(msgpack_packer *to, const struct moment *anchor, uint64_t zero);

#endif
