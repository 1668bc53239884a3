/* usage.c: phases that the kernel counts something in: "touch" writes to fresh pages, "wait"
 * sleeps, "outer" writes to fresh pages beside a phase "inner" in it that computes; "short" is over
 * before anybody could ask the kernel; and in each step there are fresh pages in no phase
 * ("nothing").
 *
 *     usage STEPS
 *
 * Its truth, for each and for the steps, as a thread's own resource usage says inside of the marks
 * and outside of them: [faults, faults], [waits, waits]. What the profiler says is in between.
 */
#include <memprof/memprof.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "spin.h"
#include "truth.h"

#define PAGE  4096
#define PAGES 3000 /* touched at a time */
#define WAITS 20   /* at a time */

struct bounds {
	const char *name;
	long faults[2], waits[2]; /* inside, outside */
};

static struct bounds touch = {.name = "touch"}, waiting = {.name = "wait"},
                     outer = {.name = "outer"}, inner = {.name = "outer/inner"},
                     nothing = {.name = "nothing"}, steps = {.name = "steps"};
static volatile unsigned sink;

static struct rusage usage(void)
{
	struct rusage now;
	getrusage(RUSAGE_THREAD, &now);
	return now;
}

static void add(struct bounds *to, int outside, const struct rusage *since)
{
	struct rusage now = usage();
	to->faults[outside] += now.ru_minflt - since->ru_minflt;
	to->waits[outside] += now.ru_nvcsw - since->ru_nvcsw;
}

static __attribute__((noinline)) void touch_pages(void)
{
	size_t bytes = (size_t)PAGES * PAGE;
	char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	truth_must(at != MAP_FAILED, "no memory");
	madvise(at, bytes, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < bytes; i += PAGE)
		at[i] = 1;
	munmap(at, bytes);
}

static void wait_often(void)
{
	const struct timespec little = {0, 100000};
	for (int i = 0; i < WAITS; i++)
		nanosleep(&little, NULL);
}

static void compute(void)
{
	spin_here(4000000);
}

/* Does it in the open phase, between the readings that go inside. */
static void inside(struct bounds *of, void (*work)(void))
{
	struct rusage since = usage();
	work();
	add(of, 0, &since);
}

static void both(void)
{
	touch_pages();
	struct rusage since = usage();
	MEMPROF_PHASE ("inner")
		inside(&inner, compute);
	add(&inner, 1, &since);
}

static void step(void)
{
	struct rusage since = usage();
	MEMPROF_PHASE ("touch")
		inside(&touch, touch_pages);
	add(&touch, 1, &since);
	since = usage();
	MEMPROF_PHASE ("wait")
		inside(&waiting, wait_often);
	add(&waiting, 1, &since);
	since = usage();
	MEMPROF_PHASE ("outer")
		inside(&outer, both);
	add(&outer, 1, &since);
	for (int i = 0; i < 10; i++)
		MEMPROF_PHASE ("short")
			sink++;
	inside(&nothing, touch_pages);
}

static void show(const struct bounds *of, const char *after)
{
	printf("\"%s\": {\"faults\": [%ld, %ld], \"waits\": [%ld, %ld]}%s", of->name, of->faults[0],
	       of->faults[1], of->waits[0], of->waits[1], after);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	for (long i = 0; i < atol(argv[1]); i++) {
		struct rusage since = usage();
		MEMPROF_STEP
			inside(&steps, step);
		add(&steps, 1, &since);
	}
	printf("{\"pages\": %ld, \"times\": %ld, ", PAGES * atol(argv[1]), WAITS * atol(argv[1]));
	show(&touch, ", ");
	show(&waiting, ", ");
	show(&outer, ", ");
	show(&inner, ", ");
	show(&nothing, ", ");
	show(&steps, "}\n");
	return 0;
}
