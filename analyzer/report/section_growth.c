/* section_growth.c: call-sites that hold more and more as the run gets older. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/sections.h"

/* Lines of the short form. */
#define SHORT_ROWS 5

/* What a fit leaves of nothing is nothing. */
static double settled(double bytes)
{
	return fabs(bytes) < 0.005 ? 0 : bytes;
}

/* A slope: "+412 KiB/step". */
static struct unit slope_unit(const struct view *v, double slope)
{
	struct unit out;
	slope = settled(slope);
	snprintf(out.text, sizeof(out.text), "%s%.38s/%s", slope > 0 ? "+" : "", BYTES(slope),
	         v->p->growths.by_step ? "step" : "s");
	return out;
}

/* A time span that may be days. */
static struct unit span_unit(double seconds)
{
	struct unit out;
	if (!(seconds >= 7200))
		return unit_seconds(seconds);
	bool days = seconds >= 2 * 86400;
	snprintf(out.text, sizeof(out.text), "%.38s %s", NUMBER(seconds / (days ? 86400 : 3600)),
	         days ? "days" : "h");
	return out;
}

static const char *limit_name(enum memory_limit limit)
{
	static const char *const names[] = {[LIMIT_NONE] = "no limit known",
	                                    [LIMIT_MACHINE] = "machine",
	                                    [LIMIT_CGROUP] = "cgroup",
	                                    [LIMIT_ADDRESS_SPACE] = "address space"};
	return names[limit];
}

/* "step 37,800", "3.4 h of running" */
static struct unit age_unit(const struct view *v, double age)
{
	struct unit out;
	if (!isfinite(age) || age > 9e15)
		return (struct unit){"—"};
	if (v->p->growths.by_step)
		snprintf(out.text, sizeof(out.text), "step %.38s", COUNT((int64_t)age));
	else
		out = span_unit(age);
	return out;
}

/* An age that lies ahead is not known to more than three digits. */
static struct unit ahead_unit(const struct view *v, double age)
{
	double unit = age > 0 ? pow(10, floor(log10(age)) - 2) : 1;
	return age_unit(v, round(age / unit) * unit);
}

/* ---- the short form ------------------------------------------------------------------------ */

static void short_row(struct view *v, const struct growth *g)
{
	const struct growths *all = &v->p->growths;
	const char *phase = profile_phase_path(v->p, g->site->phase);
	text_string(v->out, "  ");
	view_shortened(v, g->site->label, 48);
	if (*phase) {
		text_string(v->out, " in ");
		view_shortened(v, phase, 32);
	}
	text_printf(v->out, "  %s, %s at peak", slope_unit(v, g->whole.slope).text,
	            BYTES(g->site->fields[TRACE_CELL_PEAK_BYTES]));
	if (isfinite(g->limit_age))
		text_printf(v->out, " → %s near %s", BYTES(all->limit_bytes),
		            ahead_unit(v, g->limit_age).text);
	text_string(v->out, "\n");
}

void section_sure_growth(struct view *v)
{
	const struct growths *all = &v->p->growths;
	if (!all->sure)
		return;
	view_heading(v, "", "GROWS WITH AGE (sure)");
	for (size_t i = 0; i < all->sure && i < SHORT_ROWS; i++)
		short_row(v, &all->rows[i]);
	if (all->sure > SHORT_ROWS)
		text_printf(v->out, "  %zu more; all together %s\n", all->sure - SHORT_ROWS,
		            slope_unit(v, all->sure_slope).text);
}

/* ---- the whole ------------------------------------------------------------------------------ */

static void interval_cell(struct grid *g, double low, double high)
{
	if (isfinite(low) && isfinite(high))
		grid_format(g, "%s … %s", BYTES(settled(low)), BYTES(settled(high)));
	else
		grid_cell(g, "—");
}

static void name_cells(struct view *v, struct grid *g, const struct growth *row)
{
	grid_cell(g, row->site->label);
	grid_cell(g, view_phase(v, row->site->phase));
}

