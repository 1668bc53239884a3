/* laws.c: phases whose allocations follow known laws of the number of agents.
 * `laws AGENTS STEPS` or `laws AGENTS STEPS swing`.
 *
 * In each step phase "constant" allocates 10 blocks, "linear" one an agent, "loglinear" log2(n) an
 * agent (n being a power of two), "quadratic" one a pair of agents, all of 64 bytes. From the first
 * step to the last a block of 256 bytes an agent is held.
 *
 * With `swing` the population goes up and down between AGENTS and twice that, and nothing is
 * allocated but what is kept: 512 bytes more in each step, whatever the population (grows with
 * age), and a buffer of 1,024 bytes an agent (grows with agents). A step takes a while then, so
 * that the recorder sees many of them.
 */
#include <memprof/memprof.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "truth.h"

#define SWING 40 /* steps from the fewest agents to the most */

static void churn(long blocks)
{
	for (long i = 0; i < blocks; i++) {
		char *block = malloc(64); /* SITE: churn */
		truth_must(block != NULL, "an allocation failed");
		free(block);
	}
}

static long log2_of(long n)
{
	long log = 0;
	while (n >>= 1)
		log++;
	return log;
}

static void step_laws(long agents)
{
	MEMPROF_PHASE ("constant")
		churn(10);
	MEMPROF_PHASE ("linear")
		churn(agents);
	MEMPROF_PHASE ("loglinear")
		churn(agents * log2_of(agents));
	MEMPROF_PHASE ("quadratic")
		churn(agents * agents);
}

static void run_laws(long agents, long steps)
{
	char *held = malloc((size_t)agents * 256);
	truth_must(held != NULL, "an allocation failed");
	for (long i = 0; i < steps; i++) {
		memprof_step_begin();
		memprof_agents((uint64_t)agents);
		step_laws(agents);
		memprof_step_end();
	}
	free(held);
}

static void wait_a_little(void)
{
	const struct timespec pause = {.tv_nsec = 4000000};
	nanosleep(&pause, NULL);
}

static long swinging(long agents, long step)
{
	long along = step % (2 * SWING);
	return agents + agents * (along < SWING ? along : 2 * SWING - along) / SWING;
}

static void run_swing(long agents, long steps)
{
	char **aging = malloc((size_t)steps * sizeof *aging), *buffer = NULL;
	truth_must(aging != NULL, "an allocation failed");
	for (long i = 0; i < steps; i++) {
		long now = swinging(agents, i);
		memprof_step_begin();
		memprof_agents((uint64_t)now);
		MEMPROF_PHASE ("aging")
			aging[i] = malloc(512); /* SITE: aging */
		MEMPROF_PHASE ("crowd")
			buffer = realloc(buffer, (size_t)now * 1024); /* SITE: crowd */
		truth_must(aging[i] && buffer, "an allocation failed");
		wait_a_little();
		memprof_step_end();
	}
	for (long i = 0; i < steps; i++)
		free(aging[i]);
	free(aging);
	free(buffer);
}

int main(int argc, char **argv)
{
	truth_must(argc > 2, "laws AGENTS STEPS [swing]");
	long agents = atol(argv[1]), steps = atol(argv[2]);
	memprof_run_begin("laws");
	if (argc > 3)
		run_swing(agents, steps);
	else
		run_laws(agents, steps);
	memprof_run_end();
	return 0;
}
