/* waiting.c: how much of a phase's time its thread did not run: wall time less its own CPU time. It
 * was asleep (for a lock, a file, other threads), or ready and without a processor.
 *
 * The CPU time of a phase that the recorder reads is that of the process, so it is the thread's own
 * where there was only one thread: then it is measured. Else the thread's CPU time is that of its
 * samples in the phase and in the phases below it. Both are of all calls, in steps or outside.
 *
 * The samples of a phase are a count, and their error that of a Poisson process (its variance is
 * its mean): 95 % of the time it is off by no more than 1.96 √n samples; where there is none, by 3
 * (−ln 0.05). A waiting time that lies within its error is none that can be told.
 */
#include <math.h>
#include <stdlib.h>

#include "model/parts.h"

/* Of the thread that steps, by phase, with what lies below. */
struct sampled {
	double samples, seconds;
};

static struct sampled *samples_by_phase(const struct trace *t)
{
	struct sampled *by_phase = mem_zero(t->phases_count * sizeof(*by_phase));
	for (size_t i = 0; i < t->samples_count; i++) {
		const struct trace_sample *s = &t->samples[i];
		if (s->role != TRACE_ROLE_STEPPING)
			continue;
		by_phase[s->phase].samples += (double)s->samples;
		by_phase[s->phase].seconds += (double)s->cpu_ns / 1e9;
	}
	/* Children have higher ids than their parents. */
	for (size_t id = t->phases_count; id-- > 1;) {
		struct sampled *parent = &by_phase[t->phases[id].parent];
		parent->samples += by_phase[id].samples;
		parent->seconds += by_phase[id].seconds;
	}
	return by_phase;
}

static void by_samples(struct profile_phase *row, double wall, const struct sampled *s,
                       double period)
{
	double one = s->samples > 0 ? s->seconds / s->samples : period;
	row->waiting = fmax(wall - s->seconds, 0);
	row->waiting_error = one * (s->samples > 0 ? 1.96 * sqrt(s->samples) : 3);
	row->waiting_from = WAITING_BY_SAMPLES;
}

void waiting_build(struct profile *p)
{
	const struct trace *t = p->trace;
	bool sampled = t->header.sampling_hz > 0 && t->samples_total > 0;
	struct sampled *by_phase = samples_by_phase(t);
	for (size_t i = 0; i < p->phases_count; i++) {
		struct profile_phase *row = &p->phases[i];
		const int64_t *own = t->phases[row->id].times[TRACE_ROLE_STEPPING].fields;
		double wall = profile_seconds(p, (double)own[TRACE_PHASE_INCLUSIVE]);
		row->waiting = row->waiting_error = NAN;
		if (wall <= 0)
			continue;
		if (t->threads_count == 1 && !isnan(row->cores) && !row->cpu_estimated) {
			row->waiting = fmax(wall * (1 - row->cores), 0);
			row->waiting_error = 0;
			row->waiting_from = WAITING_BY_CLOCK;
		} else if (sampled) {
			by_samples(row, wall, &by_phase[row->id],
			           1.0 / (double)t->header.sampling_hz);
		}
	}
	free(by_phase);
}
