/* section_phases.c: where a step goes: the tree of phases, other threads, bottlenecks. */
#include "model/estimate.h"
#include "report/sections.h"

#include <math.h>
#include <stdlib.h>

#include "report/lists.h"

/* A time that is mostly the profiler's own is a bound, not a figure. */
static const char *bound(const struct profile_phase *row)
{
	return row->flags & PHASE_BELOW_CLOCK ? "≤ " : "";
}

/* The four cells of a phase's time, or why there is none. */
static void phase_times(struct grid *g, const struct profile_phase *row)
{
	const char *why = row->flags & PHASE_OUTSIDE_STEPS ? "outside"
	                  : row->calls                     ? NULL
	                  : row->entered                   ? "not ended"
	                                                   : "";
	if (why) {
		grid_cell(g, why);
		grid_cell(g, "");
		grid_cell(g, "");
	} else {
		grid_format(g, "%s%s", bound(row), SECONDS(row->inclusive));
		grid_format(g, "%s%s", bound(row), SECONDS(row->self));
		grid_cell(g, PERCENT(row->share));
	}
	grid_cell(g, COUNT(row->calls));
}

static void places_note(struct view *v)
{
	bool places[3] = {false};
	for (size_t i = 0; i < v->p->phases_count; i++)
		if (v->p->phases[i].allocations)
			places[v->p->places[v->p->phases[i].id]] = true;
	if (v->p->outside_allocations && v->p->places[0] == PLACE_BOTH)
		places[PLACE_BOTH] = true;
	view_places_note(v, places[PLACE_OUTSIDE], places[PLACE_BOTH]);
}

static void phase_row(struct view *v, struct grid *g, const struct profile_phase *row)
{
	int indent = row->depth < 20 ? (int)row->depth * 2 : 40;
	grid_format(g, "%*s%s", indent, "", row->name);
	if (row->flags & PHASE_NEVER_ENTERED && row->allocations <= 0) {
		grid_cell(g, "never entered");
		grid_end_row(g);
		return;
	}
	phase_times(g, row);
	grid_cell(g, SECONDS(row->p50));
	grid_cell(g, SECONDS(row->per_call));
	grid_format(g, "%s%s", row->cpu_estimated ? "~" : "", NUMBER(row->cores));
	grid_cell(g, view_count(v, row->id, (double)row->allocations,
	                        row->variances.fields[TRACE_CELL_ALLOCATIONS])
	                     .text);
	grid_cell(g, view_bytes(v, row->id, (double)row->bytes,
	                        row->variances.fields[TRACE_CELL_ALLOCATED_BYTES])
	                     .text);
	grid_end_row(g);
}

static void unaccounted_row(struct view *v, struct grid *g)
{
	grid_cell(g, "unaccounted");
	grid_cell(g, "");
	grid_cell(g, SECONDS(v->p->unaccounted));
	grid_cell(g, PERCENT(v->p->unaccounted / v->p->steps.wall));
	for (int i = 0; i < 4; i++)
		grid_cell(g, "");
	if (v->p->places[0] != PLACE_OUTSIDE) {
		grid_cell(g, view_count(v, 0, (double)v->p->outside_allocations,
		                        v->p->outside_variances.fields[TRACE_CELL_ALLOCATIONS])
		                     .text);
		grid_cell(g, view_bytes(v, 0, (double)v->p->outside_bytes,
		                        v->p->outside_variances.fields[TRACE_CELL_ALLOCATED_BYTES])
		                     .text);
	}
	grid_end_row(g);
}

static void step_row(struct view *v, struct grid *g)
{
	const struct profile_steps *s = &v->p->steps;
	grid_cell(g, "a step");
	grid_cell(g, SECONDS(s->wall));
	grid_cell(g, SECONDS(s->wall));
	grid_cell(g, PERCENT(1));
	grid_cell(g, COUNT(s->count));
	grid_cell(g, SECONDS(s->p50));
	grid_cell(g, SECONDS(s->mean));
	grid_cell(g, NUMBER(s->cpu / s->wall));
	double allocations = (double)s->allocations, bytes = (double)s->bytes;
	struct unit per_step = unit_number(allocations / (double)s->count);
	struct unit bytes_per_step = unit_bytes(bytes / (double)s->count);
	per_step = view_estimate(v, per_step, allocations, s->allocations_variance);
	bytes_per_step = view_estimate(v, bytes_per_step, bytes, s->bytes_variance);
	grid_cell(g, view_if_heap(v, per_step.text));
	grid_cell(g, view_if_heap(v, bytes_per_step.text));
	grid_end_row(g);
}

