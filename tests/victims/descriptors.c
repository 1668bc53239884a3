/* descriptors.c: what a program sees of descriptors, and one that closes all that there are.
 * `descriptors FILE`: the rest of the output goes to FILE, since stdout is closed, too. */
#include <fcntl.h>
#include <memprof/memprof.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void allocate(int blocks)
{
	for (int i = 0; i < blocks; i++)
		free(malloc(77));
}

static int open_below(int limit)
{
	int open_now = 0;
	for (int fd = 0; fd < limit; fd++)
		open_now += fcntl(fd, F_GETFD) >= 0;
	return open_now;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	MEMPROF_PHASE ("before")
		allocate(1000);
	int first = open("/dev/null", O_RDONLY);
	printf("first descriptor %d, open %d\n", first, open_below(4096));
	fflush(stdout);
	for (int fd = 0; fd < 4096; fd++)
		close(fd);
	MEMPROF_PHASE ("after")
		allocate(2000);
	int zero = open(argv[1], O_WRONLY | O_CREAT, 0600);
	MEMPROF_PHASE ("after")
		allocate(1);
	dprintf(zero, "lowest is %d, open %d\n", zero, open_below(4096));
	return 0;
}
