/* pairs.c: a loop of malloc and free, from a stack of known depth and along known paths.
 *
 *     pairs depth N THREADS PAIRS    every pair from one stack of N frames
 *     pairs paths N 1 PAIRS          from N distinct stacks of 12 frames, in an order without
 * pattern pairs new 0 1 PAIRS            every pair from a stack of 12 frames that was not there
 * before pairs cold N 1 PAIRS           as paths, after each stack was visited once; N beyond any
 * cache
 *
 * A stack's frames are counted from main (or a thread's first function) to the one that calls
 * malloc. Each frame below the first two calls the next from one of four places; which ones is the
 * path, two bits a call. Paths are numbered, and a number is mixed by a bijection, so that distinct
 * numbers are distinct paths, and neighbours differ in their outermost frames.
 *
 * Only the loop is timed, after a warm-up, by the clocks of its threads: what it costs to start a
 * profiler is not in it. Prints one line of JSON: nanoseconds a pair of CPU time (sum of threads)
 * and of wall time, the distinct stacks that pairs were made from (counted by going through the
 * same paths once more), and a checksum that must not depend on who is watching.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define THREADS_MAX 64
#define PATH_BITS   18 /* 9 calls with a choice in a stack of 12 frames */
#define PATH_COUNT  (1u << PATH_BITS)
#define PATH_DEPTH  12
#define DEPTH_MIN   4
#define DEPTH_MAX   1000

/* main (or a thread's first function) and walk; all others are descend, the last of which
 * allocates. */
#define FRAMES_ABOVE 2

enum order { ONE_STACK, SOME_PATHS, NEW_PATHS, COLD_PATHS };

struct work {
	enum order order;
	unsigned depth;
	unsigned paths;
	uint64_t pairs;
	pthread_barrier_t *start;
	uint64_t checksum;
	double cpu_ns, wall_ns;
};

