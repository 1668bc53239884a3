/* scaling_section_laws.c: laws of plain measurements, and where one law gives way to another. */
#include "report/scaling_view.h"

#include <math.h>
#include <stdio.h>

#include "base/units.h"

static void measurement_row(const struct scaling_view *v, const struct study_row *row)
{
	const struct fit *fit = &row->fit;
	scaling_cell(v->w, "%s", row->path);
	scaling_cell(v->w, "%s", row->metric);
	scaling_cell(v->w, "%s", scaling_law_name(row));
	scaling_cell(v->w, "%s", scaling_class(row));
	scaling_cell(v->w, "%s", scaling_verdict(row));
	if (row->trouble) {
		for (int i = 0; i < 4; i++)
			scaling_cell(v->w, "—");
		return;
	}
	scaling_cell(v->w, "%.6g", fit->least.c0);
	scaling_cell(v->w, "%.6g", fit->least.c1);
	scaling_cell(v->w, "%s", fit->exact ? "exact" : unit_percent(fit->goodness).text);
	scaling_cell(v->w, "%s", scaling_predicted(v, row, v->target).text);
}

void scaling_section_measurements(const struct scaling_view *v)
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
	v->w->grid.optional = "hdi";
	const char *heading[] = {"path", "metric", "law",     "",    "verdict",
	                         "c0",   "c1",     "error %", target};
	for (size_t k = 0; k < 9; k++)
		scaling_cell(v->w, "%s", heading[k]);
	for (size_t i = 0; i < v->study->rows_count; i++)
		if (v->study->rows[i].subject == SUBJECT_OTHER)
			measurement_row(v, &v->study->rows[i]);
	scaling_table_end(v->w);
}

static bool is_told(const struct study_row *row)
{
	return row->subject == SUBJECT_OTHER || row->subject == SUBJECT_STEP ||
	       row->subject == SUBJECT_PHASE || row->subject == SUBJECT_RUN;
}

static void break_line(const struct scaling_view *v, const struct study_row *row)
{
	const struct breaks *b = &row->breaks;
	if (b->known_below)
		scaling_line(v->w, "%s%s%s: %s up to n ≈ %.4g (between %.4g and %.4g), then %s",
		             NAME(row), fit_law(&b->below)->name, b->at, b->last_below,
		             b->first_above, scaling_law_name(row));
	else
		scaling_line(v->w, "%s%s%s: %s from n = %.4g on; up to %.4g %s", NAME(row),
		             scaling_law_name(row), b->first_above, b->last_below,
		             row->series.points[0].most > 0 ? "it is another" : "there is nothing");
}

void scaling_section_breaks(const struct scaling_view *v)
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

void scaling_section_sums(const struct scaling_view *v)
{
	bool any = false;
	for (size_t i = 0; i < v->study->rows_count; i++) {
		const struct study_row *row = &v->study->rows[i];
		const struct fit *fit = &row->fit;
		if (row->trouble || !fit->sums.count || !is_told(row))
			continue;
		if (!any)
			scaling_heading(v->w, "where no law with one growing term holds",
			                "SUMS OF TWO LAWS");
		any = true;
		double leads = sums_leads_from(&fit->sums.list[0], fit->set);
		scaling_line(v->w, "%s%s%s: %s and %s, of which %s is the larger from n ≈ %.3g on",
		             NAME(row), fit_lower(fit)->name, fit_law(fit)->name,
		             fit_law(fit)->name, leads);
	}
}
