/* config.h: what the user asked for.
 *
 *     command line ─┐
 *     --config FILE ┼─▶ settings, each checked against its range ─▶ struct config
 *     --quick       ┘
 *
 * The command line wins over the file, and both over --quick, in whatever order they stand. What a
 * setting is (name, range, default, sentence) is said once, in settings.c: options, file, ranges
 * in messages, --print-config, run.json and the trace are made of that table.
 */
#ifndef SIM_CONFIG_H
#define SIM_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agents/agent.h"
#include "params.h"

#define CONFIG_POINTS_MOST 64

/* What is to be done. */
enum config_task {
	TASK_RUN,    /* one simulation */
	TASK_SWEEP,  /* several agent counts, each some times */
	TASK_SUITE,  /* --suite */
	TASK_BENCH,  /* --bench */
	TASK_RESUME, /* --resume: what is missing of one of those */
};

/* Names of components are those of their tables, or of choices in settings.c; static. */
struct config {
	/* simulation */
	uint64_t steps, seed;
	uint64_t agents; /* the first of agent_counts */
	uint64_t agent_counts[CONFIG_POINTS_MOST];
	size_t agent_points;
	const char *population;  /* moving, fixed */
	uint64_t cap;            /* 0: four times the agents */
	double density;          /* of agents on the plane; 1: the baseline's */
	uint64_t world_side;     /* 0: by agents and density */
	uint64_t resource_sites; /* 0: by agents */
	uint64_t kinds[AGENT_KIND_COUNT];
	uint64_t radius;
	const char *splat, *decision;
	bool training, quick;

	/* components */
	const char *spatial, *storage;
	bool reuse_buffers;
	uint64_t looks, threads;

	/* database */
	const char *db; /* path as given, "none", "memory", or NULL: sim.db in the run directory */
	const char *db_profile, *db_writer;
	uint64_t db_buffer, db_batch;

	/* output */
	const char *out; /* directory as given, or NULL: one is made below results/ */
	bool profile;

	/* of the command line alone */
	enum config_task task;
	uint64_t repeat;
	const char *suite, *bench, *resume;
	bool print_config;

	char *texts; /* that settings of a file point into */
};

enum config_result {
	CONFIG_RUN,   /* go on */
	CONFIG_SHOWN, /* help, usage or version was printed: exit with 0 */
	CONFIG_BAD,   /* one line says what is wrong: exit with 2 */
};

/* Reads a command line, and the file that it names, into *CONFIG, whose strings point into ARGV and
 * into what config_release frees. ERROR is set when the result is CONFIG_BAD; nothing is then to be
 * released. Prints on stdout what --help, --usage and --version ask for. */
enum config_result config_parse(int argc, char **argv, struct config *config, char *error,
                                size_t error_size);

void config_release(struct config *config);

/* The numbers of the simulation that a configuration asks for. */
struct params config_params(const struct config *config);

#endif
