/* run_status.c: see run_status.h. */
#include "run_status.h"
#include "memory.h"
#include "say.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <x86intrin.h>

/* How much of a phase's recent time is left after a second: half of it fades in about 5. */
#define FADE 0.87

/* Phases below this share are left out. */
#define SHARE_SHOWN 0.001

void run_status_init(struct run_status *status, const char *path)
{
	status->path = memory_copy(path);
	status->status.eta_seconds = -1;
	status->status.step_seconds = -1;
	status->status.exit_status = -1;
}

void run_status_free(struct run_status *status)
{
	free(status->path);
	free(status->paces);
	status_free(&status->status);
}

static void forget_phases(struct status *s)
{
	for (uint32_t i = 0; i < s->phases_count; i++)
		free(s->phases[i].path);
	s->phases_count = 0;
	free(s->current_phase);
	s->current_phase = NULL;
}

void run_status_forget_image(struct run_status *status)
{
	memset(status->paces, 0, status->paces_capacity * sizeof *status->paces);
	forget_phases(&status->status);
}

/* Steps a second while in steps; 0: none has ended. */
static double mean_rate(uint64_t ended, uint64_t ticks, double hz)
{
	return ticks ? (double)ended * hz / (double)ticks : 0;
}

static void take_steps(struct run_status *status, const struct mp_steps *steps, uint64_t start,
                       double hz)
{
	struct status *s = &status->status;
	progress_look(&status->steps, clock_mono_ns(), steps->ended);
	s->step = steps->begun;
	s->last_step = steps->ended;
	s->steps_expected = steps->expected;
	s->agents_known = steps->agents_steps || steps->agents;
	s->agents = steps->agents;
	s->steps_per_second = progress_rate(&status->steps);
	/* Steps longer than what is looked back on: the mean of all steps. */
	if (s->steps_per_second <= 0)
		s->steps_per_second = mean_rate(steps->ended, steps->ticks, hz);
	s->eta_seconds = progress_seconds_left(steps->ended, steps->expected, s->steps_per_second);
	uint64_t now = __rdtsc() - start;
	bool open = steps->open_since && now > steps->open_since && hz > 0;
	s->step_seconds = open ? (double)(now - steps->open_since) / hz : -1;
}

/* The sum of all recent self times, with what of the steps lies in no phase. */
static double fade_and_add(struct run_status *status, const struct recording *recording,
                           uint32_t stepping)
{
	const struct snapshot *snapshot = &recording->source.snapshot;
	double total = 0, changed = 0;
	memory_reserve(&status->paces, &status->paces_capacity, snapshot->phases_count,
	               sizeof *status->paces);
	for (uint32_t i = 0; i < snapshot->phases_count; i++) {
		const struct phase_entry *entry = &snapshot->phases[i];
		struct phase_pace *pace = &status->paces[i];
		if (entry->slot != stepping)
			continue;
		uint64_t self =
		        region_load(&region_phase_times(recording->region, entry->block)->self);
		double change = (double)(self - pace->self);
		pace->self = self;
		pace->recent += change;
		changed += change;
	}
	for (uint32_t i = 0; i < snapshot->phases_count; i++) {
		/* Nothing ended within the second: what was known stays as it is. */
		if (changed > 0)
			status->paces[i].recent *= FADE;
		if (snapshot->phases[i].slot == stepping)
			total += status->paces[i].recent;
	}
	return total;
}

static int largest_first(const void *a, const void *b)
{
	const struct status_phase *x = a, *y = b;
	return (x->share < y->share) - (x->share > y->share);
}

/* Keeps the largest shares, sorted. */
static void add_share(struct status *s, const struct tables *tables, uint32_t phase, double share)
{
	char path[512];
	uint32_t at = s->phases_count;
	if (share < SHARE_SHOWN)
		return;
	if (at == STATUS_PHASES_MAX) {
		if (share <= s->phases[--at].share)
			return;
		free(s->phases[at].path);
		s->phases_count--;
	}
	tables_phase_path(tables, phase, path, sizeof path);
	s->phases[s->phases_count++] = (struct status_phase){memory_copy(path), share};
	qsort(s->phases, s->phases_count, sizeof *s->phases, largest_first);
}

