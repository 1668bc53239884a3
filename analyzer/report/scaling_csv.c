/* scaling_csv.c: one line a law; empty cells are not known. Predictions are three columns each. */
#include <math.h>
#include <string.h>

#include "report/scaling.h"

static void add_quoted(struct text *out, const char *value)
{
	if (!strpbrk(value, ",\"\n\r")) {
		text_string(out, value);
		return;
	}
	text_string(out, "\"");
	for (; *value; value++)
		text_printf(out, "%s%c", *value == '"' ? "\"" : "", *value);
	text_string(out, "\"");
}

static void add_number(struct text *out, double value)
{
	if (isfinite(value))
		text_printf(out, ",%.17g", value);
	else
		text_string(out, ",");
}

static void add_row(const struct study *study, const struct study_row *row, struct text *out)
{
	const struct fit *fit = &row->fit;
	bool known = !row->trouble;
	add_quoted(out, row->path);
	text_string(out, ",");
	add_quoted(out, row->metric);
	text_printf(out, ",%s,%s,%s,%s", subject_name(row->subject),
	            known ? fit_law(fit)->name : "", known ? fit_law(fit)->words : "",
	            fit_verdict_name(known ? fit->verdict : VERDICT_CANNOT_TELL));
	double largest = study_row_largest(row);
	const double figures[] = {
	        fit->least.c0,    fit->c0.low,
	        fit->c0.high,     fit->least.c1,
	        fit->c1.low,      fit->c1.high,
	        fit->probability, fit->goodness,
	        largest,          known ? fit_value(fit, largest) / largest : NAN};
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		add_number(out, known ? figures[i] : NAN);
	text_printf(out, ",%s",
	            known && fit->runner_up >= 0 ? fit->set.laws[fit->runner_up].name : "");
	bool sum = known && fit->sums.count;
	text_printf(out, ",%s", sum ? fit_lower(fit)->name : "");
	add_number(out, sum ? fit->sums.list[0].c[1] : NAN);
	for (size_t i = 0; i < study->targets_count; i++) {
		const struct fit_prediction *p = known ? &row->predictions[i] : NULL;
		add_number(out, p ? p->value : NAN);
		add_number(out, p ? p->interval.low : NAN);
		add_number(out, p ? p->interval.high : NAN);
	}
	text_string(out, "\n");
}

static void add_within(const struct within *within, struct text *out)
{
	text_string(out, "path,metric,grows,law,per_law_unit,low,high,per_step_of_age,low,high\n");
	for (size_t i = 0; i < within->count; i++) {
		const struct within_row *row = &within->rows[i];
		bool agents = row->cause == WITHIN_AGENTS || row->cause == WITHIN_BOTH;
		add_quoted(out, row->path);
		text_printf(out, ",%s,%s,%s", row->metric, within_cause_name(row->cause),
		            agents ? row->law->name : "");
		const double figures[] = {row->agents.value, row->agents.low, row->agents.high,
		                          row->age.value,    row->age.low,    row->age.high};
		for (size_t k = 0; k < sizeof(figures) / sizeof(figures[0]); k++)
			add_number(out, figures[k]);
		text_string(out, "\n");
	}
}

void scaling_csv(const struct scaling_report *r, struct text *out)
{
	const struct study *study = r->study;
	if (!study) {
		add_within(r->within, out);
		return;
	}
	text_string(out,
	            "path,metric,subject,law,class,verdict,c0,c0_low,c0_high,c1,c1_low,c1_high,"
	            "probability,goodness,largest_n,per_n_at_largest,runner_up,lower_law,lower_c");
	for (size_t i = 0; i < study->targets_count; i++) {
		double n = study->targets[i];
		text_printf(out, ",at_%.17g,at_%.17g_low,at_%.17g_high", n, n, n);
	}
	text_string(out, "\n");
	for (size_t i = 0; i < study->rows_count; i++)
		add_row(study, &study->rows[i], out);
}
