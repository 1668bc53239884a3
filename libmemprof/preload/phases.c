/* phases.c: times the phases of threads.
 *
 * Each thread has a stack of open phases and one moment, `since`, up to which its time has been
 * given to somebody: to the phase then innermost, or, in a step and in no phase, to the step's
 * unaccounted time. Whenever the innermost phase changes, or a step begins or ends, the time since
 * then is given away (mp_phase_charge). So nothing is counted twice or lost, and the self times and
 * the unaccounted time of steps add up to the steps by construction.
 *
 * A scope reads the clock once on each side: last thing when it opens, first thing when it closes.
 * What else it costs falls into its parent. Both parts are measured (mp_phases_calibrate) and told.
 */
#include "phases.h"
#include "count.h"
#include "kernel_signal.h"
#include "os.h"
#include "pool.h"
#include "usage.h"

#include <string.h>
#include <time.h>

static uint64_t cpu_clock_ticks; /* what reading the CPU clock costs … */
static uint64_t cpu_clock_ns;    /* … of CPU time, which a pair of readings has in between */

/* ---- the tree of phases ------------------------------------------------------------------ */

static uint32_t phase_make(void *table, const struct mp_intern_key *key, const void *subject)
{
	(void)subject;
	struct mp_region *region = mp_region();
	uint32_t number = __atomic_fetch_add(&region->phases_used, 1, __ATOMIC_RELAXED);
	if (number >= region->phases_max) {
		__atomic_store_n(&region->phases_used, region->phases_max, __ATOMIC_RELAXED);
		mp_overflowed(region);
		return 0;
	}
	struct mp_phase *phase = (struct mp_phase *)table + number;
	phase->parent = key->more;
	__atomic_store_n(&phase->name, (uint32_t)(key->key - 1), __ATOMIC_RELEASE);
	return number;
}

static struct mp_intern_key key_of(uint32_t parent, uint32_t name)
{
	return (struct mp_intern_key){mp_intern_hash(parent, name), name + 1ull, parent};
}

static struct mp_intern_key phase_key(const void *table, uint32_t number)
{
	const struct mp_phase *phase = (const struct mp_phase *)table + number;
	return key_of(phase->parent, phase->name);
}

static const struct mp_intern_kind phases = {.make = phase_make, .key_of = phase_key};

uint32_t mp_phase_child(uint32_t parent, uint32_t name)
{
	struct mp_region *region = mp_region();
	const struct mp_intern_key key = key_of(parent, name);
	return mp_intern(&mp_process_page.process.phases, &key, &phases,
	                 mp_at(region, region->phases_at), NULL);
}

static struct mp_phase_times *times_of(struct mp_thread *thread, uint32_t phase)
{
	struct mp_phase_times *times = thread->times[phase];
	if (!times) {
		times = mp_pool_take(MP_PHASE_BLOCKS, MP_BLOCK_PHASE, thread->slot_index, phase);
		thread->times[phase] = times;
	}
	return times;
}

/* ---- clocks ------------------------------------------------------------------------------ */

bool mp_cpu_is_worth_reading(uint64_t calls, uint64_t ticks)
{
	return ticks >= calls * cpu_clock_ticks * 2 * MP_CPU_CLOCK_SHARE;
}

bool mp_phase_usage_is_worth_reading(uint64_t calls, uint64_t ticks)
{
	return mp_usage_is_worth_reading(calls, ticks, cpu_clock_ticks);
}

uint64_t mp_scope_cpu_ns(bool stepping)
{
	return mp_clock_ns(stepping ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_THREAD_CPUTIME_ID);
}

uint64_t mp_scope_cpu_since(bool stepping, uint64_t begun)
{
	uint64_t used = mp_scope_cpu_ns(stepping) - begun;
	return used > cpu_clock_ns ? used - cpu_clock_ns : 0;
}

/* Time spent in steps until now, by the thread that steps. */
static uint64_t ticks_in_steps(const struct mp_thread *thread, const struct mp_region *region,
                               uint64_t now)
{
	return region->steps.ticks + (thread->step_begun ? now - thread->step_begun : 0);
}

/* ---- opening and closing ----------------------------------------------------------------- */

void mp_phase_charge(struct mp_thread *thread, struct mp_region *region, uint64_t now)
{
	uint64_t elapsed = now - thread->since;
	thread->since = now;
	uint32_t depth = thread->depth < MP_PHASE_DEPTH ? thread->depth : MP_PHASE_DEPTH;
	struct mp_phase_times *inner = depth ? thread->open[depth - 1].times : NULL;
	if (inner) {
		ADD(inner->self, elapsed);
		if (thread->step_begun)
			ADD(inner->step_self, elapsed);
	} else if (thread->step_begun) {
		ADD(region->steps.unaccounted, elapsed);
	}
}

/* The innermost phase has changed. */
static void publish(struct mp_thread *thread, struct mp_region *region)
{
	uint32_t depth = thread->depth < MP_PHASE_DEPTH ? thread->depth : MP_PHASE_DEPTH;
	uint32_t phase = depth ? thread->open[depth - 1].phase : 0;
	thread->phase = phase;
	SET(thread->slot->phase, phase);
	SET(thread->slot->depth, thread->depth);
	if (mp_is_stepping(thread, region))
		SET(region->now_phase, phase);
}

