/* account.c: runs a command and writes down what it used.
 *
 *     account FILE [NAME=VALUE...] -- COMMAND [ARGUMENT...]
 *
 * FILE gets one line of JSON: CPU seconds of the command and of the children that it waited for
 * (user and system), wall seconds, and the peak resident size in KiB. NAME=VALUE is put into the
 * environment of the command only. Exits as the command does.
 *
 * It stands between a profiler's launcher and the program, so that the two are accounted for apart.
 * And it is small: a program's peak resident size begins at that of the process which started it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STATUS_USAGE     2
#define STATUS_NOT_FOUND 127
#define STATUS_SIGNAL    128
#define MICROSECONDS     1e6
#define NANOSECONDS      1e9

static double seconds_of(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / MICROSECONDS;
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / NANOSECONDS;
}

/* Does not return where the command runs. */
static void become(char **settings, char **command)
{
	for (; strcmp(*settings, "--") != 0; settings++)
		putenv(*settings);
	execvp(command[0], command);
	fprintf(stderr, "account: %s: %s\n", command[0], strerror(errno));
	_exit(STATUS_NOT_FOUND);
}

static int write_down(const char *file, const struct rusage *used, double wall)
{
	FILE *out = fopen(file, "w");
	if (!out) {
		fprintf(stderr, "account: %s: %s\n", file, strerror(errno));
		return -1;
	}
	fprintf(out, "{\"user\": %.6f, \"system\": %.6f, \"wall\": %.6f, \"peak_kib\": %ld}\n",
	        seconds_of(used->ru_utime), seconds_of(used->ru_stime), wall, used->ru_maxrss);
	return fclose(out);
}

static char **command_in(char **argv)
{
	for (; *argv; argv++)
		if (strcmp(*argv, "--") == 0 && argv[1])
			return argv + 1;
	return NULL;
}

int main(int argc, char **argv)
{
	char **command = argc > 2 ? command_in(argv + 2) : NULL;
	if (!command) {
		fprintf(stderr, "account: usage: account FILE [NAME=VALUE...] -- COMMAND...\n");
		return STATUS_USAGE;
	}
	double start = now();
	pid_t child = fork();
	if (child == 0)
		become(argv + 2, command);
	int status;
	struct rusage used;
	while (child < 0 || wait4(child, &status, 0, &used) < 0)
		if (child < 0 || errno != EINTR) {
			fprintf(stderr, "account: %s\n", strerror(errno));
			return 1;
		}
	if (write_down(argv[1], &used, now() - start) != 0)
		return 1;
	return WIFSIGNALED(status) ? STATUS_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}
