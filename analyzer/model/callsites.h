/* callsites.h: allocations by call-site.
 *
 * The call-site of a stack is its innermost function of the user's own sources, inlined ones
 * included: a push_back is the line that calls push_back. A stack without one belongs to the
 * innermost function of the main executable, else to the innermost of a library; such a site is not
 * `own`, and named by its module. What the profiler's library itself asked for (as it starts up) is
 * told apart from what the program did.
 *
 * Own sites are grouped by (function, file, line, phase), others by (module, function, phase);
 * those of memory beside the heap by pool, too.
 */
#ifndef ANALYZER_MODEL_CALLSITES_H
#define ANALYZER_MODEL_CALLSITES_H

#include <stdbool.h>
#include <stdint.h>

#include "model/code.h"

struct call_site {
	const char *function, *file; /* "" not known */
	const char *module;          /* name of the module, "" if none */
	uint32_t line, phase;
	uint32_t memory; /* 0, or the string that names the pool */
	bool own;
	bool estimated;    /* the figures are estimates: the heap's in sampled mode */
	const char *label; /* "agent.cpp:212 Agent::observe", "libsqlite3.so.0 sqlite3_step" */
	int64_t fields[TRACE_CELL_FIELDS_COUNT]; /* as of cells */
	int64_t live_bytes, live_blocks;         /* at the end of the trace */
	struct trace_variances variances;        /* in sampled mode; estimate.h */
	uint32_t stack; /* the one of its stacks that allocated most bytes */
	int64_t stack_bytes;
};

struct call_sites {
	struct call_site *sites;
	size_t count;
	uint32_t *of_cell; /* the site that a cell of the trace is part of; [0] is not used */
	struct arena arena;
};

/* The call-sites of some table of cells of the trace; cells[0] is not used. */
void call_sites_build(struct call_sites *sites, const struct trace *trace, const struct code *code,
                      const struct trace_cell *cells, size_t cells_count);
void call_sites_free(struct call_sites *sites);

#endif
