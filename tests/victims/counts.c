/* counts.c: every allocation function of C, each in a phase of its own. `counts [THREADS]`: with
 * more than one, every thread does it all, at the same time.
 */
#include <errno.h>
#include <malloc.h>
#include <memprof/memprof.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "truth.h"

/* C23's; only an allocator that is newer than the C library has them. */
extern void free_sized(void *block, size_t bytes) __attribute__((weak));
extern void free_aligned_sized(void *block, size_t alignment, size_t bytes) __attribute__((weak));

#define BLOCKS 200
#define KEPT   10 /* blocks that are live at exit */

/* Fills a block, so that a size that the allocator got wrong does damage. */
static void *fill(void *block, size_t bytes)
{
	return memset(block, 0x5a, bytes);
}

static void free_but_kept(struct truth *truth, void **blocks, const size_t *sizes)
{
	for (int i = KEPT; i < BLOCKS; i++)
		free(truth_gone(truth, blocks[i], sizes[i]));
}

static void by_malloc(struct truth *truth)
{
	void *blocks[BLOCKS];
	size_t sizes[BLOCKS];
	for (int i = 0; i < BLOCKS; i++) {
		sizes[i] = (size_t)i * 7 + 1;
		blocks[i] = fill(truth_made(truth, malloc(sizes[i]), sizes[i]), sizes[i]);
	}
	free_but_kept(truth, blocks, sizes);
}

static void by_calloc(struct truth *truth)
{
	void *blocks[BLOCKS];
	size_t sizes[BLOCKS];
	for (int i = 0; i < BLOCKS; i++) {
		sizes[i] = (size_t)(i + 1) * 12;
		unsigned char *block = truth_made(truth, calloc((size_t)i + 1, 12), sizes[i]);
		for (size_t at = 0; at < sizes[i]; at++)
			truth_must(block[at] == 0, "calloc did not clear");
		blocks[i] = fill(block, sizes[i]);
	}
	free_but_kept(truth, blocks, sizes);
}

static void by_reallocarray(struct truth *truth)
{
	for (int i = 0; i < BLOCKS; i++) {
		void *block = truth_made(truth, reallocarray(NULL, 10, 8), 80);
		block = truth_came(truth, reallocarray(truth_goes(truth, block, 80), 30, 8), 240);
		free(truth_gone(truth, block, 240));
	}
	volatile size_t huge = SIZE_MAX / 2;
	errno = 0;
	truth_must(reallocarray(NULL, huge, 4) == NULL && errno == ENOMEM,
	           "reallocarray overflowed");
}

static void by_posix_memalign(struct truth *truth)
{
	void *blocks[BLOCKS];
	size_t sizes[BLOCKS];
	for (int i = 0; i < BLOCKS; i++) {
		size_t alignment = (size_t)8 << (i % 10);
		sizes[i] = (size_t)i + 1;
		truth_must(posix_memalign(&blocks[i], alignment, sizes[i]) == 0, "posix_memalign");
		truth_must((uintptr_t)blocks[i] % alignment == 0, "posix_memalign did not align");
		fill(truth_made(truth, blocks[i], sizes[i]), sizes[i]);
	}
	free_but_kept(truth, blocks, sizes);
	void *untouched = &truth;
	truth_must(posix_memalign(&untouched, 3, 16) == EINVAL && untouched == &truth,
	           "posix_memalign took an alignment of 3");
}

static void by_aligned_alloc(struct truth *truth)
{
	void *blocks[BLOCKS];
	size_t sizes[BLOCKS];
	for (int i = 0; i < BLOCKS; i++) {
		size_t alignment = (size_t)16 << (i % 9);
		sizes[i] = alignment * 3;
		blocks[i] = truth_made(truth, aligned_alloc(alignment, sizes[i]), sizes[i]);
		truth_must((uintptr_t)blocks[i] % alignment == 0, "aligned_alloc did not align");
		fill(blocks[i], sizes[i]);
	}
	free_but_kept(truth, blocks, sizes);
}

static void by_memalign(struct truth *truth)
{
	for (int i = 0; i < BLOCKS; i++) {
		size_t bytes = i % 2 ? 33 : 0;
		void *block = truth_made(truth, memalign((size_t)1 << (i % 13), bytes), bytes);
		truth_must((uintptr_t)block % ((size_t)1 << (i % 13)) == 0, "memalign");
		free(truth_gone(truth, fill(block, bytes), bytes));
	}
}

static void by_valloc(struct truth *truth)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *block = truth_made(truth, valloc(100), 100);
	truth_must((uintptr_t)block % page == 0, "valloc");
	free(truth_gone(truth, fill(block, 100), 100));
}

