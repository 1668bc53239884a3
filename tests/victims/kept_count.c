/* kept_count.c: counts what it does in a file of its own, which outlives it. `kept_count FILE
 * [THREADS]` allocates and frees until it is killed.
 *
 * The file is shared memory: for each thread, allocations, bytes, frees and freed bytes. An event
 * is counted right after it happened; so a kill at any moment leaves the count at most one event
 * behind for each thread. Beside them every thread keeps marks: how many allocations it had made at
 * which moment of the monotonic clock, the newest MARKS of them, for a test that asks how much was
 * lost.
 */
#include <fcntl.h>
#include <memprof/memprof.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "truth.h"

#define THREADS     8
#define MARKS       1024
#define BLOCKS      512
/* A mark each so many events, each so many ns. */
#define MARK_EVENTS 4096
#define MARK_NS     10000000

struct mark {
	uint64_t ns, allocations;
};

struct thread_count {
	uint64_t allocations, bytes, frees, freed_bytes;
	uint64_t marks;
	struct mark mark[MARKS];
};

struct kept {
	uint64_t ready; /* threads that have begun */
	struct thread_count thread[THREADS];
};

static struct kept *kept;

static uint64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Counters are written in the order of events, and never torn. */
static void add(uint64_t *counter, uint64_t amount)
{
	__atomic_store_n(counter, *counter + amount, __ATOMIC_RELEASE);
}

static void mark(struct thread_count *mine)
{
	struct mark *last = &mine->mark[(mine->marks + MARKS - 1) % MARKS];
	uint64_t ns = now();
	if (mine->marks && ns - last->ns < MARK_NS)
		return;
	mine->mark[mine->marks % MARKS] = (struct mark){ns, mine->allocations};
	add(&mine->marks, 1);
}

static void *allocate_for_ever(void *number)
{
	struct thread_count *mine = &kept->thread[(intptr_t)number];
	void *blocks[BLOCKS] = {0};
	size_t sizes[BLOCKS] = {0};
	uint64_t random = (uint64_t)(intptr_t)number * 2654435761u + 1;
	memprof_scope scope = memprof_phase_begin("kept");
	(void)scope;
	__atomic_fetch_add(&kept->ready, 1, __ATOMIC_SEQ_CST);
	for (uint64_t i = 0;; i++) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		size_t at = (size_t)(random >> 40) % BLOCKS;
		if (blocks[at]) {
			free(blocks[at]);
			add(&mine->frees, 1);
			add(&mine->freed_bytes, sizes[at]);
		}
		sizes[at] = (size_t)(random >> 20) % 2000;
		blocks[at] = malloc(sizes[at]);
		add(&mine->allocations, 1);
		add(&mine->bytes, sizes[at]);
		if (i % MARK_EVENTS == 0)
			mark(mine);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	truth_must(argc > 1, "kept_count FILE [THREADS]");
	int threads = argc > 2 ? atoi(argv[2]) : 1;
	truth_must(threads >= 1 && threads <= THREADS, "1 to 8 threads");
	int file = open(argv[1], O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	truth_must(file >= 0 && ftruncate(file, sizeof *kept) == 0, "cannot make the file");
	kept = mmap(NULL, sizeof *kept, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	truth_must(kept != MAP_FAILED, "cannot map the file");
	close(file);
	for (intptr_t i = 1; i < threads; i++) {
		pthread_t id;
		truth_must(pthread_create(&id, NULL, allocate_for_ever, (void *)i) == 0, "thread");
	}
	allocate_for_ever((void *)0);
	return 0;
}
