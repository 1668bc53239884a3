/* scaling_sections.c: laws for people, as text and as Markdown.
 *
 * Each section writes a heading and what belongs under it, or nothing where there is no data for
 * it. Sizes are those that came of the runs; figures at a size to come have their 95 % intervals.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "report/marks.h"
#include "report/scaling.h"
#include "report/scaling_plot.h"
#include "report/scaling_writer.h"
#include "scaling/outlook.h"

struct view_of_study {
	const struct scaling_report *r;
	const struct study *study;
	struct scaling_writer *w;
	double target;
	size_t top;
};

#define SIZE(n)       unit_count((int64_t)llround(n)).text
#define BYTES(n)      unit_bytes(n).text
#define VALUE(row, v) scaling_value(metric_info((row)->kind)->unit, (v)).text

/* ---- cells -------------------------------------------------------------------------------- */

static double value_at(const struct study_row *row, double n)
{
	return least_value(&row->fit.least, fit_law(&row->fit), n);
}

static const char *law_name(const struct study_row *row)
{
	return !row ? "" : row->trouble ? "—" : fit_law(&row->fit)->name;
}

/* A law in a table, with a sign of doubt. */
static struct unit law_cell(const struct study_row *row)
{
	struct unit cell = {""};
	const char *doubt = "";
	if (row && !row->trouble)
		doubt = row->fit.verdict == VERDICT_SURE     ? ""
		        : row->fit.verdict == VERDICT_LIKELY ? " ?"
		                                             : " ??";
	snprintf(cell.text, sizeof(cell.text), "%s%s", law_name(row), doubt);
	return cell;
}

static const char *verdict_of(const struct study_row *row)
{
	return row->trouble ? "cannot tell" : fit_verdict_name(row->fit.verdict);
}

static const char *class_of(const struct study_row *row)
{
	return row->trouble ? "" : fit_law(&row->fit)->words;
}

/* "1.23 s [1.1 s – 1.4 s]" */
static void predicted_cell(const struct view_of_study *v, const struct study_row *row, double n)
{
	if (row->trouble) {
		scaling_cell(v->w, "—");
		return;
	}
	struct fit_prediction p = fit_predict(&row->fit, n);
	if (row->fit.exact)
		scaling_cell(v->w, "%s", VALUE(row, p.value));
	else
		scaling_cell(v->w, "%s [%s–%s]", VALUE(row, p.value), VALUE(row, p.interval.low),
		             VALUE(row, p.interval.high));
}

static const struct study_row *find(const struct view_of_study *v, const struct study_row *like,
                                    enum metric kind)
{
	return study_find(v->study, like->subject, like->path, kind);
}

/* ---- the sizes ---------------------------------------------------------------------------- */

static bool same_size(const struct study_run *a, const struct study_run *b)
{
	return a->asked == b->asked;
}

static void size_row(const struct view_of_study *v, size_t first)
{
	const struct study *s = v->study;
	const struct study_run *run = &s->runs[first];
	double mean = 0, peak = 0, steps = 0, overhead = 0, runs = 0;
	for (size_t i = 0; i < s->runs_count; i++)
		if (same_size(&s->runs[i], run) && !s->runs[i].left_out) {
			mean += s->runs[i].mean;
			peak += s->runs[i].peak;
			steps += s->runs[i].steps;
			overhead += s->runs[i].overhead;
			runs++;
		}
	scaling_cell(v->w, "%s", SIZE(run->asked));
	scaling_cell(v->w, "%s", unit_number(mean / runs).text);
	scaling_cell(v->w, "%s", unit_number(peak / runs).text);
	scaling_cell(v->w, "%s", SIZE(runs));
	scaling_cell(v->w, "%s", unit_number(steps / runs).text);
	scaling_cell(v->w, "%s", unit_percent(overhead / runs).text);
}

static bool is_first(const struct study *s, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (same_size(&s->runs[j], &s->runs[i]) && !s->runs[j].left_out)
			return false;
	return !s->runs[i].left_out;
}

static int by_asked(const void *a, const void *b, void *study)
{
	const struct study_run *runs = ((const struct study *)study)->runs;
	double x = runs[*(const size_t *)a].asked, y = runs[*(const size_t *)b].asked;
	return (x > y) - (x < y);
}

