/* steps.c: steps and phases beside an independent clock. `steps [COUNT]`.
 *
 * Every step is timed from outside (before its begin to after its end) and from inside (after its
 * begin to before its end): the profiler's step lies between the two, whatever the scheduler does.
 * So do the phases. The work of a step is counted in agents, allocations and a named counter.
 */
#include <memprof/memprof.h>
#include <time.h>

#include "truth.h"

static long long now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

/* Bounds of a duration, added up over its calls. */
struct bounds {
	long long inside, outside;
};

static struct bounds step_time, observe_time, index_time, decide_time, idle_time;
static struct truth observe_heap = {.phase = "observe"};
static struct truth index_heap = {.phase = "observe/index"};
static struct truth decide_heap = {.phase = "decide"};
static struct truth carry_heap = {.phase = "carry"};

static volatile double sink;

static void work(int amount)
{
	double x = 1;
	for (int i = 0; i < amount; i++)
		x = x * 1.0000001 + 0.5;
	sink = x;
}

static void do_index(void)
{
	long long before = now();
	memprof_scope scope = memprof_phase_begin("index");
	long long begun = now();
	void *tree = truth_made(&index_heap, malloc(512), 512);
	work(20000);
	free(truth_gone(&index_heap, tree, 512));
	long long ending = now();
	memprof_phase_end(scope);
	long long after = now();
	index_time.inside += ending - begun;
	index_time.outside += after - before;
}

static void do_observe(int agents)
{
	long long before = now();
	MEMPROF_PHASE ("observe") {
		long long begun = now();
		for (int i = 0; i < agents; i++) {
			void *view = truth_made(&observe_heap, malloc(128), 128);
			free(truth_gone(&observe_heap, view, 128));
		}
		work(50000);
		do_index();
		work(10000);
		observe_time.inside += now() - begun;
	}
	observe_time.outside += now() - before;
}

static void *remembered[100000]; /* what each step adds, live at exit */

static void do_decide(int step)
{
	long long before = now();
	MEMPROF_PHASE ("decide") {
		long long begun = now();
		remembered[step] = truth_made(&decide_heap, malloc(64), 64);
		work(30000);
		memprof_count("decisions", 3);
		decide_time.inside += now() - begun;
	}
	decide_time.outside += now() - before;
}

/* Each block lives for CARRIED steps. */
#define CARRIED 3

static void do_carry(int step)
{
	static void *carried[CARRIED];
	MEMPROF_PHASE ("carry") {
		void **place = &carried[step % CARRIED];
		if (*place)
			free(truth_gone(&carry_heap, *place, 96));
		*place = truth_made(&carry_heap, malloc(96), 96);
	}
}

int main(int argc, char **argv)
{
	int steps = argc > 1 ? atoi(argv[1]) : 200;
	truth_must(steps > 0 && steps < 100000, "1 to 99,999 steps");
	long long agents_sum = 0;
	memprof_run_begin("steps victim");
	memprof_param("radius", "6");
	memprof_steps_expected((uint64_t)steps);
	for (int step = 1; step <= steps; step++) {
		int agents = 20 + step % 10;
		agents_sum += agents;
		long long before = now();
		MEMPROF_STEP {
			long long begun = now();
			memprof_agents((uint64_t)agents);
			do_observe(agents);
			do_decide(step);
			do_carry(step);
			long long idle_from = now();
			work(15000); /* in no phase */
			idle_time.inside += now() - idle_from;
			step_time.inside += now() - begun;
		}
		step_time.outside += now() - before;
		work(5000); /* between steps: in no figure */
	}
	memprof_run_end();
	truth_must(remembered[steps] != NULL, "a step did not decide");
	printf("{\"steps\": %d, \"agents_sum\": %lld, \"agents_first\": 21, \"agents_last\": %d, "
	       "\"decisions\": %d, "
	       "\"step\": [%lld, %lld], \"observe\": [%lld, %lld], \"index\": [%lld, %lld], "
	       "\"decide\": [%lld, %lld], \"idle\": %lld, \"heap\": ",
	       steps, agents_sum, 20 + steps % 10, 3 * steps, step_time.inside, step_time.outside,
	       observe_time.inside, observe_time.outside, index_time.inside, index_time.outside,
	       decide_time.inside, decide_time.outside, idle_time.inside);
	struct truth heap[] = {observe_heap, index_heap, decide_heap, carry_heap};
	fflush(stdout);
	FILE *out = stdout;
	char *text = NULL;
	size_t length;
	FILE *memory = open_memstream(&text, &length);
	truth_print(memory, heap, 4);
	fclose(memory);
	text[length - 1] = '}';
	fprintf(out, "%s\n", text);
	free(text);
	return 0;
}
