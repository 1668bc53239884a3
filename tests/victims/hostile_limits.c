/* hostile_limits.c: address space is limited while the program runs. `hostile_limits KIND` prints
 * what came of it, which is the same with a profiler and without:
 *
 *     self  the program limits itself to 1 GiB, reads that back, gets 200 MiB but not 2 GiB
 *     exec  the same; then another program in its place asks what it may use
 *     work  some allocations, for a program whose limit stood before it
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const rlim_t LIMIT = (rlim_t)1 << 30;

static void ask(size_t mebibytes)
{
	errno = 0;
	void *block = malloc(mebibytes << 20);
	printf("%zu MiB: given %d, out of memory %d\n", mebibytes, block != NULL, errno == ENOMEM);
	free(block);
}

static void use(void)
{
	struct rlimit now;
	getrlimit(RLIMIT_AS, &now);
	printf("limited to %llu, at most %llu\n", (unsigned long long)now.rlim_cur,
	       (unsigned long long)now.rlim_max);
	ask(200);
	ask(2048);
	fflush(stdout);
}

static int limit_self(void)
{
	struct rlimit limit = {LIMIT, 2 * LIMIT}, before;
	free(malloc(1));
	if (prlimit(0, RLIMIT_AS, NULL, &before) != 0 || before.rlim_cur != RLIM_INFINITY)
		return 3;
	printf("setrlimit %d\n", setrlimit(RLIMIT_AS, &limit));
	use();
	return 0;
}

static int work(void)
{
	for (int i = 0; i < 10000; i++)
		free(malloc((size_t)i));
	printf("10000 blocks\n");
	return 0;
}

int main(int argc, char **argv)
{
	const char *kind = argc > 1 ? argv[1] : "";
	if (strcmp(kind, "self") == 0)
		return limit_self();
	if (strcmp(kind, "exec") == 0) {
		limit_self();
		execl("/proc/self/exe", argv[0], "limited", (char *)NULL);
		return 99;
	}
	if (strcmp(kind, "limited") == 0) {
		use();
		return 0;
	}
	if (strcmp(kind, "work") == 0)
		return work();
	return 2;
}
