/* warnings.c: what the reader of a report must know before believing it, in sentences. One function
 * a subject, in a table; worst first. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "model/estimate.h"
#include "model/parts.h"

#define WARN(p, ...) add_warning(p, arena_printf(&(p)->arena, __VA_ARGS__))

static void add_warning(struct profile *p, const char *sentence)
{
	p->warnings = mem_grow(p->warnings, &p->warnings_capacity, p->warnings_count + 1,
	                       sizeof(*p->warnings));
	p->warnings[p->warnings_count++] = sentence;
}

/* A figure of the profiler's own counters; 0 if it was not told. */
static int64_t counted(int64_t value)
{
	return value == TRACE_UNKNOWN ? 0 : value;
}

static void warn_damage(struct profile *p)
{
	const struct trace *t = p->trace;
	if (t->damage[0])
		WARN(p,
		     "the trace is damaged at byte %zu of %zu (%s): this report is of what comes "
		     "before",
		     t->whole_bytes, t->file_bytes, t->damage);
	if (t->torn)
		WARN(p, "the trace ends inside a record: %zu bytes at its end could not be read",
		     t->file_bytes - t->whole_bytes);
	if (t->newer_minor)
		WARN(p, "the trace was written by a newer memprof: what this one does not know is "
		        "left out");
}

static void warn_ending(struct profile *p)
{
	const struct trace *t = p->trace;
	if (!t->end.known && !t->windows_count)
		WARN(p, "the trace has no window yet: there are no figures in it");
	else if (!t->end.known && !t->damage[0])
		WARN(p,
		     "the trace has no end: the program still runs, or its recorder was killed; "
		     "figures reach to %.1f s",
		     p->run.wall);
	if (t->end.known && t->end.out_of_memory)
		WARN(p, "the program was killed for lack of memory");
	if (t->end.known && t->end.steps_open)
		WARN(p, "the program ended inside step %" PRId64 "; that step is not counted",
		     t->steps.begun);
}

static void warn_cpu(struct profile *p)
{
	const struct profile_run *run = &p->run;
	if (run->wall > 0 && run->cpu > 0 && run->cores != PROFILE_UNKNOWN &&
	    isnan(run->cores_used))
		WARN(p,
		     "%.3g s of CPU time in %.3g s on %" PRId64 " cores cannot be: some of it is "
		     "from before the recording",
		     run->cpu, run->wall, run->cores);
}

static void warn_marks(struct profile *p)
{
	bool phases = p->trace->phases_count > 1;
	if (!p->steps.count && !phases)
		WARN(p, "no marks received: steps and phases are not known; mark them with "
		        "<memprof/memprof.h>");
	else if (!p->steps.count)
		WARN(p, "no step has ended: figures are of the whole process, not per step");
	if (p->steps.count > 0 && p->steps.count < 20)
		WARN(p, "only %" PRId64 " steps: percentiles of so few are coarse", p->steps.count);
	if (p->trace->facts.steps_expected != TRACE_UNKNOWN &&
	    p->trace->facts.steps_expected > p->steps.count && p->steps.count)
		WARN(p, "%" PRId64 " of %" PRId64 " steps ended", p->steps.count,
		     p->trace->facts.steps_expected);
}

static void warn_main_module(struct profile *p)
{
	if (!p->code.main_module)
		return;
	const struct code_module *m = &p->code.modules[p->code.main_module];
	switch (m->state) {
	case TRACE_SYMBOLS_CHANGED:
		WARN(p,
		     "%s is not the file that ran (it was built again): its functions have no "
		     "names here",
		     m->path);
		break;
	case TRACE_SYMBOLS_GONE:
		WARN(p, "%s is not there any more: its functions have no names here", m->path);
		break;
	case TRACE_SYMBOLS_SYMTAB:
	case TRACE_SYMBOLS_NONE:
		if (!m->system)
			WARN(p,
			     "%s has no debug information: call-sites have no source lines; "
			     "build with -g",
			     m->name);
		break;
	default:
		break;
	}
	if (m->optimized == 0)
		WARN(p, "%s was built without optimisation: its times are not those of a real run",
		     m->name);
}

/* Self times and what is unaccounted must be the steps' time: the recorder's own promise. Some
 * counters may have been read while they moved. */
static void warn_accounting(struct profile *p)
{
	if (!p->phases_of_steps || p->steps.wall <= 0)
		return;
	double sum = p->unaccounted;
	for (size_t i = 0; i < p->phases_count; i++)
		sum += p->phases[i].self;
	if (fabs(sum - p->steps.wall) > p->steps.wall * 0.001)
		WARN(p, "phases and unaccounted time add up to %.4g s, the steps to %.4g s", sum,
		     p->steps.wall);
}

static void warn_counts(struct profile *p)
{
	const struct trace_profiler *f = &p->trace->profiler;
	const struct {
		int64_t count;
		const char *one, *many, *meaning;
	} subjects[] = {
	        {counted(f->overflows), "event", "events",
	         "found a table of the recorder full: stacks are not known there"},
	        {counted(f->audit_mismatches), "audited stack was", "audited stacks were",
	         "wrong: call-sites may be, please report it"},
	        {counted(f->unknown_frees), "free was", "frees were",
	         "of what was not live: the program frees twice"},
	        {counted(f->unbalanced), "phase was", "phases were",
	         "ended by the end of an outer one"},
	        {counted(f->foreign_steps), "step was", "steps were",
	         "begun by a thread that does not step: ignored"},
	        {counted(f->damaged), "entry of the recorder's tables was",
	         "entries of the recorder's tables were",
	         "overwritten by the program: it writes where it should not"},
	        {counted(f->mappings_missed), "mapping or unmapping", "mappings and unmappings",
	         "could not be followed: what is mapped directly may be more or less"},
	};
	for (size_t i = 0; f->known && i < sizeof(subjects) / sizeof(subjects[0]); i++)
		if (subjects[i].count)
			WARN(p, "%" PRId64 " %s %s", subjects[i].count,
			     subjects[i].count == 1 ? subjects[i].one : subjects[i].many,
			     subjects[i].meaning);
}

