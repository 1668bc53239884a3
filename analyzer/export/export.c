/* export.c: see export.h. */
#include "export/export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"

#define CHOICES_MAX 16

static const struct exporter *const exporters[] = {
        &export_flamegraph, &export_speedscope, &export_collapsed,
        &export_chrome,     &export_pprof,      NULL,
};

const struct exporter *const *export_all(void)
{
	return exporters;
}

/* ---- names -------------------------------------------------------------------------------- */

static const struct {
	const char *name, *unit, *what;
} metrics[STACK_METRICS] = {
#define X(NAME, name, unit, what) [STACK_##NAME] = {name, unit, what},
        STACK_METRICS_LIST(X)
#undef X
};

/* "there is no metric 'tme'; did you mean time? choose of: time, allocations …" */
static bool no_such(const char *kind, const char *word, const char *const *names, size_t count,
                    struct failure *failure)
{
	struct text choices = {0};
	const char *near;
	bool found = near_words(word, names, count, &near, 1) > 0;
	for (size_t i = 0; i < count; i++)
		text_printf(&choices, "%s%s", i ? ", " : "", names[i]);
	failure_set(failure, EXIT_USAGE, "there is no %s '%.40s'%s%s%s choose of: %s", kind, word,
	            found ? "; did you mean " : ";", found ? near : "", found ? "?" : "",
	            choices.bytes);
	text_free(&choices);
	return false;
}

struct export_names export_names(void)
{
	struct export_names names = {""};
	size_t length = 0;
	for (size_t i = 0; exporters[i] && length < sizeof(names.text); i++)
		length += (size_t)snprintf(names.text + length, sizeof(names.text) - length, "%s%s",
		                           i ? ", " : "", exporters[i]->name);
	return names;
}

bool export_find(const char *name, const struct exporter **exporter, struct failure *failure)
{
	const char *names[CHOICES_MAX];
	size_t count = 0;
	for (; exporters[count]; count++) {
		names[count] = exporters[count]->name;
		if (strcmp(names[count], name) == 0) {
			*exporter = exporters[count];
			return true;
		}
	}
	return no_such("format", name, names, count, failure);
}

bool export_find_metric(const char *name, enum stack_metric *metric, struct failure *failure)
{
	const char *names[STACK_METRICS];
	for (int i = 0; i < STACK_METRICS; i++) {
		names[i] = metrics[i].name;
		if (strcmp(names[i], name) == 0) {
			*metric = (enum stack_metric)i;
			return true;
		}
	}
	return no_such("metric", name, names, STACK_METRICS, failure);
}

enum stack_metric export_default_metric(const struct profile *profile)
{
	return profile->trace->samples_total > 0 ? STACK_TIME : STACK_BYTES;
}

const char *export_metric_title(enum stack_metric metric)
{
	return metrics[metric].what;
}

struct unit export_amount(enum stack_metric metric, int64_t weight)
{
	if (metric == STACK_TIME)
		return unit_seconds((double)weight / 1e9);
	return metric == STACK_ALLOCATIONS ? unit_count(weight) : unit_bytes((double)weight);
}

const char *export_unit(enum stack_metric metric)
{
	return metric == STACK_TIME ? "nanoseconds" : metrics[metric].unit;
}

/* ---- the walk ----------------------------------------------------------------------------- */

static void walk_stacks(const struct profile *profile, const struct weights *weights,
                        void (*callback)(void *, const struct export_stack *), void *state)
{
	struct stack_frame *frames = NULL;
	size_t capacity = 0;
	for (size_t i = 0; i < weights->count; i++) {
		const struct stack_row *row = &profile->stacks.rows[weights->list[i].row];
		struct export_stack stack = {
		        .profile = profile, .phase = row->phase, .weight = &weights->list[i]};
		stack.count = stack_frames(profile, row->stack, &frames, &capacity);
		stack.frames = frames;
		callback(state, &stack);
	}
	free(frames);
}

