/* bench/bench.c: the two processes of a bench, and their tables; see bench.h. */
#include "bench/bench.h"

#include <errno.h>
#include <jansson.h>
#include <memprof/memprof.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "clock.h"
#include "format.h"
#include "interrupt.h"
#include "memory.h"
#include "process.h"
#include "rundir.h"

#define EXIT_FAILED   1
#define EXIT_UNUSABLE 2
#define CLOCK_LOOKS   1000

#define RESULTS_NAME "bench.json"
#define COUNTS_NAME  "counts.json"
#define COUNTED      "counted"

static int complain(int code, const char *error)
{
	fprintf(stderr, "sim_bench: %s\n", error);
	return code;
}

static char *path_in(const char *directory, const char *name)
{
	char *path;
	if (asprintf(&path, "%s/%s", directory, name) < 0)
		memory_exhausted();
	return path;
}

static bench_cases *cases_of(const char *name)
{
	return strcmp(name, "spatial") == 0       ? bench_spatial
	       : strcmp(name, "observation") == 0 ? bench_observation
	                                          : bench_database;
}

/* The least that two looks at the clock take. */
static uint64_t clock_cost(void)
{
	uint64_t least = UINT64_MAX;
	for (int i = 0; i < CLOCK_LOOKS; i++) {
		uint64_t before = clock_ns(), took = clock_ns() - before;
		least = took < least ? took : least;
	}
	return least;
}

/* ---- under the profiler -------------------------------------------------------------------- */

/* How many operations each case had: what its counts are to be divided by. */
static bool write_counts(const struct bench *bench)
{
	json_t *object = json_object();
	for (size_t i = 0; i < bench->count; i++)
		json_object_set_new(object, bench->results[i].name,
		                    json_integer((json_int_t)bench->results[i].counted));
	char *path = path_in(bench->directory, COUNTS_NAME);
	bool written = json_dump_file(object, path, JSON_INDENT(1)) == 0;
	free(path);
	json_decref(object);
	return written;
}

static int count_cases(const struct config *config)
{
	struct bench bench = {.counting = true, .directory = config->out ? config->out : "."};
	memprof_run_begin("bench");
	cases_of(config->bench)(&bench);
	memprof_run_end();
	bool written = write_counts(&bench);
	free(bench.results);
	return written ? 0 : complain(EXIT_FAILED, "cannot write " COUNTS_NAME);
}

/* ---- bare ---------------------------------------------------------------------------------- */

/* Runs the cases again under the profiler, and makes the report. False: there are no counts. */
static bool run_counted(const struct bench *bench, const struct config *config)
{
	char self[PATH_MAX], launcher[PATH_MAX], analyzer[PATH_MAX];
	char *directory = path_in(bench->directory, COUNTED),
	     *report = path_in(directory, "report.json"), *output = path_in(directory, "output"),
	     *errors = path_in(directory, "errors");
	const struct process_where where = {NULL, output, errors};
	bool done = false;
	if (mkdir(directory, 0777) == 0 && launch_self(self) && launch_launcher(launcher) &&
	    launch_analyzer(analyzer)) {
		char *const run[] = {launcher,
		                     (char *)"run",
		                     (char *)"--quiet",
		                     (char *)"--dir",
		                     directory,
		                     (char *)"--",
		                     self,
		                     (char *)"--bench",
		                     (char *)config->bench,
		                     (char *)"--out",
		                     directory,
		                     NULL};
		char *const read[] = {
		        analyzer,           (char *)"report", (char *)"--format", (char *)"json",
		        (char *)"--output", report,           directory,          NULL};
		done = process_run(run, &where) == 0 && process_run(read, &where) == 0;
	}
	free(directory);
	free(report);
	free(output);
	free(errors);
	return done;
}

static json_t *load(const struct bench *bench, const char *name)
{
	char *directory = path_in(bench->directory, COUNTED), *path = path_in(directory, name);
	json_t *root = json_load_file(path, 0, NULL);
	free(directory);
	free(path);
	return root;
}

/* Adds what lies in a phase of that name, or in one within it. */
static void add_phase(struct bench_result *result, const json_t *phase)
{
	const char *path = json_string_value(json_object_get(phase, "path"));
	size_t length = strlen(result->name);
	if (!path || strncmp(path, result->name, length) != 0 ||
	    (path[length] && path[length] != '/'))
		return;
	result->allocations += (uint64_t)json_integer_value(json_object_get(phase, "allocations"));
	result->bytes += (uint64_t)json_integer_value(json_object_get(phase, "bytes_allocated"));
}

static void take_counts(struct bench *bench)
{
	json_t *counts = load(bench, COUNTS_NAME), *report = load(bench, "report.json"), *phase;
	size_t at;
	for (size_t i = 0; i < bench->count && report; i++) {
		struct bench_result *result = &bench->results[i];
		result->counted =
		        (uint64_t)json_integer_value(json_object_get(counts, result->name));
		json_array_foreach(json_object_get(report, "phases"), at, phase)
		        add_phase(result, phase);
	}
	json_decref(counts);
	json_decref(report);
}

/* ---- what is written ----------------------------------------------------------------------- */

