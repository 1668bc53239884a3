/* steps.c: see steps.h. All of struct mp_steps is written by the thread that steps. */
#include "steps.h"
#include "allocator_stats.h"
#include "count.h"
#include "os.h"
#include "phases.h"
#include "usage.h"

#include <time.h>

void mp_step_claim(struct mp_thread *thread, struct mp_region *region)
{
	uint32_t none = 0;
	if ((int)thread->tid == region->pid &&
	    !__atomic_load_n(&region->steps.thread, __ATOMIC_RELAXED))
		__atomic_compare_exchange_n(&region->steps.thread, &none, thread->slot_index, false,
		                            __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

/* What all threads have allocated so far. */
static void heap_totals(struct mp_region *region, uint64_t *allocs, uint64_t *bytes)
{
	const struct mp_thread_slot *slots = mp_at(region, region->threads_at);
	uint32_t used = __atomic_load_n(&region->threads_used, __ATOMIC_RELAXED);
	*allocs = *bytes = 0;
	for (uint32_t i = 0; i < used && i < region->threads_max; i++) {
		*allocs += mp_slot_allocs(&slots[i]);
		*bytes += __atomic_load_n(&slots[i].alloc_bytes, __ATOMIC_RELAXED);
	}
}

/* The thread that begins the first step is the one that steps, whoever marked a phase before. */
static bool steps_here(struct mp_thread *thread, struct mp_region *region)
{
	struct mp_steps *steps = &region->steps;
	if (mp_is_stepping(thread, region))
		return true;
	if (!__atomic_load_n(&steps->begun, __ATOMIC_RELAXED)) {
		SET(steps->thread, thread->slot_index);
		SET(region->now_phase, thread->slot->phase);
		return true;
	}
	ADD_SHARED(steps->foreign, 1);
	return false;
}

void mp_step_begin(struct mp_thread *thread, struct mp_region *region)
{
	if (!steps_here(thread, region))
		return;
	if (thread->step_begun)
		mp_step_end(thread, region, mp_ticks());
	struct mp_steps *steps = &region->steps;
	ADD(thread->slot->scopes, 1);
	heap_totals(region, &thread->step_allocs, &thread->step_bytes);
	SET(steps->begun, steps->begun + 1);
	SET(region->now_step, (uint32_t)steps->begun);
	thread->step_usage_read = mp_phase_usage_is_worth_reading(steps->ended, steps->ticks);
	if (thread->step_usage_read)
		mp_usage_read(&thread->step_usage);
	thread->step_cpu =
	        mp_cpu_is_worth_reading(steps->ended, steps->ticks) ? mp_scope_cpu_ns(true) : 0;
	uint64_t now = mp_ticks();
	mp_phase_charge(thread, region, now);
	thread->step_begun = now;
	SET(steps->open_since, now - region->start_ticks);
}

static void keep_if_slow(struct mp_steps *steps, const struct mp_slow_step *step)
{
	struct mp_slow_step *fastest = &steps->slowest[0];
	for (unsigned i = 1; i < MP_SLOWEST; i++)
		if (steps->slowest[i].ticks < fastest->ticks)
			fastest = &steps->slowest[i];
	if (step->ticks <= fastest->ticks)
		return;
	/* Odd while it changes; so it may be already, if a handler's jump left an earlier change.
	 */
	uint32_t changing = steps->version | 1;
	__atomic_store_n(&steps->version, changing, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	*fastest = *step;
	__atomic_store_n(&steps->version, changing + 1, __ATOMIC_RELEASE);
}

static void count_agents(struct mp_steps *steps)
{
	if (!steps->agents_max)
		return;
	uint64_t agents = steps->agents;
	if (!steps->agents_steps || agents < steps->agents_min)
		SET(steps->agents_min, agents);
	ADD(steps->agents_sum, agents);
	ADD(steps->agents_steps, 1);
}

static void count_duration(struct mp_steps *steps, uint64_t ticks)
{
	if (!steps->ended || ticks < steps->min)
		SET(steps->min, ticks);
	if (ticks > steps->max) {
		SET(steps->max, ticks);
		SET(steps->max_step, steps->begun);
	}
	ADD(steps->hist[mp_hist_bucket(ticks)], 1);
	ADD(steps->ticks, ticks);
	ADD(steps->ended, 1);
}

void mp_step_end(struct mp_thread *thread, struct mp_region *region, uint64_t now)
{
	if (!mp_is_stepping(thread, region) || !thread->step_begun)
		return;
	uint64_t cpu = thread->step_cpu ? mp_scope_cpu_since(true, thread->step_cpu) : 0;
	struct mp_steps *steps = &region->steps;
	mp_phase_charge(thread, region, now);
	struct mp_slow_step step = {.step = steps->begun,
	                            .ticks = now - thread->step_begun,
	                            .started = thread->step_begun - region->start_ticks,
	                            .agents = steps->agents};
	thread->step_begun = 0;
	SET(steps->open_since, 0);
	count_duration(steps, step.ticks);
	if (thread->step_cpu) {
		ADD(steps->cpu_ns, cpu);
		ADD(steps->cpu_ticks, step.ticks);
	}
	/* But for a first step that turns out too short to have it read. */
	if (thread->step_usage_read &&
	    !(steps->ended == 1 && !mp_phase_usage_is_worth_reading(1, step.ticks)))
		mp_usage_add(&steps->usage, &thread->step_usage, step.ticks);
	heap_totals(region, &step.allocs, &step.alloc_bytes);
	step.allocs -= thread->step_allocs;
	step.alloc_bytes -= thread->step_bytes;
	ADD(steps->allocs, step.allocs);
	ADD(steps->alloc_bytes, step.alloc_bytes);
	count_agents(steps);
	keep_if_slow(steps, &step);
	mp_allocator_stats_answer(region);
}
