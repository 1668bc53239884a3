/* cross_free.c: blocks that one thread allocates and another frees, through a bounded queue.
 * `cross_free [PAIRS]`: so many producers and as many consumers. Nothing is temporary: who frees is
 * never who allocated. */
#include <memprof/memprof.h>
#include <pthread.h>

#include "truth.h"

#define EACH  20000
#define QUEUE 256

static struct {
	pthread_mutex_t lock;
	pthread_cond_t filled, emptied;
	void *blocks[QUEUE];
	size_t sizes[QUEUE];
	int count;
} queue = {
        PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, PTHREAD_COND_INITIALIZER, {0}, {0}, 0};

static struct truth produced = {.phase = "produce"}; /* under queue.lock */
static struct truth consumed = {.phase = "consume"};

static void *produce(void *unused)
{
	(void)unused;
	MEMPROF_PHASE ("produce")
		for (int i = 0; i < EACH; i++) {
			size_t bytes = (size_t)(i % 500) + 1;
			void *block = malloc(bytes);
			pthread_mutex_lock(&queue.lock);
			while (queue.count == QUEUE)
				pthread_cond_wait(&queue.emptied, &queue.lock);
			queue.blocks[queue.count] = truth_made(&produced, block, bytes);
			queue.sizes[queue.count++] = bytes;
			pthread_cond_signal(&queue.filled);
			pthread_mutex_unlock(&queue.lock);
		}
	return NULL;
}

static void *consume(void *unused)
{
	(void)unused;
	MEMPROF_PHASE ("consume")
		for (int i = 0; i < EACH; i++) {
			pthread_mutex_lock(&queue.lock);
			while (queue.count == 0)
				pthread_cond_wait(&queue.filled, &queue.lock);
			void *block = queue.blocks[--queue.count];
			truth_gone(&produced, block, queue.sizes[queue.count]);
			pthread_cond_signal(&queue.emptied);
			pthread_mutex_unlock(&queue.lock);
			free(block);
		}
	return NULL;
}

int main(int argc, char **argv)
{
	int pairs = argc > 1 ? atoi(argv[1]) : 1;
	pthread_t ids[64];
	truth_must(pairs >= 1 && pairs <= 32, "1 to 32 pairs");
	for (int i = 0; i < 2 * pairs; i++)
		truth_must(pthread_create(&ids[i], NULL, i % 2 ? consume : produce, NULL) == 0,
		           "thread");
	for (int i = 0; i < 2 * pairs; i++)
		pthread_join(ids[i], NULL);
	struct truth all[] = {produced, consumed};
	truth_print(stdout, all, 2);
	return 0;
}
