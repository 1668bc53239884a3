/* mappings.c: memory mapped without the allocator, each way in a phase of its own. `mappings
 * [THREADS]`: with more than one, every thread does it all, at the same time (but for the break).
 *
 * Truth is kept as for the heap: a mapping is an allocation of whole pages; it is freed when its
 * last part goes; mremap is a reallocation, unless it shrinks.
 */
#include <errno.h>
#include <memprof/memprof.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "truth.h"

#define PAGE   ((size_t)4096)
#define ROUNDS 50

static void *must_map(void *address, size_t bytes, int flags)
{
	char *at = mmap(address, bytes, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
	truth_must(at != MAP_FAILED, "mmap failed");
	truth_must(at[0] == 0, "a new page is not empty");
	return at;
}

static void must_unmap(void *address, size_t bytes)
{
	truth_must(munmap(address, bytes) == 0, "munmap failed");
}

/* Part of a mapping goes. */
static void part_gone(struct truth *truth, size_t bytes)
{
	truth->live_bytes -= (long long)bytes;
}

__attribute__((noinline)) static void *map_here(struct truth *truth, size_t bytes, int flags)
{
	size_t whole = (bytes + PAGE - 1) & ~(PAGE - 1);
	return truth_made(truth, must_map(NULL, bytes, flags), whole); /* SITE: map */
}

static void whole(struct truth *truth)
{
	for (size_t i = 1; i <= ROUNDS; i++) {
		void *private = map_here(truth, i * 1000, MAP_PRIVATE);
		void *shared = map_here(truth, i * PAGE, MAP_SHARED);
		must_unmap(truth_gone(truth, shared, i * PAGE), i * PAGE);
		size_t bytes = (i * 1000 + PAGE - 1) & ~(PAGE - 1);
		if (i % 5)
			must_unmap(truth_gone(truth, private, bytes), i * 1000);
	}
}

/* The middle goes, then the beginning; of some the rest. */
static void parts(struct truth *truth)
{
	for (int i = 0; i < ROUNDS; i++) {
		char *at = map_here(truth, 10 * PAGE, MAP_PRIVATE);
		must_unmap(at + 4 * PAGE, 2 * PAGE);
		part_gone(truth, 2 * PAGE);
		must_unmap(at, PAGE);
		part_gone(truth, PAGE);
		if (i % 2) {
			truth_gone(truth, at, 7 * PAGE);
			must_unmap(at + PAGE, 3 * PAGE);
			must_unmap(at + 6 * PAGE, 4 * PAGE);
		}
	}
}

/* One call unmaps several, and the gap between them. */
static void several(struct truth *truth)
{
	for (int i = 0; i < ROUNDS; i++) {
		char *at = map_here(truth, 16 * PAGE, MAP_PRIVATE);
		must_unmap(truth_gone(truth, at, 16 * PAGE), 16 * PAGE);
		/* Where another thread was quicker the kernel says so. */
		char *low = mmap(at, 4 * PAGE, PROT_READ | PROT_WRITE,
		                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
		if (low == MAP_FAILED) {
			truth_must(errno == EEXIST, "MAP_FIXED_NOREPLACE");
			continue;
		}
		truth_made(truth, low, 4 * PAGE);
		char *high = mmap(at + 4 * PAGE, 4 * PAGE, PROT_READ | PROT_WRITE,
		                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
		if (high == MAP_FAILED) {
			must_unmap(truth_gone(truth, low, 4 * PAGE), 4 * PAGE);
			continue;
		}
		truth_made(truth, high, 4 * PAGE);
		must_unmap(low + PAGE, 6 * PAGE);
		part_gone(truth, 6 * PAGE);
		must_unmap(truth_gone(truth, low, PAGE), PAGE);
		must_unmap(truth_gone(truth, high, PAGE) ? low + 7 * PAGE : NULL, PAGE);
	}
}

/* Mapping over what is there frees it. */
static void over(struct truth *truth)
{
	for (int i = 0; i < ROUNDS; i++) {
		char *at = map_here(truth, 8 * PAGE, MAP_PRIVATE);
		must_map(at + 2 * PAGE, 2 * PAGE, MAP_PRIVATE | MAP_FIXED);
		part_gone(truth, 2 * PAGE);
		truth_made(truth, at + 2 * PAGE, 2 * PAGE);
		truth_gone(truth, at, 6 * PAGE);
		truth_gone(truth, at, 2 * PAGE);
		must_map(at, 8 * PAGE, MAP_SHARED | MAP_FIXED);
		truth_made(truth, at, 8 * PAGE);
		if (i % 3)
			must_unmap(truth_gone(truth, at, 8 * PAGE), 8 * PAGE);
	}
}

static void *must_remap(void *old, size_t from, size_t to, int flags, void *where)
{
	void *at = mremap(old, from, to, flags, where);
	truth_must(at != MAP_FAILED, "mremap failed");
	return at;
}

static void remaps(struct truth *truth)
{
	for (int i = 0; i < ROUNDS; i++) {
		char *at = map_here(truth, 4 * PAGE, MAP_PRIVATE);
		at[0] = 77;
		at = truth_came(truth,
		                must_remap(truth_goes(truth, at, 4 * PAGE), 4 * PAGE, 64 * PAGE,
		                           MREMAP_MAYMOVE, NULL),
		                64 * PAGE);
		truth_must(at[0] == 77, "mremap lost what was there");
		at = must_remap(at, 64 * PAGE, 8 * PAGE, 0, NULL);
		part_gone(truth, 56 * PAGE);
		/* To a place where something is. */
		char *to = map_here(truth, 8 * PAGE, MAP_PRIVATE);
		truth_gone(truth, to, 8 * PAGE);
		at = truth_came(truth,
		                must_remap(truth_goes(truth, at, 8 * PAGE), 8 * PAGE, 8 * PAGE,
		                           MREMAP_MAYMOVE | MREMAP_FIXED, to),
		                8 * PAGE);
		truth_must(at == to && at[0] == 77, "mremap to a place");
		/* A part of it goes elsewhere: the rest stays, and is live. */
		char *part = must_remap(at + 2 * PAGE, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE, NULL);
		truth->reallocations++;
		truth->live_blocks++;
		truth->live_bytes += 2 * (long long)PAGE;
		must_unmap(truth_gone(truth, part, 4 * PAGE), 4 * PAGE);
		if (i % 2) {
			must_unmap(truth_gone(truth, at, 6 * PAGE), 2 * PAGE);
			must_unmap(at + 4 * PAGE, 4 * PAGE);
		}
	}
}

/* What fails changes nothing, and says what it says without a profiler. */
static void failures(struct truth *truth)
{
	char *at = map_here(truth, 4 * PAGE, MAP_PRIVATE);
	errno = 0;
	truth_must(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED &&
	                   errno == EINVAL,
	           "an empty mapping");
	truth_must(mmap(NULL, SIZE_MAX - 10, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
	                           MAP_FAILED &&
	                   errno == ENOMEM,
	           "too long a mapping");
	truth_must(munmap(at + 1, PAGE) == -1 && errno == EINVAL, "munmap between pages");
	truth_must(munmap(at, 0) == -1 && errno == EINVAL, "munmap of nothing");
	truth_must(mremap(at, 4 * PAGE, 0, MREMAP_MAYMOVE) == MAP_FAILED && errno == EINVAL,
	           "mremap to nothing");
	truth_must(mremap(at, 4 * PAGE, (size_t)1 << 46, MREMAP_MAYMOVE) == MAP_FAILED &&
	                   errno == ENOMEM,
	           "mremap to too much");
	truth_must(mmap(at, 4 * PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, -1, 0) == MAP_FAILED &&
	                   errno == EBADF,
	           "a mapping of no file");
	errno = 5;
	at[0] = 1;
	must_unmap(truth_gone(truth, at, 4 * PAGE), 4 * PAGE);
	truth_must(errno == 5, "errno was changed");
}

static void by_break(struct truth *truth)
{
	char *begin = sbrk(0);
	for (int i = 0; i < ROUNDS; i++) {
		truth_must(sbrk(1000) != (void *)-1, "sbrk");
		truth_made(truth, begin, 1000);
	}
	truth_must(sbrk(-2500) != (void *)-1, "sbrk back");
	truth->frees += 2;
	truth->live_blocks -= 2;
	truth->live_bytes -= 2500;
	char *end = sbrk(0);
	truth_must(end == begin + ROUNDS * 1000 - 2500, "the break is elsewhere");
	truth_must(brk(end + 12345) == 0, "brk");
	truth_made(truth, end, 12345);
	truth_must(sbrk(0) == end + 12345, "the break did not move");
	truth_must(brk(truth_gone(truth, end, 12345)) == 0, "brk back");
	errno = 0;
	truth_must(sbrk(INTPTR_MAX / 2) == (void *)-1 && errno == ENOMEM, "sbrk of too much");
}

/* What a child unmaps of its parent's is not the parent's loss. */
static void in_child(struct truth *truth)
{
	char *at = map_here(truth, 8 * PAGE, MAP_PRIVATE);
	pid_t pid = fork();
	if (pid == 0) {
		must_unmap(at, 8 * PAGE);
		must_map(NULL, 3 * PAGE, MAP_PRIVATE);
		_exit(0);
	}
	int status;
	truth_must(waitpid(pid, &status, 0) == pid && status == 0, "the child");
}

enum { WHOLE, PARTS, SEVERAL, OVER, REMAPS, FAILURES, BREAK, CHILD, PHASES };
static const char *const names[PHASES] = {"whole",  "parts",    "several", "over",
                                          "remaps", "failures", "break",   "child"};
static struct truth sums[PHASES];
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;

static void do_phase(int which, void (*work)(struct truth *))
{
	struct truth truth = {.phase = names[which]};
	memprof_scope scope = memprof_phase_begin_id(memprof_name(names[which]));
	work(&truth);
	memprof_phase_end(scope);
	truth.temporaries = 0; /* are of the heap */
	pthread_mutex_lock(&guard);
	truth_add(&sums[which], &truth);
	pthread_mutex_unlock(&guard);
}

static void *do_all(void *argument)
{
	do_phase(WHOLE, whole);
	do_phase(PARTS, parts);
	do_phase(SEVERAL, several);
	do_phase(OVER, over);
	do_phase(REMAPS, remaps);
	do_phase(FAILURES, failures);
	return argument;
}

int main(int argc, char **argv)
{
	int threads = argc > 1 ? atoi(argv[1]) : 1;
	pthread_t thread[64];
	for (int i = 1; i < threads && i < 64; i++)
		truth_must(pthread_create(&thread[i], NULL, do_all, NULL) == 0, "no thread");
	do_all(NULL);
	for (int i = 1; i < threads && i < 64; i++)
		pthread_join(thread[i], NULL);
	do_phase(BREAK, by_break);
	do_phase(CHILD, in_child);
	truth_print(stdout, sums, PHASES);
	return 0;
}