static void section_sizes(const struct view_of_study *v)
{
	const struct study *s = v->study;
	if (!s->runs_count)
		return;
	size_t *firsts = mem_zero(s->runs_count * sizeof(*firsts)), count = 0;
	for (size_t i = 0; i < s->runs_count; i++)
		if (is_first(s, i))
			firsts[count++] = i;
	qsort_r(firsts, count, sizeof(*firsts), by_asked, (void *)s);
	scaling_heading(v->w, "time is fitted to the mean, what was held to that at the peak",
	                "SCALING OF %s AGAINST %s", count ? s->runs[firsts[0]].program : "",
	                s->against);
	scaling_table(v->w, "rrrrrr");
	const char *heading[] = {"asked", "mean", "at the peak", "runs", "steps", "profiler %"};
	for (size_t i = 0; i < 6; i++)
		scaling_cell(v->w, "%s", heading[i]);
	for (size_t i = 0; i < count; i++)
		size_row(v, firsts[i]);
	scaling_table_end(v->w);
	free(firsts);
}

/* ---- phases ------------------------------------------------------------------------------- */

static void phase_heading(const struct view_of_study *v)
{
	char target[64];
	snprintf(target, sizeof(target), "at %s [95 %%]", SIZE(v->target));
	const char *cells[] = {"phase",     "clock", "law",    "",          "verdict",
	                       "per agent", target,  "allocs", "live bytes"};
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++)
		scaling_cell(v->w, "%s", cells[i]);
}

static void phase_row(const struct view_of_study *v, const struct study_row *time)
{
	const struct study_row *allocations = find(v, time, METRIC_ALLOCATIONS);
	const struct study_row *live = find(v, time, METRIC_PEAK);
	double largest = study_row_largest(time);
	scaling_cell(v->w, "%s", time->path);
	scaling_cell(v->w, "%s", time->kind == METRIC_CPU ? "CPU" : "wall");
	scaling_cell(v->w, "%s", law_cell(time).text);
	scaling_cell(v->w, "%s", class_of(time));
	scaling_cell(v->w, "%s", verdict_of(time));
	if (time->trouble)
		scaling_cell(v->w, "—");
	else
		scaling_cell(v->w, "%s", VALUE(time, value_at(time, largest) / largest));
	predicted_cell(v, time, v->target);
	scaling_cell(v->w, "%s", law_cell(allocations).text);
	scaling_cell(v->w, "%s", law_cell(live).text);
}

static bool is_time(const struct view_of_study *v, const struct study_row *row)
{
	return row->kind == study_time(v->study, row) &&
	       (row->subject == SUBJECT_STEP || row->subject == SUBJECT_PHASE);
}

static void section_phases(const struct view_of_study *v)
{
	bool any = false;
	for (size_t i = 0; i < v->study->rows_count; i++)
		any = any || is_time(v, &v->study->rows[i]);
	if (!any)
		return;
	scaling_heading(v->w,
	                "? likely, ?? cannot tell; phases with their children; per agent at the "
	                "largest size; live bytes at the heap's peak",
	                "LAWS BY PHASE, time per step");
	scaling_table(v->w, "pllllrrll");
	v->w->grid.optional = "gdi";
	phase_heading(v);
	for (int phases = 0; phases < 2; phases++)
		for (size_t i = 0; i < v->study->rows_count; i++) {
			const struct study_row *row = &v->study->rows[i];
			if (is_time(v, row) && (row->subject == SUBJECT_PHASE) == phases)
				phase_row(v, row);
		}
	scaling_table_end(v->w);
}

/* What the published classifier calls phases and step, a line a verdict. */
static void section_published(const struct view_of_study *v)
{
	const char *const verdicts[] = {OUTLOOK_NEAR_LINEAR, OUTLOOK_SUB_QUADRATIC,
	                                OUTLOOK_QUADRATIC};
	bool any = false;
	for (size_t k = 0; k < 3; k++) {
		struct text names = {0};
		for (size_t i = 0; i < v->study->rows_count; i++) {
			const struct study_row *row = &v->study->rows[i];
			if (!is_time(v, row) || row->trouble ||
			    strcmp(outlook_published(row), verdicts[k]) != 0)
				continue;
			text_printf(&names, "%s%s", names.length ? ", " : "", row->path);
		}
		if (names.length && !any)
			scaling_heading(v->w,
			                "ratio of times by ratio of counts: below 1.5, below 2.5, "
			                "above; knows neither noise nor doubt",
			                "THE PUBLISHED CLASSIFIER");
		if (names.length)
			scaling_line(v->w, "%s: %s", verdicts[k], names.bytes);
		any = any || names.length;
		text_free(&names);
	}
}

