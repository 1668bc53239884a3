/* hostile_memory.c: ways to ask for memory that cost a careless profiler much. `hostile_memory
 * KIND` prints what came of it, which is the same with a profiler and without:
 *
 *     refused      a block far larger than the machine is refused, and refusing takes no memory
 *     locked       mlockall locks what the program uses, not what a profiler has merely mapped
 *     freed_twice  a block is freed twice; the C library ends the program, a profiler may go on
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Resident memory in KiB, from what the kernel says of this process. */
static long resident(void)
{
	FILE *status = fopen("/proc/self/status", "r");
	char line[256];
	long found = -1;
	while (status && found < 0 && fgets(line, sizeof line, status))
		if (sscanf(line, "VmRSS: %ld", &found) != 1)
			found = -1;
	if (status)
		fclose(status);
	return found;
}

static int grew_little(long before)
{
	return before > 0 && resident() - before < 64 * 1024;
}

static int refused(void)
{
	long before = resident();
	errno = 0;
	void *volatile block = malloc((size_t)512 << 30);
	int error = errno;
	printf("malloc: block %d, out of memory %d, grew little %d\n", block != NULL,
	       error == ENOMEM, grew_little(before));
	errno = 0;
	block = calloc((size_t)512, (size_t)1 << 30);
	error = errno;
	printf("calloc: block %d, out of memory %d, grew little %d\n", block != NULL,
	       error == ENOMEM, grew_little(before));
	return 0;
}

/* Who is not root may lock little: then only the answer can be compared. */
static int locked(void)
{
	long before = resident();
	int answer = mlockall(MCL_CURRENT | MCL_FUTURE);
	printf("mlockall %d", answer);
	if (geteuid() == 0)
		printf(", grew little %d", grew_little(before));
	for (int i = 0; i < 1000; i++) {
		size_t bytes = 1 + (size_t)i * 37;
		char *block = malloc(bytes);
		memset(block, 1, bytes);
		free(block);
	}
	printf(", in use %d\n", geteuid() != 0 || grew_little(before));
	return 0;
}

static int freed_twice(void)
{
	void *volatile block = malloc(100);
	free(block);
	void *volatile again = block;
	free(again);
	void *volatile one = malloc(100), *volatile other = malloc(100);
	printf("two blocks %d\n", one != other);
	return 0;
}

int main(int argc, char **argv)
{
	const char *kind = argc > 1 ? argv[1] : "";
	if (strcmp(kind, "refused") == 0)
		return refused();
	if (strcmp(kind, "locked") == 0)
		return locked();
	if (strcmp(kind, "freed_twice") == 0)
		return freed_twice();
	return 2;
}
