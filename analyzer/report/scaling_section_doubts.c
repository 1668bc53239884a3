/* scaling_section_doubts.c: what is not sure and what would decide it; what was expected; what to
 * bear in mind. */
#include "report/scaling_view.h"

#include <math.h>

#include "base/units.h"
#include "scaling/outlook.h"

static bool is_doubtful(const struct scaling_view *v, const struct study_row *row)
{
	bool shown = row->subject == SUBJECT_OTHER || scaling_is_time(v, row) ||
	             row->subject == SUBJECT_RUN;
	return shown && (row->trouble || row->fit.verdict != VERDICT_SURE);
}

static void doubt_line(const struct scaling_view *v, const struct study_row *row)
{
	const struct fit *fit = &row->fit;
	if (row->trouble)
		scaling_line(v->w, "%s%s%s: %s", NAME(row), row->trouble);
	else if (fit->sums.count)
		scaling_line(v->w,
		             "%s%s%s: the sum of %s and %s (%.0f %%), since no single law holds",
		             NAME(row), fit_lower(fit)->name, scaling_law_name(row),
		             100 * fit->probability);
	else if (fit->runner_up >= 0)
		scaling_line(v->w, "%s%s%s: %s (%.0f %%) or %s (%.0f %%)%s%s", NAME(row),
		             scaling_law_name(row), 100 * fit->probability,
		             fit->set.laws[fit->runner_up].name, 100 * fit->runner_up_probability,
		             fit->reason ? ": " : "", fit->reason ? fit->reason : "");
	else
		scaling_line(v->w, "%s%s%s: %s at the largest sizes, and another below", NAME(row),
		             scaling_law_name(row));
}

/* Which further size would decide. False: none would, alone; `repeat` if repetitions are few. */
static bool plan_line(const struct scaling_view *v, const struct study_row *row, bool *repeat)
{
	struct outlook_plan plan = outlook_plan(row);
	if (!plan.needed)
		return true;
	if (isnan(plan.n)) {
		*repeat = *repeat || plan.repetitions < OUTLOOK_REPETITIONS;
		return false;
	}
	scaling_line(v->w, "→ runs of %s %s would decide: %s if %s, %s if %s", SIZE(plan.n),
	             v->study->against ? v->study->against : "n", VALUE(row, plan.one),
	             scaling_law_name(row), VALUE(row, plan.other),
	             row->fit.set.laws[row->fit.runner_up].name);
	return true;
}

static void open_line(const struct scaling_view *v, size_t open, bool repeat)
{
	if (open && repeat)
		scaling_line(
		        v->w,
		        "→ for the %s without a size: %d repetitions of each size come first, to "
		        "tell laws from noise",
		        SIZE((double)open), OUTLOOK_REPETITIONS);
	else if (open)
		scaling_line(v->w,
		             "→ for the %s without a size no one further size within 16 times "
		             "decides: more sizes between those measured narrow it",
		             SIZE((double)open));
}

void scaling_section_doubts(const struct scaling_view *v)
{
	bool any = false, repeat = false;
	size_t open = 0;
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
		if (v->r->plan && !plan_line(v, row, &repeat))
			open++;
	}
	open_line(v, open, repeat);
}

void scaling_section_gates(const struct scaling_view *v)
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
		             scaling_law_name(row), gate_outcome_name(gate->outcome));
	}
}

void scaling_section_notes(const struct scaling_view *v)
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
