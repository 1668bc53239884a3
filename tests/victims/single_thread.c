/* single_thread.c: a program of one thread stays one: the C library's stdio knows that it needs no
 * lock, and the kernel that it may enter a new user namespace. */
#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/single_threaded.h>

static int tasks(void)
{
	DIR *directory = opendir("/proc/self/task");
	int count = 0;
	for (struct dirent *entry; (entry = readdir(directory));)
		count += entry->d_name[0] != '.';
	closedir(directory);
	return count;
}

int main(void)
{
	for (int i = 0; i < 100000; i++)
		free(malloc(10));
	for (int i = 0; i < 100000; i++)
		putc('a' + i % 26, stdout);
	int entered = unshare(CLONE_NEWUSER);
	printf("\nsingle %d, tasks %d, unshare %d\n", __libc_single_threaded, tasks(), entered);
	return 0;
}