/* ---- lists by what is predicted ----------------------------------------------------------- */

struct ranked {
	const struct study_row *row;
	double value;
};

static int by_value(const void *a, const void *b)
{
	double x = ((const struct ranked *)a)->value, y = ((const struct ranked *)b)->value;
	return (x < y) - (x > y);
}

static void ranked_row(const struct view_of_study *v, const struct ranked *one, double total)
{
	const struct study_row *row = one->row;
	double now = value_at(row, study_row_largest(row));
	scaling_cell(v->w, "%s", row->path);
	scaling_cell(v->w, "%s", law_cell(row).text);
	scaling_cell(v->w, "%s", verdict_of(row));
	scaling_cell(v->w, "%s", VALUE(row, now));
	predicted_cell(v, row, v->target);
	scaling_cell(v->w, "%s", unit_percent(one->value / total).text);
}

/* The largest rows of one kind at the target, by what their laws say there. */
static void section_ranked(const struct view_of_study *v, enum subject subject, enum metric kind,
                           const char *title, const char *note)
{
	struct ranked *list = mem_zero((v->study->rows_count + 1) * sizeof(*list));
	size_t count = 0;
	double total = 0;
	for (size_t i = 0; i < v->study->rows_count; i++) {
		const struct study_row *row = &v->study->rows[i];
		if (row->subject != subject || row->kind != kind || row->trouble)
			continue;
		list[count] = (struct ranked){row, value_at(row, v->target)};
		total += list[count++].value;
	}
	if (count) {
		qsort(list, count, sizeof(*list), by_value);
		scaling_heading(v->w, note, "TOP %zu %s AT %s", count < v->top ? count : v->top,
		                title, SIZE(v->target));
		scaling_table(v->w, "pllrrr");
		const char *heading[] = {
		        "", "law", "verdict", "largest measured", "predicted [95 %]", "%"};
		for (size_t i = 0; i < 6; i++)
			scaling_cell(v->w, "%s", heading[i]);
		for (size_t i = 0; i < count && i < v->top; i++)
			ranked_row(v, &list[i], total);
		scaling_table_end(v->w);
	}
	free(list);
}

static void section_lists(const struct view_of_study *v)
{
	section_ranked(v, SUBJECT_PHASE, METRIC_SELF, "PHASES BY PREDICTED TIME",
	               "self wall time per step: these add up");
	section_ranked(v, SUBJECT_FUNCTION, METRIC_CPU, "FUNCTIONS BY PREDICTED TIME",
	               "self CPU time per step, from samples");
	section_ranked(v, SUBJECT_CALL_SITE, METRIC_ALLOCATIONS,
	               "CALL-SITES BY PREDICTED ALLOCATIONS", "per step");
	section_ranked(v, SUBJECT_CALL_SITE, METRIC_PEAK, "CALL-SITES BY PREDICTED MEMORY",
	               "held at the heap's peak");
}

/* ---- what comes --------------------------------------------------------------------------- */

#define CROSSINGS_MAX 8

static void section_crossings(const struct view_of_study *v)
{
	struct outlook_crossing crossings[CROSSINGS_MAX];
	size_t count = outlook_crossings(v->study, v->target, crossings, CROSSINGS_MAX);
	if (!count)
		return;
	scaling_heading(v->w, "self wall time", "CROSSOVERS UP TO %s", SIZE(v->target));
	for (size_t i = 0; i < count; i++) {
		const struct study_row *a = crossings[i].riser, *b = crossings[i].passed;
		bool sure = a->fit.verdict == VERDICT_SURE && b->fit.verdict == VERDICT_SURE;
		scaling_line(v->w, "from n ≈ %s %s overtakes %s%s", SIZE(crossings[i].n), a->path,
		             b->path, sure ? "" : " (their laws are not sure)");
	}
}

static const char *limit_name(enum study_limit kind)
{
	static const char *const names[] = {"", "of the machine", "of the cgroup",
	                                    "of the address space", "given"};
	return names[kind];
}

static const char *fits_words(const struct outlook_memory *m)
{
	if (m->fits == VERDICT_CANNOT_TELL)
		return m->within ? "may fit: cannot tell" : "may not fit: cannot tell";
	if (m->fits == VERDICT_LIKELY)
		return m->within ? "fits: likely" : "does not fit: likely";
	return m->within ? "fits: sure" : "does not fit: sure";
}

