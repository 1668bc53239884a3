/* pools.c: two pools of the program's own that tell what they hand out. `pools [THREADS]`. */
#include <memprof/memprof.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "truth.h"

#define BLOCKS 5000

static memprof_pool_id agents, scratch;

enum { TAKE, GIVE, RESET, CHILD, PHASES };
static struct truth sums[2][PHASES]; /* by pool */
static const char *const phases[PHASES] = {"take", "give", "reset", "child"};
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;

/* Addresses are only names: a pool may hand out what no memory stands behind. */
__attribute__((noinline)) static void take(struct truth *truth, memprof_pool_id pool,
                                           uintptr_t block, size_t bytes)
{
	memprof_pool_alloc(pool, (void *)block, bytes); /* SITE: take */
	truth_made(truth, (void *)block, bytes);
}

static void give(struct truth *truth, memprof_pool_id pool, uintptr_t block, size_t bytes)
{
	memprof_pool_free(pool, truth_gone(truth, (void *)block, bytes));
}

static size_t size_of(uintptr_t i)
{
	return i % 97 + 1;
}

static void *work(void *argument)
{
	uintptr_t base = ((uintptr_t)argument + 1) << 32;
	struct truth agent = {.phase = "take"}, scratched = {.phase = "take"};
	MEMPROF_PHASE ("take") {
		for (uintptr_t i = 0; i < BLOCKS; i++) {
			take(&agent, agents, base + i * 16, size_of(i));
			take(&scratched, scratch, base + i * 16, 2 * size_of(i)); /* same address */
		}
		/* Handed out once more without having been taken back: that is understood. */
		truth_gone(&agent, NULL, size_of(7));
		take(&agent, agents, base + 7 * 16, size_of(7));
	}
	MEMPROF_PHASE ("give") {
		for (uintptr_t i = 0; i < BLOCKS; i++)
			if (i % 3)
				give(&agent, agents, base + i * 16, size_of(i));
		memprof_pool_free(agents, (void *)(base + 3));  /* never handed out */
		memprof_pool_free(agents, (void *)(base + 16)); /* twice */
	}
	pthread_mutex_lock(&guard);
	truth_add(&sums[0][TAKE], &agent);
	truth_add(&sums[1][TAKE], &scratched);
	pthread_mutex_unlock(&guard);
	return NULL;
}

/* All that was out is back, and the pool goes on. */
static void reset_scratch(void)
{
	struct truth *taken = &sums[1][TAKE];
	taken->frees += taken->live_blocks;
	taken->live_blocks = taken->live_bytes = 0;
	MEMPROF_PHASE ("reset") {
		memprof_pool_reset(scratch);
		for (uintptr_t i = 1; i <= 10; i++)
			take(&sums[1][RESET], scratch, i, 1000);
	}
}

static void in_child(void)
{
	pid_t pid = fork();
	if (pid == 0) {
		struct truth ignored = {0};
		memprof_pool_reset(agents);
		MEMPROF_PHASE ("child")
			take(&ignored, agents, 4711, 123);
		_exit(0);
	}
	int status;
	truth_must(waitpid(pid, &status, 0) == pid && status == 0, "the child");
}

static void print_pools(void)
{
	printf("{\"agents\": ");
	truth_print_object(stdout, sums[0], PHASES);
	printf(", \"scratch\": ");
	truth_print_object(stdout, sums[1], PHASES);
	printf("}\n");
}

int main(int argc, char **argv)
{
	int threads = argc > 1 ? atoi(argv[1]) : 1;
	pthread_t thread[64];
	agents = memprof_pool("agents");
	scratch = memprof_pool("scratch");
	truth_must(memprof_pool("agents") == agents, "a name is a pool");
	truth_must(!memprof_active() || (agents && scratch && agents != scratch), "pools");
	for (int pool = 0; pool < 2; pool++)
		for (int i = 0; i < PHASES; i++)
			sums[pool][i].phase = phases[i];
	for (int i = 1; i < threads && i < 64; i++)
		truth_must(pthread_create(&thread[i], NULL, work, (void *)(uintptr_t)i) == 0,
		           "no thread");
	work(NULL);
	for (int i = 1; i < threads && i < 64; i++)
		pthread_join(thread[i], NULL);
	reset_scratch();
	in_child();
	for (int pool = 0; pool < 2; pool++)
		for (int i = 0; i < PHASES; i++)
			sums[pool][i].temporaries = 0; /* are of the heap */
	print_pools();
	return 0;
}
