/* hostile_threads.c: threads that end late, threads that are too many, and one alone.
 *
 *     hostile_threads late           1,000 threads, two at a time, that use memory after their last
 *                                    destructor has run: what strerror keeps is freed by the C
 *                                    library itself
 *     hostile_threads many COUNT     COUNT threads at once, each of which makes 200 blocks
 *     hostile_threads alone          one thread's phases, the shortest there can be, and its steps
 *
 * Prints its truth as JSON.
 */
#include <memprof/memprof.h>
#include <pthread.h>
#include <string.h>

#include "truth.h"

enum { PAIRS = 500, AT_ONCE = 3, ROUNDS = 100, MINIMAL_STACK = 65536 };

static pthread_key_t key;

static void free_late(void *block)
{
	free(block);
	void *next = malloc(50);
	if (((uintptr_t)next & 0x70) != 0)
		pthread_setspecific(key, next);
	else
		free(next);
}

static void *end_late(void *unused)
{
	(void)unused;
	pthread_setspecific(key, malloc(70));
	free(malloc(1000));
	(void)strerror(9999);
	return NULL;
}

static int late(void)
{
	pthread_key_create(&key, free_late);
	for (int i = 0; i < PAIRS; i++) {
		pthread_t pair[2];
		for (int j = 0; j < 2; j++)
			truth_must(pthread_create(&pair[j], NULL, end_late, NULL) == 0, "a thread");
		for (int j = 0; j < 2; j++)
			pthread_join(pair[j], NULL);
	}
	printf("{\"at_once\": %d}\n", AT_ONCE);
	return 0;
}

static pthread_barrier_t all_here;

static void make_some(void)
{
	for (int i = 0; i < ROUNDS; i++) {
		void *volatile block = malloc(50);
		free(block);
	}
}

static void *make_blocks(void *unused)
{
	(void)unused;
	make_some();
	pthread_barrier_wait(&all_here);
	make_some();
	return NULL;
}

static int many(int count)
{
	pthread_t *threads = calloc((size_t)count, sizeof *threads);
	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, MINIMAL_STACK);
	pthread_barrier_init(&all_here, NULL, (unsigned)count);
	for (int i = 0; i < count; i++)
		truth_must(pthread_create(&threads[i], &attributes, make_blocks, NULL) == 0,
		           "a thread");
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	free(threads);
	printf("{\"bytes\": 50, \"blocks\": %d}\n", count * 2 * ROUNDS);
	return 0;
}

static int alone(void)
{
	for (int step = 0; step < 50; step++)
		MEMPROF_STEP {
			MEMPROF_PHASE ("first")
				;
			MEMPROF_PHASE ("second")
				MEMPROF_PHASE ("inner")
					;
		}
	printf("{\"calls\": 50}\n");
	return 0;
}

int main(int argc, char **argv)
{
	const char *kind = argc > 1 ? argv[1] : "";
	if (strcmp(kind, "late") == 0)
		return late();
	if (strcmp(kind, "many") == 0 && argc == 3)
		return many(atoi(argv[2]));
	if (strcmp(kind, "alone") == 0)
		return alone();
	return 2;
}
