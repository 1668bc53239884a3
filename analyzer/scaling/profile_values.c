/* profile_values.c: see profile_values.h. */
#include "scaling/profile_values.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct taker {
	struct study *study;
	const struct profile *p;
	size_t run;
	double steps;
};

static void take(struct taker *t, enum subject subject, const char *path, enum metric kind,
                 double value, double quantum)
{
	struct study *study = t->study;
	if (!isfinite(value))
		return;
	struct study_row *row = study_row(study, subject, path, kind, metric_info(kind)->name);
	size_t number = (size_t)(row - study->rows);
	/* Several call-sites may share a name: they are one. */
	if (row->last && study->values[row->last - 1].run == t->run) {
		study->values[row->last - 1].value += value;
		return;
	}
	study->values = mem_grow(study->values, &study->values_capacity, study->values_count + 1,
	                         sizeof(*study->values));
	study->values[study->values_count++] = (struct study_value){number, t->run, value, quantum};
	row->last = study->values_count;
}

static double known(int64_t value)
{
	return value == PROFILE_UNKNOWN ? NAN : (double)value;
}

/* Counts of a run are whole: less than half of one is no difference. */
static void take_per_step(struct taker *t, enum subject subject, const char *path, enum metric kind,
                          double total)
{
	bool counted = metric_info(kind)->counted;
	take(t, subject, path, kind, total / t->steps, counted ? 0.5 / t->steps : 0);
}

static double resident_shared(const struct trace *trace)
{
	double shared = fmax(0, known(trace->profiler.shared_bytes));
	double resident = trace->process.known ? known(trace->process.rss_shmem) : NAN;
	return fmin(shared, isnan(resident) ? 0 : resident);
}

double profile_values_profiler(const struct profile *p)
{
	const struct trace *t = p->trace;
	double own = t->profiler.known ? known(t->profiler.private_bytes) : NAN;
	return isnan(own) ? 0 : own + resident_shared(t);
}

static void take_run(struct taker *t)
{
	const struct profile *p = t->p;
	double rss = known(p->totals.peak_rss) - profile_values_profiler(p);
	take(t, SUBJECT_RUN, "run", METRIC_PEAK, known(p->totals.peak_bytes), 0);
	take(t, SUBJECT_RUN, "run", METRIC_LIVE, known(p->totals.live_bytes), 0);
	take(t, SUBJECT_RUN, "run", METRIC_RSS, rss, 0);
}

static void take_step(struct taker *t)
{
	const struct profile *p = t->p;
	bool steps = profile_has_steps(p);
	double wall = steps ? p->steps.wall : p->run.wall;
	double cpu = steps ? p->steps.cpu : p->run.cpu;
	int64_t count = steps ? p->steps.allocations : p->totals.fields[TRACE_CELL_ALLOCATIONS];
	int64_t bytes = steps ? p->steps.bytes : p->totals.fields[TRACE_CELL_ALLOCATED_BYTES];
	take_per_step(t, SUBJECT_STEP, "step", METRIC_CPU, cpu);
	take_per_step(t, SUBJECT_STEP, "step", METRIC_WALL, wall);
	take_per_step(t, SUBJECT_STEP, "step", METRIC_ALLOCATIONS, known(count));
	take_per_step(t, SUBJECT_STEP, "step", METRIC_ALLOCATED, known(bytes));
}

