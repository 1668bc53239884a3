/* daemon.c: a program whose child goes on when it has ended. `daemon FIFO FILE`: the child waits
 * for a line in FIFO, then says in FILE that it lived. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char line[16];
	if (argc != 3)
		return 2;
	if (fork() != 0)
		return 0;
	setsid();
	if (fork() != 0)
		_exit(0);
	int null = open("/dev/null", O_RDWR);
	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	int fifo = open(argv[1], O_RDONLY);
	if (read(fifo, line, sizeof line) <= 0)
		return 1;
	void *block = malloc(1000);
	int file = open(argv[2], O_WRONLY | O_CREAT, 0600);
	dprintf(file, "lived, %d\n", block != NULL);
	return 0;
}
