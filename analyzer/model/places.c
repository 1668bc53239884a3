/* places.c: which phases' allocations were made in steps, and which outside of them.
 *
 * A trace counts allocations by phase, and separately all of those in steps. A phase whose time of
 * the stepping thread lies in steps, or outside of them, tells where its allocations were made; of
 * no phase, and of phases that do both, the sums tell: if the phases that lie in steps account for
 * all allocations of the steps, the others made theirs outside; if the steps have room for the
 * others too, they made theirs in steps.
 */
#include <stdlib.h>

#include "model/parts.h"

static int64_t time_of(const struct trace *t, uint32_t id, enum trace_phase_field field)
{
	return t->phases[id].times[TRACE_ROLE_STEPPING].fields[field];
}

/* By its time alone. A phase that other threads entered by themselves may have run at any time. */
static enum profile_place place_by_time(const struct trace *t, uint32_t id)
{
	const struct trace_phase_times *others = &t->phases[id].times[TRACE_ROLE_OTHERS];
	int64_t inclusive = time_of(t, id, TRACE_PHASE_INCLUSIVE);
	int64_t in_steps = time_of(t, id, TRACE_PHASE_STEP_INCLUSIVE);
	bool ended = time_of(t, id, TRACE_PHASE_ENTERED) == time_of(t, id, TRACE_PHASE_CALLS);
	if (id == 0 || others->fields[TRACE_PHASE_ENTERED] || !ended || inclusive <= 0)
		return PLACE_BOTH;
	return in_steps <= 0 ? PLACE_OUTSIDE : in_steps < inclusive ? PLACE_BOTH : PLACE_STEPS;
}

/* What the sums say of the phases that time alone does not tell of. */
static enum profile_place place_of_rest(const struct profile *p, int64_t in_steps, int64_t rest)
{
	/* Estimates have been rounded, cell by cell. */
	int64_t skew = p->trace->skew + (p->sampled ? (int64_t)p->trace->cells_count : 0);
	if (in_steps + skew >= p->steps.allocations)
		return PLACE_OUTSIDE;
	return in_steps + rest <= p->steps.allocations + skew ? PLACE_STEPS : PLACE_BOTH;
}

void places_build(struct profile *p, const int64_t *allocations)
{
	const struct trace *t = p->trace;
	int64_t sums[3] = {0};
	p->places = mem_zero(t->phases_count * sizeof(*p->places));
	for (uint32_t id = 0; id < t->phases_count; id++) {
		p->places[id] = place_by_time(t, id);
		sums[p->places[id]] += allocations[id];
	}
	enum profile_place rest = place_of_rest(p, sums[PLACE_STEPS], sums[PLACE_BOTH]);
	for (uint32_t id = 0; id < t->phases_count; id++)
		if (p->places[id] == PLACE_BOTH)
			p->places[id] = rest;
}
