/* weights.c: see weights.h. */
#include "export/weights.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

#define NANOSECONDS 1e9

struct remainder {
	double part;
	size_t number; /* of the weight */
};

/* Largest first; of equals the earlier one, so that a trace always gives the same file. */
static int by_remainder(const void *a, const void *b)
{
	const struct remainder *x = a, *y = b;
	if (x->part != y->part)
		return x->part < y->part ? 1 : -1;
	return x->number < y->number ? -1 : x->number > y->number;
}

/* No sum of a valid trace's values is larger; a sum of doubles may be, by rounding. */
#define WHOLE_MAX 9.2e18

static int64_t whole(double value)
{
	return value > 0 ? llround(fmin(value, WHOLE_MAX)) : 0;
}

static void add(struct weights *w, struct weight weight)
{
	bool something = false;
	for (int metric = 0; metric < STACK_METRICS; metric++)
		something |= weight.values[metric] != 0;
	if (something || weight.samples)
		w->list[w->count++] = weight;
}

/* Time is rounded down here; share_out gives back what that takes away. */
static void add_time(struct weights *w, struct remainder *remainders, uint32_t row,
                     enum weight_role role, double seconds, double samples)
{
	double time = seconds > 0 ? seconds * NANOSECONDS : 0;
	remainders[w->count] = (struct remainder){time - floor(time), w->count};
	add(w, (struct weight){.row = row,
	                       .role = role,
	                       .values[STACK_TIME] = (int64_t)floor(time),
	                       .samples = whole(samples)});
}

static void share_out(struct weights *w, struct remainder *remainders, double seconds)
{
	int64_t missing = whole(seconds * NANOSECONDS);
	for (size_t i = 0; i < w->count; i++)
		missing -= w->list[i].values[STACK_TIME];
	qsort(remainders, w->count, sizeof(*remainders), by_remainder);
	for (size_t i = 0; i < w->count && missing > 0; i++, missing--)
		w->list[remainders[i].number].values[STACK_TIME]++;
}

static void add_up(struct weights *w)
{
	for (size_t i = 0; i < w->count; i++) {
		for (int metric = 0; metric < STACK_METRICS; metric++)
			w->totals[metric] += w->list[i].values[metric];
		w->samples += w->list[i].samples;
	}
}

void weights_build(struct weights *w, const struct stacks *stacks)
{
	struct remainder *remainders = mem_zero(3 * stacks->count * sizeof(*remainders));
	double seconds = 0;
	*w = (struct weights){.list = mem_zero(3 * stacks->count * sizeof(*w->list))};
	for (uint32_t i = 0; i < stacks->count; i++) {
		const struct stack_row *row = &stacks->rows[i];
		struct weight memory = {.row = i, .role = WEIGHT_ANY};
		for (int metric = 0; metric < STACK_METRICS; metric++)
			if (metric != STACK_TIME && stacks->known[metric])
				memory.values[metric] = whole(row->values[metric]);
		remainders[w->count] = (struct remainder){0, w->count};
		add(w, memory);
		add_time(w, remainders, i, WEIGHT_STEPPING,
		         row->values[STACK_TIME] - row->workers_time,
		         row->samples - row->workers_samples);
		add_time(w, remainders, i, WEIGHT_WORKERS, row->workers_time, row->workers_samples);
		seconds += row->values[STACK_TIME];
	}
	share_out(w, remainders, seconds);
	add_up(w);
	free(remainders);
}

void weights_free(struct weights *w)
{
	free(w->list);
	*w = (struct weights){0};
}
