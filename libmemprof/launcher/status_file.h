/* status_file.h: status.json, by which others see how a run is doing while it runs.
 *
 * The launcher replaces it about once a second, atomically, and once more at the end; whoever reads
 * it always finds a whole one. Its `updated` is the run's heartbeat. Keys are only ever added. */
#ifndef MEMPROF_LAUNCHER_STATUS_FILE_H
#define MEMPROF_LAUNCHER_STATUS_FILE_H

#include <stdbool.h>
#include <stdint.h>

#define STATUS_SCHEMA     1
#define STATUS_PHASES_MAX 16u

enum run_state {
	RUN_RUNNING,
	RUN_FINISHED, /* the command ended by itself, with whatever exit status */
	RUN_CRASHED,  /* a signal ended it */
};

/* Everything in a status file. Strings are owned by the struct; NULL is null or "not known". */
struct status {
	enum run_state state;
	int pid, launcher_pid;
	uint64_t launcher_start; /* in clock ticks since boot: tells a reused pid */
	char *host, *boot_id;
	char *command;         /* as typed, quoted where need be */
	char *run_dir, *trace; /* absolute */
	uint64_t trace_bytes;
	double started, updated;  /* seconds since 1970 */
	uint64_t processes;       /* recorded now */
	uint64_t step, last_step; /* begun; ended */
	uint64_t steps_expected;  /* 0: not known */
	double steps_per_second;
	double eta_seconds;  /* negative: not known */
	double step_seconds; /* how long the open step has taken so far; negative: none is open */
	bool agents_known;
	uint64_t agents;
	bool heap_off;       /* allocations are not recorded: what follows of them says nothing */
	bool heap_estimated; /* they are sampled: what follows of them is an estimate */
	uint64_t live_heap_bytes, peak_heap_bytes, rss_bytes, peak_rss_bytes;
	char *current_phase;
	struct status_phase {
		char *path;
		double share; /* of the recent time of the thread that steps */
	} phases[STATUS_PHASES_MAX];
	uint32_t phases_count;
	uint64_t cpu_samples;
	uint64_t allocations;
	double allocations_per_second;
	int exit_status; /* −1: none */
	int signal;      /* 0: none */
	bool out_of_memory;
};

void status_free(struct status *status);

/* Replaces the file. False with errno; the old one then stays. */
bool status_save(const char *path, const struct status *status);

/* Reads a file into *status (overwritten; to be freed). NULL, or what is wrong, in words. */
const char *status_load(const char *path, struct status *status);

const char *status_state_name(enum run_state state);

#endif
