/* study.c: see study.h. */
#include "scaling/study.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scaling/caches.h"
#include "scaling/parts.h"
#include "scaling/rising.h"

struct key {
	const char *path, *metric;
	uint64_t subject;
};

void study_begin(struct study *study, const struct study_options *options)
{
	*study = (struct study){.options = *options, .against = options->against};
	table_init(&study->keys, sizeof(struct key));
}

void study_free(struct study *study)
{
	for (size_t i = 0; i < study->rows_count; i++) {
		series_free(&study->rows[i].series);
		fit_free(&study->rows[i].fit);
		breaks_free(&study->rows[i].breaks);
	}
	free(study->rows);
	free(study->runs);
	free(study->values);
	text_free(&study->along);
	free(study->warnings);
	table_free(&study->keys);
	string_pool_free(&study->strings);
	arena_free(&study->arena);
}

struct study_row *study_row(struct study *study, enum subject subject, const char *path,
                            enum metric kind, const char *metric)
{
	struct key key = {string_pool_add(&study->strings, path, strlen(path)),
	                  string_pool_add(&study->strings, metric, strlen(metric)), subject};
	uint32_t number = table_add(&study->keys, &key);
	if (number == study->rows_count) {
		study->rows = mem_grow(study->rows, &study->rows_capacity, number + 1,
		                       sizeof(*study->rows));
		study->rows[study->rows_count++] = (struct study_row){
		        .path = key.path, .metric = key.metric, .subject = subject, .kind = kind};
	}
	return &study->rows[number];
}

void study_warn(struct study *study, const char *format, ...)
{
	char line[512];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	study->warnings = mem_grow(study->warnings, &study->warnings_capacity,
	                           study->warnings_count + 1, sizeof(*study->warnings));
	study->warnings[study->warnings_count++] = arena_text(&study->arena, line, strlen(line));
}

/* A count of 0 is one; a time of 0, or a 0 in measurements from elsewhere, was not measured. */
static bool may_be_nothing(const struct study_row *row)
{
	return row->subject != SUBJECT_OTHER && metric_info(row->kind)->unit != METRIC_SECONDS;
}

static void fit_row(struct study *study, struct study_row *row)
{
	struct text why = {0};
	const struct study_options *o = &study->options;
	series_finish(&row->series);
	if (row->trouble)
		return;
	struct series used = may_be_nothing(row) ? breaks_started(&row->series) : row->series;
	if (!series_check(&used, &why)) {
		row->trouble = arena_text(&study->arena, why.bytes, why.length);
		text_free(&why);
		return;
	}
	struct fit_traits traits = {row->quantum, metric_info(row->kind)->unit == METRIC_SECONDS};
	breaks_fit(&row->breaks, &row->fit, &used, law_set(o->wide), &traits);
	if (used.count < row->series.count)
		breaks_start(&row->breaks, &row->series);
}

/* The sizes to come: those that were asked for, else one. */
static void set_targets(struct study *study)
{
	const struct study_options *o = &study->options;
	study->targets_count = o->predict_count ? o->predict_count : 1;
	study->targets = arena_alloc(&study->arena, study->targets_count * sizeof(*study->targets));
	study->targets[0] = study_target(study);
	for (size_t i = 0; i < o->predict_count; i++)
		study->targets[i] = o->predict[i];
}

static void predict_row(struct study *study, struct study_row *row)
{
	row->predictions =
	        arena_alloc(&study->arena, study->targets_count * sizeof(*row->predictions));
	for (size_t i = 0; i < study->targets_count; i++)
		row->predictions[i] = study_predict(study, row, study->targets[i]);
}

struct fit_prediction study_predict(const struct study *study, const struct study_row *row,
                                    double n)
{
	if (parts_tell(study, row))
		return parts_predict(study, n);
	struct fit_prediction p = fit_predict(&row->fit, n);
	if (metric_info(row->kind)->unit == METRIC_SECONDS)
		p.interval.high *= caches_raise(study, n);
	return p;
}

