/* batch/figures.h: what a run came to, from the files that it left: run.json, and, where it was
 * profiled, the analyzer's report.json. */
#ifndef SIM_BATCH_FIGURES_H
#define SIM_BATCH_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FIGURES_PHASES_MOST 24

/* An outermost phase, with all that is within it. */
struct phase_figures {
	char path[96];
	double seconds; /* wall, of the thread that steps, within steps */
	uint64_t calls, allocations, bytes;
};

struct figures {
	bool found; /* there was a run.json with results */
	uint64_t steps, database_rows;
	double wall_seconds, rate, p50, p95, p99, max; /* seconds; rate: steps in a second */
	double agents_asked, agents_mean;
	char hash[24];

	bool profiled; /* below is known */
	uint64_t allocations, bytes, peak_heap, peak_rss;
	uint64_t step_allocations, step_bytes;            /* in phases */
	struct phase_figures phases[FIGURES_PHASES_MOST]; /* outermost ones */
	size_t phase_count;
};

/* Reads what lies in a run's directory. What is missing is 0. */
struct figures figures_read(const char *directory);

#endif
