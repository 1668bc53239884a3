/* batch/summary.c: see summary.h. Tables are Markdown; a group of points is a table. */
#include "batch/summary.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "batch/figures.h"
#include "batch/manifest.h"
#include "batch/published.h"
#include "format.h"
#include "memory.h"

/* Phases that have a column of their own. */
static const char *const phases[] = {"observation", "decision",      "learning",
                                     "action",      "spatial_index", "db_logging"};

#define PHASES (sizeof phases / sizeof phases[0])

static struct figures figures_of(const char *directory, const struct point *point)
{
	char *path;
	if (asprintf(&path, "%s/%s", directory, point->name) < 0)
		memory_exhausted();
	struct figures figures = figures_read(path);
	free(path);
	return figures;
}

static const struct phase_figures *phase_of(const struct figures *figures, const char *name)
{
	for (size_t i = 0; i < figures->phase_count; i++)
		if (strcmp(figures->phases[i].path, name) == 0)
			return &figures->phases[i];
	return NULL;
}

/* How often an agent took a step. */
static double agent_steps(const struct figures *figures)
{
	return figures->agents_mean * (double)figures->steps;
}

/* ---- summary.json -------------------------------------------------------------------------- */

static json_t *phases_json(const struct figures *figures)
{
	json_t *array = json_array();
	for (size_t i = 0; i < figures->phase_count; i++) {
		const struct phase_figures *phase = &figures->phases[i];
		json_array_append_new(array,
		                      json_pack("{s:s, s:f, s:I, s:I, s:I}", "path", phase->path,
		                                "inclusive_seconds", phase->seconds, "calls",
		                                (json_int_t)phase->calls, "allocations",
		                                (json_int_t)phase->allocations, "bytes_allocated",
		                                (json_int_t)phase->bytes));
	}
	return array;
}

static json_t *point_json(const char *directory, const struct point *point)
{
	const struct figures figures = figures_of(directory, point);
	json_t *object = json_pack("{s:s, s:s, s:s}", "name", point->name, "group", point->group,
	                           "status", point_status_name(point->status));
	if (!figures.found)
		return object;
	json_object_update_new(
	        object,
	        json_pack("{s:f, s:f, s:I, s:f, s:f, s:{s:f, s:f, s:f, s:f}, s:I, s:s}",
	                  "agents_asked", figures.agents_asked, "agents_mean", figures.agents_mean,
	                  "steps", (json_int_t)figures.steps, "wall_seconds", figures.wall_seconds,
	                  "steps_per_second", figures.rate, "step_seconds", "p50", figures.p50,
	                  "p95", figures.p95, "p99", figures.p99, "max", figures.max,
	                  "database_rows", (json_int_t)figures.database_rows, "state_hash",
	                  figures.hash));
	if (figures.profiled)
		json_object_update_new(
		        object,
		        json_pack("{s:I, s:I, s:I, s:I, s:I, s:o}", "allocations",
		                  (json_int_t)figures.allocations, "step_allocations",
		                  (json_int_t)figures.step_allocations, "step_bytes",
		                  (json_int_t)figures.step_bytes, "peak_live_bytes",
		                  (json_int_t)figures.peak_heap, "peak_rss_bytes",
		                  (json_int_t)figures.peak_rss, "phases", phases_json(&figures)));
	return object;
}

static bool write_json(const struct plan *plan, const char *directory, const char *path)
{
	json_t *points = json_array();
	for (size_t i = 0; i < plan->count; i++)
		json_array_append_new(points, point_json(directory, &plan->points[i]));
	json_t *root = json_pack("{s:i, s:s, s:s, s:o}", "schema_version", 1, "batch", plan->kind,
	                         "name", plan->name, "points", points);
	bool written =
	        json_dump_file(root, path,
	                       JSON_INDENT(1) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(9)) == 0;
	json_decref(root);
	return written;
}

/* ---- summary.md ---------------------------------------------------------------------------- */

static void write_runs_head(FILE *file)
{
	fputs("| run | status | steps | agents (mean) | steps/s | published | p50 | p95 | p99 | "
	      "peak heap "
	      "| peak RSS | allocations per agent and step | bytes per agent and step | database "
	      "rows |\n"
	      "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
	      file);
}

static void write_rate(FILE *file, const struct figures *figures)
{
	char rate[FORMAT_SIZE], published[FORMAT_SIZE];
	double known = published_rate((uint64_t)figures->agents_asked);
	fprintf(file, "%s | %s | ", format_rate(rate, figures->rate),
	        known > 0 ? format_rate(published, known) : "");
}