uint32_t mp_phase_open(struct mp_thread *thread, struct mp_region *region, uint32_t phase)
{
	ADD(thread->slot->scopes, 1);
	if (thread->depth >= MP_PHASE_DEPTH)
		return ++thread->depth;
	struct mp_phase_times *times = times_of(thread, phase);
	if (!times)
		return 0;
	if (thread->depth)
		ADD(thread->open[thread->depth - 1].times->scopes, 1);
	ADD(times->entered, 1);
	struct mp_open_phase *open = &thread->open[thread->depth];
	open->times = times;
	open->phase = phase;
	open->usage_read = mp_phase_usage_is_worth_reading(times->calls, times->inclusive);
	if (open->usage_read)
		mp_usage_read(&open->usage_begun);
	open->cpu_read = mp_cpu_is_worth_reading(times->calls, times->inclusive);
	if (open->cpu_read)
		open->cpu_begun = mp_scope_cpu_ns(mp_is_stepping(thread, region));
	uint64_t now = mp_ticks();
	mp_phase_charge(thread, region, now);
	open->begun = now;
	open->steps_at_begin = ticks_in_steps(thread, region, now);
	thread->depth++;
	publish(thread, region);
	return thread->depth;
}

static void count_call(struct mp_phase_times *times, uint64_t ticks)
{
	if (!times->calls || ticks < times->min)
		SET(times->min, ticks);
	if (ticks > times->max)
		SET(times->max, ticks);
	uint32_t bucket = mp_hist_bucket(ticks);
	ADD(times->hist[bucket], 1);
	ADD(times->inclusive, ticks);
	ADD(times->calls, 1);
}

/* What was read at a call's begin counts, but not for a first call that turns out too short: its
 * begin was read before anything was known of how long they are. */
static void add_readings(struct mp_open_phase *open, bool stepping, uint64_t ticks)
{
	struct mp_phase_times *times = open->times;
	bool first = times->calls == 1;
	if (open->cpu_read && !(first && !mp_cpu_is_worth_reading(1, ticks))) {
		ADD(times->cpu_ns, mp_scope_cpu_ns(stepping) - open->cpu_begun);
		ADD(times->cpu_ticks, ticks);
		ADD(times->cpu_calls, 1);
	}
	if (open->usage_read && !(first && !mp_phase_usage_is_worth_reading(1, ticks)))
		mp_usage_add(&times->usage, &open->usage_begun, ticks);
}

static void close_innermost(struct mp_thread *thread, struct mp_region *region, uint64_t now)
{
	if (thread->depth > MP_PHASE_DEPTH) {
		thread->depth--;
		return;
	}
	mp_phase_charge(thread, region, now);
	struct mp_open_phase *open = &thread->open[--thread->depth];
	uint64_t ticks = now - open->begun;
	count_call(open->times, ticks);
	if (mp_is_stepping(thread, region))
		ADD(open->times->step_inclusive,
		    ticks_in_steps(thread, region, now) - open->steps_at_begin);
	add_readings(open, mp_is_stepping(thread, region), ticks);
}

void mp_phase_close(struct mp_thread *thread, struct mp_region *region, uint32_t scope,
                    uint64_t now)
{
	if (!scope || scope > thread->depth)
		return;
	ADD(thread->slot->unbalanced, thread->depth - scope);
	while (thread->depth >= scope)
		close_innermost(thread, region, now);
	publish(thread, region);
}

/* ---- what it costs ----------------------------------------------------------------------- */

#define ROUNDS 64u

static uint64_t cheapest_clock(int clock)
{
	uint64_t best = UINT64_MAX;
	for (unsigned i = 0; i < 8; i++) {
		uint64_t begin = mp_ticks();
		(void)mp_clock_ns(clock);
		uint64_t took = mp_ticks() - begin;
		if (took < best)
			best = took;
	}
	return best;
}

/* Opens and closes scopes on a copy of the thread, whose times nobody sees. */
void mp_phases_calibrate(struct mp_thread *thread, struct mp_region *region, uint32_t name)
{
	static bool busy;
	static struct mp_thread scratch;
	static struct mp_thread_slot slot;
	static struct mp_phase_times times;
	/* Nothing may come in between: the thread's times are others meanwhile. */
	mp_signals mask = mp_signals_hold();
	if (__atomic_test_and_set(&busy, __ATOMIC_ACQUIRE)) {
		mp_signals_release(mask);
		return;
	}
	cpu_clock_ticks = cheapest_clock(CLOCK_PROCESS_CPUTIME_ID);
	cpu_clock_ns = UINT64_MAX;
	for (unsigned i = 0; i < 8; i++) {
		uint64_t once = mp_clock_ns(CLOCK_PROCESS_CPUTIME_ID);
		uint64_t between = mp_clock_ns(CLOCK_PROCESS_CPUTIME_ID) - once;
		cpu_clock_ns = between < cpu_clock_ns ? between : cpu_clock_ns;
	}
	memset(&times, 0, sizeof(times));
	scratch.slot_index = UINT32_MAX;
	scratch.slot = &slot;
	times.calls = 1; /* so that no CPU clock is read */
	scratch.open[0].times = &times;
	scratch.open[0].phase = mp_phase_child(0, name);
	scratch.open[1].times = &times;
	scratch.times = thread->times;
	struct mp_phase_times **place = &thread->times[scratch.open[0].phase], *real = *place;
	*place = &times;
	uint64_t begin = mp_ticks();
	for (unsigned i = 0; i < ROUNDS; i++) {
		uint32_t scope = mp_phase_open(&scratch, region, mp_phase_child(0, name));
		mp_phase_close(&scratch, region, scope, mp_ticks());
	}
	uint64_t all = mp_ticks() - begin;
	*place = real;
	region->scope_inner_ticks = times.inclusive * 16 / ROUNDS;
	region->scope_outer_ticks = all * 16 / ROUNDS - region->scope_inner_ticks;
	__atomic_clear(&busy, __ATOMIC_RELEASE);
	mp_signals_release(mask);
}
