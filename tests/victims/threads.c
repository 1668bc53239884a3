/* threads.c: many threads at once that leave live blocks behind, then many one after the other,
 * whose counters take over from each other, and blocks of ended threads that others free. */
#include <memprof/memprof.h>
#include <pthread.h>

#include "truth.h"

#define CROWD      64
#define SUCCESSORS 300

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t together;
static struct truth crowd = {.phase = "crowd"};
static struct truth successors = {.phase = "successors"};
static void *legacy[SUCCESSORS];

static void *in_the_crowd(void *number)
{
	struct truth mine = {.phase = "crowd"};
	void *blocks[100];
	size_t bytes = 16 + (size_t)(intptr_t)number;
	pthread_barrier_wait(&together);
	MEMPROF_PHASE ("crowd") {
		for (int i = 0; i < 100; i++)
			blocks[i] = truth_made(&mine, malloc(bytes), bytes);
		for (int i = 10; i < 100; i++)
			free(truth_gone(&mine, blocks[i], bytes));
	}
	pthread_mutex_lock(&lock);
	truth_add(&crowd, &mine);
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void *one_after_another(void *number)
{
	MEMPROF_PHASE ("successors") {
		legacy[(intptr_t)number] = truth_made(&successors, malloc(200), 200);
		void *block = truth_made(&successors, malloc(50), 50);
		free(truth_gone(&successors, block, 50));
	}
	return NULL;
}

int main(void)
{
	pthread_t ids[CROWD];
	pthread_barrier_init(&together, NULL, CROWD);
	for (intptr_t i = 0; i < CROWD; i++)
		truth_must(pthread_create(&ids[i], NULL, in_the_crowd, (void *)i) == 0, "thread");
	for (int i = 0; i < CROWD; i++)
		pthread_join(ids[i], NULL);
	for (intptr_t i = 0; i < SUCCESSORS; i++) {
		pthread_t id;
		truth_must(pthread_create(&id, NULL, one_after_another, (void *)i) == 0, "thread");
		pthread_join(id, NULL);
	}
	for (int i = 0; i < SUCCESSORS / 2; i++)
		free(truth_gone(&successors, legacy[i], 200));
	struct truth all[] = {crowd, successors};
	truth_print(stdout, all, 2);
	return 0;
}
