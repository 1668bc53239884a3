/* analyzer_memory.h: a run of made-up call-sites, step by step, packed into a trace.
 *
 * A site is a function that says what it allocates and frees in a step. Windows end every so many
 * steps, as a recorder would cut them; what a site has allocated by then and frees right after is
 * live across the end of a window, as it is when a window ends in the midst of a step. Call-site i
 * is line 10 + i of /project/src/sim.c, in a function of its own name. A step takes 10 ms.
 */
#ifndef TESTS_UNIT_ANALYZER_MEMORY_H
#define TESTS_UNIT_ANALYZER_MEMORY_H

#include <stdint.h>
#include <string.h>

#include "model/profile.h"
#include "trace_builder.h"

#define STEP_TICKS 10000000ll
#define SITES_MOST 256

struct memory_site {
	const char *name;
	/* What happens in a step. NULL: nothing. */
	void (*step)(struct memory_site *site, long long step, long long agents);
	long long across; /* bytes of a block that lives across the end of each window, at most */
	long long fields[TRACE_CELL_FIELDS_COUNT], told[TRACE_CELL_FIELDS_COUNT];
	long long live; /* bytes */
	double level;   /* for the site's own use */
	uint64_t random;
};

struct memory_run {
	struct memory_site sites[SITES_MOST];
	size_t sites_count;
	long long windows;
	long long (*window_steps)(long long window);         /* how many steps end in it */
	long long (*agents)(long long step, uint64_t *seed); /* NULL: none are told */
	long long cgroup;                                    /* limit, bytes; 0: none */
	bool clean_up; /* the last window frees all, after the last step */
	bool unmarked; /* the trace tells of no steps */
};

/* xorshift64*: from 0 to below 1. */
static inline double memory_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (double)((*state * 0x2545f4914f6cdd1dull) >> 11) / 9007199254740992.0;
}

static inline struct memory_site *memory_add(struct memory_run *run, const char *name,
                                             void (*step)(struct memory_site *, long long,
                                                          long long))
{
	struct memory_site *site = &run->sites[run->sites_count++];
	site->name = name;
	site->step = step;
	site->random = 88172645463325252ull + run->sites_count * 7919;
	return site;
}

static inline void memory_make(struct memory_site *s, long long blocks, long long bytes)
{
	s->fields[TRACE_CELL_ALLOCATIONS] += blocks;
	s->fields[TRACE_CELL_SIZE_6] += blocks; /* 513 to 1,024 bytes */
	s->fields[TRACE_CELL_ALLOCATED_BYTES] += bytes;
	s->fields[TRACE_CELL_ALLOCATED_USABLE] += bytes;
	s->live += bytes;
}

/* Frees blocks that have lived for so many steps. */
static inline void memory_drop(struct memory_site *s, long long blocks, long long bytes,
                               long long lived)
{
	int bucket = 0;
	while (lived >> bucket && bucket < TRACE_LIFE_STEPS - 1)
		bucket++;
	s->fields[TRACE_CELL_FREES] += blocks;
	s->fields[TRACE_CELL_FREED_BYTES] += bytes;
	s->fields[TRACE_CELL_FREED_USABLE] += bytes;
	s->fields[TRACE_CELL_LIFE_STEPS_0 + bucket] += blocks;
	s->fields[TRACE_CELL_LIFE_TIME_0] += blocks;
	s->live -= bytes;
}

static inline void memory_header(struct builder *b, const struct memory_run *run)
{
	builder_record(b, TRACE_HEADER);
	builder_map(b, 8);
	builder_key_text(b, "format", TRACE_MAGIC);
	builder_key_list(b, "version", LIST(1, 0));
	builder_key_text(b, "writer", "test");
	builder_key_text(b, "run", BUILDER_RUN);
	builder_key_text(b, "exe", "/project/sim");
	builder_key_text(b, "mode", "exact");
	builder_text(b, "clock");
	builder_map(b, 4);
	builder_text(b, "hz");
	msgpack_pack_double(&b->packer, BUILDER_HZ);
	builder_key_integer(b, "zero", 0);
	builder_key_integer(b, "mono_ns", 1000000000000);
	builder_key_integer(b, "real_ns", 1763712000000000000);
	builder_text(b, "memory");
	builder_map(b, run->cgroup ? 2 : 1);
	builder_key_integer(b, "machine", 64ll << 30);
	if (run->cgroup)
		builder_key_integer(b, "cgroup", run->cgroup);
}

static inline void memory_tables(struct builder *b, const struct memory_run *run)
{
	const char *strings[SITES_MOST + 2] = {"/project/sim", "/project/src/sim.c"};
	long long flat[SITES_MOST * 6];
	size_t n = run->sites_count;
	for (size_t i = 0; i < n; i++)
		strings[2 + i] = run->sites[i].name;
	memory_header(b, run);
	builder_strings(b, 1, n + 2, strings);
	builder_module(b, 1, 1);
	for (size_t i = 0; i < n; i++) {
		flat[2 * i] = 1;
		flat[2 * i + 1] = 16 * (long long)(i + 1);
	}
	builder_bulk(b, TRACE_FRAMES, TRACE_FRAME_FIRST, 2 * n, flat);
	for (size_t i = 0; i < n; i++) {
		flat[2 * i] = 0;
		flat[2 * i + 1] = TRACE_FRAME_FIRST + (long long)i;
	}
	builder_bulk(b, TRACE_STACKS, 1, 2 * n, flat);
	for (size_t i = 0; i < n; i++) {
		flat[2 * i] = (long long)i + 1;
		flat[2 * i + 1] = 0;
	}
	builder_bulk(b, TRACE_CELLS, 1, 2 * n, flat);
	for (size_t i = 0; i < n; i++) {
		const long long symbols[] = {TRACE_FRAME_FIRST + (long long)i,
		                             1,
		                             3 + (long long)i,
		                             2,
		                             10 + (long long)i,
		                             1};
		memcpy(flat + 6 * i, symbols, sizeof(symbols));
	}
	builder_symbols(b, 6 * n, flat);
	builder_module_symbols(b, 1, "debug", 1);
}

