/* runs.c: see runs.h. Values are kept by run until all runs are known, since only then it is known
 * which are repetitions of each other. */
#include "scaling/runs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "model/profile.h"
#include "scaling/caches.h"
#include "scaling/profile_values.h"
#include "trace/locate.h"
#include "trace/trace.h"

/* Sizes closer than that are repetitions, where nothing says what was asked. */
#define SAME_SIZE 0.02

/* Of a trace's parameters a message names so many. */
#define PARAMS_SHOWN 8

/* ---- one run ------------------------------------------------------------------------------ */

static const char *copy(struct study *study, const char *text)
{
	return string_pool_add(&study->strings, text, strlen(text));
}

static const char *param_of(const struct trace *t, const char *name)
{
	for (size_t i = 0; i < t->facts.params_count; i++)
		if (strcmp(t->facts.params[i].name, name) == 0)
			return t->facts.params[i].value;
	return NULL;
}

static double number_of(const char *text)
{
	char *end;
	double value = text ? strtod(text, &end) : NAN;
	return text && *text && !*end ? value : NAN;
}

/* The population when the heap was largest, by a straight line between the windows around it. */
static double agents_at_peak(const struct profile *p)
{
	double before = NAN, before_time = 0;
	for (size_t i = 0; i < p->points_count; i++) {
		const struct profile_point *point = &p->points[i];
		if (isnan(point->agents))
			continue;
		if (point->time >= p->totals.peak_time) {
			double along =
			        (p->totals.peak_time - before_time) / (point->time - before_time);
			return isnan(before) ? point->agents
			                     : before + (point->agents - before) * along;
		}
		before = point->agents;
		before_time = point->time;
	}
	return isnan(before) && p->agents.known ? (double)p->agents.max : before;
}

static double threads_of(const struct profile *p)
{
	double most = NAN;
	for (size_t i = 0; i < p->trace->windows_count; i++) {
		const struct trace_process *process = &p->trace->windows[i].process;
		if (process->known && process->threads > 0)
			most = fmax(most, (double)process->threads);
	}
	return most;
}

/* The parameters nearest to a name that is none of them; else the first of all. */
static void list_params(const struct trace *t, const char *name, struct text *out)
{
	size_t count = t->facts.params_count, shown = PARAMS_SHOWN;
	const char *found[PARAMS_SHOWN], **names = mem_zero((count + 1) * sizeof(*names));
	for (size_t i = 0; i < count; i++)
		names[i] = t->facts.params[i].name;
	size_t near = near_words(name, names, count, found, PARAMS_SHOWN);
	shown = near ? near : count < shown ? count : shown;
	for (size_t i = 0; i < shown; i++)
		text_printf(out, "%s%s", i ? ", " : "", near ? found[i] : names[i]);
	if (shown < count)
		text_printf(out, " and %zu others", count - shown);
	free(names);
}

/* Of a program that marks no agents a sweep knows how many it asked for. */
static void take_asked(struct study *study, struct study_run *run)
{
	if (!study->asked_told)
		study_warn(study, "%s marks no agents: sizes are those that the sweep asked for",
		           run->source);
	study->asked_told = true;
	run->mean = run->peak = run->asked;
}

/* The sizes of a run along what the study is against. */
static bool find_sizes(struct study *study, const struct profile *p, struct study_run *run,
                       struct failure *failure)
{
	const char *against = study->against;
	if (strcmp(against, "agents") == 0 && !p->agents.known && isfinite(run->asked)) {
		take_asked(study, run);
	} else if (strcmp(against, "agents") == 0) {
		run->mean = p->agents.known ? p->agents.mean : NAN;
		run->peak = p->agents.known ? agents_at_peak(p) : NAN;
	} else if (strcmp(against, "steps") == 0) {
		run->mean = run->peak = (double)p->steps.count;
	} else if (strcmp(against, "threads") == 0) {
		run->mean = run->peak = threads_of(p);
	} else {
		double recorded = number_of(param_of(p->trace, against));
		run->mean = run->peak = isnan(recorded) ? run->asked : recorded;
	}
	if (isfinite(run->mean))
		return true;
	struct text params = {0};
	list_params(p->trace, against, &params);
	failure_set(failure, EXIT_TRACE,
	            "%s records no number '%s'; mark agents with memprof_agents(), or name a "
	            "parameter with --against%s%s",
	            run->source, against, params.length ? ": it has " : "",
	            params.length ? params.bytes : "");
	text_free(&params);
	return false;
}

static double density_of(const struct profile *p)
{
	double side = number_of(param_of(p->trace, "world_side"));
	return p->agents.known && side > 0 ? p->agents.mean / (side * side) : NAN;
}

static void keep_params(struct study *study, const struct trace *t, struct study_run *run)
{
	run->params_count = t->facts.params_count;
	run->params = arena_alloc(&study->arena, (run->params_count + 1) * sizeof(*run->params));
	for (size_t i = 0; i < run->params_count; i++)
		run->params[i] = (struct study_param){copy(study, t->facts.params[i].name),
		                                      copy(study, t->facts.params[i].value)};
}