static void take_phase(struct taker *t, const struct profile_phase *phase, double held)
{
	const char *path = phase->path;
	bool in_steps = !profile_has_steps(t->p) || t->p->places[phase->id] == PLACE_STEPS;
	if (!(phase->flags & (PHASE_NEVER_ENTERED | PHASE_OUTSIDE_STEPS))) {
		take_per_step(t, SUBJECT_PHASE, path, METRIC_CPU, phase->cores * phase->inclusive);
		take_per_step(t, SUBJECT_PHASE, path, METRIC_WALL, phase->inclusive);
		take_per_step(t, SUBJECT_PHASE, path, METRIC_SELF, phase->self);
		take_per_step(t, SUBJECT_PHASE, path, METRIC_CALLS, known(phase->calls));
		take(t, SUBJECT_PHASE, path, METRIC_CALL, phase->per_call, 0);
	}
	if (in_steps) {
		take_per_step(t, SUBJECT_PHASE, path, METRIC_ALLOCATIONS,
		              known(phase->allocations));
		take_per_step(t, SUBJECT_PHASE, path, METRIC_ALLOCATED, known(phase->bytes));
	}
	take(t, SUBJECT_PHASE, path, METRIC_PEAK, held, 0);
	take(t, SUBJECT_PHASE, path, METRIC_LIVE, known(phase->live_bytes), 0);
}

/* What each phase held at the heap's peak, by phase id. */
static double *held_at_peak(const struct profile *p)
{
	const struct trace *t = p->trace;
	double *held = mem_zero(t->phases_count * sizeof(*held));
	for (size_t i = 1; i < t->cells_count; i++)
		held[t->cells[i].phase] +=
		        (double)trace_cell_field(&t->cells[i], TRACE_CELL_PEAK_BYTES);
	return held;
}

static void take_phases(struct taker *t)
{
	double *held = held_at_peak(t->p);
	for (size_t i = 0; i < t->p->phases_count; i++)
		take_phase(t, &t->p->phases[i], t->p->heap ? held[t->p->phases[i].id] : NAN);
	free(held);
}

static void take_site(struct taker *t, const struct call_site *site)
{
	struct text path = {0};
	const char *phase = profile_phase_path(t->p, site->phase);
	bool in_steps = !profile_has_steps(t->p) || t->p->places[site->phase] == PLACE_STEPS;
	text_printf(&path, "%s%s%s", phase, *phase ? ": " : "", site->label);
	if (in_steps) {
		take_per_step(t, SUBJECT_CALL_SITE, path.bytes, METRIC_ALLOCATIONS,
		              (double)site->fields[TRACE_CELL_ALLOCATIONS]);
		take_per_step(t, SUBJECT_CALL_SITE, path.bytes, METRIC_ALLOCATED,
		              (double)site->fields[TRACE_CELL_ALLOCATED_BYTES]);
	}
	take(t, SUBJECT_CALL_SITE, path.bytes, METRIC_PEAK,
	     (double)site->fields[TRACE_CELL_PEAK_BYTES], 0);
	take(t, SUBJECT_CALL_SITE, path.bytes, METRIC_LIVE, (double)site->live_bytes, 0);
	text_free(&path);
}

/* CPU time from samples, of the user's own functions. */
static void take_functions(struct taker *t)
{
	const struct functions *functions = &t->p->functions;
	for (size_t i = 0; t->p->stacks.known[STACK_TIME] && i < functions->count; i++) {
		const struct profile_function *f = &functions->list[i];
		struct text path = {0};
		if (!f->own || !f->named)
			continue;
		const char *slash = strrchr(f->file, '/');
		text_printf(&path, "%s%s%s", f->name, *f->file ? " " : "",
		            slash ? slash + 1 : f->file);
		take_per_step(t, SUBJECT_FUNCTION, path.bytes, METRIC_CPU,
		              f->tally.self.values[STACK_TIME]);
		text_free(&path);
	}
}

void profile_values_add(struct study *study, const struct profile *p, size_t run)
{
	bool steps = profile_has_steps(p);
	struct taker t = {study, p, run, steps ? (double)p->steps.count : 1};
	if (!steps && !study->stepless_told)
		study_warn(study, "%s has no steps: a run without any counts as one",
		           study->runs[run].source);
	study->stepless_told = study->stepless_told || !steps;
	take_run(&t);
	take_step(&t);
	take_phases(&t);
	take_functions(&t);
	for (size_t i = 0; p->heap && i < p->sites.count; i++)
		take_site(&t, &p->sites.sites[i]);
}