static void limit_line(const struct view_of_study *v, const struct outlook_memory *m)
{
	if (isinf(m->reached)) {
		scaling_line(v->w, "the limit is not reached by this law");
		return;
	}
	char high[64] = "any";
	if (isfinite(m->reached_within.high))
		snprintf(high, sizeof(high), "%s", SIZE(m->reached_within.high));
	scaling_line(v->w, "the limit is reached near %s %s [%s–%s]", SIZE(m->reached),
	             v->study->against, SIZE(m->reached_within.low), high);
}

static void section_memory(const struct view_of_study *v)
{
	struct outlook_memory m = outlook_memory(v->study, v->target);
	if (!m.row)
		return;
	scaling_heading(v->w, metric_info(m.row->kind)->words, "MEMORY");
	char limit[128] = "";
	if (m.limit > 0)
		snprintf(limit, sizeof(limit), " of %s (%s): %s", BYTES(m.limit),
		         limit_name(v->study->limit_kind), fits_words(&m));
	scaling_line(v->w, "%s %s: %s [%s–%s]%s; %.3g× the largest measured; law %s, %s",
	             SIZE(v->target), v->study->against, BYTES(m.at.value),
	             BYTES(m.at.interval.low), BYTES(m.at.interval.high), limit, m.beyond,
	             law_name(m.row), verdict_of(m.row));
	if (m.limit > 0)
		limit_line(v, &m);
}

/* ---- queries against density -------------------------------------------------------------- */

static double density_at(const struct study *s, double asked)
{
	for (size_t i = 0; i < s->runs_count; i++)
		if (s->runs[i].asked == asked && !s->runs[i].left_out)
			return s->runs[i].density;
	return NAN;
}

static bool is_query(const struct study_row *row)
{
	return row->subject == SUBJECT_PHASE && row->kind == METRIC_CALL &&
	       strstr(row->path, "query") && !row->trouble;
}

static void section_density(const struct view_of_study *v)
{
	bool any = false;
	for (size_t i = 0; i < v->study->rows_count; i++) {
		const struct study_row *row = &v->study->rows[i];
		if (!is_query(row) || isnan(density_at(v->study, row->series.points[0].asked)))
			continue;
		if (!any)
			scaling_heading(v->w,
			                "agents by area, of the recorded world_side; wall "
			                "time per call",
			                "QUERY TIME AGAINST DENSITY");
		any = true;
		scaling_table(v->w, "prrr");
		const char *heading[] = {"phase", "agents", "density", "per query"};
		for (size_t k = 0; k < 4; k++)
			scaling_cell(v->w, "%s", heading[k]);
		for (size_t k = 0; k < row->series.count; k++) {
			const struct series_point *p = &row->series.points[k];
			scaling_cell(v->w, "%s", row->path);
			scaling_cell(v->w, "%s", unit_number(p->n).text);
			scaling_cell(v->w, "%.4g", density_at(v->study, p->asked));
			scaling_cell(v->w, "%s", VALUE(row, p->reduced));
		}
		scaling_table_end(v->w);
	}
}

/* ---- plain measurements ------------------------------------------------------------------- */

static void measurement_row(const struct view_of_study *v, const struct study_row *row)
{
	const struct fit *fit = &row->fit;
	scaling_cell(v->w, "%s", row->path);
	scaling_cell(v->w, "%s", row->metric);
	scaling_cell(v->w, "%s", law_cell(row).text);
	scaling_cell(v->w, "%s", class_of(row));
	scaling_cell(v->w, "%s", verdict_of(row));
	if (row->trouble) {
		for (int i = 0; i < 4; i++)
			scaling_cell(v->w, "—");
		return;
	}
	scaling_cell(v->w, "%.6g", fit->least.c0);
	scaling_cell(v->w, "%.6g", fit->least.c1);
	scaling_cell(v->w, "%s", fit->exact ? "exact" : unit_percent(fit->goodness).text);
	predicted_cell(v, row, v->target);
}

