/* limits.c: a program that is given little, and asks until it is refused. `limits KIND`. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void limit(int resource, rlim_t value)
{
	struct rlimit both = {value, value};
	setrlimit(resource, &both);
}

/* Refusal is an answer: NULL and ENOMEM, after a good part of what is allowed. The limit stands
 * before the program starts, as a shell's ulimit does it: `limits address_space` sets it and starts
 * itself. */
static int address_space(char **argv)
{
	size_t blocks = 0;
	struct rlimit now;
	getrlimit(RLIMIT_AS, &now);
	if (now.rlim_cur == RLIM_INFINITY) {
		limit(RLIMIT_AS, (rlim_t)512 << 20);
		execv("/proc/self/exe", argv);
		return 99;
	}
	errno = 0;
	for (char *block; blocks < 4096 && (block = malloc(1 << 20)); blocks++)
		memset(block, 1, 1 << 20);
	printf("refused %d, errno %d, enough %d\n", blocks < 4096, errno == ENOMEM, blocks >= 256);
	return 0;
}

static int data(void)
{
	limit(RLIMIT_DATA, (rlim_t)256 << 20);
	size_t blocks = 0;
	while (blocks < 4096 && malloc(1 << 20))
		blocks++;
	printf("refused %d, enough %d\n", blocks < 4096, blocks >= 50);
	return 0;
}

static int descriptors(void)
{
	limit(RLIMIT_NOFILE, 4);
	int opened = 0;
	while (open("/dev/null", O_RDONLY) >= 0)
		opened++;
	for (int i = 0; i < 1000; i++)
		free(malloc((size_t)i * 100));
	printf("opened %d, errno %d\n", opened, errno);
	pid_t child = fork();
	if (child == 0) {
		free(malloc(100));
		_exit(9);
	}
	int status = 0;
	waitpid(child, &status, 0);
	printf("child %d\n", WEXITSTATUS(status));
	return 0;
}

static int file_size(void)
{
	limit(RLIMIT_FSIZE, 0);
	for (int i = 0; i < 100000; i++)
		free(malloc((size_t)i));
	printf("no file may grow\n");
	return 0;
}

static void *small_thread(void *unused)
{
	(void)unused;
	for (int i = 0; i < 1000; i++)
		free(malloc((size_t)i));
	return NULL;
}

/* Threads with the smallest stack that the C library gives. */
static int small_stacks(void)
{
	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	printf("small stack %d\n", pthread_attr_setstacksize(&attributes, 16384));
	for (int i = 0; i < 50; i++) {
		pthread_t id;
		printf("%d", pthread_create(&id, &attributes, small_thread, NULL));
		pthread_join(id, NULL);
	}
	printf("\n");
	return 0;
}

static int new_root(void)
{
	int changed = chroot("/proc/self/fdinfo");
	free(malloc(1000));
	pid_t child = fork();
	if (child == 0) {
		free(malloc(100));
		_exit(8);
	}
	int status = 0;
	waitpid(child, &status, 0);
	printf("chroot %d, child %d, root is empty %d\n", changed, WEXITSTATUS(status),
	       access("/proc", F_OK) != 0);
	return 0;
}

int main(int argc, char **argv)
{
	const char *kind = argc > 1 ? argv[1] : "";
	if (strcmp(kind, "address_space") == 0)
		return address_space(argv);
	if (strcmp(kind, "data") == 0)
		return data();
	if (strcmp(kind, "descriptors") == 0)
		return descriptors();
	if (strcmp(kind, "file_size") == 0)
		return file_size();
	if (strcmp(kind, "small_stacks") == 0)
		return small_stacks();
	if (strcmp(kind, "new_root") == 0)
		return new_root();
	return 2;
}
