/* processes.c: one program, many processes, each with a truth of its own. Every process prints one
 * line: {"pid": ..., "role": ..., "phases": {...}}. `processes ROLE` is what exec starts.
 */
#include <memprof/memprof.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "truth.h"

extern char **environ;

/* Allocates in the phase of the role's name; a third of the blocks stay. */
static void allocate(struct truth *truth, const char *role, int blocks)
{
	truth->phase = role;
	memprof_scope scope = memprof_phase_begin_id(memprof_name(role));
	for (int i = 0; i < blocks; i++) {
		void *volatile block = truth_made(truth, malloc(50), 50);
		if (i % 3)
			free(truth_gone(truth, block, 50));
	}
	memprof_phase_end(scope);
}

static void say(const struct truth *truth)
{
	char line[512];
	int length = snprintf(line, sizeof line, "{\"pid\": %d, \"role\": \"%s\", ", (int)getpid(),
	                      truth->phase);
	FILE *rest = fmemopen(line + length, sizeof line - (size_t)length, "w");
	truth_print(rest, truth, 1);
	fclose(rest);
	/* one write a line, and no buffer that a child would inherit */
	memmove(line + length, line + length + 1,
	        strlen(line + length)); /* the two objects are one */
	truth_must(write(1, line, strlen(line)) > 0, "write");
}

static void wait_for(pid_t child)
{
	int status;
	truth_must(waitpid(child, &status, 0) == child && status == 0, "a child failed");
}

static void start(const char *self, const char *role, int how)
{
	char *arguments[] = {(char *)self, (char *)role, NULL};
	pid_t child = -1;
	if (how == 0)
		child = fork();
	else if (how == 1)
		child = vfork();
	else
		truth_must(posix_spawn(&child, self, NULL, NULL, arguments, environ) == 0, "spawn");
	if (child == 0) {
		execv(self, arguments);
		_exit(126);
	}
	wait_for(child);
}

int main(int argc, char **argv)
{
	struct truth mine = {0};
	if (argc > 1) {
		allocate(&mine, argv[1], 30);
		say(&mine);
		return 0;
	}
	void *inherited[5];
	for (int i = 0; i < 5; i++)
		inherited[i] = malloc(64);
	allocate(&mine, "parent", 12);
	pid_t child = fork();
	if (child == 0) {
		struct truth its = {0};
		for (int i = 0; i < 5; i++)
			free(inherited[i]); /* the parent's: no free of this process's record */
		allocate(&its, "forked", 21);
		pid_t grandchild = fork();
		if (grandchild == 0) {
			struct truth grand = {0};
			allocate(&grand, "forked again", 6);
			say(&grand);
			_exit(0);
		}
		wait_for(grandchild);
		say(&its);
		exit(0);
	}
	wait_for(child);
	start("/proc/self/exe", "execed", 0);
	start("/proc/self/exe", "vforked", 1);
	start("/proc/self/exe", "spawned", 2);
	say(&mine);
	return 0;
}