/* Why, by the errno of the last one; "" where the trace does not tell. */
static const char *why_lost(struct profile *p)
{
	int64_t error = counted(p->trace->profiler.children_lost_error);
	const char *reason = error > 0 && error < 4096 ? strerrordesc_np((int)error) : NULL;
	if (error == EMFILE || error == ENFILE)
		return " (no free file descriptor: raise ulimit -n)";
	return reason ? arena_printf(&p->arena, " (%s)", reason) : "";
}

static void warn_children(struct profile *p)
{
	int64_t lost = counted(p->trace->profiler.children_lost);
	if (p->trace->profiler.known && lost)
		WARN(p, "%" PRId64 " child process%s could not be recorded%s", lost,
		     lost == 1 ? "" : "es", why_lost(p));
}

/* In a live trace frees are read before allocations, so live is not below 0 by more than the skew.
 */
static void warn_balance(struct profile *p)
{
	/* Estimates have been rounded, cell by cell. */
	int64_t skew = p->trace->skew + (p->sampled ? (int64_t)p->trace->cells_count : 0);
	if (p->heap && p->totals.live_blocks < -skew)
		WARN(p, "more blocks were freed than allocated (%" PRId64 ")",
		     -p->totals.live_blocks);
}

static void warn_rss(struct profile *p)
{
	const struct trace_process *process = &p->trace->process;
	if (!process->known || process->unexplained == TRACE_UNKNOWN)
		return;
	double unexplained = (double)process->unexplained;
	if (unexplained > 16.0 * 1024 * 1024 && unexplained > 0.1 * (double)p->totals.peak_rss)
		WARN(p,
		     "%.1f MiB of resident memory is neither heap nor mapped file nor the "
		     "profiler's",
		     unexplained / 1048576);
}

/* Fewer tell little of shares: at 100 a share of a half is uncertain by 10 points. */
#define SAMPLES_FEW 100
/* CPU time worth a word, in seconds; and how much of it samples should stand for. */
#define CPU_TOLD    0.5
#define CPU_COVERED 0.8

static void warn_samples(struct profile *p)
{
	const struct trace *t = p->trace;
	double covered = (double)t->sampled_ns_total / 1e9;
	if (t->header.sampling_hz <= 0)
		return;
	if (t->samples_total < SAMPLES_FEW)
		WARN(p,
		     "only %" PRId64
		     " sample%s of CPU time: which functions took it is not known to "
		     "be true; run longer, or with memprof run --freq 999",
		     t->samples_total, t->samples_total == 1 ? "" : "s");
	else if (p->run.cpu > CPU_TOLD && covered < CPU_COVERED * p->run.cpu)
		WARN(p,
		     "samples stand for %.3g of %.3g s of CPU time: the rest could not be sampled "
		     "(threads without a timer, signals that the program set up by itself)",
		     covered, p->run.cpu);
	int64_t without = counted(t->profiler.unsampled_threads);
	if (t->profiler.known && without)
		WARN(p,
		     "%" PRId64 " thread%s could not be sampled: no timer or no free signal was to "
		     "be had (ulimit -i)",
		     without, without == 1 ? "" : "s");
}

static void warn_calls(struct profile *p)
{
	const struct trace *t = p->trace;
	if (t->header.count_calls && !t->calls_count)
		WARN(p, "no calls were counted: compile the program with -finstrument-functions");
	int64_t missed = t->profiler.known ? counted(t->profiler.calls_missed) : 0;
	if (missed)
		WARN(p, "%" PRId64 " call%s could not be counted: there was no room for them",
		     missed, missed == 1 ? "" : "s");
}

static void warn_sampled(struct profile *p)
{
	if (!p->sampled)
		return;
	WARN(p,
	     "sampled: figures of allocations are estimates, from %" PRId64
	     " blocks; ± is half of the interval that holds 95 of 100, ±? stands where there are "
	     "fewer "
	     "than %d samples",
	     p->totals.fields[TRACE_CELL_SAMPLED], ESTIMATE_SAMPLES_MIN);
	WARN(p,
	     "sampled: the heap's peak is that of an estimate, so somewhat high; lifetimes begin "
	     "anew when a block is reallocated");
}

static void warn_recorder(struct profile *p)
{
	for (size_t i = 0; i < p->trace->warnings_count; i++)
		add_warning(p, p->trace->warnings[i]);
}

void warnings_build(struct profile *p)
{
	static void (*const subjects[])(struct profile *) = {
	        warn_damage,   warn_ending,  warn_cpu,         warn_accounting, warn_counts,
	        warn_children, warn_balance, warn_main_module, warn_marks,      warn_rss,
	        warn_sampled,  warn_samples, warn_calls,       warn_recorder,
	};
	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
		subjects[i](p);
}