static void walk_windows(const struct exporter *exporter, const struct profile *p, void *state)
{
	const struct trace *t = p->trace;
	double begin = 0;
	for (size_t i = 0; i < t->windows_count; i++) {
		double end = (double)t->windows[i].anchor.ticks / p->hz;
		struct export_window window = {i, begin, end, &t->windows[i]};
		exporter->window(state, &window);
		begin = end;
	}
}

static int by_start(const void *a, const void *b)
{
	const struct profile_slow_step *x = a, *y = b;
	return x->started < y->started ? -1 : x->started > y->started;
}

static void walk_steps(const struct exporter *exporter, const struct profile *p, void *state)
{
	size_t size = p->slowest_count * sizeof(*p->slowest);
	struct profile_slow_step *steps = mem_zero(size);
	if (size)
		memcpy(steps, p->slowest, size);
	qsort(steps, p->slowest_count, sizeof(*steps), by_start);
	for (size_t i = 0; i < p->slowest_count; i++)
		exporter->step(state, &steps[i]);
	free(steps);
}

static void walk(const struct exporter *exporter, const struct export_job *job)
{
	void *state = exporter->begin(job);
	if (exporter->old_stack && job->old)
		walk_stacks(job->old, job->old_weights, exporter->old_stack, state);
	if (exporter->stack)
		walk_stacks(job->profile, job->weights, exporter->stack, state);
	if (exporter->window)
		walk_windows(exporter, job->profile, state);
	if (exporter->step)
		walk_steps(exporter, job->profile, state);
	exporter->end(state);
}

/* ---- what cannot be exported -------------------------------------------------------------- */

static bool has_metric(const struct profile *p, enum stack_metric metric, struct failure *failure)
{
	if (p->stacks.known[metric])
		return true;
	if (metric == STACK_TIME)
		return failure_set(failure, EXIT_USAGE,
		                   "%s has no CPU samples, so no metric time; record with memprof "
		                   "run --freq 199, or export --metric bytes",
		                   p->trace->path);
	return failure_set(failure, EXIT_USAGE,
	                   "%s has no allocations, so no metric %s; record without --mode off",
	                   p->trace->path, metrics[metric].name);
}

static bool has_something(const struct profile *p, const struct weights *weights,
                          enum stack_metric metric, struct failure *failure)
{
	if (weights->totals[metric])
		return true;
	if (metric == STACK_TIME)
		return failure_set(failure, EXIT_USAGE,
		                   "%s has no CPU samples: the program took less CPU time than "
		                   "one; let it run longer, or record with memprof run --freq 999",
		                   p->trace->path);
	return failure_set(failure, EXIT_USAGE,
	                   "there is nothing to export: %s are 0 in %s; choose another --metric",
	                   metrics[metric].what, p->trace->path);
}

static bool can_be_by(const struct export_job *job, struct failure *failure)
{
	if (job->by != EXPORT_BY_THREAD || job->metric == STACK_TIME)
		return true;
	return failure_set(failure, EXIT_USAGE,
	                   "allocations are not recorded by thread: --by thread is for --metric "
	                   "time; use --by phase or --by none");
}

static bool is_possible(const struct exporter *exporter, const struct export_job *job,
                        struct failure *failure)
{
	if (!(exporter->takes & EXPORT_TAKES_METRIC))
		return true;
	return can_be_by(job, failure) && has_metric(job->profile, job->metric, failure) &&
	       has_something(job->profile, job->weights, job->metric, failure) &&
	       (!job->old || (has_metric(job->old, job->metric, failure) &&
	                      has_something(job->old, job->old_weights, job->metric, failure)));
}

bool export_profile(const struct exporter *exporter, struct export_job job, struct failure *failure)
{
	struct weights weights, old_weights = {0};
	weights_build(&weights, &job.profile->stacks);
	if (job.old)
		weights_build(&old_weights, &job.old->stacks);
	job.weights = &weights;
	job.old_weights = &old_weights;
	bool good = is_possible(exporter, &job, failure);
	if (good)
		walk(exporter, &job);
	weights_free(&weights);
	weights_free(&old_weights);
	return good;
}
