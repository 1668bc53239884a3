/* tables.h: the tables of one trace, and how entries of a region become entries of them.
 *
 * The region's ids are the process's: some were wasted, and rarely two mean the same, because two
 * threads raced. The trace's ids are consecutive and unique:
 *
 *     region                               trace
 *     node (parent node, where)     →      stack (parent stack, frame), frame (module, address)
 *     phase (parent, name offset)   →      phase (parent, string)
 *     cell (node, phase)            →      cell (stack, phase)
 *     cell (node, kind, phase)      →      other cell (stack, phase, memory)
 *     name (offset)                 →      string (by content)
 *     module (index)                →      module
 *
 * What does not occur in any cell that counted something is never translated, so never written.
 *
 * Each table only grows. Its first `written` entries stand in the trace; tables_pack packs the
 * rest. For the side file they are packed without being taken for written: the next window has them
 * again, under the same ids.
 *
 * Entries that cannot be (a stack that is its own caller, a phase beyond the table …) are the work
 * of a program that writes where it should not. They are counted in `damaged` and stand as
 * "unknown". Entries that are not written yet translate to 0, and are asked for again later. */
#ifndef MEMPROF_LAUNCHER_TABLES_H
#define MEMPROF_LAUNCHER_TABLES_H

#include "idmap.h"
#include "pack.h"
#include "region_map.h"

/* One table: pairs of integers by id, consecutive from `first`. */
struct table {
	struct table_pair {
		uint64_t a, b;
	} * pairs;
	size_t capacity;
	uint32_t first;   /* id of the first entry */
	uint32_t count;   /* entries */
	uint32_t written; /* of these, in the trace */
	struct idmap ids; /* key of a pair → id */
};

/* A growing array of translations: index in the region → id in the trace, 0 = none yet. */
struct translation {
	uint32_t *ids;
	size_t capacity;
};

struct tables {
	struct string {
		char *text;
		size_t length;
	} * strings;
	size_t strings_capacity;
	uint32_t strings_count, strings_written;
	struct idmap strings_ids; /* hash of the content */

	struct module {
		struct mp_module as_seen;
		uint32_t path; /* string */
		bool written;  /* as it is */
	} * modules;
	size_t modules_capacity;
	uint32_t modules_count;

	struct table frames, stacks, phases, cells;
	struct table other_cells;        /* memory beside the heap: b = kind and phase, as in the
	                                  * region */
	uint32_t pool_strings[MP_POOLS]; /* their names, once a cell needed them */

	struct idmap names; /* offset in the region → string */
	struct translation region_modules, region_nodes, region_phases, region_cells;

	bool settled; /* the process is gone: what is not written now never will be */
	uint64_t damaged;
};

void tables_init(struct tables *tables);
void tables_free(struct tables *tables);

/* The id of a string; 0 for the empty one. */
uint32_t tables_string(struct tables *tables, const char *text, size_t length);

/* The string at an offset of the region's names. */
uint32_t tables_name(struct tables *tables, const struct region *region, uint32_t offset);

/* Takes over modules that are new, and unloads. Call it before translating stacks. */
void tables_take_modules(struct tables *tables, const struct region *region);

/* A cell of the trace: its id in the heap's table, or in that of memory beside the heap. */
struct cell_ref {
	uint32_t id; /* 0: not written yet (or never) */
	bool other;
};

/* The trace's cell for a cell of the region. */
struct cell_ref tables_cell(struct tables *tables, const struct region *region, uint32_t index);

/* The kind of memory of a cell beside the heap. */
enum mp_cell_kind tables_kind(const struct tables *tables, uint32_t other_cell);

/* The trace's phase of a phase of the region in *phase (0: no phase). False: not written yet. */
bool tables_phase(struct tables *tables, const struct region *region, uint32_t index,
                  uint32_t *phase);

/* The frame of a place in code, as struct mp_node has it; 0 while its module is not written yet. */
uint32_t tables_frame(struct tables *tables, const struct region *region, uint64_t where);

/* The stack of a node; 0 while it is not written yet. */
uint32_t tables_stack(struct tables *tables, const struct region *region, uint32_t node);

/* The path of a phase, "step/observation", of at most `size` bytes. */
void tables_phase_path(const struct tables *tables, uint32_t phase, char *path, size_t size);

/* Packs what is not in the trace yet, as records in the order that the format asks for, but for
 * threads, which are no table. With `commit` what was packed is
 * taken for written. */
void tables_pack(struct tables *tables, struct packed *to, bool commit);

#endif