/* "never ended: a (2 of 3 calls), b (…)": the phases that have the flag. */
static void phase_note(struct view *v, unsigned flag, const char *title, const char *meaning)
{
	size_t listed = 0;
	for (size_t i = 0; i < v->p->phases_count; i++) {
		const struct profile_phase *row = &v->p->phases[i];
		if (!(row->flags & flag))
			continue;
		if (listed++ == 0)
			text_printf(v->out, "  " MARK_WARNING "%s:" MARK_END, title);
		text_string(v->out, listed == 1 ? " " : ", ");
		view_shortened(v, row->path, 60);
		if (flag == PHASE_NEVER_ENDED)
			text_printf(v->out, " (%s of %s)", COUNT(row->entered - row->calls),
			            COUNT(row->entered));
		if (listed == 8)
			break;
	}
	if (listed)
		text_printf(v->out, "%s\n", meaning);
}

/* What phases did before, between and after steps; it is in no share. */
static void outside_note(struct view *v)
{
	size_t listed = 0;
	for (size_t i = 0; i < v->p->phases_count && listed < 8; i++) {
		const struct profile_phase *row = &v->p->phases[i];
		if (row->self_outside <= 0 || row->self_outside < 0.001 * v->p->steps.wall)
			continue;
		text_string(v->out, listed++ ? ", " : "  outside of steps: ");
		view_shortened(v, row->path, 60);
		text_printf(v->out, " %s", SECONDS(row->self_outside));
	}
	text_string(v->out, listed ? "\n" : "");
}

static void estimated_note(struct view *v)
{
	for (size_t i = 0; i < v->p->phases_count; i++)
		if (v->p->phases[i].cpu_estimated) {
			text_string(v->out, "  " MARK_FAINT
			                    "~: cores by samples, not by a clock" MARK_END "\n");
			return;
		}
}

/* Phases whose thread did not run for a twentieth of their time or more, if that can be told. */
static void waiting_note(struct view *v)
{
	size_t listed = 0;
	for (size_t i = 0; i < v->p->phases_count && listed < 8; i++) {
		const struct profile_phase *row = &v->p->phases[i];
		double wall = row->inclusive + row->inclusive_outside;
		if (!(row->waiting > row->waiting_error && row->waiting > 0.05 * wall))
			continue;
		text_string(v->out,
		            listed++ ? ", " : "  not running (asleep, or without a processor): ");
		view_shortened(v, row->path, 60);
		text_printf(v->out, " %s %%", PERCENT(fmin(row->waiting / wall, 1)));
		if (row->waiting_from == WAITING_BY_SAMPLES)
			text_printf(v->out, " ±%.1f", 100 * row->waiting_error / wall);
	}
	text_string(v->out, listed ? "\n" : "");
}

void section_phases(struct view *v)
{
	struct grid g;
	if (!v->p->phases_count && !v->steps)
		return;
	if (v->steps)
		view_heading(v, "stepping thread, time in steps: self adds up to the steps",
		             "WHERE A STEP GOES");
	else
		view_heading(v, "all threads; shares are of the run's wall time",
		             "WHERE TIME GOES");
	grid_begin(&g, "lrrrrrrrrr");
	g.optional = "jgh";
	grid_cell(&g, "phase");
	grid_cell(&g, "incl");
	grid_cell(&g, "self");
	grid_cell(&g, "self %");
	grid_cell(&g, "calls");
	grid_cell(&g, "p50");
	grid_cell(&g, "per call");
	grid_cell(&g, "cores");
	grid_cell(&g, view_if_heap(v, v->steps ? "allocs/step" : "allocs"));
	grid_cell(&g, view_if_heap(v, v->steps ? "bytes/step" : "bytes"));
	for (size_t i = 0; i < v->p->phases_count; i++)
		phase_row(v, &g, &v->p->phases[i]);
	if (v->steps) {
		unaccounted_row(v, &g);
		step_row(v, &g);
	}
	grid_write(&g, 2, &v->options->terminal, v->out);
	places_note(v);
	phase_note(v, PHASE_NEVER_ENDED, "not ended", ": no time for these calls");
	phase_note(v, PHASE_BELOW_CLOCK, "below what the clock can see",
	           ": a third or more of a call is the cost of marking it");
	outside_note(v);
	estimated_note(v);
	waiting_note(v);
}

void section_workers(struct view *v)
{
	struct grid g;
	if (!v->p->workers_count)
		return;
	view_heading(v, "by self time, all threads together", "PHASES OF OTHER THREADS");
	grid_begin(&g, "prrrr");
	grid_cell(&g, "phase");
	grid_cell(&g, "self");
	grid_cell(&g, "incl");
	grid_cell(&g, "calls");
	grid_cell(&g, "p50");
	size_t shown = v->p->workers_count < v->top ? v->p->workers_count : v->top;
	double others = 0;
	for (size_t i = 0; i < v->p->workers_count; i++) {
		const struct profile_worker_phase *row = &v->p->workers[i];
		if (i >= shown) {
			others += row->self;
			continue;
		}
		grid_cell(&g, row->path);
		grid_cell(&g, SECONDS(row->self));
		grid_cell(&g, SECONDS(row->inclusive));
		grid_cell(&g, COUNT(row->calls));
		grid_cell(&g, SECONDS(row->p50));
	}
	if (v->p->workers_count > shown) {
		grid_format(&g, "%s others", COUNT((int64_t)(v->p->workers_count - shown)));
		grid_cell(&g, SECONDS(others));
	}
	grid_write(&g, 2, &v->options->terminal, v->out);
}