static void take_current_phase(struct status *s, struct recording *recording, uint32_t stepping)
{
	struct window_source *source = &recording->source;
	char path[512];
	uint32_t phase;
	if (stepping >= region_threads_used(recording->region))
		return;
	uint32_t index = __atomic_load_n(&region_thread(recording->region, stepping)->phase,
	                                 __ATOMIC_RELAXED);
	if (!index || !tables_phase(&source->tables, recording->region, index, &phase))
		return;
	tables_phase_path(&source->tables, phase, path, sizeof path);
	s->current_phase = memory_copy(path);
}

static void take_phases(struct run_status *status, struct recording *recording,
                        const struct mp_steps *steps)
{
	struct window_source *source = &recording->source;
	struct status *s = &status->status;
	uint32_t stepping = snapshot_stepping_slot(recording->region, steps);
	snapshot_find_phases(&source->snapshot, &source->tables, recording->region);
	double total = fade_and_add(status, recording, stepping);
	forget_phases(s);
	for (uint32_t i = 0; total > 0 && i < source->snapshot.phases_count; i++) {
		const struct phase_entry *entry = &source->snapshot.phases[i];
		if (entry->slot == stepping && entry->known && entry->phase)
			add_share(s, &source->tables, entry->phase,
			          status->paces[i].recent / total);
	}
	take_current_phase(s, recording, stepping);
}

static uint64_t known_or(uint64_t value, uint64_t otherwise)
{
	return value == PROCSTAT_UNKNOWN ? otherwise : value;
}

static void take_memory(struct run_status *status, const struct recording *recording)
{
	struct status *s = &status->status;
	const struct procstat *stat = &recording->process;
	const struct mp_region *h = recording->region->header;
	/* The cells' sum: the region's own lacks what threads have not added to it yet. */
	int64_t live = snapshot_live_now(recording->region);
	int64_t peak = (int64_t)region_load((const uint64_t *)&h->peak_bytes);
	peak = peak > live ? peak : live;
	s->cpu_samples = region_load(&h->samples);
	s->heap_off = h->mode == MP_MODE_OFF;
	s->heap_estimated = h->mode == MP_MODE_SAMPLED;
	s->live_heap_bytes = live > 0 ? (uint64_t)live : 0;
	s->peak_heap_bytes = peak > 0 ? (uint64_t)peak : 0;
	s->rss_bytes = known_or(stat->rss_anon, 0) + known_or(stat->rss_file, 0) +
	               known_or(stat->rss_shmem, 0);
	s->peak_rss_bytes = known_or(stat->peak_rss, 0);
}

static void take_allocations(struct run_status *status, const struct recording *recording)
{
	uint64_t sum = 0;
	uint32_t used = region_threads_used(recording->region);
	for (uint32_t slot = 0; slot < used; slot++)
		sum += mp_slot_allocs(region_thread(recording->region, slot));
	progress_look(&status->allocations, clock_mono_ns(), sum);
	status->status.allocations = sum;
	status->status.allocations_per_second = progress_rate(&status->allocations);
}

void run_status_take(struct run_status *status, struct recording *recording, double hz)
{
	struct mp_steps *steps;
	if (!recording || recording->lost || !region_intact(recording->region))
		return;
	steps = memory_new(1, sizeof *steps);
	snapshot_read_steps(recording->region, steps);
	take_steps(status, steps, recording->region->start_ticks, hz);
	take_phases(status, recording, steps);
	take_memory(status, recording);
	take_allocations(status, recording);
	if (recording->trace)
		status->status.trace_bytes = recording->trace->good;
	free(steps);
}

void run_status_take_mean(struct run_status *status, const struct recording *recording, double hz)
{
	if (!recording || recording->lost || !region_intact(recording->region))
		return;
	const struct mp_steps *steps = &recording->region->header->steps;
	status->status.steps_per_second =
	        mean_rate(region_load(&steps->ended), region_load(&steps->ticks), hz);
}

void run_status_write(struct run_status *status)
{
	struct moment now = clock_moment();
	status->status.updated = (double)now.real_ns / (double)NS_PER_SECOND;
	if (status_save(status->path, &status->status)) {
		status->failing = false;
		return;
	}
	if (!status->failing)
		say("cannot write %s: %s; the program runs on", status->path, strerror(errno));
	status->failing = true;
}