static void note_limit(struct study *study, const struct trace *t)
{
	const struct {
		int64_t bytes;
		enum study_limit kind;
	} limits[] = {{t->header.memory_machine, STUDY_MACHINE},
	              {t->header.memory_cgroup, STUDY_CGROUP},
	              {t->header.memory_address_space, STUDY_ADDRESS_SPACE}};
	for (size_t i = 0; i < 3; i++) {
		bool less = !study->limit_kind || (double)limits[i].bytes < study->limit;
		if (limits[i].bytes > 0 && less) {
			study->limit = (double)limits[i].bytes;
			study->limit_kind = limits[i].kind;
		}
	}
	if (study->options.limit > 0) {
		study->limit = study->options.limit;
		study->limit_kind = STUDY_GIVEN;
	}
}

static struct study_run *add_run(struct study *study, const char *path, double asked)
{
	study->runs = mem_grow(study->runs, &study->runs_capacity, study->runs_count + 1,
	                       sizeof(*study->runs));
	struct study_run *run = &study->runs[study->runs_count++];
	*run = (struct study_run){.source = copy(study, path),
	                          .identity = "",
	                          .program = "",
	                          .asked = asked,
	                          .mean = NAN,
	                          .peak = NAN,
	                          .steps = NAN,
	                          .profiler = NAN,
	                          .overhead = NAN,
	                          .density = NAN};
	return run;
}

void runs_leave_out(struct study *study, const char *path, double asked, const char *why)
{
	add_run(study, path, asked)->left_out = copy(study, why);
}

static bool add_profile(struct study *study, const struct profile *p, struct study_run *run,
                        struct failure *failure)
{
	const struct trace *t = p->trace;
	if (!study->against)
		study->against = "agents";
	run->identity = copy(study, t->header.run);
	run->program = copy(study, p->run.name);
	run->steps = (double)p->steps.count;
	run->overhead = p->cost.share;
	run->density = density_of(p);
	keep_params(study, t, run);
	bool sized = find_sizes(study, p, run, failure);
	if (isnan(run->asked))
		run->asked = number_of(param_of(t, study->against));
	/* Of one that was cut off, the sizes may be what is missing. */
	if (!p->run.complete) {
		run->left_out = copy(study, p->run.ending);
		*failure = (struct failure){0};
		return true;
	}
	if (!sized)
		return false;
	note_limit(study, t);
	caches_note(study, t->header.cache_l2, t->header.cache_l3);
	run->profiler = profile_values_profiler(p);
	profile_values_add(study, p, (size_t)(run - study->runs));
	return true;
}

bool runs_add(struct study *study, const char *path, double asked, struct failure *failure)
{
	struct trace *trace = trace_load(path, failure);
	if (!trace)
		return false;
	if (trace->damage[0]) {
		failure_set(failure, EXIT_TRACE, "%s: trace damaged at byte %zu: %s", path,
		            trace->whole_bytes, trace->damage);
		trace_free(trace);
		return false;
	}
	struct profile *p = profile_build(trace);
	bool good = add_profile(study, p, add_run(study, path, asked), failure);
	profile_free(p);
	return good;
}

/* ---- do they make one study? -------------------------------------------------------------- */

static bool used(const struct study_run *run)
{
	return !run->left_out;
}

static bool check_duplicates(const struct study *study, struct failure *failure)
{
	for (size_t i = 0; i < study->runs_count; i++)
		for (size_t j = 0; j < i; j++)
			if (*study->runs[i].identity &&
			    strcmp(study->runs[i].identity, study->runs[j].identity) == 0)
				return failure_set(failure, EXIT_TRACE,
				                   "%s and %s are the same run; give each run once",
				                   study->runs[j].source, study->runs[i].source);
	return true;
}

static bool check_programs(const struct study *study, struct failure *failure)
{
	const struct study_run *first = NULL;
	for (size_t i = 0; i < study->runs_count; i++) {
		const struct study_run *run = &study->runs[i];
		if (!used(run))
			continue;
		first = first ? first : run;
		if (strcmp(run->program, first->program) != 0)
			return failure_set(failure, EXIT_TRACE,
			                   "%s is of %s, and %s of %s; give runs of one program",
			                   first->source, first->program, run->source,
			                   run->program);
	}
	return true;
}

static const char *value_of(const struct study_run *run, const char *name)
{
	for (size_t i = 0; i < run->params_count; i++)
		if (strcmp(run->params[i].name, name) == 0)
			return run->params[i].value;
	return "";
}

/* What may differ from run to run without being another configuration. */
static bool is_free(const struct study *study, const char *name)
{
	return strcmp(name, study->against) == 0 || strcmp(name, "seed") == 0 ||
	       strcmp(name, "out") == 0;
}

static bool differs_fatally(const struct study_run *a, const struct study_run *b, const char *x,
                            const char *y)
{
	bool numbers = isfinite(number_of(x)) && isfinite(number_of(y));
	return strcmp(x, y) != 0 && (!numbers || a->asked == b->asked);
}