static void section_measurements(const struct view_of_study *v)
{
	bool any = false;
	for (size_t i = 0; i < v->study->rows_count; i++)
		any = any || v->study->rows[i].subject == SUBJECT_OTHER;
	if (!any)
		return;
	char target[64];
	snprintf(target, sizeof(target), "at %s [95 %%]", SIZE(v->target));
	scaling_heading(v->w, "value = c0 + c1 × law; error of leave-one-out cross-validation in %",
	                "LAWS AGAINST %s", v->study->against ? v->study->against : "n");
	scaling_table(v->w, "pllllrrrr");
	const char *heading[] = {"path", "metric", "law",     "",    "verdict",
	                         "c0",   "c1",     "error %", target};
	for (size_t k = 0; k < 9; k++)
		scaling_cell(v->w, "%s", heading[k]);
	for (size_t i = 0; i < v->study->rows_count; i++)
		if (v->study->rows[i].subject == SUBJECT_OTHER)
			measurement_row(v, &v->study->rows[i]);
	scaling_table_end(v->w);
}

/* ---- doubts ------------------------------------------------------------------------------- */

static bool is_told(const struct study_row *row)
{
	return row->subject == SUBJECT_OTHER || row->subject == SUBJECT_STEP ||
	       row->subject == SUBJECT_PHASE || row->subject == SUBJECT_RUN;
}

static void break_line(const struct view_of_study *v, const struct study_row *row)
{
	const struct breaks *b = &row->breaks;
	const char *comma = *row->metric ? ", " : "";
	if (b->known_below)
		scaling_line(v->w, "%s%s%s: %s up to n ≈ %.4g (between %.4g and %.4g), then %s",
		             row->path, comma, row->metric, fit_law(&b->below)->name, b->at,
		             b->last_below, b->first_above, law_name(row));
	else
		scaling_line(v->w, "%s%s%s: %s from n = %.4g on; up to %.4g it is another",
		             row->path, comma, row->metric, law_name(row), b->first_above,
		             b->last_below);
}

static void section_breaks(const struct view_of_study *v)
{
	bool any = false;
	for (size_t i = 0; i < v->study->rows_count; i++) {
		const struct study_row *row = &v->study->rows[i];
		if (!row->breaks.found || !is_told(row))
			continue;
		if (!any)
			scaling_heading(v->w, "one law below, another above", "BREAK POINTS");
		any = true;
		break_line(v, row);
	}
}

/* Whether a row's doubt is worth a line: what the tables above show. */
static bool is_doubtful(const struct view_of_study *v, const struct study_row *row)
{
	bool shown =
	        row->subject == SUBJECT_OTHER || is_time(v, row) || row->subject == SUBJECT_RUN;
	return shown && (row->trouble || row->fit.verdict != VERDICT_SURE);
}

static void doubt_line(const struct view_of_study *v, const struct study_row *row)
{
	const struct fit *fit = &row->fit;
	const char *comma = *row->metric ? ", " : "";
	if (row->trouble)
		scaling_line(v->w, "%s%s%s: %s", row->path, comma, row->metric, row->trouble);
	else if (fit->runner_up >= 0)
		scaling_line(v->w, "%s%s%s: %s (%.0f %%) or %s (%.0f %%)%s%s", row->path, comma,
		             row->metric, law_name(row), 100 * fit->probability,
		             fit->set.laws[fit->runner_up].name, 100 * fit->runner_up_probability,
		             fit->reason ? ": " : "", fit->reason ? fit->reason : "");
}

static void plan_line(const struct view_of_study *v, const struct study_row *row)
{
	struct outlook_plan plan = outlook_plan(row);
	if (!plan.needed)
		return;
	if (!isnan(plan.n))
		scaling_line(v->w, "→ runs of %s %s would decide: %s if %s, %s if %s", SIZE(plan.n),
		             v->study->against ? v->study->against : "n", VALUE(row, plan.one),
		             law_name(row), VALUE(row, plan.other),
		             row->fit.set.laws[row->fit.runner_up].name);
	else if (plan.repetitions < OUTLOOK_REPETITIONS)
		scaling_line(v->w,
		             "→ %d repetitions of each size would tell the law from the noise",
		             OUTLOOK_REPETITIONS);
	else
		scaling_line(v->w, "→ no size within 16 times would decide");
}

static void section_doubts(const struct view_of_study *v)
{
	bool any = false;
	for (size_t i = 0; i < v->study->rows_count; i++) {
		const struct study_row *row = &v->study->rows[i];
		if (!is_doubtful(v, row))
			continue;
		if (!any)
			scaling_heading(v->w,
			                v->r->plan ? "" : "--plan says which sizes would decide",
			                "NOT SURE");
		any = true;
		doubt_line(v, row);
		if (v->r->plan)
			plan_line(v, row);
	}
}

