/* hunt.c: see hunt.h. */
#include "model/hunt.h"

#include <math.h>
#include <stdlib.h>

#include "model/profile.h"

/* Scopes smaller than this share of the steps are not worth a line. */
#define SCOPE_SHARE 0.01

/* Time outside of steps beyond this share of what is unaccounted makes samples in no phase mixed.
 */
#define MIXED_SHARE 0.1

static double stepping_time(const struct stack_row *row)
{
	return row->values[STACK_TIME] - row->workers_time;
}

static void keep_leading(struct hunt *hunt, uint32_t function, double seconds)
{
	size_t at = hunt->functions_count;
	if (at == HUNT_FUNCTIONS && seconds <= hunt->functions[at - 1].seconds)
		return;
	at -= at == HUNT_FUNCTIONS;
	hunt->functions_count = at + 1;
	for (; at > 0 && hunt->functions[at - 1].seconds < seconds; at--)
		hunt->functions[at] = hunt->functions[at - 1];
	hunt->functions[at] = (struct hunted_function){function, seconds};
}

/* The innermost function of a stack. */
static uint32_t function_of(const struct profile *p, uint32_t stack)
{
	size_t count;
	uint32_t frame = stack ? p->trace->stacks[stack].frame : TRACE_FRAME_ROOT;
	return functions_of_frame(&p->functions, frame, &count)[0];
}

static void find_functions(struct hunt *hunt, const struct profile *p)
{
	double *seconds = mem_zero(p->functions.count * sizeof(*seconds));
	hunt->cpu = hunt->samples = 0;
	for (size_t i = 0; i < p->stacks.count; i++) {
		const struct stack_row *row = &p->stacks.rows[i];
		if (row->phase != hunt->phase || !(stepping_time(row) > 0))
			continue;
		seconds[function_of(p, row->stack)] += stepping_time(row);
		hunt->cpu += stepping_time(row);
		hunt->samples += row->samples - row->workers_samples;
	}
	for (uint32_t i = 0; i < p->functions.count; i++)
		if (seconds[i] > 0)
			keep_leading(hunt, i, seconds[i]);
	free(seconds);
}

/* A fresh page takes the kernel a quarter to a whole microsecond, where it is not virtual: so long
 * at least, or there is something else in the kernel's time. */
#define FAULT_SECONDS 1e-6

/* Half of the time. */
#define MOST 0.5

static enum hunt_cause cause_of_cpu(const struct hunt *hunt)
{
	const struct usage *u = &hunt->usage;
	if (u->system < MOST * hunt->seconds)
		return HUNT_CAUSE_CODE;
	return (double)(u->minor_faults + u->major_faults) * FAULT_SECONDS >= u->system
	               ? HUNT_CAUSE_FAULTS
	               : HUNT_CAUSE_KERNEL;
}

/* The thread's own CPU time is not measured: it is that of the samples, which have an error. */
static enum hunt_cause cause_of(const struct hunt *hunt)
{
	const struct usage *u = &hunt->usage;
	if (!u->known || hunt->mixed)
		return HUNT_CAUSE_UNKNOWN;
	if (u->system >= MOST * hunt->seconds)
		return cause_of_cpu(hunt);
	if (isnan(hunt->off_cpu))
		return HUNT_CAUSE_UNKNOWN;
	double error = hunt->samples > 0 ? 1.96 * hunt->cpu / sqrt(hunt->samples) : 0;
	if (hunt->off_cpu - error > MOST * hunt->seconds)
		return u->waits >= u->preempted ? HUNT_CAUSE_WAITING : HUNT_CAUSE_PUSHED;
	return hunt->cpu - error > MOST * hunt->seconds ? cause_of_cpu(hunt) : HUNT_CAUSE_UNKNOWN;
}

static void add_hunt(struct hunts *hunts, const struct profile *p, uint32_t phase, double seconds,
                     double scope, double outside, const struct usage *usage)
{
	if (!(seconds > HUNT_SHARE * scope) || !(scope > SCOPE_SHARE * p->steps.wall))
		return;
	struct hunt *hunt = &hunts->list[hunts->count++];
	*hunt = (struct hunt){.phase = phase,
	                      .seconds = seconds,
	                      .share = seconds / scope,
	                      .cpu = NAN,
	                      .samples = NAN,
	                      .off_cpu = NAN,
	                      .mixed = outside > MIXED_SHARE * seconds,
	                      .usage = *usage};
	if (p->functions.all.samples > 0) {
		find_functions(hunt, p);
		if (!hunt->mixed)
			hunt->off_cpu = fmax(0, seconds - hunt->cpu);
	}
	hunt->cause = cause_of(hunt);
}

static bool has_children(const struct profile *p, size_t row)
{
	return row + 1 < p->phases_count && p->phases[row + 1].depth > p->phases[row].depth;
}

static int most_first(const void *a, const void *b)
{
	const struct hunt *x = a, *y = b;
	return (x->seconds < y->seconds) - (x->seconds > y->seconds);
}

void hunts_build(struct hunts *hunts, const struct profile *p)
{
	*hunts = (struct hunts){0};
	if (!p->phases_of_steps)
		return;
	hunts->list = mem_zero((p->phases_count + 1) * sizeof(*hunts->list));
	add_hunt(hunts, p, 0, p->unaccounted, p->steps.wall, p->run.wall - p->steps.wall,
	         &p->unaccounted_usage);
	for (size_t i = 0; i < p->phases_count; i++) {
		const struct profile_phase *row = &p->phases[i];
		if (has_children(p, i))
			add_hunt(hunts, p, row->id, row->self, row->inclusive, row->self_outside,
			         &row->usage_self);
	}
	if (hunts->count)
		qsort(hunts->list, hunts->count, sizeof(*hunts->list), most_first);
}

void hunts_free(struct hunts *hunts)
{
	free(hunts->list);
	*hunts = (struct hunts){0};
}
