/* sim_summary_text.c: the default report, for a person.
 *
 * Sections, in the order in which questions come: what ran and how it went, where a step's time
 * goes, what to look at first, who allocates, how memory moved, slow steps, counters, what not to
 * believe, what to type next. A section without data is not there. Every list says what it is
 * sorted by and ends with the rest, so that what is shown adds up to the whole.
 */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/grid.h"
#include "report/lists.h"
#include "report/marks.h"
#include "report/plot.h"
#include "report/report.h"
#include "report/units.h"

/* Rows of a list, unless told. */
#define TOP_DEFAULT 10

/* What every section gets. */
struct view {
	const struct profile *p;
	const struct report_options *options;
	struct text *out;
	size_t top; /* rows of a list */
	bool steps; /* the run has steps: figures are per step */
};

#define COUNT(n)   unit_count(n).text
#define NUMBER(n)  unit_number(n).text
#define BYTES(n)   unit_bytes((double)(n)).text
#define SECONDS(n) unit_seconds(n).text
#define PERCENT(n) unit_percent(n).text

static void heading(struct view *v, const char *title, const char *note)
{
	text_printf(v->out, "\n" MARK_HEADING "%s" MARK_END, title);
	if (*note)
		text_printf(v->out, "  " MARK_FAINT "%s" MARK_END, note);
	text_string(v->out, "\n");
}

/* A string that may hold anything, shortened to `columns`. */
static void shortened(struct view *v, const char *string, size_t columns)
{
	bool cut = text_columns(string) > columns;
	size_t length = cut ? text_prefix(string, columns - 1) : strlen(string);
	for (size_t i = 0; i < length; i++)
		text_add(v->out, (unsigned char)string[i] < ' ' ? "?" : string + i, 1);
	text_string(v->out, cut ? "…" : "");
}

/* ---- the run ------------------------------------------------------------------------------ */

/* Facts of the head, several in a line as long as they fit. */
struct line {
	struct view *v;
	size_t columns; /* used in the line so far */
};

__attribute__((format(printf, 2, 3))) static void fact(struct line *line, const char *format, ...)
{
	char part[512];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(part, sizeof(part), format, arguments);
	va_end(arguments);
	size_t columns = text_columns(part);
	if (line->columns && line->columns + 2 + columns > line->v->options->terminal.width) {
		text_string(line->v->out, "\n");
		line->columns = 0;
	}
	text_printf(line->v->out, "%s%s", line->columns ? "  " : "", part);
	line->columns += columns + (line->columns ? 2 : 0);
}

static void end_line(struct line *line)
{
	if (line->columns)
		text_string(line->v->out, "\n");
	line->columns = 0;
}

static void run_facts(struct view *v, struct line *line)
{
	const struct profile_run *run = &v->p->run;
	fact(line, "%s", run->ending);
	if (isnan(run->cpu))
		fact(line, "%s wall", SECONDS(run->wall));
	else if (run->wall > 0 && run->cores != PROFILE_UNKNOWN)
		fact(line, "%s wall, %s CPU (%s of %s cores)", SECONDS(run->wall),
		     SECONDS(run->cpu), NUMBER(run->cpu / run->wall), COUNT(run->cores));
	else
		fact(line, "%s wall, %s CPU", SECONDS(run->wall), SECONDS(run->cpu));
	fact(line, "%.32s", v->p->trace->header.mode);
}

/* The command stands alone in its line unless it is short. */
static void run_lines(struct view *v)
{
	const char *command = v->p->run.command;
	size_t width = v->options->terminal.width, columns = text_columns(command);
	struct line line = {v, 0};
	text_string(v->out, MARK_HEADING);
	shortened(v, command, width);
	text_string(v->out, MARK_END);
	if (columns < width / 2)
		line.columns = columns;
	else
		text_string(v->out, "\n");
	run_facts(v, &line);
	end_line(&line);
}

static void steps_line(struct view *v)
{
	const struct profile_steps *s = &v->p->steps;
	struct line line = {v, 0};
	if (!v->steps)
		return;
	fact(&line, "steps %s (%s/s)", COUNT(s->count), NUMBER(s->per_second));
	fact(&line, "p50 %s", SECONDS(s->p50));
	fact(&line, "p95 %s", SECONDS(s->p95));
	fact(&line, "p99 %s", SECONDS(s->p99));
	fact(&line, "max %s (step %s)", SECONDS(s->max), COUNT(s->max_step));
	end_line(&line);
}

