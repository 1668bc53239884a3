/* hostile_processes.c: children that a profiler easily loses, or mistakes for their parents.
 * `hostile_processes KIND`; each process prints its truth as one line of JSON.
 *
 *     chain     70 forks in a row, as of a daemon that replaces itself. Each process makes 10
 *               blocks that stay and frees one of its parent's; the 64th and later free those of
 *               the process 64 forks before; the last frees all that are left
 *     clearenv  the environment is cleaned before the fork; the child makes 1,000 blocks
 *     phases    phases and a counter in the parent, then the same names in the child
 */
#include <memprof/memprof.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "truth.h"

enum { FORKS = 70, APART = 64, BLOCKS = 10, BYTES = 100 };

static void *blocks[FORKS + 1][BLOCKS];

static int free_one(int depth, int i)
{
	int freed = blocks[depth][i] != NULL;
	free(blocks[depth][i]);
	blocks[depth][i] = NULL;
	return freed;
}

static int free_those_of(int depth)
{
	int freed = 0;
	for (int i = 0; i < BLOCKS; i++)
		freed += free_one(depth, i);
	return freed;
}

static void live_at(int depth)
{
	MEMPROF_PHASE ("chain")
		for (int i = 0; i < BLOCKS; i++)
			blocks[depth][i] = malloc(BYTES);
	int inherited = depth ? free_one(depth - 1, 0) : 0;
	if (depth >= APART)
		inherited += free_those_of(depth - APART);
	if (depth == FORKS)
		for (int i = 0; i < depth; i++)
			inherited += free_those_of(i);
	dprintf(STDOUT_FILENO,
	        "{\"depth\": %d, \"pid\": %d, \"allocations\": %d, \"live_bytes\": %d, "
	        "\"inherited_frees\": %d}\n",
	        depth, (int)getpid(), BLOCKS, BLOCKS * BYTES, inherited);
}

/* Waits for a child and ends as it did. */
static void end_as(pid_t child)
{
	int status = 0;
	waitpid(child, &status, 0);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 99);
}

static int chain(void)
{
	for (int depth = 0; depth <= FORKS; depth++) {
		pid_t child = depth ? fork() : 0;
		if (child)
			end_as(child);
		live_at(depth);
	}
	return 0;
}

static int clean_environment(void)
{
	free(malloc(10));
	clearenv();
	pid_t child = fork();
	if (child)
		end_as(child);
	struct truth made = {.phase = "cleaned"};
	MEMPROF_PHASE ("cleaned")
		for (int i = 0; i < 1000; i++)
			truth_made(&made, malloc(BYTES), BYTES);
	truth_print(stdout, &made, 1);
	return 0;
}

static void simulate(int steps)
{
	for (int step = 0; step < steps; step++)
		MEMPROF_STEP {
			MEMPROF_PHASE ("alpha")
				for (int i = 0; i < 100; i++)
					MEMPROF_PHASE ("beta")
						free(malloc(10));
			MEMPROF_PHASE ("gamma")
				usleep(10);
			memprof_count("things", 3);
		}
	dprintf(STDOUT_FILENO,
	        "{\"pid\": %d, \"calls\": {\"alpha\": %d, \"alpha/beta\": %d, \"gamma\": %d}, "
	        "\"things\": %d}\n",
	        (int)getpid(), steps, steps * 100, steps, steps * 3);
}

static int phases(void)
{
	simulate(20);
	pid_t child = fork();
	if (child)
		end_as(child);
	simulate(30);
	return 0;
}

int main(int argc, char **argv)
{
	const char *kind = argc > 1 ? argv[1] : "";
	if (strcmp(kind, "chain") == 0)
		return chain();
	if (strcmp(kind, "clearenv") == 0)
		return clean_environment();
	if (strcmp(kind, "phases") == 0)
		return phases();
	return 2;
}
