/* sim_bench: an agent simulation, the reference and the yardstick of memprof.
 *
 *     command line ─▶ config ─▶ run directory ─▶ (under the launcher) run ─▶ summary
 *
 * The rooms: spatial/ who is near; observation/ what an agent sees; decision/ what it wants, from
 * what it sees alone; action/ what comes of it; agents/ who there is; dblog/ what is written down.
 * world.h holds the state, step.c the order of things, run.c the run around it.
 */
#include <memprof/memprof.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch/batch.h"
#include "bench/bench.h"
#include "config.h"
#include "launch.h"
#include "memory.h"
#include "run.h"
#include "rundir.h"
#include "settings.h"
#include "summary.h"

#define EXIT_USAGE 2

static int complain(int code, const char *error)
{
	fprintf(stderr, "sim_bench: %s\n", error);
	return code;
}

static int simulate(const struct config *config, const struct rundir *dir,
                    const struct launch *launch)
{
	struct run run = {
	        .config = config,
	        .dir = dir,
	        .launch = launch,
	        .params = config_params(config),
	};
	struct run_result *result = NEED(calloc(1, sizeof *result));
	int code = run_simulation(&run, result);
	if (code != EXIT_USAGE && !summary_print(&run, result) && code == 0)
		code = complain(1, "cannot write the summary to standard output");
	if (result->error[0])
		complain(code, result->error);
	free(result);
	return code;
}

/* What a command line that could be read asks for. */
static int start(const struct config *config, const struct launch *launch)
{
	struct rundir dir;
	char error[512];
	if (config->print_config) {
		settings_print(config, stdout);
		return fflush(stdout) == 0 ? 0 : complain(1, "cannot write to standard output");
	}
	if (config->task != TASK_RUN || config->threads > 1)
		launch_patient(launch);
	if (config->task == TASK_BENCH && strcmp(config->bench, "system") != 0)
		return bench_run(config, launch);
	if (config->task != TASK_RUN)
		return batch_run(config, launch);
	if (launch->launched)
		rundir_adopt(config, &dir);
	else if (!rundir_create(config, &dir, error, sizeof error))
		return complain(EXIT_USAGE, error);
	if (config->profile && !launch->launched && !memprof_active())
		launch_profiled(launch, dir.path, config->out != NULL);
	int code = simulate(config, &dir, launch);
	rundir_release(&dir);
	return code;
}

int main(int argc, char **argv)
{
	struct config config;
	char error[512];
	if (argc < 1)
		return complain(EXIT_USAGE, "started without its own name (argv[0])");
	struct launch launch = launch_read(argc, argv);
	int code = 0;

	switch (config_parse(argc, argv, &config, error, sizeof error)) {
	case CONFIG_SHOWN:
		break;
	case CONFIG_BAD:
		code = complain(EXIT_USAGE, error);
		break;
	case CONFIG_RUN:
		code = start(&config, &launch);
		config_release(&config);
		break;
	}
	launch_release(&launch);
	return code;
}