static void growth_row(struct view *v, struct grid *g, const struct growth *row)
{
	name_cells(v, g, row);
	grid_cell(g, growth_verdict_name(row->verdict));
	grid_cell(g, slope_unit(v, row->whole.slope).text);
	interval_cell(g, row->whole.low, row->whole.high);
	grid_cell(g, slope_unit(v, row->late.slope).text);
	grid_cell(g, BYTES(row->held));
	grid_cell(g, ahead_unit(v, row->limit_age).text);
	grid_cell(g, isnan(row->limit_seconds) ? "" : span_unit(row->limit_seconds).text);
	if (row->verdict == GROWTH_STOPPED)
		grid_format(g, "not since %s", age_unit(v, row->stopped).text);
	else
		grid_cell(g, row->reason);
	grid_end_row(g);
}

static void growth_table(struct view *v)
{
	const struct growths *all = &v->p->growths;
	struct grid g;
	grid_begin(&g, "lplrrrrrrl");
	g.optional = "eifgh";
	grid_cell(&g, "call-site");
	grid_cell(&g, v->p->trace->phases_count > 1 ? "phase" : "");
	grid_cell(&g, "verdict");
	grid_cell(&g, "grows");
	grid_cell(&g, "95 % interval");
	grid_cell(&g, "last third");
	grid_cell(&g, "held");
	grid_cell(&g, "limit near");
	grid_cell(&g, "in");
	grid_cell(&g, "because");
	for (size_t i = 0; i < all->count && i < v->top; i++)
		growth_row(v, &g, &all->rows[i]);
	grid_write(&g, 2, &v->options->terminal, v->out);
	if (all->count > v->top)
		text_printf(v->out, "  %zu more\n", all->count - v->top);
}

static void agents_table(struct view *v)
{
	const struct growths *all = &v->p->growths;
	struct grid g;
	if (!all->agents_grow)
		return;
	text_printf(v->out,
	            "\n  The number of agents grows too (by %s a %s): growth may be due "
	            "to them.\n  Both fitted together:\n",
	            NUMBER(all->agents.slope), all->by_step ? "step" : "second");
	grid_begin(&g, "lprrrrr");
	g.optional = "fd";
	grid_cell(&g, "call-site");
	grid_cell(&g, v->p->trace->phases_count > 1 ? "phase" : "");
	grid_cell(&g, "by age");
	grid_cell(&g, "95 % interval");
	grid_cell(&g, "by agents");
	grid_cell(&g, "95 % interval");
	grid_cell(&g, "told apart");
	for (size_t i = 0; i < all->count && i < v->top; i++) {
		const struct growth *row = &all->rows[i];
		name_cells(v, &g, row);
		grid_cell(&g, slope_unit(v, row->parts.x.value).text);
		interval_cell(&g, row->parts.x.low, row->parts.x.high);
		grid_format(&g, "%s/agent", BYTES(settled(row->parts.z.value)));
		interval_cell(&g, row->parts.z.low, row->parts.z.high);
		grid_format(&g, "%s %%", PERCENT(1 - row->parts.shared));
	}
	grid_write(&g, 2, &v->options->terminal, v->out);
}

static void limit_line(struct view *v)
{
	const struct growths *all = &v->p->growths;
	if (!all->sure)
		return;
	text_printf(v->out, "  sure ones together: %s", slope_unit(v, all->sure_slope).text);
	if (isfinite(all->sure_limit_age))
		text_printf(v->out,
		            "\n  from %s RSS to the limit of %s (%s) near %s, in %s at this pace",
		            BYTES(all->limit_base), BYTES(all->limit_bytes), limit_name(all->limit),
		            ahead_unit(v, all->sure_limit_age).text,
		            span_unit(all->sure_limit_seconds).text);
	if (all->limit == LIMIT_ADDRESS_SPACE)
		text_string(v->out, ",\n  at the latest: address space is more than RSS");
	text_string(v->out, "\n");
}

void section_growth(struct view *v)
{
	const struct growths *all = &v->p->growths;
	if (!v->p->sites.count)
		return;
	view_heading(v, "live bytes against age; sorted by verdict, then by slope",
	             "GROWS WITH AGE");
	if (all->points < GROWTH_POINTS_MIN) {
		text_printf(v->out, "  too short a run to tell: %zu windows %s, %d are needed\n",
		            all->points, v->steps ? "in which steps ended" : "before the last",
		            GROWTH_POINTS_MIN);
		return;
	}
	if (!all->count) {
		text_printf(v->out, "  no call-site, in %zu windows\n", all->points);
		return;
	}
	growth_table(v);
	limit_line(v);
	agents_table(v);
}
