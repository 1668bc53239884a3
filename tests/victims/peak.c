/* peak.c: what each call-site held at the peak. `peak [UNIT-KIB [THREADS]]`. In units:
 *
 *     rise +16, −8 | summit +32 (one by realloc from 1 to 3) = 42, the peak | −31, rise −4 | after
 * +10
 *
 * The blocks are big, so that nothing else in the process can move the peak. With more threads
 * each does this on its own blocks in one phase after the other, all together at the summit.
 */
#include <memprof/memprof.h>
#include <pthread.h>
#include <string.h>

#include "truth.h"

static size_t unit = 1024 * 1024;
static pthread_barrier_t together;

/* Its own call-sites, so that each phase has one; volatile keeps the compiler from knowing. */
static void *unit_block(void)
{
	void *block = malloc(unit);
	truth_must(block != NULL, "no memory for a unit");
	return block;
}

static void free_some(void **blocks, int from, int to)
{
	for (int i = from; i < to; i++)
		free(blocks[i]);
}

static void *climb(void *unused)
{
	(void)unused;
	void *rise[16], *summit[32], *after[10];
	MEMPROF_PHASE ("rise")
		for (int i = 0; i < 16; i++)
			rise[i] = unit_block();
	free_some(rise, 8, 16);
	MEMPROF_PHASE ("summit") {
		for (int i = 0; i < 32; i++)
			summit[i] = unit_block();
		pthread_barrier_wait(&together);
		summit[0] = realloc(summit[0], 3 * unit);
		truth_must(summit[0] != NULL, "no memory for a larger unit");
	}
	pthread_barrier_wait(&together);
	summit[1] = realloc(summit[1], 8); /* leaves the summit's call-site, first of all */
	free_some(summit, 0, 31);
	free_some(rise, 4, 8);
	MEMPROF_PHASE ("after")
		for (int i = 0; i < 10; i++)
			after[i] = unit_block();
	(void)after;
	return NULL;
}

int main(int argc, char **argv)
{
	int threads = argc > 2 ? atoi(argv[2]) : 1;
	pthread_t ids[16];
	if (argc > 1)
		unit = (size_t)atoi(argv[1]) * 1024;
	truth_must(threads >= 1 && threads <= 16, "1 to 16 threads");
	pthread_barrier_init(&together, NULL, (unsigned)threads);
	if (threads == 1)
		climb(NULL);
	else
		for (int i = 0; i < threads; i++)
			truth_must(pthread_create(&ids[i], NULL, climb, NULL) == 0, "thread");
	for (int i = 0; threads > 1 && i < threads; i++)
		pthread_join(ids[i], NULL);
	size_t all = unit * (size_t)threads;
	printf("{\"at_peak\": {\"rise\": %zu, \"summit\": %zu, \"after\": 0}, "
	       "\"live\": {\"rise\": %zu, \"summit\": %zu, \"after\": %zu}}\n",
	       8 * all, 34 * all, 4 * all, 1 * all, 10 * all);
	return 0;
}
