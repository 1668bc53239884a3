/* waits.c: phases that wait, that work, and that do both.
 *
 *     waits STEPS THREADS      with 2, another thread works in the phases of the first
 *
 * Its truth, by phase, in seconds: how long it took, how much of that the thread asked to sleep at
 * least, and its CPU time.
 */
#include <memprof/memprof.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "spin.h"

#define SLEEP_NS 4000000

struct truth {
	double wall, waited, cpu;
};

static struct truth asleep, at_work, both;
static long spins;
static bool done;

static double wall_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void part(struct truth *truth, bool sleeps, bool works)
{
	const struct timespec little = {0, SLEEP_NS};
	double wall = wall_now(), cpu = spin_cpu();
	if (sleeps) {
		nanosleep(&little, NULL);
		truth->waited += SLEEP_NS * 1e-9;
	}
	if (works)
		spin_here(spins);
	truth->wall += wall_now() - wall;
	truth->cpu += spin_cpu() - cpu;
}

static void *other_thread(void *unused)
{
	while (!__atomic_load_n(&done, __ATOMIC_RELAXED))
		spin_here(10000);
	return unused;
}

static void show(const char *path, const struct truth *truth, const char *after)
{
	printf("\"%s\": {\"wall\": %.9f, \"waited\": %.9f, \"cpu\": %.9f}%s", path, truth->wall,
	       truth->waited, truth->cpu, after);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	bool others = atol(argv[2]) > 1;
	pthread_t thread;
	spins = (long)(spin_rate() * 0.004);
	if (others)
		pthread_create(&thread, NULL, other_thread, NULL);
	for (long step = 0; step < atol(argv[1]); step++)
		MEMPROF_STEP {
			MEMPROF_PHASE ("asleep")
				part(&asleep, true, false);
			MEMPROF_PHASE ("at work")
				part(&at_work, false, true);
			MEMPROF_PHASE ("both")
				MEMPROF_PHASE ("inside")
					part(&both, true, true);
		}
	__atomic_store_n(&done, true, __ATOMIC_RELAXED);
	if (others)
		pthread_join(thread, NULL);
	printf("{");
	show("asleep", &asleep, ", ");
	show("at work", &at_work, ", ");
	show("both", &both, "}\n");
	return 0;
}
