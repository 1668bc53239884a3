/* batch/figures.c: see figures.h. */
#include "batch/figures.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "memory.h"

static json_t *load(const char *directory, const char *name)
{
	char *path;
	if (asprintf(&path, "%s/%s", directory, name) < 0)
		memory_exhausted();
	json_t *root = json_load_file(path, 0, NULL);
	free(path);
	return root;
}

static double number(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

static uint64_t count(const json_t *object, const char *key)
{
	return (uint64_t)number(object, key);
}

static void read_run(const json_t *root, struct figures *figures)
{
	const json_t *results = json_object_get(root, "results");
	const json_t *times = json_object_get(results, "step_seconds");
	const char *hash = json_string_value(json_object_get(results, "state_hash"));
	figures->found = results != NULL;
	figures->agents_asked = number(json_object_get(root, "config"), "agents");
	figures->steps = count(results, "steps");
	figures->wall_seconds = number(results, "wall_seconds");
	figures->rate = number(results, "steps_per_second");
	figures->agents_mean = number(results, "agents_mean");
	figures->database_rows = count(results, "database_rows");
	figures->p50 = number(times, "p50");
	figures->p95 = number(times, "p95");
	figures->p99 = number(times, "p99");
	figures->max = number(times, "max");
	snprintf(figures->hash, sizeof figures->hash, "%s", hash ? hash : "");
}

/* The outermost phase that a path lies in; NULL when there are too many. */
static struct phase_figures *outermost(struct figures *figures, const char *path)
{
	size_t length = strcspn(path, "/");
	for (size_t i = 0; i < figures->phase_count; i++)
		if (strncmp(figures->phases[i].path, path, length) == 0 &&
		    !figures->phases[i].path[length])
			return &figures->phases[i];
	if (figures->phase_count == FIGURES_PHASES_MOST)
		return NULL;
	struct phase_figures *added = &figures->phases[figures->phase_count++];
	snprintf(added->path, sizeof added->path, "%.*s", (int)length, path);
	return added;
}

/* The report's allocations of a phase are its own; those of inner ones are added here. */
static void add_phase(const json_t *phase, struct figures *figures)
{
	const char *path = json_string_value(json_object_get(phase, "path"));
	struct phase_figures *outer = path ? outermost(figures, path) : NULL;
	if (!outer)
		return;
	outer->allocations += count(phase, "allocations");
	outer->bytes += count(phase, "bytes_allocated");
	figures->step_allocations += count(phase, "allocations");
	figures->step_bytes += count(phase, "bytes_allocated");
	if (strchr(path, '/'))
		return;
	outer->seconds = number(phase, "inclusive_seconds");
	outer->calls = count(phase, "calls");
}

static void read_report(const json_t *root, struct figures *figures)
{
	const json_t *totals = json_object_get(root, "totals");
	const json_t *phase;
	size_t i;
	figures->profiled = totals != NULL;
	figures->allocations = count(totals, "allocations");
	figures->bytes = count(totals, "bytes_allocated");
	figures->peak_heap = count(totals, "peak_live_bytes");
	figures->peak_rss = count(totals, "peak_rss_bytes");
	json_array_foreach(json_object_get(root, "phases"), i, phase) add_phase(phase, figures);
}

struct figures figures_read(const char *directory)
{
	struct figures figures = {0};
	json_t *run = load(directory, "run.json"), *report = load(directory, "report.json");
	read_run(run, &figures);
	read_report(report, &figures);
	json_decref(run);
	json_decref(report);
	return figures;
}