static void heap_fact(struct line *line)
{
	const struct profile_totals *t = &line->v->p->totals;
	char error[UNIT_SIZE * 2] = "";
	if (t->peak_bytes == PROFILE_UNKNOWN)
		return;
	if (t->peak_error != PROFILE_UNKNOWN && t->peak_error > 0)
		snprintf(error, sizeof(error), " ± %s", BYTES(t->peak_error));
	if (line->v->steps && t->peak_step != PROFILE_UNKNOWN && t->peak_step > 0)
		fact(line, "heap peak %s%s (step %s)", BYTES(t->peak_bytes), error,
		     COUNT(t->peak_step));
	else if (t->peak_time > 0)
		fact(line, "heap peak %s%s (at %s)", BYTES(t->peak_bytes), error,
		     SECONDS(t->peak_time));
	else
		fact(line, "heap peak %s%s", BYTES(t->peak_bytes), error);
}

/* RSS beside the least memory that bounds it. */
static void rss_fact(struct line *line)
{
	const struct profile_totals *t = &line->v->p->totals;
	const struct trace_header *h = &line->v->p->trace->header;
	if (t->peak_rss == PROFILE_UNKNOWN)
		return;
	bool cgroup = h->memory_cgroup != TRACE_UNKNOWN &&
	              (h->memory_machine == TRACE_UNKNOWN || h->memory_cgroup < h->memory_machine);
	int64_t limit = cgroup ? h->memory_cgroup : h->memory_machine;
	if (limit == TRACE_UNKNOWN)
		fact(line, "RSS peak %s", BYTES(t->peak_rss));
	else
		fact(line, "RSS peak %s of %s%s", BYTES(t->peak_rss), BYTES(limit),
		     cgroup ? " (cgroup)" : "");
}

static void memory_line(struct view *v)
{
	const struct profile_agents *a = &v->p->agents;
	struct line line = {v, 0};
	if (a->known)
		fact(&line, "agents %s → %s (mean %s, max %s)", COUNT(a->first), COUNT(a->last),
		     NUMBER(a->mean), COUNT(a->max));
	heap_fact(&line);
	rss_fact(&line);
	end_line(&line);
}

static void totals_line(struct view *v)
{
	const struct profile_totals *t = &v->p->totals;
	const int64_t *f = t->fields;
	double allocations = (double)f[TRACE_CELL_ALLOCATIONS];
	struct line line = {v, 0};
	if (!f[TRACE_CELL_ALLOCATIONS] && !f[TRACE_CELL_FREES])
		return;
	fact(&line, "allocations %s (%s, %s %% temporary)", COUNT(f[TRACE_CELL_ALLOCATIONS]),
	     BYTES(f[TRACE_CELL_ALLOCATED_BYTES]),
	     PERCENT((double)f[TRACE_CELL_TEMPORARIES] / allocations));
	fact(&line, "reallocations %s", COUNT(f[TRACE_CELL_MOVED_IN]));
	fact(&line, "live at %s %s in %s blocks", v->p->run.complete ? "exit" : "end",
	     BYTES(t->live_bytes), COUNT(t->live_blocks));
	end_line(&line);
}

static void cost_line(struct view *v)
{
	const struct profile_cost *c = &v->p->cost;
	const char *allocator = v->p->trace->header.allocator;
	struct line line = {v, 0};
	if (!c->known)
		return;
	fact(&line, "profiler %s %% of CPU time, %s;", PERCENT(c->share), BYTES(c->memory));
	if (c->audits)
		fact(&line, "stacks audited %s, wrong %s;", COUNT(c->audits),
		     COUNT(c->audit_mismatches));
	if (*allocator)
		fact(&line, "%.64s in place of glibc", allocator);
	end_line(&line);
}

static void agent_step_line(struct view *v)
{
	const struct profile_steps *s = &v->p->steps;
	double agent_steps = v->p->agents.agent_steps;
	struct line line = {v, 0};
	if (!v->steps || !v->p->agents.known || agent_steps <= 0)
		return;
	fact(&line, "one agent in one step: %s, %s allocations, %s", SECONDS(s->wall / agent_steps),
	     NUMBER((double)s->allocations / agent_steps), BYTES((double)s->bytes / agent_steps));
	end_line(&line);
}

static void run_section(struct view *v)
{
	run_lines(v);
	steps_line(v);
	memory_line(v);
	agent_step_line(v);
	totals_line(v);
	cost_line(v);
}

