/* bench/measure.c: calls of a case, one by one; see bench.h. */
#include <memprof/memprof.h>
#include <stdarg.h>
#include <stdio.h>

#include "bench/bench.h"
#include "clock.h"
#include "interrupt.h"
#include "memory.h"

#define TIMED_NS    UINT64_C(100000000)
#define CALLS_LEAST 5
#define CALLS_MOST  20000

/* Under the profiler: enough for what happens only now and then to show in the mean. */
#define CALLS_COUNTED 20

static struct bench_result *add_result(struct bench *bench)
{
	if (bench->count == bench->capacity) {
		bench->capacity = bench->capacity ? bench->capacity * 2 : 64;
		bench->results =
		        NEED(realloc(bench->results, bench->capacity * sizeof *bench->results));
	}
	struct bench_result *result = &bench->results[bench->count++];
	*result = (struct bench_result){0};
	return result;
}

static bool enough(const struct bench_calls *calls, uint64_t made, uint64_t spent_ns)
{
	if (interrupt_signal())
		return true;
	if (calls->exactly > 0)
		return made >= calls->exactly;
	return made >= CALLS_MOST || (made >= CALLS_LEAST && spent_ns >= TIMED_NS);
}

/* What a call takes longer than the two looks at the clock around it. */
static void time_calls(struct bench *bench, const struct bench_calls *calls,
                       struct bench_result *result)
{
	uint64_t spent = 0;
	for (uint64_t made = 0; !enough(calls, made, spent); made++) {
		if (calls->prepare)
			calls->prepare(calls->context);
		uint64_t before = clock_ns();
		calls->call(calls->context);
		uint64_t took = clock_ns() - before;
		spent += took;
		took -= took < bench->clock_cost_ns ? took : bench->clock_cost_ns;
		steptimes_add(&result->times, made + 1, took);
	}
}

/* A step for each case, so that its phase is within steps; what prepares it is outside its phase.
 */
static void count_calls(const struct bench_calls *calls, struct bench_result *result)
{
	uint64_t most = calls->exactly > 0 ? calls->exactly : CALLS_COUNTED;
	uint32_t name = memprof_name(result->name);
	memprof_step_begin();
	for (uint64_t made = 0; made < most; made++) {
		if (calls->prepare)
			calls->prepare(calls->context);
		memprof_scope scope = memprof_phase_begin_id(name);
		calls->call(calls->context);
		memprof_phase_end(scope);
	}
	memprof_step_end();
	result->counted = most * calls->operations;
}

struct bench_result *bench_measure(struct bench *bench, const struct bench_calls *calls,
                                   const char *name, ...)
{
	struct bench_result *result = add_result(bench);
	va_list arguments;
	va_start(arguments, name);
	vsnprintf(result->name, sizeof result->name, name, arguments);
	va_end(arguments);
	result->operations = calls->operations;
	if (bench->counting)
		count_calls(calls, result);
	else
		time_calls(bench, calls, result);
	return result;
}