static double read_clock(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* ---- the stack ------------------------------------------------------------------------------ */

struct descent {
	unsigned levels; /* calls still to make */
	uint32_t path;
	uint64_t pairs; /* to be made at the bottom */
	uint64_t checksum;
};

static inline __attribute__((always_inline)) void make_pairs(struct descent *d)
{
	for (uint64_t i = 0; i < d->pairs; i++) {
		size_t size = 16 + (i & 7) * 16;
		unsigned char *block = malloc(size);
		if (!block)
			abort();
		*(volatile unsigned char *)block = (unsigned char)i;
		d->checksum += *(volatile unsigned char *)block + size;
		free(block);
	}
}

/* What follows each call differs, or the compiler would make one call of the four. */
#define CALL_FROM(place)                                                                           \
	do {                                                                                       \
		descend(d);                                                                        \
		__asm__ volatile("nop # " #place : : : "memory");                                  \
	} while (0)

__attribute__((noinline)) static void descend(struct descent *d)
{
	if (d->levels == 0) {
		make_pairs(d);
		return;
	}
	unsigned place = d->path & 3u;
	d->levels--;
	d->path >>= 2;
	switch (place) {
	case 0:
		CALL_FROM(0);
		break;
	case 1:
		CALL_FROM(1);
		break;
	case 2:
		CALL_FROM(2);
		break;
	default:
		CALL_FROM(3);
		break;
	}
	__asm__ volatile("" : : : "memory");
}

/* ---- the order of paths --------------------------------------------------------------------- */

/* Odd, so that multiplication is a bijection of the numbers below PATH_COUNT. */
static uint32_t path_of(uint32_t number)
{
	return (number * 0x2545fu) & (PATH_COUNT - 1);
}

/* The path of each call in turn: the same one, one after the other, or without pattern. */
struct sequence {
	enum { SAME, IN_TURN, MIXED } kind;
	unsigned paths;
	uint64_t state;
};

static struct sequence sequence_of(const struct work *work)
{
	static const int kinds[] = {
	        [ONE_STACK] = SAME,
	        [SOME_PATHS] = MIXED,
	        [NEW_PATHS] = IN_TURN,
	        [COLD_PATHS] = MIXED,
	};
	return (struct sequence){kinds[work->order], work->paths, 0};
}

/* Not inlined: walk would get a loop, and a place that it calls from, for each kind. */
__attribute__((noinline)) static uint32_t sequence_next(struct sequence *s)
{
	switch (s->kind) {
	case SAME:
		return 0;
	case IN_TURN:
		return path_of((uint32_t)s->state++);
	default:
		s->state = s->state * 6364136223846793005ull + 1442695040888963407ull;
		return path_of((uint32_t)((s->state >> 33) % s->paths));
	}
}

/* What is walked, one stage after the other: the last is timed, those before it warm up. */
struct stage {
	unsigned depth;
	struct sequence sequence;
	uint64_t calls, pairs;
};

#define STAGES 3

static void plan(const struct work *work, struct stage stages[STAGES])
{
	bool one = work->order == ONE_STACK, cold = work->order == COLD_PATHS;
	/* a depth that no path has, so that no path is met before its time */
	unsigned aside = one ? work->depth : PATH_DEPTH + 1;
	stages[0] = (struct stage){aside, {SAME, 1, 0}, 1, work->pairs / 10 + 100};
	stages[1] =
	        (struct stage){work->depth, {IN_TURN, work->paths, 0}, cold ? work->paths : 0, 1};
	stages[2] = (struct stage){work->depth, sequence_of(work), one ? 1 : work->pairs,
	                           one ? work->pairs : 1};
}

__attribute__((noinline)) static uint64_t walk(const struct stage *stage)
{
	struct sequence s = stage->sequence;
	uint64_t checksum = 0;
	for (uint64_t i = 0; i < stage->calls; i++) {
		struct descent d = {stage->depth - FRAMES_ABOVE - 1, sequence_next(&s),
		                    stage->pairs, 0};
		descend(&d);
		checksum += d.checksum * (i | 1);
	}
	return checksum;
}

static unsigned distinct_stacks(const struct work *work)
{
	static bool seen[PATH_COUNT];
	unsigned count = 0;
	struct sequence s = sequence_of(work);
	for (uint64_t i = 0; i < work->pairs; i++) {
		uint32_t path = sequence_next(&s);
		count += !seen[path];
		seen[path] = true;
	}
	return count;
}

/* ---- threads and clocks --------------------------------------------------------------------- */

/* Not inlined: measure would get a place to call walk from for each case. */
__attribute__((noinline)) static void begin_stage(struct work *work, int stage)
{
	if (stage < STAGES - 1)
		return;
	pthread_barrier_wait(work->start);
	work->wall_ns = read_clock(CLOCK_MONOTONIC);
	work->cpu_ns = read_clock(CLOCK_THREAD_CPUTIME_ID);
}

static void end_stages(struct work *work)
{
	work->cpu_ns = read_clock(CLOCK_THREAD_CPUTIME_ID) - work->cpu_ns;
	work->wall_ns = read_clock(CLOCK_MONOTONIC) - work->wall_ns;
}

/* Inlined, so that walk is called by main, or by a thread's first function; and from one place, so
 * that what is warmed up is what is timed. */
static inline __attribute__((always_inline)) void measure(struct work *work)
{
	struct stage stages[STAGES];
	plan(work, stages);
	for (int i = 0; i < STAGES; i++) {
		__asm__ volatile("" : "+r"(i)); /* nothing to unroll */
		begin_stage(work, i);
		work->checksum = walk(&stages[i]);
	}
	end_stages(work);
}

static void *thread_main(void *work)
{
	measure(work);
	return NULL;
}

static void start_thread(pthread_t *thread, struct work *work)
{
	if (pthread_create(thread, NULL, thread_main, work) != 0) {
		fprintf(stderr, "pairs: cannot create a thread\n");
		exit(1);
	}
}

static void print(const struct work *works, unsigned threads)
{
	double cpu = 0, wall = 0;
	uint64_t checksum = 0;
	for (unsigned i = 0; i < threads; i++) {
		cpu += works[i].cpu_ns;
		wall = works[i].wall_ns > wall ? works[i].wall_ns : wall;
		checksum += works[i].checksum;
	}
	double pairs = (double)works[0].pairs * threads;
	printf("{\"cpu_ns\": %.3f, \"wall_ns\": %.3f, \"stacks\": %u, \"checksum\": \"%016llx\"}\n",
	       cpu / pairs, wall / pairs, distinct_stacks(&works[0]), (unsigned long long)checksum);
}

/* ---- arguments ------------------------------------------------------------------------------ */

static _Noreturn void usage(const char *wrong)
{
	fprintf(stderr, "pairs: %s; usage: pairs depth|paths|new|cold N THREADS PAIRS\n", wrong);
	exit(2);
}

static uint64_t number(const char *text, uint64_t min, uint64_t max)
{
	char *end;
	unsigned long long value = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || value < min || value > max)
		usage("a number is wrong or out of its range");
	return value;
}

static enum order order_named(const char *name)
{
	static const char *const names[] = {"depth", "paths", "new", "cold"};
	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return (enum order)i;
	usage("no such order");
}

static struct work work_asked(char **argv, unsigned threads)
{
	struct work work = {.order = order_named(argv[1]), .depth = PATH_DEPTH, .paths = 1};
	if (threads > 1 && work.order != ONE_STACK)
		usage("only depth takes several threads");
	work.pairs = number(argv[4], 1, work.order == NEW_PATHS ? PATH_COUNT : UINT32_MAX);
	if (work.order == ONE_STACK)
		work.depth = (unsigned)number(argv[2], DEPTH_MIN, DEPTH_MAX);
	else if (work.order != NEW_PATHS)
		work.paths = (unsigned)number(argv[2], 1, PATH_COUNT);
	return work;
}

int main(int argc, char **argv)
{
	static struct work works[THREADS_MAX];
	static pthread_t others[THREADS_MAX];
	if (argc != 5)
		usage("four arguments are needed");
	unsigned threads = (unsigned)number(argv[3], 1, THREADS_MAX);
	pthread_barrier_t start;
	pthread_barrier_init(&start, NULL, threads);
	for (unsigned i = 0; i < threads; i++) {
		works[i] = work_asked(argv, threads);
		works[i].start = &start;
	}
	for (unsigned i = 1; i < threads; i++)
		start_thread(&others[i], &works[i]);
	measure(&works[0]);
	for (unsigned i = 1; i < threads; i++)
		pthread_join(others[i], NULL);
	print(works, threads);
	return 0;
}
