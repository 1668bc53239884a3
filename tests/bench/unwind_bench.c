/* unwind_bench.c: what a capture costs, without allocator and counters around it.
 *
 * Prints nanoseconds a capture, the loop of calls around it included and, beside it, the same loop
 * with a hook that captures nothing. The medians of several rounds.
 *
 *     one path      depth 4, 12, 24, 48: the same stack again and again
 *     two paths     two call-sites in turn, at depth 12
 *     N paths       256 and 4,096 distinct paths of depth 12, in an order without pattern
 *     new paths     every capture on a path of depth 12 that was not seen before
 *     two threads   one path of depth 12, two threads at once
 */
#include "../unit/unwind_world.h"

#include <string.h>
#include <time.h>

#define ROUNDS 7

static bool capturing;
static uint32_t last_node;

__attribute__((noinline)) static void hook(void)
{
	uint32_t node = capturing ? WORLD_CAPTURE() : 1;
	__asm__ volatile("" : : "r"(node) : "memory");
	last_node = node;
}

/* ---- paths: each level calls the next from one of four places ----------------------------- */

static uint64_t loops;

/* A call with something after it that differs, or the compiler would make one call of all. */
#define FROM(place)                                                                                \
	do {                                                                                       \
		down(levels - 1, path >> 2);                                                       \
		__asm__ volatile("nop # " #place);                                                 \
	} while (0)

__attribute__((noinline)) static void down(uint32_t levels, uint64_t path)
{
	if (levels == 0) {
		for (uint64_t i = 0; i < loops; i++)
			hook();
		return;
	}
	/* What differs keeps the compiler from making one call of the four. */
	switch (path & 3u) {
	case 0:
		FROM(0);
		break;
	case 1:
		FROM(1);
		break;
	case 2:
		FROM(2);
		break;
	default:
		FROM(3);
		break;
	}
	__asm__ volatile("" : : : "memory");
}

__attribute__((noinline)) static void two_places(void)
{
	for (uint64_t i = 0; i < loops; i += 2) {
		hook();
		__asm__ volatile("" : : : "memory");
		hook();
		__asm__ volatile("" : : : "memory");
	}
}

__attribute__((noinline)) static void down_two(uint32_t levels)
{
	if (levels == 0)
		two_places();
	else
		down_two(levels - 1);
	__asm__ volatile("" : : : "memory");
}

/* ---- the cases --------------------------------------------------------------------------- */

static uint32_t argument;

static uint64_t one_path(void)
{
	loops = 1000000;
	down(argument - 4, 0); /* beside main, its callers and hook */
	return loops;
}

static uint64_t two_paths(void)
{
	loops = 1000000;
	down_two(argument - 4);
	return loops;
}

static uint64_t many_paths(void)
{
	const uint64_t count = 400000;
	uint64_t state = 1;
	loops = 1;
	for (uint64_t i = 0; i < count; i++) {
		state = state * 6364136223846793005ull + 1442695040888963407ull;
		down(8, (state >> 40) % argument * 0x31);
	}
	return count;
}

static uint64_t next_path;

static uint64_t new_paths(void)
{
	const uint64_t count = 30000;
	loops = 1;
	for (uint64_t i = 0; i < count; i++) {
		/* an order in which the outermost call differs first */
		uint64_t path = next_path;
		if (capturing)
			next_path++;
		down(8, __builtin_bswap64(path) >> 48 ^ path << 3);
	}
	return count;
}

static double now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(uint64_t (*run)(void), bool capture)
{
	double times[ROUNDS];
	capturing = capture;
	for (int i = 0; i < ROUNDS; i++) {
		double start = now_ns();
		uint64_t captures = run();
		times[i] = (now_ns() - start) / (double)captures;
	}
	qsort(times, ROUNDS, sizeof *times, compare);
	return times[ROUNDS / 2];
}

static void print(const char *name, uint32_t with, uint64_t (*run)(void))
{
	argument = with;
	double bare = median(run, false);
	uint32_t nodes = world_nodes_used();
	struct mp_capture_counts before = world_counts;
	double captured = median(run, true);
	double frames = (double)(world_counts.frames_walked - before.frames_walked) /
	                (double)(world_counts.captures - before.captures);
	printf("%-12s %5u  bare %6.1f  captured %6.1f  added %6.1f ns   frames walked %5.2f, nodes "
	       "made %u\n",
	       name, with, bare, captured, captured - bare, frames, world_nodes_used() - nodes);
}

static void *thread_run(void *result)
{
	*(double *)result = median(one_path, true);
	return NULL;
}

int main(void)
{
	print("one path", 4, one_path);
	print("one path", 12, one_path);
	print("one path", 24, one_path);
	print("one path", 48, one_path);
	print("two paths", 12, two_paths);
	print("paths", 256, many_paths);
	print("paths", 4096, many_paths);
	print("new paths", 12, new_paths);

	argument = 12;
	double bare = median(one_path, false), results[2];
	capturing = true;
	pthread_t threads[2];
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, thread_run, &results[i]);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	printf("two threads     12  added %.1f and %.1f ns\n", results[0] - bare,
	       results[1] - bare);
	return last_node == 0;
}