/* ---- bottlenecks -------------------------------------------------------------------------- */

/* What was made in phases that lie outside of steps belongs to no agent's step. */
struct made {
	double allocations, bytes;
	struct trace_variances variances;
	bool at_most; /* some of it was perhaps made outside of steps */
};

static void add_made(const struct view *v, struct made *made, uint32_t phase, int64_t allocations,
                     int64_t bytes, const struct trace_variances *variances)
{
	enum profile_place place = v->p->places[phase];
	if (place == PLACE_OUTSIDE)
		return;
	made->allocations += (double)allocations;
	made->bytes += (double)bytes;
	variances_add(&made->variances, variances);
	made->at_most = made->at_most || (place == PLACE_BOTH && allocations);
}

/* Self time of a row, of others, or in no phase. */
static void bottleneck_figures(struct view *v, struct grid *g, double self, struct made made)
{
	const struct profile *p = v->p;
	grid_cell(g, SECONDS(self));
	grid_cell(g, PERCENT(self / p->steps.wall));
	grid_cell(g, SECONDS(self / (double)p->steps.count));
	if (!p->agents.known || p->agents.agent_steps <= 0)
		return;
	grid_cell(g, SECONDS(self / p->agents.agent_steps));
	const char *bound = p->heap && made.at_most ? "≤ " : "";
	const struct variance *variances = made.variances.fields;
	double agent_steps = p->agents.agent_steps;
	struct unit allocations = unit_number(made.allocations / agent_steps);
	struct unit bytes = unit_bytes(made.bytes / agent_steps);
	allocations =
	        view_estimate(v, allocations, made.allocations, variances[TRACE_CELL_ALLOCATIONS]);
	bytes = view_estimate(v, bytes, made.bytes, variances[TRACE_CELL_ALLOCATED_BYTES]);
	grid_format(g, "%s%s", *allocations.text == '<' ? "" : bound,
	            view_if_heap(v, allocations.text));
	grid_format(g, "%s%s", bound, view_if_heap(v, bytes.text));
}

static void begin_bottlenecks(struct view *v, struct grid *g)
{
	bool agents = v->p->agents.known && v->p->agents.agent_steps > 0;
	grid_begin(g, agents ? "rprrrrrr" : "rprrr");
	g->optional = agents ? "ehg" : NULL;
	grid_cell(g, "");
	grid_cell(g, "phase");
	grid_cell(g, "self");
	grid_cell(g, "self %");
	grid_cell(g, "per step");
	if (agents) {
		grid_cell(g, "per agent-step");
		grid_cell(g, view_if_heap(v, "allocs/agent-step"));
		grid_cell(g, view_if_heap(v, "bytes/agent-step"));
	}
}

/* The phases from `first` on, as one row. */
static void other_bottlenecks(struct view *v, struct grid *g, const struct profile_phase **sorted,
                              size_t first)
{
	struct made made = {0};
	double self = 0;
	size_t count = 0;
	for (size_t i = first; i < v->p->phases_count; i++) {
		count += sorted[i]->self > 0;
		self += sorted[i]->self;
		add_made(v, &made, sorted[i]->id, sorted[i]->allocations, sorted[i]->bytes,
		         &sorted[i]->variances);
	}
	if (!count)
		return;
	grid_cell(g, "");
	grid_format(g, "%s others", COUNT((int64_t)count));
	bottleneck_figures(v, g, self, made);
}

void section_bottlenecks(struct view *v)
{
	const struct profile *p = v->p;
	struct grid g;
	if (!v->steps || !p->phases_count)
		return;
	const struct profile_phase **sorted = phases_sorted(p);
	view_heading(v, "phases by self time", "%sBOTTLENECKS", view_top(v).text);
	begin_bottlenecks(v, &g);
	size_t i = 0;
	for (; i < p->phases_count && i < v->top && sorted[i]->self > 0; i++) {
		grid_format(&g, "%zu", i + 1);
		grid_cell(&g, sorted[i]->path);
		struct made made = {0};
		add_made(v, &made, sorted[i]->id, sorted[i]->allocations, sorted[i]->bytes,
		         &sorted[i]->variances);
		bottleneck_figures(v, &g, sorted[i]->self, made);
	}
	other_bottlenecks(v, &g, sorted, i);
	grid_cell(&g, "");
	grid_cell(&g, "unaccounted");
	struct made made = {0};
	add_made(v, &made, 0, p->outside_allocations, p->outside_bytes, &p->outside_variances);
	bottleneck_figures(v, &g, p->unaccounted, made);
	grid_write(&g, 1, &v->options->terminal, v->out);
	free(sorted);
}
