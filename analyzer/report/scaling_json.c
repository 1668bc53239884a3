/* scaling_json.c: laws for programs: all rows, nothing rounded. What is not known is null. */
#include <math.h>
#include <stdlib.h>

#include "report/json_parts.h"
#include "report/scaling.h"
#include "scaling/outlook.h"
#include "scaling/parts.h"

#define SCHEMA_VERSION 1

static json_t *interval_json(struct interval interval)
{
	json_t *pair = json_array();
	json_array_append_new(pair, json_number_of(interval.low));
	json_array_append_new(pair, json_number_of(interval.high));
	return pair;
}

static json_t *points_json(const struct series *series)
{
	json_t *list = json_array();
	for (size_t i = 0; i < series->count; i++) {
		const struct series_point *p = &series->points[i];
		json_t *o = json_object(), *values = json_array();
		json_set(o, "n", json_number_of(p->n));
		json_set(o, "asked", json_number_of(p->asked));
		json_set(o, "value", json_number_of(p->reduced));
		for (size_t k = 0; k < p->count; k++)
			json_array_append_new(values, json_number_of(p->values[k]));
		json_set(o, "values", values);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *prediction_json(const struct fit_prediction *prediction)
{
	json_t *o = json_object();
	json_set(o, "n", json_number_of(prediction->n));
	json_set(o, "value", json_number_of(prediction->value));
	json_set(o, "low", json_number_of(prediction->interval.low));
	json_set(o, "high", json_number_of(prediction->interval.high));
	return o;
}

static json_t *predictions_json(const struct study *study, const struct study_row *row)
{
	json_t *list = json_array();
	for (size_t i = 0; !row->trouble && i < study->targets_count; i++)
		json_array_append_new(list, prediction_json(&row->predictions[i]));
	return list;
}

static json_t *breaks_json(const struct breaks *breaks)
{
	json_t *list = json_array(), *o = json_object();
	if (!breaks->found) {
		json_decref(o);
		return list;
	}
	json_set(o, "n", json_number_of(breaks->at));
	json_set(o, "between",
	         interval_json((struct interval){breaks->last_below, breaks->first_above}));
	bool known = breaks->known_below;
	json_set(o, "law_below", known ? json_text(fit_law(&breaks->below)->name) : json_null());
	json_set(o, "c0_below", known ? json_number_of(breaks->below.least.c0) : json_null());
	json_set(o, "c1_below", known ? json_number_of(breaks->below.least.c1) : json_null());
	json_array_append_new(list, o);
	return list;
}

static json_t *plan_json(const struct study_row *row)
{
	struct outlook_plan plan = outlook_plan(row);
	if (!plan.needed)
		return json_null();
	json_t *o = json_object();
	json_set(o, "n", json_number_of(plan.n));
	json_set(o, "repetitions_so_far", json_integer((json_int_t)plan.repetitions));
	json_set(o, "value_if_law", json_number_of(plan.one));
	json_set(o, "value_if_runner_up", json_number_of(plan.other));
	return o;
}

static void add_fit(json_t *o, const struct study_row *row)
{
	const struct fit *fit = &row->fit;
	bool known = !row->trouble, other = known && fit->runner_up >= 0;
	const struct law *law = known ? fit_law(fit) : NULL;
	json_t *intervals = json_object();
	json_set(o, "law", known ? json_text(law->name) : json_null());
	json_set(o, "class", known ? json_text(law->words) : json_null());
	double largest = study_row_largest(row);
	json_set(o, "per_n_at_largest",
	         known ? json_number_of(fit_value(fit, largest) / largest) : json_null());
	json_set(o, "c0", known ? json_number_of(fit->least.c0) : json_null());
	json_set(o, "c1", known ? json_number_of(fit->least.c1) : json_null());
	bool sum = known && fit->sums.count;
	json_set(o, "lower_law", sum ? json_text(fit_lower(fit)->name) : json_null());
	json_set(o, "lower_c", sum ? json_number_of(fit->sums.list[0].c[1]) : json_null());
	json_set(intervals, "c0", known ? interval_json(fit->c0) : json_null());
	json_set(intervals, "c1", known ? interval_json(fit->c1) : json_null());
	json_set(o, "intervals", intervals);
	json_set(o, "goodness", known ? json_number_of(fit->goodness) : json_null());
	json_set(o, "probability", known ? json_number_of(fit->probability) : json_null());
	json_set(o, "runner_up",
	         other ? json_text(fit->set.laws[fit->runner_up].name) : json_null());
	json_set(o, "runner_up_goodness",
	         other ? json_number_of(fit->runner_up_goodness) : json_null());
	json_set(o, "runner_up_probability",
	         other ? json_number_of(fit->runner_up_probability) : json_null());
	json_set(o, "verdict",
	         json_text(fit_verdict_name(known ? fit->verdict : VERDICT_CANNOT_TELL)));
	const char *reason = known ? fit->reason : row->trouble;
	json_set(o, "reason", reason ? json_text(reason) : json_null());
	json_set(o, "exact", json_boolean(known && fit->exact));
	json_set(o, "noise", known ? json_number_of(fit->noise) : json_null());
	json_set(o, "repetitions_reduced_to",
	         known ? json_text(fit_reduction_name(fit->reduction)) : json_null());
}

static json_t *row_json(const struct scaling_report *r, const struct study_row *row)
{
	json_t *o = json_object();
	const char *published = row->trouble ? NULL : outlook_published(row);
	json_set(o, "path", json_text(row->path));
	json_set(o, "metric", json_text(row->metric));
	json_set(o, "subject", json_text(subject_name(row->subject)));
	add_fit(o, row);
	json_set(o, "published_classifier", published ? json_text(published) : json_null());
	json_set(o, "predictions", predictions_json(r->study, row));
	json_set(o, "predicted_by_parts", json_boolean(parts_tell(r->study, row)));
	json_set(o, "breakpoints", breaks_json(&row->breaks));
	if (r->plan)
		json_set(o, "plan", plan_json(row));
	json_set(o, "points", points_json(&row->series));
	return o;
}

static json_t *runs_json(const struct study *study)
{
	json_t *list = json_array();
	for (size_t i = 0; i < study->runs_count; i++) {
		const struct study_run *run = &study->runs[i];
		json_t *o = json_object();
		json_set(o, "trace", json_text(run->source));
		json_set(o, "asked", json_number_of(run->asked));
		json_set(o, "mean", json_number_of(run->mean));
		json_set(o, "at_peak", json_number_of(run->peak));
		json_set(o, "steps", json_number_of(run->steps));
		json_set(o, "profiler_bytes", json_number_of(run->profiler));
		json_set(o, "profiler_overhead_share", json_number_of(run->overhead));
		json_set(o, "left_out", run->left_out ? json_text(run->left_out) : json_null());
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *memory_json_of(const struct study *study)
{
	struct outlook_memory m = outlook_memory(study, study_target(study));
	if (!m.row)
		return json_null();
	json_t *o = json_object();
	json_set(o, "metric", json_text(m.row->metric));
	bool by_heap = m.row->kind == METRIC_PEAK;
	json_set(o, "rss_base_bytes", by_heap ? json_number_of(m.base) : json_null());
	json_set(o, "rss_times_heap", by_heap ? json_number_of(m.times) : json_null());
	json_set(o, "prediction", prediction_json(&m.at));
	json_set(o, "limit_bytes", m.limit > 0 ? json_number_of(m.limit) : json_null());
	json_set(o, "limit_reached_at", m.limit > 0 ? json_number_of(m.reached) : json_null());
	json_set(o, "limit_reached_within",
	         m.limit > 0 ? interval_json(m.reached_within) : json_null());
	json_set(o, "fits", m.limit > 0 ? json_boolean(m.within) : json_null());
	json_set(o, "verdict", json_text(fit_verdict_name(m.fits)));
	return o;
}

/* The caches whose size is known, and from which size on the working set is larger. */
static json_t *caches_json(const struct study *study)
{
	json_t *list = json_array();
	for (size_t i = 0; i < STUDY_CACHES; i++) {
		const struct study_cache *cache = &study->caches[i];
		if (!cache->name)
			continue;
		json_t *o = json_object();
		json_set(o, "name", json_text(cache->name));
		json_set(o, "bytes", json_number_of(cache->bytes));
		json_set(o, "left_at", json_number_of(cache->left_at));
		json_set(o, "within_measured", json_boolean(cache->seen));
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *crossings_json(const struct study *study)
{
	struct outlook_crossing crossings[64];
	size_t count = outlook_crossings(study, study_target(study), crossings, 64);
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++) {
		json_t *o = json_object();
		json_set(o, "n", json_number_of(crossings[i].n));
		json_set(o, "overtakes", json_text(crossings[i].riser->path));
		json_set(o, "overtaken", json_text(crossings[i].passed->path));
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *gates_json(const struct gates *gates)
{
	json_t *list = json_array();
	for (size_t i = 0; i < gates->count; i++) {
		const struct gate *gate = &gates->list[i];
		json_t *o = json_object();
		json_set(o, "path", json_text(gate->row->path));
		json_set(o, "metric", json_text(gate->row->metric));
		json_set(o, "expected", json_text(gate->expected->name));
		json_set(o, "outcome", json_text(gate_outcome_name(gate->outcome)));
		json_set(o, "probability_higher", json_number_of(gate->above));
		json_array_append_new(list, o);
	}
	return list;
}

static void add_study(json_t *document, const struct scaling_report *r)
{
	const struct study *study = r->study;
	json_t *results = json_array(), *warnings = json_array();
	for (size_t i = 0; i < study->rows_count; i++)
		json_array_append_new(results, row_json(r, &study->rows[i]));
	for (size_t i = 0; i < study->warnings_count; i++)
		json_array_append_new(warnings, json_text(study->warnings[i]));
	json_set(document, "against", json_text(study->against ? study->against : "n"));
	json_set(document, "results", results);
	json_set(document, "runs", runs_json(study));
	json_set(document, "memory", memory_json_of(study));
	json_set(document, "caches", caches_json(study));
	json_set(document, "crossings", crossings_json(study));
	json_set(document, "expectations", gates_json(r->gates));
	json_set(document, "warnings", warnings);
}

/* ---- one run ------------------------------------------------------------------------------ */

static json_t *slope_json(const struct slope *slope)
{
	json_t *o = json_object();
	json_set(o, "value", json_number_of(slope->value));
	json_set(o, "low", json_number_of(slope->low));
	json_set(o, "high", json_number_of(slope->high));
	return o;
}

static json_t *within_row_json(const struct within_row *row)
{
	json_t *o = json_object();
	bool agents = row->cause == WITHIN_AGENTS || row->cause == WITHIN_BOTH;
	json_set(o, "path", json_text(row->path));
	json_set(o, "metric", json_text(row->metric));
	json_set(o, "grows", json_text(within_cause_name(row->cause)));
	json_set(o, "law", agents ? json_text(row->law->name) : json_null());
	json_set(o, "law_sure", agents ? json_boolean(row->law_sure) : json_null());
	json_set(o, "per_law_unit", slope_json(&row->agents));
	json_set(o, "per_step_of_age", slope_json(&row->age));
	json_set(o, "population_and_age_shared", json_number_of(row->shared));
	return o;
}

static void add_within(json_t *document, const struct within *within)
{
	json_t *rows = json_array();
	for (size_t i = 0; i < within->count; i++)
		json_array_append_new(rows, within_row_json(&within->rows[i]));
	json_set(document, "against", json_text("agents"));
	json_set(document, "results", json_array());
	json_set(document, "within_run", rows);
}

void scaling_json(const struct scaling_report *r, struct text *out)
{
	json_t *document = json_object();
	json_set(document, "schema_version", json_integer(SCHEMA_VERSION));
	json_set(document, "report", json_text("scaling"));
	if (r->study)
		add_study(document, r);
	else
		add_within(document, r->within);
	char *bytes = json_dumps(document, JSON_INDENT(2));
	text_string(out, bytes ? bytes : "{}");
	text_string(out, "\n");
	free(bytes);
	json_decref(document);
}
