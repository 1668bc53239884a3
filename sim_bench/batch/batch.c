/* batch/batch.c: directories, processes and the manifest; see batch.h. */
#include "batch/batch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch/manifest.h"
#include "batch/plan.h"
#include "batch/summary.h"
#include "clock.h"
#include "format.h"
#include "interrupt.h"
#include "memory.h"
#include "process.h"
#include "rundir.h"
#include "settings.h"

#define EXIT_FAILED   1
#define EXIT_UNUSABLE 2
#define PARTIAL_MOST  1000

/* What is open during a batch. */
struct batch {
	struct plan plan;
	char *directory;
	char started[CLOCK_ISO_SIZE];
	char self[PATH_MAX], analyzer[PATH_MAX]; /* analyzer: empty where there is none */
	bool told[3];                            /* that a report cannot be made; once is enough */
};

static int complain(int code, const char *error)
{
	fprintf(stderr, "sim_bench: %s\n", error);
	return code;
}

static char *path_of(const struct batch *batch, const struct point *point, const char *name)
{
	char *path;
	if (asprintf(&path, "%s/%s%s%s", batch->directory, point->name, *name ? "/" : "", name) < 0)
		memory_exhausted();
	return path;
}

/* ---- directories --------------------------------------------------------------------------- */

static bool write_config(const struct batch *batch, const struct point *point)
{
	char *path = path_of(batch, point, "config.ini");
	FILE *file = fopen(path, "wxe");
	if (file)
		settings_print(&point->config, file);
	bool written = file && !ferror(file);
	if (file && fclose(file) != 0)
		written = false;
	free(path);
	return written;
}

static bool make_points(const struct batch *batch)
{
	for (size_t i = 0; i < batch->plan.count; i++) {
		const struct point *point = &batch->plan.points[i];
		char *path = path_of(batch, point, "");
		bool made = mkdir(path, 0777) == 0 && write_config(batch, point);
		free(path);
		if (!made)
			return false;
	}
	return true;
}

static int make_new(struct batch *batch, const struct config *config)
{
	char error[512], name[64];
	snprintf(name, sizeof name, "%s%s%s", config->task == TASK_BENCH ? "bench-" : "",
	         config->task == TASK_SUITE ? "suite-" : "",
	         config->task == TASK_SWEEP ? "sweep"
	         : config->suite            ? config->suite
	                                    : config->bench);
	batch->directory = rundir_make(config->out, name, MANIFEST_NAME, error, sizeof error);
	if (!batch->directory)
		return complain(EXIT_UNUSABLE, error);
	batch->plan = plan_make(config);
	if (make_points(batch) && manifest_write(&batch->plan, batch->directory, batch->started))
		return 0;
	snprintf(error, sizeof error, "cannot write in %s: %s", batch->directory, strerror(errno));
	return complain(EXIT_UNUSABLE, error);
}

/* What a point left when it did not end is put aside, so that it can run anew. */
static bool put_aside(const struct batch *batch, const struct point *point)
{
	char *path = path_of(batch, point, ""), *aside = NULL, *from = NULL, *to = NULL;
	struct stat status;
	for (int i = 1; i <= PARTIAL_MOST; i++) {
		free(aside);
		if (asprintf(&aside, "%s.partial-%d", path, i) < 0)
			memory_exhausted();
		if (lstat(aside, &status) != 0)
			break;
	}
	if (asprintf(&from, "%s/config.ini", aside) < 0 || asprintf(&to, "%s/config.ini", path) < 0)
		memory_exhausted();
	bool done = rename(path, aside) == 0 && mkdir(path, 0777) == 0 && link(from, to) == 0;
	free(path);
	free(aside);
	free(from);
	free(to);
	return done;
}

static int take_up(struct batch *batch, const char *directory)
{
	char error[512];
	if (!manifest_read(directory, &batch->plan, error, sizeof error))
		return complain(EXIT_UNUSABLE, error);
	batch->directory = NEED(strdup(directory));
	for (size_t i = 0; i < batch->plan.count; i++) {
		struct point *point = &batch->plan.points[i];
		if (point->status == POINT_COMPLETE)
			continue;
		if (point->status != POINT_PENDING && !put_aside(batch, point)) {
			snprintf(error, sizeof error, "--resume: cannot put %s/%s aside: %s",
			         directory, point->name, strerror(errno));
			return complain(EXIT_UNUSABLE, error);
		}
		point->status = POINT_PENDING;
	}
	return 0;
}

/* ---- points -------------------------------------------------------------------------------- */

/* Runs ARGV in the directory of a point, its standard output into a file there. */
static int run_in(const struct batch *batch, const struct point *point, char *const argv[],
                  const char *output, const char *errors)
{
	char *directory = path_of(batch, point, ""), *output_path = path_of(batch, point, output),
	     *errors_path = path_of(batch, point, errors);
	const struct process_where where = {directory, output_path, errors_path};
	int code = process_run(argv, &where);
	free(directory);
	free(output_path);
	free(errors_path);
	return code;
}