static void by_pvalloc(struct truth *truth)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *block = truth_made(truth, pvalloc(page + 1), page + 1);
	truth_must((uintptr_t)block % page == 0, "pvalloc");
	truth_must(malloc_usable_size(block) >= 2 * page, "pvalloc gives whole pages");
	free(truth_gone(truth, fill(block, 2 * page), page + 1));
}

static void by_free_sized(struct truth *truth)
{
	void *block = truth_made(truth, malloc(48), 48);
	truth_gone(truth, block, 48);
	if (free_sized)
		free_sized(block, 48);
	else
		free(block);
	block = truth_made(truth, aligned_alloc(64, 128), 128);
	truth_gone(truth, block, 128);
	if (free_aligned_sized)
		free_aligned_sized(block, 64, 128);
	else
		free(block);
}

static void by_libc(struct truth *truth)
{
	char *copy = truth_made(truth, strdup("twelve bytes"), 13);
	free(truth_gone(truth, copy, 13));
	copy = truth_made(truth, strndup("twelve bytes", 6), 7);
	free(truth_gone(truth, copy, 7));
}

/* Zero bytes are an allocation; NULL is nothing to free; what was refused never was. */
static void edges(struct truth *truth)
{
	/* hidden from the compiler, which knows that these sizes are absurd */
	volatile size_t huge = SIZE_MAX / 2;
	void *block = truth_made(truth, malloc(0), 0);
	free(truth_gone(truth, block, 0));
	block = truth_made(truth, calloc(0, 8), 0);
	free(truth_gone(truth, block, 0));
	free(NULL);
	errno = 0;
	truth_must(malloc(huge) == NULL && errno == ENOMEM, "malloc of half the world");
	errno = 0;
	truth_must(calloc(huge, 3) == NULL && errno == ENOMEM, "calloc overflowed");
	errno = 0;
	truth_must(aligned_alloc(64, huge) == NULL && errno == ENOMEM, "aligned_alloc");
	block = truth_made(truth, malloc(64), 64);
	errno = 0;
	truth_must(realloc(block, huge) == NULL && errno == ENOMEM, "realloc");
	free(truth_gone(truth, fill(block, 64), 64)); /* a refused realloc leaves the block */
	truth_must(malloc_usable_size(NULL) == 0, "malloc_usable_size(NULL)");
	block = truth_made(truth, malloc(1000), 1000);
	size_t usable = malloc_usable_size(block);
	truth_must(usable >= 1000, "malloc_usable_size");
	errno = 77;
	free(truth_gone(truth, fill(block, usable), 1000));
	truth_must(errno == 77, "free changed errno");
}

#define SECTIONS(X)                                                                                \
	X("malloc", by_malloc)                                                                     \
	X("calloc", by_calloc)                                                                     \
	X("reallocarray", by_reallocarray)                                                         \
	X("posix_memalign", by_posix_memalign)                                                     \
	X("aligned_alloc", by_aligned_alloc)                                                       \
	X("memalign", by_memalign)                                                                 \
	X("valloc", by_valloc)                                                                     \
	X("pvalloc", by_pvalloc)                                                                   \
	X("free_sized", by_free_sized)                                                             \
	X("libc", by_libc)                                                                         \
	X("edges", edges)

enum {
#define X(name, function) SECTION_##function,
	SECTIONS(X)
#undef X
	        SECTION_COUNT
};

static struct truth all[SECTION_COUNT];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t together;

static void do_it_all(void)
{
	struct truth mine[SECTION_COUNT] = {0};
#define X(name, function)                                                                          \
	mine[SECTION_##function].phase = name;                                                     \
	MEMPROF_PHASE (name)                                                                       \
		function(&mine[SECTION_##function]);
	SECTIONS(X)
#undef X
	pthread_mutex_lock(&lock);
	for (int i = 0; i < SECTION_COUNT; i++)
		truth_add(&all[i], &mine[i]);
	pthread_mutex_unlock(&lock);
}

static void *thread_main(void *unused)
{
	(void)unused;
	pthread_barrier_wait(&together);
	do_it_all();
	return NULL;
}

int main(int argc, char **argv)
{
	int threads = argc > 1 ? atoi(argv[1]) : 1;
	if (threads == 1) {
		do_it_all();
	} else {
		pthread_t ids[64];
		truth_must(threads > 1 && threads <= 64, "1 to 64 threads");
		pthread_barrier_init(&together, NULL, (unsigned)threads);
		for (int i = 0; i < threads; i++)
			truth_must(pthread_create(&ids[i], NULL, thread_main, NULL) == 0, "thread");
		for (int i = 0; i < threads; i++)
			pthread_join(ids[i], NULL);
	}
	truth_print(stdout, all, SECTION_COUNT);
	return 0;
}