static void section_gates(const struct view_of_study *v)
{
	const struct gates *gates = v->r->gates;
	if (!gates->count)
		return;
	scaling_heading(v->w, "", "EXPECTATIONS");
	for (size_t i = 0; i < gates->count; i++) {
		const struct gate *gate = &gates->list[i];
		const struct study_row *row = gate->row;
		scaling_line(v->w, "%s, %s: %s expected, %s found: %s", row->path,
		             *row->metric ? row->metric : "value", gate->expected->name,
		             law_name(row), gate_outcome_name(gate->outcome));
	}
}

static void section_notes(const struct view_of_study *v)
{
	double overhead = 0;
	for (size_t i = 0; i < v->study->runs_count; i++)
		if (v->study->runs[i].overhead > overhead)
			overhead = v->study->runs[i].overhead;
	if (!v->study->warnings_count && overhead < 0.1)
		return;
	scaling_heading(v->w, "", "NOTES");
	for (size_t i = 0; i < v->study->warnings_count; i++)
		scaling_line(v->w, "%s", v->study->warnings[i]);
	if (overhead >= 0.1)
		scaling_line(v->w,
		             "times hold what the profiler costs, up to %s %% of the CPU time; "
		             "record with --mode off for time alone",
		             unit_percent(overhead).text);
}

/* ---- one run ------------------------------------------------------------------------------ */

static void within_sections(const struct scaling_report *r, struct scaling_writer *w)
{
	const struct within *within = r->within;
	size_t top = r->top ? r->top : 10, shown = 0;
	scaling_heading(w, "from one run: windows fitted on both population and age",
	                "GROWS WITH AGENTS OR WITH AGE");
	scaling_line(w, "%s: %zu windows, %s to %s agents", within->source, within->windows,
	             SIZE(within->least), SIZE(within->most));
	scaling_table(w, "pllrrl");
	const char *heading[] = {"", "", "grows", "% by agents", "% by age", "law of agents"};
	for (size_t k = 0; k < 6; k++)
		scaling_cell(w, "%s", heading[k]);
	for (size_t i = 0; i < within->count && shown < top + 2; i++, shown++) {
		const struct within_row *row = &within->rows[i];
		bool told = row->cause != WITHIN_CANNOT_TELL;
		bool agents = row->cause == WITHIN_AGENTS || row->cause == WITHIN_BOTH;
		scaling_cell(w, "%s", row->path);
		scaling_cell(w, "%s", row->metric);
		scaling_cell(w, "%s", within_cause_name(row->cause));
		scaling_cell(w, "%s", told ? unit_percent(row->agents_share).text : "—");
		scaling_cell(w, "%s", told ? unit_percent(row->age_share).text : "—");
		scaling_cell(w, "%s%s", agents ? row->law->name : "",
		             agents && !row->law_sure ? " ??" : "");
	}
	scaling_table_end(w);
	for (size_t i = 0; i < within->count; i++)
		if (within->rows[i].cause == WITHIN_CANNOT_TELL) {
			scaling_line(
			        w,
			        "cannot tell: population and age move together (R² %.2f); a run "
			        "whose population goes up and down would decide",
			        within->rows[i].shared);
			break;
		}
}

/* ---- formats ------------------------------------------------------------------------------ */

static void study_sections(const struct scaling_report *r, struct scaling_writer *w)
{
	struct view_of_study v = {.r = r,
	                          .study = r->study,
	                          .w = w,
	                          .target = study_target(r->study),
	                          .top = r->top ? r->top : 10};
	section_sizes(&v);
	section_phases(&v);
	section_published(&v);
	section_measurements(&v);
	section_breaks(&v);
	section_lists(&v);
	section_crossings(&v);
	section_memory(&v);
	section_density(&v);
	scaling_plot(r->study, v.target, w);
	section_doubts(&v);
	section_gates(&v);
	section_notes(&v);
}

static void sections(const struct scaling_report *r, bool markdown, struct text *out)
{
	struct text marked = {0};
	struct scaling_writer w = {.markdown = markdown, .terminal = &r->terminal, .out = &marked};
	struct terminal plain = {.width = r->terminal.width, .utf8 = true};
	if (r->study)
		study_sections(r, &w);
	else
		within_sections(r, &w);
	marks_render(&marked, markdown ? &plain : &r->terminal, out);
	text_free(&marked);
}

void scaling_text(const struct scaling_report *r, struct text *out)
{
	sections(r, false, out);
}

void scaling_markdown(const struct scaling_report *r, struct text *out)
{
	sections(r, true, out);
}