static void write_memory(FILE *file, const struct figures *figures)
{
	char heap[FORMAT_SIZE], rss[FORMAT_SIZE];
	if (!figures->profiled) {
		fputs(" | | | | ", file);
		return;
	}
	double turns = agent_steps(figures);
	fprintf(file, "%s | %s | %.1f | %.0f | ", format_bytes(heap, (double)figures->peak_heap),
	        format_bytes(rss, (double)figures->peak_rss),
	        turns > 0 ? (double)figures->step_allocations / turns : 0,
	        turns > 0 ? (double)figures->step_bytes / turns : 0);
}

static void write_run(FILE *file, const char *directory, const struct point *point)
{
	const struct figures figures = figures_of(directory, point);
	char text[4][FORMAT_SIZE];
	fprintf(file, "| %s | %s | ", point->name, point_status_name(point->status));
	if (!figures.found) {
		fputs("| | | | | | | | | | | |\n", file);
		return;
	}
	bool kept = figures.agents_mean >= MANIFEST_POPULATION_KEPT * figures.agents_asked;
	fprintf(file, "%s | %.0f (%.1f%s) | ", format_count(text[0], figures.steps),
	        figures.agents_asked, figures.agents_mean, kept ? "" : ", fewer than 80 %");
	write_rate(file, &figures);
	fprintf(file, "%s | %s | %s | ", format_seconds(text[0], figures.p50),
	        format_seconds(text[1], figures.p95), format_seconds(text[2], figures.p99));
	write_memory(file, &figures);
	fprintf(file, "%s |\n", format_count(text[3], figures.database_rows));
}

/* How long a step was in each phase, on average. */
static void write_phases_head(FILE *file)
{
	fputs("\nWall time of the thread that steps, on average over the steps, by phase:\n\n| run "
	      "|",
	      file);
	for (size_t i = 0; i < PHASES; i++)
		fprintf(file, " %s |", phases[i]);
	fputs(" state hash |\n|---|", file);
	for (size_t i = 0; i < PHASES; i++)
		fputs("--:|", file);
	fputs("---|\n", file);
}

static void write_phases(FILE *file, const char *directory, const struct point *point)
{
	const struct figures figures = figures_of(directory, point);
	char text[FORMAT_SIZE];
	if (!figures.profiled || figures.steps == 0)
		return;
	fprintf(file, "| %s |", point->name);
	for (size_t i = 0; i < PHASES; i++) {
		const struct phase_figures *phase = phase_of(&figures, phases[i]);
		fprintf(file, " %s |",
		        phase ? format_seconds(text, phase->seconds / (double)figures.steps) : "");
	}
	fprintf(file, " %s |\n", figures.hash);
}

static bool same_group(const struct plan *plan, size_t i, size_t first)
{
	return i < plan->count && strcmp(plan->points[i].group, plan->points[first].group) == 0;
}

/* The table of the points from FIRST on that are of one group; returns the next one after them. */
static size_t write_group(FILE *file, const struct plan *plan, const char *directory, size_t first)
{
	size_t i;
	fprintf(file, "\n## %s\n\n", plan->points[first].group);
	write_runs_head(file);
	for (i = first; same_group(plan, i, first); i++)
		write_run(file, directory, &plan->points[i]);
	write_phases_head(file);
	for (i = first; same_group(plan, i, first); i++)
		write_phases(file, directory, &plan->points[i]);
	return i;
}

static void write_benches(FILE *file, const struct plan *plan)
{
	fputs("\n| bench | status | tables |\n|---|---|---|\n", file);
	for (size_t i = 0; i < plan->count; i++) {
		const struct point *point = &plan->points[i];
		fprintf(file, "| %s | %s | [%s/summary.md](%s/summary.md) |\n", point->bench,
		        point_status_name(point->status), point->name, point->name);
	}
}

static bool write_markdown(const struct plan *plan, const char *directory, const char *path)
{
	FILE *file = fopen(path, "we");
	if (!file)
		return false;
	fprintf(file, "# %s %s\n", plan->kind, plan->name);
	if (plan->count > 0 && plan->points[0].bench) {
		write_benches(file, plan);
	} else {
		fputs("\nSteps in a second include the profiler's cost, where a run was profiled. "
		      "The "
		      "published figures are those of a program in Python, on another machine.\n",
		      file);
		for (size_t i = 0; i < plan->count;)
			i = write_group(file, plan, directory, i);
	}
	bool written = !ferror(file);
	return fclose(file) == 0 && written;
}

bool batch_summary_write(const struct plan *plan, const char *directory)
{
	char *json, *markdown;
	if (asprintf(&json, "%s/summary.json", directory) < 0 ||
	    asprintf(&markdown, "%s/summary.md", directory) < 0)
		memory_exhausted();
	bool written =
	        write_json(plan, directory, json) && write_markdown(plan, directory, markdown);
	free(json);
	free(markdown);
	return written;
}