/* ---- where a step goes -------------------------------------------------------------------- */

/* A time that is mostly the profiler's own is a bound, not a figure. */
static const char *bound(const struct profile_phase *row)
{
	return row->flags & PHASE_BELOW_CLOCK ? "≤ " : "";
}

/* A count, per step if there are steps. */
static void count_cell(struct view *v, struct grid *g, double count)
{
	if (v->steps)
		grid_cell(g, NUMBER(count / (double)v->p->steps.count));
	else
		grid_cell(g, COUNT((int64_t)count));
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

static void phase_row(struct view *v, struct grid *g, const struct profile_phase *row)
{
	double per = v->steps ? (double)v->p->steps.count : 1;
	int indent = row->depth < 20 ? (int)row->depth * 2 : 40;
	grid_format(g, "%*s%s", indent, "", row->name);
	if (row->flags & PHASE_NEVER_ENTERED && !row->allocations) {
		grid_cell(g, "never entered");
		grid_end_row(g);
		return;
	}
	phase_times(g, row);
	grid_cell(g, SECONDS(row->p50));
	grid_cell(g, SECONDS(row->per_call));
	grid_cell(g, NUMBER(row->cores));
	count_cell(v, g, (double)row->allocations);
	grid_cell(g, BYTES((double)row->bytes / per));
	grid_end_row(g);
}

static void unaccounted_row(struct view *v, struct grid *g)
{
	grid_cell(g, "unaccounted");
	grid_cell(g, "");
	grid_cell(g, SECONDS(v->p->unaccounted));
	grid_cell(g, PERCENT(v->p->unaccounted / v->p->steps.wall));
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
	grid_cell(g, NUMBER((double)s->allocations / (double)s->count));
	grid_cell(g, BYTES((double)s->bytes / (double)s->count));
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
		shortened(v, row->path, 60);
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
		shortened(v, row->path, 60);
		text_printf(v->out, " %s", SECONDS(row->self_outside));
	}
	text_string(v->out, listed ? "\n" : "");
}

static void phases_section(struct view *v)
{
	struct grid g;
	if (!v->p->phases_count && !v->steps)
		return;
	if (v->steps)
		heading(v, "WHERE A STEP GOES",
		        "stepping thread, time in steps: self adds up to the steps");
	else
		heading(v, "WHERE TIME GOES", "all threads; shares are of the run's wall time");
	grid_begin(&g, "lrrrrrrrrr");
	g.optional = "jg";
	grid_cell(&g, "phase");
	grid_cell(&g, "incl");
	grid_cell(&g, "self");
	grid_cell(&g, "self %");
	grid_cell(&g, "calls");
	grid_cell(&g, "p50");
	grid_cell(&g, "per call");
	grid_cell(&g, "cores");
	grid_cell(&g, v->steps ? "allocs/step" : "allocs");
	grid_cell(&g, v->steps ? "bytes/step" : "bytes");
	for (size_t i = 0; i < v->p->phases_count; i++)
		phase_row(v, &g, &v->p->phases[i]);
	if (v->steps) {
		unaccounted_row(v, &g);
		step_row(v, &g);
	}
	grid_write(&g, 2, &v->options->terminal, v->out);
	phase_note(v, PHASE_NEVER_ENDED, "not ended", ": no time for these calls");
	phase_note(v, PHASE_BELOW_CLOCK, "below what the clock can see",
	           ": a third or more of a call is the cost of marking it");
	outside_note(v);
}

