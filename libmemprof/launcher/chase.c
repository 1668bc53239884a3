/* chase.c: see chase.h. */
#include "chase.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#define SMALLEST (256u << 10)
#define ROUNDS   5
#define LINE     64u

/* Of each range: so many stretches of so many loads, after as many to get warm. */
#define STRETCHES 11
#define STRETCH   2048u

/* A cache line, which tells where to go on. */
struct line {
	struct line *next;
	char rest[LINE - sizeof(struct line *)];
};

struct chase {
	struct line *lines;
	size_t count;  /* lines of the cycle so far */
	uint64_t seed; /* xorshift; never 0 */
	struct line *at;
	double ends; /* on the CPU clock */
};

static double cpu_seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static size_t draw(struct chase *chase, size_t below)
{
	chase->seed ^= chase->seed << 13;
	chase->seed ^= chase->seed >> 7;
	chase->seed ^= chase->seed << 17;
	return (size_t)(chase->seed % below);
}

/* Puts each further line behind one that is drawn from those before it: every cycle is as likely.
 * False if the time is over. */
static bool grow(struct chase *chase, size_t count)
{
	for (; chase->count < count; chase->count++) {
		struct line *line = &chase->lines[chase->count];
		struct line *before =
		        chase->count ? &chase->lines[draw(chase, chase->count)] : line;
		line->next = chase->count ? before->next : line;
		before->next = line;
		if (chase->count % STRETCH == 0 && cpu_seconds() > chase->ends)
			return false;
	}
	return true;
}

static double lesser(double a, double b)
{
	return a < b ? a : b;
}

/* Nanoseconds of a load. */
static double stretch(struct chase *chase)
{
	struct line *at = chase->at;
	double began = cpu_seconds();
	for (unsigned i = 0; i < STRETCH; i++)
		at = at->next;
	/* Where it ends is told to nobody but the compiler, which may not leave the loads out. */
	__asm__ volatile("" : "+r"(at));
	chase->at = at;
	return (cpu_seconds() - began) / STRETCH * 1e9;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(struct chase *chase)
{
	double times[STRETCHES];
	for (unsigned i = 0; i < STRETCHES; i++)
		stretch(chase);
	for (unsigned i = 0; i < STRETCHES; i++)
		times[i] = stretch(chase);
	qsort(times, STRETCHES, sizeof *times, by_value);
	return times[STRETCHES / 2];
}

/* Lowers each point to what this round took; returns how many points it came to. */
static size_t go_round(struct chase *chase, struct chase_point *points, size_t count)
{
	size_t i = 0;
	chase->count = 0;
	chase->at = chase->lines;
	for (; i < count && grow(chase, points[i].bytes / LINE); i++)
		points[i].nanoseconds = lesser(points[i].nanoseconds, median(chase));
	return i;
}

/* What a larger range does in a time, a smaller one does, too. */
static void level(struct chase_point *points, size_t count)
{
	for (size_t i = count; i-- > 1;)
		points[i - 1].nanoseconds =
		        lesser(points[i - 1].nanoseconds, points[i].nanoseconds);
}

static size_t set_sizes(struct chase_point points[CHASE_POINTS_MOST], uint64_t largest)
{
	size_t count = 0;
	for (double bytes = SMALLEST; bytes < (double)largest * 1.01 && count < CHASE_POINTS_MOST;
	     bytes *= M_SQRT2)
		points[count++] =
		        (struct chase_point){(uint64_t)(bytes / LINE + 0.5) * LINE, INFINITY};
	return count;
}

size_t chase_measure(struct chase_point points[CHASE_POINTS_MOST], uint64_t largest, double seconds)
{
	size_t count = set_sizes(points, largest);
	size_t bytes = count ? points[count - 1].bytes : LINE;
	struct chase chase = {.seed = 88172645463325252u, .ends = cpu_seconds() + seconds};
	void *memory =
	        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return 0;
	/* In small pages, as a heap mostly lies in. */
	madvise(memory, bytes, MADV_NOHUGEPAGE);
	chase.lines = memory;
	count = go_round(&chase, points, count);
	for (unsigned i = 1; i < ROUNDS && cpu_seconds() < chase.ends; i++)
		go_round(&chase, points, count);
	munmap(memory, bytes);
	level(points, count);
	return count;
}

uint64_t chase_reach(const struct chase_point *points, size_t count)
{
	uint64_t reach = 0;
	for (size_t i = 0; i < count; i++)
		if (points[i].nanoseconds * CHASE_CACHED < points[count - 1].nanoseconds)
			reach = points[i].bytes;
	return reach;
}
