/* threads.h: the threads of a process, as records of the trace.
 *
 * The region has slots, which threads that end leave to others; the trace has threads. A slot whose
 * tid or start has changed holds a new one. Threads that came and went between two windows are
 * never seen; their counters are. */
#ifndef MEMPROF_LAUNCHER_THREADS_H
#define MEMPROF_LAUNCHER_THREADS_H

#include "tables.h"

#include <sys/types.h>

struct thread_seen {
	uint32_t tid; /* 0: the slot has not been used */
	uint32_t id;  /* in the trace */
	uint32_t name;
	uint64_t started;
	bool stepping;
	bool written; /* in the trace, as it is */
};

struct threads {
	struct thread_seen *slots;
	size_t capacity;
	uint32_t used;
	uint32_t last_id;
	uint32_t main_name; /* of the main thread, when the image was first seen */
};

void threads_free(struct threads *threads);

/* Notes the name of the main thread, for processes that are gone before threads_read. */
void threads_note_main(struct threads *threads, struct tables *tables, pid_t pid);

/* Looks at the slots again. Names are read from /proc while the process lives. */
void threads_read(struct threads *threads, struct tables *tables, const struct region *region,
                  pid_t pid, uint32_t stepping_slot);

/* Packs a THREAD record for each that is new or changed. */
void threads_pack(struct threads *threads, struct packed *to, bool commit);

/* The thread that has a slot, 0 when none was seen. */
uint32_t threads_id(const struct threads *threads, uint32_t slot);

#endif