static void workers_section(struct view *v)
{
	struct grid g;
	if (!v->p->workers_count)
		return;
	heading(v, "PHASES OF OTHER THREADS", "by self time, all threads together");
	grid_begin(&g, "lrrrr");
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

/* Self time of a row, of others, or in no phase. */
static void bottleneck_figures(struct view *v, struct grid *g, double self, double allocations,
                               double bytes)
{
	const struct profile *p = v->p;
	grid_cell(g, SECONDS(self));
	grid_cell(g, PERCENT(self / p->steps.wall));
	grid_cell(g, SECONDS(self / (double)p->steps.count));
	if (!p->agents.known || p->agents.agent_steps <= 0)
		return;
	grid_cell(g, SECONDS(self / p->agents.agent_steps));
	grid_cell(g, NUMBER(allocations / p->agents.agent_steps));
	grid_cell(g, BYTES(bytes / p->agents.agent_steps));
}

static void bottlenecks_section(struct view *v)
{
	const struct profile *p = v->p;
	const struct profile_phase **sorted;
	struct grid g;
	double others = 0, allocations = 0, bytes = 0;
	size_t shown = 0, left = 0;
	if (!v->steps || !p->phases_count)
		return;
	text_printf(v->out, "\n" MARK_HEADING "TOP %zu BOTTLENECKS" MARK_END, v->top);
	text_string(v->out, "  " MARK_FAINT "phases by self time" MARK_END "\n");
	bool agents = p->agents.known && p->agents.agent_steps > 0;
	grid_begin(&g, agents ? "rlrrrrrr" : "rlrrr");
	g.optional = agents ? "e" : NULL;
	grid_cell(&g, "");
	grid_cell(&g, "phase");
	grid_cell(&g, "self");
	grid_cell(&g, "self %");
	grid_cell(&g, "per step");
	if (agents) {
		grid_cell(&g, "per agent-step");
		grid_cell(&g, "allocs");
		grid_cell(&g, "bytes");
	}
	grid_end_row(&g);
	sorted = phases_sorted(p);
	for (size_t i = 0; i < p->phases_count; i++) {
		const struct profile_phase *row = sorted[i];
		if (row->self <= 0)
			continue;
		if (shown == v->top) {
			left++;
			others += row->self;
			allocations += (double)row->allocations;
			bytes += (double)row->bytes;
			continue;
		}
		grid_format(&g, "%zu", ++shown);
		grid_cell(&g, row->path);
		bottleneck_figures(v, &g, row->self, (double)row->allocations, (double)row->bytes);
	}
	if (left) {
		grid_cell(&g, "");
		grid_format(&g, "%s others", COUNT((int64_t)left));
		bottleneck_figures(v, &g, others, allocations, bytes);
	}
	grid_cell(&g, "");
	grid_cell(&g, "unaccounted");
	bottleneck_figures(v, &g, p->unaccounted, NAN, NAN);
	grid_write(&g, 1, &v->options->terminal, v->out);
	free(sorted);
}

/* ---- call-sites --------------------------------------------------------------------------- */

struct site_list {
	enum site_order order;
	const char *title;
	/* column headings after the site, with steps and without; NULL ends them */
	const char *with_steps[5], *without[5];
};

static const struct site_list site_lists[] = {
        {BY_ALLOCATIONS,
         "CALL-SITES BY ALLOCATIONS",
         {"allocs/step", "%", "bytes/step", "temporary %"},
         {"allocations", "%", "bytes", "temporary %"}},
        {BY_BYTES,
         "CALL-SITES BY BYTES ALLOCATED",
         {"bytes/step", "%", "allocs/step", "mean size"},
         {"bytes", "%", "allocations", "mean size"}},
        {AT_PEAK, "CALL-SITES AT THE PEAK", {"at peak", "%"}, {"at peak", "%"}},
        {LIVE_AT_EXIT,
         "CALL-SITES LIVE AT EXIT",
         {"live", "%", "blocks", "allocations"},
         {"live", "%", "blocks", "allocations"}},
};

/* One site, or the sum of several. */
struct site_figures {
	double allocations, bytes, temporaries, peak, live, blocks;
};

static void add_site(struct site_figures *sum, const struct call_site *site)
{
	sum->allocations += (double)site->fields[TRACE_CELL_ALLOCATIONS];
	sum->bytes += (double)site->fields[TRACE_CELL_ALLOCATED_BYTES];
	sum->temporaries += (double)site->fields[TRACE_CELL_TEMPORARIES];
	sum->peak += (double)site->fields[TRACE_CELL_PEAK_BYTES];
	sum->live += (double)site->live_bytes;
	sum->blocks += (double)site->live_blocks;
}

static void site_cells(struct view *v, struct grid *g, enum site_order order,
                       const struct site_figures *f, const struct site_figures *all)
{
	double per = v->steps ? (double)v->p->steps.count : 1;
	switch (order) {
	case BY_ALLOCATIONS:
		count_cell(v, g, f->allocations);
		grid_cell(g, PERCENT(f->allocations / all->allocations));
		grid_cell(g, BYTES(f->bytes / per));
		grid_cell(g, PERCENT(f->allocations > 0 ? f->temporaries / f->allocations : NAN));
		break;
	case BY_BYTES:
		grid_cell(g, BYTES(f->bytes / per));
		grid_cell(g, PERCENT(f->bytes / all->bytes));
		count_cell(v, g, f->allocations);
		grid_cell(g, BYTES(f->allocations > 0 ? f->bytes / f->allocations : NAN));
		break;
	case AT_PEAK:
		grid_cell(g, BYTES(f->peak));
		grid_cell(g, PERCENT(f->peak / all->peak));
		break;
	case LIVE_AT_EXIT:
		grid_cell(g, BYTES(f->live));
		grid_cell(g, PERCENT(f->live / all->live));
		grid_cell(g, COUNT((int64_t)f->blocks));
		grid_cell(g, COUNT((int64_t)f->allocations));
		break;
	}
	grid_end_row(g);
}

static void site_list_section(struct view *v, const struct site_list *list)
{
	const struct call_site **sorted = sites_sorted(v->p, list->order);
	struct site_figures all = {0}, others = {0};
	size_t count = v->p->sites.count, shown = 0, left = 0;
	struct grid g;
	for (size_t i = 0; i < count; i++)
		add_site(&all, sorted[i]);
	if (!count || site_figure(sorted[0], list->order) <= 0) {
		free(sorted);
		return;
	}
	bool cut_off = list->order == LIVE_AT_EXIT && !v->p->run.complete;
	text_printf(v->out, "\n" MARK_HEADING "TOP %zu %s" MARK_END "\n", v->top,
	            cut_off ? "CALL-SITES LIVE AT THE END OF THE TRACE" : list->title);
	const char *const *columns = v->steps ? list->with_steps : list->without;
	grid_begin(&g, columns[2] ? "rllrrrr" : "rllrr");
	g.optional = columns[2] ? "g" : NULL;
	grid_cell(&g, "");
	grid_cell(&g, "call-site");
	grid_cell(&g, v->p->trace->phases_count > 1 ? "phase" : "");
	for (size_t i = 0; columns[i]; i++)
		grid_cell(&g, columns[i]);
	for (size_t i = 0; i < count; i++) {
		struct site_figures one = {0};
		if (site_figure(sorted[i], list->order) <= 0 || shown == v->top) {
			if (site_figure(sorted[i], list->order) != 0) {
				left++;
				add_site(&others, sorted[i]);
			}
			continue;
		}
		grid_format(&g, "%zu", ++shown);
		grid_cell(&g, sorted[i]->label);
		grid_cell(&g, profile_phase_path(v->p, sorted[i]->phase));
		add_site(&one, sorted[i]);
		site_cells(v, &g, list->order, &one, &all);
	}
	if (left) {
		grid_cell(&g, "");
		grid_format(&g, "%s others", COUNT((int64_t)left));
		grid_cell(&g, "");
		site_cells(v, &g, list->order, &others, &all);
	}
	grid_write(&g, 1, &v->options->terminal, v->out);
	free(sorted);
}

static void sites_section(struct view *v)
{
	for (size_t i = 0; i < sizeof(site_lists) / sizeof(site_lists[0]); i++)
		site_list_section(v, &site_lists[i]);
}

/* ---- memory over the run ------------------------------------------------------------------ */

static void plot_line(struct view *v, const char *name, size_t offset, size_t width)
{
	double max = plot_max(v->p, offset);
	if (isnan(max) || max <= 0)
		return;
	text_printf(v->out, "  %-9s 0 ", name);
	plot_series(v->p, offset, max, width, v->out);
	text_printf(v->out, " %s\n", BYTES(max));
}

static void memory_section(struct view *v)
{
	size_t heap = offsetof(struct profile_point, live),
	       rss = offsetof(struct profile_point, rss);
	if (v->p->points_count < 2 || (isnan(plot_max(v->p, heap)) && isnan(plot_max(v->p, rss))))
		return;
	size_t width = v->options->terminal.width - 30;
	width = width > 80 ? 80 : width;
	heading(v, "MEMORY OVER THE RUN", "each line from 0 to its own largest");
	plot_line(v, "live heap", heap, width);
	plot_line(v, "RSS", rss, width);
	struct unit end = unit_seconds(v->p->points[v->p->points_count - 1].time);
	text_printf(v->out, "  %-9s   0 s%*s%s\n", "", (int)(width - 3 - text_columns(end.text)),
	            "", end.text);
}

/* ---- slow steps, counters ----------------------------------------------------------------- */

static void slowest_section(struct view *v)
{
	const struct profile *p = v->p;
	enum { SHOWN = 5 };
	struct grid g;
	if (!p->slowest_count || p->steps.count < 2)
		return;
	bool started = false;
	for (size_t i = 0; i < p->slowest_count; i++)
		started = started || p->slowest[i].started > 0;
	heading(v, "SLOWEST STEPS", "");
	grid_begin(&g, "rrrrrrr");
	grid_cell(&g, "step");
	grid_cell(&g, "took");
	grid_cell(&g, "× p50");
	grid_cell(&g, started ? "at" : "");
	grid_cell(&g, "allocations");
	grid_cell(&g, "bytes");
	grid_cell(&g, p->agents.known ? "agents" : "");
	for (size_t i = 0; i < p->slowest_count && i < SHOWN; i++) {
		const struct profile_slow_step *s = &p->slowest[i];
		grid_cell(&g, COUNT(s->step));
		grid_cell(&g, SECONDS(s->seconds));
		grid_cell(&g, NUMBER(s->seconds / p->steps.p50));
		grid_cell(&g, started ? SECONDS(s->started) : "");
		grid_cell(&g, COUNT(s->allocations));
		grid_cell(&g, BYTES(s->bytes));
		grid_cell(&g, p->agents.known ? COUNT(s->agents) : "");
	}
	grid_write(&g, 2, &v->options->terminal, v->out);
}

static void counters_section(struct view *v)
{
	const struct trace *t = v->p->trace;
	struct grid g;
	if (!t->counters_count)
		return;
	heading(v, "COUNTERS", "");
	grid_begin(&g, v->steps ? "lrr" : "lr");
	grid_cell(&g, "name");
	grid_cell(&g, "total");
	if (v->steps)
		grid_cell(&g, "per step");
	for (size_t i = 0; i < t->counters_count; i++) {
		grid_cell(&g, t->strings[t->counters[i].name]);
		grid_cell(&g, COUNT(t->counters[i].value));
		if (v->steps)
			grid_cell(&g,
			          NUMBER((double)t->counters[i].value / (double)v->p->steps.count));
	}
	grid_write(&g, 2, &v->options->terminal, v->out);
}

/* ---- warnings, next ----------------------------------------------------------------------- */

static void warnings_section(struct view *v)
{
	if (!v->p->warnings_count)
		return;
	heading(v, "WARNINGS", "");
	for (size_t i = 0; i < v->p->warnings_count; i++) {
		text_string(v->out, "  " MARK_WARNING "!" MARK_END " ");
		shortened(v, v->p->warnings[i], 1000);
		text_string(v->out, "\n");
	}
}

/* The trace's name as one word of a shell. */
static void quoted(struct text *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	                            "@%_-+=:,./";
	if (*word && !word[strspn(word, plain)]) {
		text_string(out, word);
		return;
	}
	text_string(out, "'");
	for (; *word; word++)
		text_add(out, *word == '\'' ? "'\\''" : word, *word == '\'' ? 4 : 1);
	text_string(out, "'");
}

static void next_command(struct view *v, const char *arguments, const char *purpose)
{
	struct text command = {0};
	quoted(&command, v->options->program);
	text_printf(&command, " %s ", arguments);
	quoted(&command, v->options->trace);
	text_printf(v->out, "  %s  " MARK_FAINT "# %s" MARK_END "\n", command.bytes, purpose);
	text_free(&command);
}

/* Whether there is something that `symbolize` would add to the trace. */
static bool has_fresh_symbols(const struct profile *p)
{
	for (size_t i = TRACE_FRAME_FIRST; i < p->trace->frames_count; i++)
		if (p->code.frames[i].fresh)
			return true;
	return false;
}

static void next_section(struct view *v)
{
	heading(v, "NEXT", "");
	if (v->p->sites.count > v->top || v->p->phases_count > v->top)
		next_command(v, "report --top 30", "longer lists");
	next_command(v, "report --format json -o report.json", "the same for programs");
	if (has_fresh_symbols(v->p) && v->p->trace->end.known)
		next_command(v, "symbolize", "keep names in the trace, to read it elsewhere");
}

void sim_summary_text(const struct profile *p, const struct report_options *options,
                      struct text *out)
{
	size_t top = options->top ? options->top : TOP_DEFAULT;
	struct view v = {p, options, out, top, profile_has_steps(p)};
	run_section(&v);
	phases_section(&v);
	workers_section(&v);
	bottlenecks_section(&v);
	sites_section(&v);
	memory_section(&v);
	slowest_section(&v);
	counters_section(&v);
	warnings_section(&v);
	next_section(&v);
}
