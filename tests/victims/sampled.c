/* sampled.c: sites with different mixes of sizes, below and above what samples are apart, freed at
 * once, kept, reallocated, freed by another thread; each of them allocates so much that at least
 * 30 blocks are sampled, if one in 4,096 bytes is. */
#include <memprof/memprof.h>
#include <pthread.h>

#include "truth.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

enum { TINY = 60000, KEPT = 3000, MIXED = 800, LARGE = 120, GROWN = 300, CROSSED = 3000 };

static struct truth tiny = {.phase = "tiny"};
static struct truth kept = {.phase = "kept"};
static struct truth mixed = {.phase = "mixed"};
static struct truth large = {.phase = "large"};
static struct truth grown = {.phase = "grown"};
static struct truth crossed = {.phase = "crossed"};

static void make_tiny(void)
{
	static const size_t sizes[] = {0, 8, 24, 40};
	for (int i = 0; i < TINY; i++) {
		size_t bytes = sizes[i % LENGTH(sizes)];
		free(truth_gone(&tiny, truth_made(&tiny, malloc(bytes), bytes), bytes));
	}
}

static void make_kept(void)
{
	for (int i = 0; i < KEPT; i++)
		(void)truth_made(&kept, malloc(72), 72);
}

/* Every second one is freed after the next was made. */
static void make_mixed(void)
{
	static const size_t sizes[] = {150, 600, 2400, 9600};
	void *last = NULL;
	size_t last_bytes = 0;
	for (int i = 0; i < MIXED; i++) {
		size_t bytes = sizes[i / 2 % LENGTH(sizes)];
		void *block = truth_made(&mixed, calloc(1, bytes), bytes);
		if (last)
			free(truth_gone(&mixed, last, last_bytes));
		last = i % 2 ? NULL : block;
		last_bytes = bytes;
	}
}

static void make_large(void)
{
	static const size_t sizes[] = {2000, 4096, 6000, 9000};
	for (int i = 0; i < LARGE; i++) {
		size_t bytes = sizes[i % LENGTH(sizes)];
		void *block = NULL;
		truth_must(posix_memalign(&block, 64, bytes) == 0, "no memory");
		(void)truth_made(&large, block, bytes);
	}
}

/* Arrays that double from 64 bytes to 4 KiB. */
static void make_grown(void)
{
	for (int i = 0; i < GROWN; i++) {
		char *array = truth_made(&grown, malloc(64), 64);
		for (size_t bytes = 64; bytes < 4096; bytes *= 2)
			array = truth_came(&grown,
			                   realloc(truth_goes(&grown, array, bytes), bytes * 2),
			                   bytes * 2);
	}
}

static void *free_all(void *argument)
{
	void **blocks = argument;
	for (int i = 0; i < CROSSED; i++)
		free(truth_gone(&crossed, blocks[i], 100));
	return NULL;
}

static void make_crossed(void)
{
	static void *blocks[CROSSED];
	pthread_t thread;
	MEMPROF_PHASE ("crossed")
		for (int i = 0; i < CROSSED; i++)
			blocks[i] = truth_made(&crossed, malloc(100), 100);
	truth_must(pthread_create(&thread, NULL, free_all, blocks) == 0, "no thread");
	truth_must(pthread_join(thread, NULL) == 0, "no end of a thread");
}

int main(void)
{
	MEMPROF_PHASE ("tiny")
		make_tiny();
	MEMPROF_PHASE ("kept")
		make_kept();
	MEMPROF_PHASE ("mixed")
		make_mixed();
	MEMPROF_PHASE ("large")
		make_large();
	MEMPROF_PHASE ("grown")
		make_grown();
	make_crossed();
	struct truth all[] = {tiny, kept, mixed, large, grown, crossed};
	truth_print(stdout, all, LENGTH(all));
	return 0;
}