static double per_operation(const struct bench_result *result, double share)
{
	return (double)steptimes_quantile(&result->times, share) * 1e-9 /
	       (double)result->operations;
}

static double rate_of(const struct bench_result *result)
{
	return result->times.sum_ns > 0 ? (double)(result->times.count * result->operations) * 1e9 /
	                                          (double)result->times.sum_ns
	                                : 0;
}

static json_t *result_json(const struct bench_result *result)
{
	json_t *object = json_pack(
	        "{s:s, s:I, s:I, s:f, s:f, s:f, s:f}", "name", result->name, "calls",
	        (json_int_t)result->times.count, "operations_per_call",
	        (json_int_t)result->operations, "p50_seconds", per_operation(result, 0.50),
	        "p95_seconds", per_operation(result, 0.95), "p99_seconds",
	        per_operation(result, 0.99), "operations_per_second", rate_of(result));
	if (result->counted > 0) {
		json_object_set_new(
		        object, "allocations_per_operation",
		        json_real((double)result->allocations / (double)result->counted));
		json_object_set_new(object, "bytes_per_operation",
		                    json_real((double)result->bytes / (double)result->counted));
	}
	if (result->published > 0)
		json_object_set_new(object, "published_seconds", json_real(result->published));
	return object;
}

static bool write_json(const struct bench *bench, const char *name)
{
	json_t *cases = json_array();
	for (size_t i = 0; i < bench->count; i++)
		json_array_append_new(cases, result_json(&bench->results[i]));
	json_t *root = json_pack("{s:i, s:s, s:b, s:o}", "schema_version", 1, "bench", name,
	                         "complete", interrupt_signal() == 0, "cases", cases);
	char *path = path_in(bench->directory, RESULTS_NAME);
	bool written =
	        json_dump_file(root, path,
	                       JSON_INDENT(1) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(9)) == 0;
	free(path);
	json_decref(root);
	return written;
}

static void write_result(FILE *file, const struct bench_result *result)
{
	char text[4][FORMAT_SIZE];
	fprintf(file, "| %s | %llu | %s | %s | %s | %s | ", result->name,
	        (unsigned long long)result->times.count,
	        format_seconds(text[0], per_operation(result, 0.50)),
	        format_seconds(text[1], per_operation(result, 0.95)),
	        format_seconds(text[2], per_operation(result, 0.99)),
	        format_count(text[3], (uint64_t)rate_of(result)));
	if (result->counted > 0)
		fprintf(file, "%.2f | %.0f | ",
		        (double)result->allocations / (double)result->counted,
		        (double)result->bytes / (double)result->counted);
	else
		fputs("unknown | unknown | ", file);
	fprintf(file, "%s |\n",
	        result->published > 0 ? format_seconds(text[0], result->published) : "");
}

static bool write_markdown(const struct bench *bench, const char *name)
{
	char *path = path_in(bench->directory, "summary.md");
	FILE *file = fopen(path, "we");
	free(path);
	if (!file)
		return false;
	fprintf(file,
	        "# bench %s\n\nTimes of one operation in a bare process, allocations and bytes of "
	        "one operation as counted by memprof in another.\nThe published figures are those "
	        "of a program in Python, on another machine.\n\n"
	        "| case | calls | p50 | p95 | p99 | operations/s | allocations | bytes | published "
	        "|\n"
	        "|---|--:|--:|--:|--:|--:|--:|--:|--:|\n",
	        name);
	for (size_t i = 0; i < bench->count; i++)
		write_result(file, &bench->results[i]);
	bool written = !ferror(file);
	return fclose(file) == 0 && written;
}

static bool save(const struct bench *bench, const char *name)
{
	return write_json(bench, name) && write_markdown(bench, name);
}

/* ---- the whole ----------------------------------------------------------------------------- */

static int measure_all(struct bench *bench, const struct config *config)
{
	char error[512];
	interrupt_catch();
	cases_of(config->bench)(bench);
	bool saved = save(bench, config->bench);
	if (saved && config->profile && !interrupt_signal()) {
		if (!run_counted(bench, config))
			fputs("sim_bench: memprof or analyzer cannot be run; allocations are "
			      "unknown\n",
			      stderr);
		take_counts(bench);
		saved = save(bench, config->bench);
	}
	if (!saved) {
		snprintf(error, sizeof error, "cannot write in %s: %s", bench->directory,
		         strerror(errno));
		return complain(EXIT_FAILED, error);
	}
	printf("bench      %s: %zu cases\nsummary    %s/summary.md\n", config->bench, bench->count,
	       bench->directory);
	return interrupt_signal() ? 128 + interrupt_signal() : 0;
}

int bench_run(const struct config *config, const struct launch *launch)
{
	char error[512], name[64];
	(void)launch;
	if (memprof_active())
		return count_cases(config);
	snprintf(name, sizeof name, "bench-%s", config->bench);
	char *directory = rundir_make(config->out, name, RESULTS_NAME, error, sizeof error);
	if (!directory)
		return complain(EXIT_UNUSABLE, error);
	struct bench bench = {.directory = directory, .clock_cost_ns = clock_cost()};
	int code = measure_all(&bench, config);
	free(bench.results);
	free(directory);
	return code;
}