static int run_point(const struct batch *batch, const struct point *point)
{
	char *const run[] = {(char *)batch->self, (char *)"--config", (char *)"config.ini",
	                     (char *)"--out",     (char *)".",        NULL};
	char *const bench[] = {
	        (char *)batch->self,  (char *)"--config", (char *)"config.ini", (char *)"--bench",
	        (char *)point->bench, (char *)"--out",    (char *)".",          NULL};
	return run_in(batch, point, point->bench ? bench : run, "output", "errors");
}

/* The text report, the report for machines, and the flame graph, beside the trace. */
static void make_reports(struct batch *batch, const struct point *point)
{
	char *trace = path_of(batch, point, "trace.msgpack");
	bool traced = access(trace, R_OK) == 0;
	free(trace);
	if (!traced || !batch->analyzer[0])
		return;
	char *analyzer = (char *)batch->analyzer;
	char *const commands[][9] = {
	        {analyzer, (char *)"report", (char *)"--output", (char *)"report.txt",
	         (char *)"trace.msgpack", NULL},
	        {analyzer, (char *)"report", (char *)"--format", (char *)"json", (char *)"--output",
	         (char *)"report.json", (char *)"trace.msgpack", NULL},
	        {analyzer, (char *)"export", (char *)"--format", (char *)"flamegraph",
	         (char *)"--output", (char *)"flame.svg", (char *)"trace.msgpack", NULL},
	};
	static const char *const names[] = {"report.txt", "report.json", "flame.svg"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (run_in(batch, point, commands[i], "analyzer.output", "analyzer.errors") != 0 &&
		    !batch->told[i]) {
			batch->told[i] = true;
			fprintf(stderr, "sim_bench: %s/%s: no %s (see analyzer.errors there)\n",
			        batch->directory, point->name, names[i]);
		}
}

static enum point_status status_of(int code)
{
	if (code == 0)
		return POINT_COMPLETE;
	return interrupt_signal() || code == 130 || code == 143 ? POINT_INTERRUPTED : POINT_FAILED;
}

static void say_point(const struct batch *batch, const struct point *point, double seconds)
{
	char text[FORMAT_SIZE];
	printf("%4zu/%zu  %-36s %-12s %s\n", (size_t)(point - batch->plan.points) + 1,
	       batch->plan.count, point->name, point_status_name(point->status),
	       format_seconds(text, seconds));
	fflush(stdout);
}

static bool save(const struct batch *batch)
{
	return manifest_write(&batch->plan, batch->directory, batch->started) &&
	       batch_summary_write(&batch->plan, batch->directory);
}

/* False when the manifest could not be written. */
static bool do_point(struct batch *batch, struct point *point)
{
	uint64_t before = clock_ns();
	point->status = POINT_RUNNING;
	if (!save(batch))
		return false;
	point->status = status_of(run_point(batch, point));
	double seconds = (double)(clock_ns() - before) * 1e-9;
	if (!point->bench)
		make_reports(batch, point);
	say_point(batch, point, seconds);
	return save(batch);
}

static int do_all(struct batch *batch)
{
	int code = 0;
	char error[512];
	interrupt_catch();
	printf("batch      %s: %s %s, %zu points\n", batch->directory, batch->plan.kind,
	       batch->plan.name, batch->plan.count);
	fflush(stdout);
	for (size_t i = 0; i < batch->plan.count && !interrupt_signal(); i++) {
		struct point *point = &batch->plan.points[i];
		if (point->status == POINT_COMPLETE)
			continue;
		if (!do_point(batch, point)) {
			snprintf(error, sizeof error, "cannot write in %s: %s", batch->directory,
			         strerror(errno));
			return complain(EXIT_FAILED, error);
		}
		if (point->status != POINT_COMPLETE)
			code = EXIT_FAILED;
	}
	return interrupt_signal() ? 128 + interrupt_signal() : code;
}

static void say_end(const struct batch *batch, const struct launch *launch, int code)
{
	printf("summary    %s/summary.md\n", batch->directory);
	if (code != 0)
		printf("next       %s --resume %s\n", launch->called, batch->directory);
	fflush(stdout);
}

int batch_run(const struct config *config, const struct launch *launch)
{
	struct batch *batch = NEED(calloc(1, sizeof *batch));
	clock_iso_now(batch->started);
	if (!launch_self(batch->self)) {
		free(batch);
		return complain(EXIT_UNUSABLE, "cannot tell where this program lies (/proc)");
	}
	if (!launch_analyzer(batch->analyzer))
		fputs("sim_bench: analyzer is neither beside sim_bench nor on PATH; there will be "
		      "no reports\n",
		      stderr);
	int code = config->task == TASK_RESUME ? take_up(batch, config->resume)
	                                       : make_new(batch, config);
	if (code == 0) {
		code = do_all(batch);
		say_end(batch, launch, code);
	}
	plan_release(&batch->plan);
	free(batch->directory);
	free(batch);
	return code;
}