static inline void memory_cells(struct builder *b, struct memory_run *run)
{
	static const int fields_by_bit[] = {
#define X(bit, upper, lower) [bit] = TRACE_CELL_##upper,
	        TRACE_CELL_FIELDS(X)
#undef X
	};
	static long long rows[SITES_MOST * (TRACE_CELL_FIELDS_COUNT + 2)];
	size_t at = 0;
	for (size_t i = 0; i < run->sites_count; i++) {
		struct memory_site *s = &run->sites[i];
		unsigned long long mask = 0;
		size_t head = at;
		at += 2;
		for (int bit = 0; bit < TRACE_CELL_FIELDS_COUNT; bit++) {
			int k = fields_by_bit[bit];
			if (s->fields[k] == s->told[k])
				continue;
			mask |= 1ull << bit;
			rows[at++] = s->fields[k] - s->told[k];
			s->told[k] = s->fields[k];
		}
		rows[head] = (long long)i + 1;
		rows[head + 1] = (long long)mask;
		if (!mask)
			at = head;
	}
	builder_key_list(b, "cells", at, rows);
}

/* All that is allocated is allocated in steps, and all their time is in no phase. */
static inline void memory_window_steps(struct builder *b, const struct memory_run *run,
                                       long long ended, long long steps)
{
	long long allocations = 0, bytes = 0;
	for (size_t i = 0; i < run->sites_count; i++) {
		const struct memory_site *s = &run->sites[i];
		allocations += s->fields[TRACE_CELL_ALLOCATIONS] - s->told[TRACE_CELL_ALLOCATIONS];
		bytes +=
		        s->fields[TRACE_CELL_ALLOCATED_BYTES] - s->told[TRACE_CELL_ALLOCATED_BYTES];
	}
	builder_text(b, "steps");
	builder_map(b, 6);
	builder_key_integer(b, "ended", ended);
	builder_key_integer(b, "ticks", ended * STEP_TICKS);
	builder_key_integer(b, "unaccounted", ended * STEP_TICKS);
	builder_key_integer(b, "allocations", allocations);
	builder_key_integer(b, "bytes", bytes);
	builder_key_integer(b, "begun", steps);
}

/* RSS is 16 MiB and all that is live. */
static inline void memory_window(struct builder *b, struct memory_run *run, long long window,
                                 long long ended, long long steps, long long agents)
{
	long long live = 0;
	for (size_t i = 0; i < run->sites_count; i++)
		live += run->sites[i].live;
	builder_window(b, window, steps * STEP_TICKS + (ended ? 0 : STEP_TICKS),
	               3 + !run->unmarked + (run->agents != NULL));
	if (!run->unmarked)
		memory_window_steps(b, run, ended, steps);
	if (run->agents) {
		builder_text(b, "agents");
		builder_map(b, 1);
		builder_key_integer(b, "last", agents);
	}
	memory_cells(b, run);
	builder_text(b, "heap");
	builder_map(b, 2);
	builder_key_integer(b, "live_bytes", live);
	builder_key_integer(b, "peak_bytes", live);
	builder_text(b, "process");
	builder_map(b, 2);
	builder_key_integer(b, "rss_anon", (16ll << 20) + live);
	builder_key_integer(b, "peak_rss", (16ll << 20) + live);
}

static inline void memory_steps(struct memory_run *run, long long from, long long count,
                                uint64_t *seed, long long *agents)
{
	for (long long step = from + 1; step <= from + count; step++) {
		if (run->agents)
			*agents = run->agents(step, seed);
		for (size_t i = 0; i < run->sites_count; i++)
			if (run->sites[i].step)
				run->sites[i].step(&run->sites[i], step, *agents);
	}
}

/* Packs the window; blocks that live across its end are there while it is packed. */
static inline void memory_end_window(struct builder *b, struct memory_run *run, long long window,
                                     long long ended, long long steps, long long agents)
{
	long long held[SITES_MOST];
	for (size_t i = 0; i < run->sites_count; i++) {
		struct memory_site *s = &run->sites[i];
		held[i] = (long long)(memory_random(&s->random) * (double)s->across);
		if (held[i])
			memory_make(s, 1, held[i]);
	}
	memory_window(b, run, window, ended, steps, agents);
	for (size_t i = 0; i < run->sites_count; i++)
		if (held[i])
			memory_drop(&run->sites[i], 1, held[i], 0);
}

/* Runs all windows and builds the profile of the trace. */
static inline struct profile *memory_profile(struct memory_run *run)
{
	struct failure failure = {0};
	struct builder b;
	uint64_t seed = 4711;
	long long steps = 0, agents = 0;
	builder_begin(&b);
	memory_tables(&b, run);
	for (long long window = 0; window < run->windows; window++) {
		long long ended = run->window_steps(window);
		memory_steps(run, steps, ended, &seed, &agents);
		steps += ended;
		memory_end_window(&b, run, window, ended, steps, agents);
	}
	for (size_t i = 0; i < run->sites_count && run->clean_up; i++)
		if (run->sites[i].live)
			memory_drop(&run->sites[i], 1, run->sites[i].live, steps);
	memory_window(&b, run, run->windows, 0, steps, agents);
	builder_finish(&b, steps * STEP_TICKS + STEP_TICKS);
	struct trace *t = builder_parse(&b, &failure);
	builder_end(&b);
	return t ? profile_build(t) : NULL;
}

#endif
