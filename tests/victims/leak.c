/* leak.c: blocks whose fate over the steps is known. `leak [STEPS] [MILLISECONDS]`, the latter what
 * a step takes at least.
 *
 * Each fate is a phase. In every step
 *
 *   leak     one block of 1,000 bytes comes and stays; all go after the last step
 *   cache    one of 4,000 bytes comes in the first FILL steps, and stays
 *   saw      one of 500 bytes comes; all go at the end of every TEETH-th step
 *   0 … 100  one of 64 bytes comes, which goes so many steps later (or stays, where the run ends
 * before) handed   two blocks of 80 bytes come, which another thread frees in the same step grown
 * one of 100 bytes comes, is reallocated to 300, and goes odd      one of 33 bytes comes and goes:
 * the allocator gives more
 */
#include <malloc.h>
#include <memprof/memprof.h>
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#include "truth.h"

#define FILL      400
#define TEETH     50
#define STEPS_MAX 100000

static struct truth leak = {.phase = "leak"}, cache = {.phase = "cache"}, saw = {.phase = "saw"};
static struct truth handed = {.phase = "handed"}, grown = {.phase = "grown"},
                    odd = {.phase = "odd"};
static long long odd_slack;

static void *leaked[STEPS_MAX], *cached[FILL], *sawn[TEETH];

static void do_leak(int step)
{
	MEMPROF_PHASE ("leak")
		leaked[step] = truth_made(&leak, malloc(1000), 1000); /* SITE: leak */
}

static void do_cache(int step)
{
	MEMPROF_PHASE ("cache")
		if (step < FILL)
			cached[step] = truth_made(&cache, malloc(4000), 4000); /* SITE: cache */
}

static void do_saw(int step)
{
	MEMPROF_PHASE ("saw") {
		sawn[step % TEETH] = truth_made(&saw, malloc(500), 500); /* SITE: saw */
		for (int i = 0; step % TEETH == TEETH - 1 && i < TEETH; i++)
			free(truth_gone(&saw, sawn[i], 500));
	}
}

/* ---- blocks that live for so many steps ---------------------------------------------------- */

#define LIVES_MAX 100

static struct {
	int steps;
	struct truth truth;
	void *blocks[LIVES_MAX + 1];
} lives[] = {{0, {.phase = "0"}, {0}},    {1, {.phase = "1"}, {0}}, {2, {.phase = "2"}, {0}},
             {3, {.phase = "3"}, {0}},    {4, {.phase = "4"}, {0}}, {10, {.phase = "10"}, {0}},
             {100, {.phase = "100"}, {0}}};

static void do_lives(int step)
{
	for (size_t i = 0; i < sizeof(lives) / sizeof(lives[0]); i++) {
		int places = lives[i].steps + 1;
		memprof_scope scope = memprof_phase_begin_id(memprof_name(lives[i].truth.phase));
		lives[i].blocks[step % places] = truth_made(&lives[i].truth, malloc(64), 64);
		void **oldest = &lives[i].blocks[(step + 1) % places];
		if (*oldest)
			free(truth_gone(&lives[i].truth, *oldest, 64));
		*oldest = NULL;
		memprof_phase_end(scope);
	}
}

/* ---- blocks that another thread frees ------------------------------------------------------- */

static sem_t given, taken;
static void *to_free[2]; /* NULL: no more */

static void *free_for_others(void *unused)
{
	(void)unused;
	for (;;) {
		sem_wait(&given);
		if (!to_free[0])
			return NULL;
		free(to_free[0]);
		free(to_free[1]);
		sem_post(&taken);
	}
}

static void do_handed(void)
{
	MEMPROF_PHASE ("handed") {
		to_free[0] = truth_made(&handed, malloc(80), 80); /* SITE: handed */
		to_free[1] = truth_made(&handed, malloc(80), 80);
		truth_gone(&handed, to_free[0], 80);
		truth_gone(&handed, to_free[1], 80);
		handed.temporaries = 0; /* who frees has not allocated */
		sem_post(&given);
		sem_wait(&taken);
	}
}

static void do_grown(void)
{
	MEMPROF_PHASE ("grown") {
		void *block = truth_made(&grown, malloc(100), 100);
		truth_goes(&grown, block, 100);
		block = truth_came(&grown, realloc(block, 300), 300); /* SITE: grown */
		free(truth_gone(&grown, block, 300));
	}
}

static void do_odd(void)
{
	MEMPROF_PHASE ("odd") {
		void *block = truth_made(&odd, malloc(33), 33); /* SITE: odd */
		odd_slack += (long long)malloc_usable_size(block) - 33;
		free(truth_gone(&odd, block, 33));
	}
}

/* ---- the run ------------------------------------------------------------------------------- */

static void do_step(int step, int milliseconds)
{
	struct timespec pause = {0, milliseconds * 1000000l};
	MEMPROF_STEP {
		do_leak(step);
		do_cache(step);
		do_saw(step);
		do_lives(step);
		do_handed();
		do_grown();
		do_odd();
		nanosleep(&pause, NULL);
	}
}

static void clean_up(int steps)
{
	for (int step = 0; step < steps; step++)
		free(truth_gone(&leak, leaked[step], 1000));
}

int main(int argc, char **argv)
{
	int steps = argc > 1 ? atoi(argv[1]) : 600, milliseconds = argc > 2 ? atoi(argv[2]) : 0;
	pthread_t helper;
	truth_must(steps > 0 && steps <= STEPS_MAX && milliseconds >= 0 && milliseconds < 1000,
	           "1 to 100,000 steps of up to 999 ms");
	sem_init(&given, 0, 0);
	sem_init(&taken, 0, 0);
	truth_must(pthread_create(&helper, NULL, free_for_others, NULL) == 0, "thread");
	for (int step = 0; step < steps; step++)
		do_step(step, milliseconds);
	to_free[0] = NULL;
	sem_post(&given);
	pthread_join(helper, NULL);
	clean_up(steps);
	struct truth all[6 + sizeof(lives) / sizeof(lives[0])] = {leak,   cache, saw,
	                                                          handed, grown, odd};
	for (size_t i = 0; i < sizeof(lives) / sizeof(lives[0]); i++)
		all[6 + i] = lives[i].truth;
	printf("slack %lld, cached %d\n", odd_slack, cached[0] != NULL);
	truth_print(stdout, all, sizeof(all) / sizeof(all[0]));
	return 0;
}