double study_value(const struct study *study, const struct study_row *row, double n)
{
	return parts_tell(study, row) ? parts_value(study, n) : fit_value(&row->fit, n);
}

/* Says why nothing was measured: of runs that were left out, the first one's reason. */
static bool nothing_measured(const struct study *study, struct failure *failure)
{
	const struct study_run *first = study->runs;
	if (!study->runs_count || !first->left_out)
		return failure_set(failure, EXIT_TRACE, "there is nothing to fit: no measurements");
	return failure_set(failure, EXIT_TRACE,
	                   "there is nothing to fit: all %zu runs are left out, the first (%s): "
	                   "%s; laws need profiled runs that ended",
	                   study->runs_count, first->source, first->left_out);
}

/* Below that share of a step's wall time on a processor wall times tell of more than the program.
 */
#define RUNNING_LEAST 0.8

/* A step that waits, or that has to share its processor, has laws of wall time that hold that. */
static void warn_of_waiting(struct study *study)
{
	const struct study_row *cpu = study_find(study, SUBJECT_STEP, "step", METRIC_CPU);
	const struct study_row *wall = study_find(study, SUBJECT_STEP, "step", METRIC_WALL);
	double least = INFINITY, most = 0;
	if (!cpu || cpu->trouble || !wall || wall->trouble ||
	    cpu->series.count != wall->series.count)
		return;
	for (size_t i = 0; i < cpu->series.count; i++) {
		double running = cpu->series.points[i].mean / wall->series.points[i].mean;
		least = fmin(least, running);
		most = fmax(most, running);
	}
	if (least < RUNNING_LEAST)
		study_warn(
		        study,
		        "steps ran for %.0f to %.0f %% of their wall time, by size: they waited, "
		        "or the machine was busy, and laws of wall time hold that",
		        100 * least, 100 * most);
}

bool study_fit(struct study *study, struct failure *failure)
{
	bool any = false;
	for (size_t i = 0; i < study->rows_count; i++) {
		fit_row(study, &study->rows[i]);
		any = any || !study->rows[i].trouble;
	}
	if (!study->rows_count)
		return nothing_measured(study, failure);
	if (!any)
		return failure_set(failure, EXIT_TRACE, "no law can be fitted: %s",
		                   study->rows[0].trouble);
	rising_apply(study);
	warn_of_waiting(study);
	set_targets(study);
	parts_decide(study);
	caches_locate(study);
	for (size_t i = 0; i < study->rows_count; i++)
		if (!study->rows[i].trouble)
			predict_row(study, &study->rows[i]);
	return true;
}

const struct study_row *study_find(const struct study *study, enum subject subject,
                                   const char *path, enum metric kind)
{
	for (size_t i = 0; i < study->rows_count; i++) {
		const struct study_row *row = &study->rows[i];
		if (row->subject == subject && row->kind == kind && strcmp(row->path, path) == 0)
			return row;
	}
	return NULL;
}

double study_row_largest(const struct study_row *row)
{
	return row->series.count ? row->series.points[row->series.count - 1].n : 0;
}

double study_largest(const struct study *study)
{
	double largest = 0;
	for (size_t i = 0; i < study->rows_count; i++)
		largest = fmax(largest, study_row_largest(&study->rows[i]));
	return largest;
}

double study_target(const struct study *study)
{
	double target = 0;
	for (size_t i = 0; i < study->options.predict_count; i++)
		target = fmax(target, study->options.predict[i]);
	return target > 0 ? target : 4 * study_largest(study);
}

enum metric study_time(const struct study *study, const struct study_row *like)
{
	const struct study_row *cpu = study_find(study, like->subject, like->path, METRIC_CPU);
	return cpu && !cpu->trouble ? METRIC_CPU : METRIC_WALL;
}