static bool check_param(struct study *study, const char *name, struct failure *failure)
{
	const struct study_run *first = NULL;
	bool along = false;
	for (size_t i = 0; i < study->runs_count; i++) {
		const struct study_run *run = &study->runs[i];
		if (!used(run))
			continue;
		for (size_t j = 0; j < i; j++) {
			const struct study_run *other = &study->runs[j];
			const char *x = value_of(other, name), *y = value_of(run, name);
			if (used(other) && differs_fatally(other, run, x, y))
				return failure_set(failure, EXIT_TRACE,
				                   "the runs differ in '%s' (%s in %s, %s in %s); "
				                   "give runs of one configuration",
				                   name, *x ? x : "nothing", other->source,
				                   *y ? y : "nothing", run->source);
		}
		first = first ? first : run;
		along = along || strcmp(value_of(first, name), value_of(run, name)) != 0;
	}
	if (along)
		text_printf(&study->along, "%s%s", study->along.length ? ", " : "", name);
	return true;
}

static bool check_params(struct study *study, struct failure *failure)
{
	struct table names;
	bool good = true;
	table_init(&names, sizeof(const char *));
	for (size_t i = 0; good && i < study->runs_count; i++)
		for (size_t k = 0; good && used(&study->runs[i]) && k < study->runs[i].params_count;
		     k++) {
			const char *name = study->runs[i].params[k].name;
			uint32_t known = names.count;
			if (table_add(&names, &name) == known && !is_free(study, name))
				good = check_param(study, name, failure);
		}
	table_free(&names);
	return good;
}

/* ---- series ------------------------------------------------------------------------------- */

static int by_mean(const void *a, const void *b)
{
	const struct study_run *x = *(struct study_run *const *)a,
	                       *y = *(struct study_run *const *)b;
	return (x->mean > y->mean) - (x->mean < y->mean);
}

/* Runs of which nobody says what was asked: one size for those that came out alike. */
static void group(struct study *study)
{
	struct study_run **open = mem_zero(study->runs_count * sizeof(*open));
	size_t count = 0;
	for (size_t i = 0; i < study->runs_count; i++)
		if (used(&study->runs[i]) && isnan(study->runs[i].asked))
			open[count++] = &study->runs[i];
	if (count)
		qsort(open, count, sizeof(*open), by_mean);
	for (size_t i = 0; i < count; i++)
		open[i]->asked = i && open[i]->mean <= open[i - 1]->asked * (1 + SAME_SIZE)
		                         ? open[i - 1]->asked
		                         : open[i]->mean;
	free(open);
}

static bool sizes_known(const struct study_row *row, const struct study_run *run)
{
	return isfinite(metric_info(row->kind)->by_peak ? run->peak : run->mean);
}

static void make_series(struct study *study)
{
	for (size_t i = 0; i < study->values_count; i++) {
		const struct study_value *value = &study->values[i];
		const struct study_run *run = &study->runs[value->run];
		struct study_row *row = &study->rows[value->row];
		row->quantum = fmax(row->quantum, value->quantum);
		row->nonzero = row->nonzero || value->value != 0;
		if (sizes_known(row, run))
			series_add(&row->series, run->asked,
			           metric_info(row->kind)->by_peak ? run->peak : run->mean,
			           value->value);
	}
}

/* A row that some sizes know nothing of has no series over all of them. */
static void note_gaps(struct study *study)
{
	size_t sizes = 0;
	for (size_t i = 0; i < study->rows_count; i++)
		if (study->rows[i].series.count > sizes)
			sizes = study->rows[i].series.count;
	for (size_t i = 0; i < study->rows_count; i++) {
		struct study_row *row = &study->rows[i];
		if (row->subject != SUBJECT_OTHER && row->series.count < sizes)
			row->trouble =
			        arena_printf(&study->arena, "it is in the runs of %zu of %zu sizes",
			                     row->series.count, sizes);
	}
}

/* Rows that are zero everywhere have nothing to say. */
static void drop_zeros(struct study *study)
{
	size_t kept = 0;
	for (size_t i = 0; i < study->rows_count; i++) {
		struct study_row *row = &study->rows[i];
		if (row->subject == SUBJECT_OTHER || row->nonzero)
			study->rows[kept++] = *row;
		else
			series_free(&row->series);
	}
	study->rows_count = kept;
}

static void tell_left_out(struct study *study)
{
	for (size_t i = 0; i < study->runs_count; i++)
		if (!used(&study->runs[i]))
			study_warn(study, "%s is left out: %s", study->runs[i].source,
			           study->runs[i].left_out);
	if (study->along.length)
		study_warn(study, "changes along with %s: %s", study->against, study->along.bytes);
}

bool runs_finish(struct study *study, struct failure *failure)
{
	if (!study->runs_count)
		return true;
	group(study);
	if (!check_duplicates(study, failure) || !check_programs(study, failure) ||
	    !check_params(study, failure))
		return false;
	make_series(study);
	note_gaps(study);
	drop_zeros(study);
	tell_left_out(study);
	return true;
}
