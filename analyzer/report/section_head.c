/* section_head.c: the first lines: what ran, how it went, what the profiler cost. */
#include "report/sections.h"

#include "model/estimate.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

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
		fact(line, "%s wall, %s CPU (%s of %s core%s)", SECONDS(run->wall),
		     SECONDS(run->cpu), NUMBER(run->cores_used), COUNT(run->cores),
		     run->cores == 1 ? "" : "s");
	else
		fact(line, "%s wall, %s CPU", SECONDS(run->wall), SECONDS(run->cpu));
	if (v->p->sampled)
		fact(line, "sampled every %s", BYTES(v->p->trace->header.sample_bytes));
	else
		fact(line, "%.32s", v->p->heap ? v->p->trace->header.mode : "marks only");
}

/* The command stands alone in its line unless it is short. */
static void run_lines(struct view *v)
{
	const char *command = v->p->run.command;
	size_t width = v->options->terminal.width, columns = text_columns(command);
	struct line line = {v, 0};
	text_string(v->out, MARK_HEADING);
	view_shortened(v, command, width);
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
	if (!line->v->p->heap)
		fact(line, "heap not recorded (--mode off)");
	if (t->peak_bytes == PROFILE_UNKNOWN)
		return;
	struct variance variance = t->variances.fields[TRACE_CELL_PEAK_BYTES];
	if (t->peak_error != PROFILE_UNKNOWN && t->peak_error > 0)
		snprintf(error, sizeof(error), " ± %s", BYTES(t->peak_error));
	if (line->v->p->sampled)
		snprintf(error, sizeof(error), "%s",
		         view_estimate(line->v, (struct unit){""}, (double)t->peak_bytes, variance)
		                 .text);
	if (line->v->steps && t->peak_step != PROFILE_UNKNOWN && t->peak_step > 0)
		fact(line, "heap peak %s%s (step %s)", BYTES(t->peak_bytes), error,
		     COUNT(t->peak_step));
	else if (t->peak_time > 0 && t->peak_bytes > 0)
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

static struct unit total_count(const struct view *v, enum trace_cell_field field)
{
	const struct profile_totals *t = &v->p->totals;
	return view_estimate(v, unit_count(t->fields[field]), (double)t->fields[field],
	                     t->variances.fields[field]);
}

static struct unit live_bytes(const struct view *v)
{
	const struct profile_totals *t = &v->p->totals;
	return view_estimate(v, unit_bytes((double)t->live_bytes), (double)t->live_bytes,
	                     variance_live_bytes(&t->variances));
}

static struct unit bytes_allocated(const struct view *v)
{
	const struct profile_totals *t = &v->p->totals;
	double bytes = (double)t->fields[TRACE_CELL_ALLOCATED_BYTES];
	return view_estimate(v, unit_bytes(bytes), bytes,
	                     t->variances.fields[TRACE_CELL_ALLOCATED_BYTES]);
}

static void totals_line(struct view *v)
{
	const struct profile_totals *t = &v->p->totals;
	const int64_t *f = t->fields;
	const struct variance *var = t->variances.fields;
	double allocations = (double)f[TRACE_CELL_ALLOCATIONS];
	struct line line = {v, 0};
	if (!v->p->heap || (!f[TRACE_CELL_ALLOCATIONS] && !f[TRACE_CELL_FREES]))
		return;
	fact(&line, "allocations %s%s (%s, %s %% temporary)", v->p->sampled ? "≈ " : "",
	     total_count(v, TRACE_CELL_ALLOCATIONS).text, bytes_allocated(v).text,
	     view_share(v, (double)f[TRACE_CELL_TEMPORARIES], var[TRACE_CELL_TEMPORARIES],
	                allocations, var[TRACE_CELL_ALLOCATIONS])
	             .text);
	fact(&line, "reallocations %s", total_count(v, TRACE_CELL_MOVED_IN).text);
	const char *when = v->p->run.complete ? "exit" : "end";
	if (v->p->sampled)
		fact(&line, "live at %s %s", when, live_bytes(v).text);
	else
		fact(&line, "live at %s %s in %s block%s", when, live_bytes(v).text,
		     COUNT(t->live_blocks), t->live_blocks == 1 ? "" : "s");
	end_line(&line);
}

static void cost_line(struct view *v)
{
	const struct profile_cost *c = &v->p->cost;
	const char *allocator = v->p->trace->header.allocator;
	struct line line = {v, 0};
	if (!c->known)
		return;
	if (c->doubtful)
		fact(&line, "profiler's time not measured well, %s;", BYTES(c->memory));
	else if (isnan(c->share))
		fact(&line, "profiler's time not measured, %s;", BYTES(c->memory));
	else
		fact(&line, "profiler about %s %% of CPU time%s, %s;", PERCENT(c->share),
		     c->by_samples ? " by samples (it counted calls)" : "", BYTES(c->memory));
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
	if (v->p->heap)
		fact(&line, "one agent in one step: %s, %s allocations, %s",
		     SECONDS(s->wall / agent_steps),
		     view_estimate(v, unit_number((double)s->allocations / agent_steps),
		                   (double)s->allocations, s->allocations_variance)
		             .text,
		     view_estimate(v, unit_bytes((double)s->bytes / agent_steps), (double)s->bytes,
		                   s->bytes_variance)
		             .text);
	else
		fact(&line, "one agent in one step: %s", SECONDS(s->wall / agent_steps));
	end_line(&line);
}

void section_head(struct view *v)
{
	run_lines(v);
	steps_line(v);
	memory_line(v);
	agent_step_line(v);
	totals_line(v);
	cost_line(v);
}
