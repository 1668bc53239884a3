/* client.c: the table behind memprof.h: each function enters the thread, and calls who knows. */
#include "count.h"
#include "names.h"
#include "os.h"
#include "phases.h"
#include "pools.h"
#include "steps.h"

#include <errno.h>
#include <memprof/memprof.h>

static uint32_t api_name_id(const char *name)
{
	return mp_process_start() ? mp_name_of_program(name) : 0;
}

static void api_run_begin(const char *name)
{
	struct mp_thread *thread = mp_thread_enter();
	if (!thread)
		return;
	struct mp_region *region = mp_region();
	mp_step_claim(thread, region);
	SET(region->steps.run_name, mp_name_of_program(name));
	SET(region->steps.run_begun, mp_ticks() - region->start_ticks);
	mp_thread_leave_mark(thread);
}

static void api_run_end(void)
{
	if (mp_process_start())
		SET(mp_region()->steps.run_ended, mp_ticks() - mp_region()->start_ticks);
}

static void api_steps_expected(uint64_t steps)
{
	if (mp_process_start())
		SET(mp_region()->steps.expected, steps);
}

static void api_step_begin(void)
{
	struct mp_thread *thread = mp_thread_enter();
	if (!thread)
		return;
	mp_step_begin(thread, mp_region());
	mp_thread_leave_mark(thread);
}

static void api_step_end(void)
{
	uint64_t now = mp_ticks();
	struct mp_thread *thread = mp_thread_enter();
	if (!thread)
		return;
	mp_step_end(thread, mp_region(), now);
	mp_thread_leave_mark(thread);
}

static memprof_scope api_phase_begin(uint32_t name)
{
	struct mp_thread *thread = mp_thread_enter();
	if (!thread)
		return 0;
	struct mp_region *region = mp_region();
	memprof_scope scope = 0;
	if (__builtin_expect(!region->scope_outer_ticks, 0))
		mp_phases_calibrate(thread, region, name);
	if (__builtin_expect(!region->steps.thread, 0))
		mp_step_claim(thread, region);
	uint32_t phase = name ? mp_phase_child(thread->slot->phase, name) : 0;
	if (phase)
		scope = mp_phase_open(thread, region, phase);
	mp_thread_leave_mark(thread);
	return scope;
}

static void api_phase_end(memprof_scope scope)
{
	uint64_t now = mp_ticks();
	struct mp_thread *thread = scope ? mp_thread_enter() : NULL;
	if (!thread)
		return;
	mp_phase_close(thread, mp_region(), scope, now);
	mp_thread_leave_mark(thread);
}

static memprof_token api_phase_token(void)
{
	struct mp_thread *thread = mp_thread_enter();
	if (!thread)
		return 0;
	struct mp_region *region = mp_region();
	uint32_t phase = thread->slot->phase;
	if (!phase)
		phase = __atomic_load_n(&region->now_phase, __ATOMIC_RELAXED);
	mp_thread_leave_mark(thread);
	return phase;
}

static memprof_scope api_phase_adopt(memprof_token token)
{
	struct mp_thread *thread = token ? mp_thread_enter() : NULL;
	if (!thread)
		return 0;
	struct mp_region *region = mp_region();
	memprof_scope scope = 0;
	if (token < __atomic_load_n(&region->phases_used, __ATOMIC_RELAXED) &&
	    token < region->phases_max)
		scope = mp_phase_open(thread, region, token);
	mp_thread_leave_mark(thread);
	return scope;
}

static void api_agents(uint64_t count)
{
	if (!mp_process_start())
		return;
	struct mp_steps *steps = &mp_region()->steps;
	if (!steps->agents_steps && !steps->agents)
		SET(steps->agents_first, count);
	SET(steps->agents, count);
	if (count > steps->agents_max)
		SET(steps->agents_max, count);
}

static void api_counter_add(uint32_t name, int64_t delta)
{
	if (!name || !mp_process_start())
		return;
	struct mp_region *region = mp_region();
	for (uint32_t i = 0; i < MP_NAMED_COUNTERS; i++) {
		struct mp_named_counter *counter =
		        &region->counters[(name + i) % MP_NAMED_COUNTERS];
		uint32_t owner = __atomic_load_n(&counter->name, __ATOMIC_RELAXED);
		if (!owner && __atomic_compare_exchange_n(&counter->name, &owner, name, false,
		                                          __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			owner = name;
		if (owner == name) {
			ADD_SHARED(counter->value, delta);
			return;
		}
	}
	mp_overflowed(region);
}

static void api_param(const char *name, const char *value)
{
	if (!mp_process_start())
		return;
	struct mp_region *region = mp_region();
	uint32_t key = mp_name_of_program(name);
	uint32_t text = value ? mp_name_intern(value) : 0;
	for (uint32_t i = 0; key && i < MP_PARAMS; i++) {
		struct mp_param *param = &region->params[i];
		uint32_t owner = __atomic_load_n(&param->name, __ATOMIC_ACQUIRE);
		if (owner && owner != key)
			continue;
		SET(param->value, text);
		__atomic_store_n(&param->name, key, __ATOMIC_RELEASE);
		return;
	}
	mp_overflowed(region);
}

static memprof_pool_id api_pool(const char *name)
{
	return name && mp_process_start() ? mp_pools_number(name) : 0;
}

static void api_pool_alloc(memprof_pool_id pool, const void *block, uint64_t bytes)
{
	mp_pools_came(pool, (uintptr_t)block, bytes, MP_SITE);
}

static void api_pool_free(memprof_pool_id pool, const void *block)
{
	mp_pools_went(pool, (uintptr_t)block);
}

static void api_pool_reset(memprof_pool_id pool)
{
	mp_pools_reset(pool);
}

extern const struct memprof_api memprof_api_v1;
__attribute__((visibility("default"))) const struct memprof_api memprof_api_v1 = {
        .version = 1,
        .size = sizeof(struct memprof_api),
        .name_id = api_name_id,
        .run_begin = api_run_begin,
        .run_end = api_run_end,
        .steps_expected = api_steps_expected,
        .step_begin = api_step_begin,
        .step_end = api_step_end,
        .phase_begin = api_phase_begin,
        .phase_end = api_phase_end,
        .phase_token = api_phase_token,
        .phase_adopt = api_phase_adopt,
        .agents = api_agents,
        .counter_add = api_counter_add,
        .param = api_param,
        .pool = api_pool,
        .pool_alloc = api_pool_alloc,
        .pool_free = api_pool_free,
        .pool_reset = api_pool_reset,
};
