/* usage.c: see usage.h. */
#include "model/usage.h"

#include <math.h>
#include <stdlib.h>

#include "model/parts.h"

/* Below this part of a phase's time the calls that were read do not speak for it. */
#define COVERED_MIN 0.5

static const struct usage nothing = {.covered = NAN, .system = NAN};

/* From fields in the order of the trace, that were read in a part of `inclusive` ticks. */
static struct usage usage_of(const int64_t *fields, int64_t inclusive)
{
	struct usage usage = {
	        .calls = fields[TRACE_PHASE_USAGE_CALLS - TRACE_USAGE_FIRST],
	        .minor_faults = fields[TRACE_PHASE_MINOR_FAULTS - TRACE_USAGE_FIRST],
	        .major_faults = fields[TRACE_PHASE_MAJOR_FAULTS - TRACE_USAGE_FIRST],
	        .waits = fields[TRACE_PHASE_WAITS - TRACE_USAGE_FIRST],
	        .preempted = fields[TRACE_PHASE_PREEMPTED - TRACE_USAGE_FIRST],
	        .read_bytes = fields[TRACE_PHASE_READ_BYTES - TRACE_USAGE_FIRST],
	        .written_bytes = fields[TRACE_PHASE_WRITTEN_BYTES - TRACE_USAGE_FIRST],
	        .system = (double)fields[TRACE_PHASE_SYSTEM_NS - TRACE_USAGE_FIRST] / 1e9,
	};
	double ticks = (double)fields[TRACE_PHASE_USAGE_TICKS - TRACE_USAGE_FIRST];
	usage.covered = inclusive > 0 ? fmin(1, ticks / (double)inclusive) : 0;
	usage.known = usage.calls > 0 && usage.covered >= COVERED_MIN;
	return usage.known ? usage : nothing;
}

/* Of the stepping thread, or, without steps, of all: as the profile's phases are. */
static struct usage usage_of_phase(const struct profile *p, uint32_t id)
{
	const struct trace_phase_times *times = p->trace->phases[id].times;
	int64_t fields[TRACE_USAGE_FIELDS];
	int64_t inclusive = times[TRACE_ROLE_STEPPING].fields[TRACE_PHASE_INCLUSIVE];
	const int64_t *others = times[TRACE_ROLE_OTHERS].fields;
	for (int i = 0; i < TRACE_USAGE_FIELDS; i++)
		fields[i] = times[TRACE_ROLE_STEPPING].fields[TRACE_USAGE_FIRST + i] +
		            (p->phases_of_steps ? 0 : others[TRACE_USAGE_FIRST + i]);
	return usage_of(fields,
	                inclusive + (p->phases_of_steps ? 0 : others[TRACE_PHASE_INCLUSIVE]));
}

static int64_t less(int64_t all, int64_t part)
{
	return all > part ? all - part : 0;
}

/* A child's part is no longer its parent's own. */
static void take_off(struct usage *own, const struct usage *child)
{
	if (!child->known) {
		own->with_short = true;
		return;
	}
#define X(name) own->name = less(own->name, child->name);
	USAGE_COUNTS(X)
#undef X
	own->system = fmax(0, own->system - child->system);
}

/* The rows of a phase's children stand below it, a level deeper. */
static void take_children_off(struct profile *p, size_t row)
{
	struct profile_phase *phase = &p->phases[row];
	for (size_t i = row + 1; i < p->phases_count && p->phases[i].depth > phase->depth; i++)
		if (p->phases[i].depth == phase->depth + 1 && p->phases[i].calls)
			take_off(&phase->usage_self, &p->phases[i].usage);
}

/* What phases counted before and after steps cannot be told from what they counted in them. */
static struct usage in_no_phase(const struct profile *p)
{
	const struct trace_steps *steps = &p->trace->steps;
	struct usage own = usage_of(steps->usage, steps->ticks);
	for (size_t i = 0; own.known && i < p->phases_count; i++) {
		const struct profile_phase *row = &p->phases[i];
		if (row->depth || !(row->inclusive > 0))
			continue;
		if (row->inclusive_outside > 0.01 * row->inclusive)
			return nothing;
		take_off(&own, &row->usage);
	}
	return own;
}

void usage_build(struct profile *p)
{
	for (size_t i = 0; i < p->phases_count; i++)
		p->phases[i].usage = p->phases[i].usage_self = usage_of_phase(p, p->phases[i].id);
	for (size_t i = 0; i < p->phases_count; i++)
		if (p->phases[i].usage.known)
			take_children_off(p, i);
	p->unaccounted_usage = p->phases_of_steps ? in_no_phase(p) : nothing;
}
