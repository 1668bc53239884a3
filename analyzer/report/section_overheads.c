/* section_overheads.c: what recording cost, and how well it saw. */
#include "report/sections.h"

#include <math.h>

/* A row of a table of facts; one that is not known is left out. */
static void count_fact(struct grid *g, const char *name, int64_t value, const char *meaning)
{
	if (value == TRACE_UNKNOWN)
		return;
	grid_cell(g, name);
	grid_cell(g, COUNT(value));
	grid_cell(g, meaning);
}

static void cell_fact(struct grid *g, const char *name, struct unit value, const char *meaning)
{
	grid_cell(g, name);
	grid_cell(g, value.text);
	grid_cell(g, meaning);
}

static void bytes_fact(struct grid *g, const char *name, int64_t value, const char *meaning)
{
	if (value != TRACE_UNKNOWN)
		cell_fact(g, name, unit_bytes((double)value), meaning);
}

static void begin_facts(struct grid *g, const char *what)
{
	grid_begin(g, "lrl");
	grid_cell(g, what);
	grid_cell(g, "");
	grid_cell(g, "");
}

static double ticks_of(int64_t ticks)
{
	return ticks == TRACE_UNKNOWN ? NAN : (double)ticks;
}

static void sampled_cost(struct view *v, struct grid *g)
{
	const struct functions *f = &v->p->functions;
	const struct figures *self = &f->categories[1].tally.self;
	if (f->all.samples > 0)
		cell_fact(g, "seen in samples", unit_seconds(self->values[STACK_TIME]),
		          "CPU time in memprof's own functions");
}

void section_overheads(struct view *v)
{
	const struct trace_profiler *f = &v->p->trace->profiler;
	const struct profile_cost *c = &v->p->cost;
	struct grid g;
	if (!f->known)
		return;
	view_heading(v, "", "WHAT THE PROFILER COST");
	begin_facts(&g, "cost");
	cell_fact(&g, "time", unit_seconds(c->seconds),
	          c->by_samples ? "by samples, counting of calls included"
	                        : "on allocations and marks, by the wall clock: an upper bound");
	cell_fact(&g, "share of CPU %", unit_percent(c->share), "of that, of the run's CPU time");
	sampled_cost(v, &g);
	if (f->sampling_ticks != TRACE_UNKNOWN && f->samples > 0)
		cell_fact(&g, "sampling", unit_seconds(ticks_of(f->sampling_ticks) / v->p->hz),
		          "taking the samples of CPU time");
	bytes_fact(&g, "shared memory", f->shared_bytes, "tables that the launcher reads");
	bytes_fact(&g, "private memory", f->private_bytes, "in the program");
	bytes_fact(&g, "launcher", f->launcher_bytes, "the launcher's own");
	if (v->p->trace->facts.load_ns != TRACE_UNKNOWN)
		cell_fact(&g, "start", unit_seconds((double)v->p->trace->facts.load_ns / 1e9),
		          "CPU time until the program's own first instruction");
	count_fact(&g, "trace", (int64_t)v->p->trace->file_bytes, "bytes of the trace file");
	grid_write(&g, 2, &v->options->terminal, v->out);
}

void section_capture(struct view *v)
{
	const struct trace *t = v->p->trace;
	const struct trace_profiler *f = &t->profiler;
	struct grid g;
	if (!f->known)
		return;
	view_heading(v, "", "HOW WELL IT SAW");
	begin_facts(&g, "capture");
	count_fact(&g, "events", f->events, "allocations, frees and reallocations");
	count_fact(&g, "captures", f->captures, "call stacks taken");
	if (f->captures > 0 && f->frames_walked != TRACE_UNKNOWN)
		cell_fact(&g, "frames walked",
		          unit_number((double)f->frames_walked / (double)f->captures),
		          "a capture; all others were proven unchanged");
	count_fact(&g, "stacks", (int64_t)t->stacks_count - 1, "distinct, with those on their way");
	count_fact(&g, "frames", (int64_t)t->frames_count - TRACE_FRAME_FIRST, "distinct");
	count_fact(&g, "scopes", f->scopes, "phases entered and left");
	count_fact(&g, "samples", f->samples, "of CPU time");
	count_fact(&g, "unsampled threads", f->unsampled_threads, "had no timer");
	count_fact(&g, "audited", f->audits, "stacks, by a second unwinder");
	count_fact(&g, "wrong", f->audit_mismatches, "of those");
	count_fact(&g, "truncated", f->truncated,
	           "stacks deeper than is kept, or without a way on");
	count_fact(&g, "overflows", f->overflows, "events that found a table full");
	count_fact(&g, "foreign frees", f->foreign_frees, "of blocks that are not jemalloc's");
	count_fact(&g, "inherited frees", f->inherited_frees, "of blocks from before a fork");
	count_fact(&g, "unknown frees", f->unknown_frees, "of what was not live");
	count_fact(&g, "calls missed", f->calls_missed, "found the table of calls full");
	count_fact(&g, "windows", (int64_t)t->windows_count, "in the trace");
	count_fact(&g, "skew", t->skew, "events that may be missing from the last window");
	grid_write(&g, 2, &v->options->terminal, v->out);
}
