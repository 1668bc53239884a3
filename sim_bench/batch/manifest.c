/* batch/manifest.c: see manifest.h. */
#include "batch/manifest.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "batch/figures.h"
#include "clock.h"
#include "memory.h"

#define KIND_SWEEP "memprof-sweep"
#define KIND_OTHER "memprof-batch"

static char *path_in(const char *directory, const char *name)
{
	char *path;
	if (asprintf(&path, "%s/%s", directory, name) < 0)
		memory_exhausted();
	return path;
}

/* The trace of a point as the manifest names it, or null. */
static json_t *trace_of(const char *directory, const struct point *point)
{
	char *trace = path_in(point->name, "trace.msgpack"), *path = path_in(directory, trace);
	json_t *value = access(path, R_OK) == 0 ? json_string(trace) : json_null();
	free(path);
	free(trace);
	return value;
}

static void describe_result(json_t *object, const char *directory, const struct point *point)
{
	char *path = path_in(directory, point->name);
	const struct figures figures = figures_read(path);
	free(path);
	if (!figures.found)
		return;
	bool kept = figures.agents_mean >= MANIFEST_POPULATION_KEPT * figures.agents_asked;
	json_object_set_new(object, "agents_mean", json_real(figures.agents_mean));
	json_object_set_new(object, "population_kept", json_boolean(kept));
	json_object_set_new(object, "steps", json_integer((json_int_t)figures.steps));
	json_object_set_new(object, "wall_seconds", json_real(figures.wall_seconds));
}

static json_t *describe_point(const char *directory, const struct point *point)
{
	json_t *object =
	        json_pack("{s:s, s:s, s:I, s:I, s:s, s:o, s:s?}", "name", point->name, "group",
	                  point->group, "value", (json_int_t)point->value, "repeat",
	                  (json_int_t)point->repeat, "status", point_status_name(point->status),
	                  "trace", trace_of(directory, point), "bench", point->bench);
	if (point->status != POINT_PENDING && !point->bench)
		describe_result(object, directory, point);
	return object;
}

static json_t *describe_plan(const struct plan *plan, const char *directory, const char *started)
{
	struct utsname system;
	char now[CLOCK_ISO_SIZE];
	json_t *points = json_array();
	uname(&system);
	clock_iso_now(now);
	for (size_t i = 0; i < plan->count; i++)
		json_array_append_new(points, describe_point(directory, &plan->points[i]));
	return json_pack("{s:i, s:s, s:s, s:s, s:s?, s:s, s:s, s:s, s:o}", "schema_version", 1,
	                 "kind", strcmp(plan->kind, "sweep") == 0 ? KIND_SWEEP : KIND_OTHER,
	                 "batch", plan->kind, "name", plan->name, "param", plan->param, "started",
	                 started, "updated", now, "host", system.nodename, "points", points);
}

bool manifest_write(const struct plan *plan, const char *directory, const char *started)
{
	char *path = path_in(directory, MANIFEST_NAME),
	     *temporary = path_in(directory, MANIFEST_NAME ".new");
	json_t *root = describe_plan(plan, directory, started);
	bool written = json_dump_file(root, temporary,
	                              JSON_INDENT(1) | JSON_PRESERVE_ORDER |
	                                      JSON_REAL_PRECISION(15)) == 0 &&
	               rename(temporary, path) == 0;
	json_decref(root);
	free(temporary);
	free(path);
	return written;
}

/* ---- reading ------------------------------------------------------------------------------- */

/* A name of the tables that plans point into: what a manifest says must be one of them. */
static const char *known(const char *name, const char *(*choice)(size_t i))
{
	const char *found;
	for (size_t i = 0; name && (found = choice(i)) != NULL; i++)
		if (strcmp(found, name) == 0)
			return found;
	return NULL;
}

static bool read_head(const json_t *root, struct plan *plan)
{
	const char *batch = json_string_value(json_object_get(root, "batch"));
	const char *name = json_string_value(json_object_get(root, "name"));
	if (!batch || !name)
		return false;
	if (strcmp(batch, "sweep") == 0)
		*plan = (struct plan){.kind = "sweep", .name = "agents", .param = "agents"};
	else if (strcmp(batch, "suite") == 0)
		*plan = (struct plan){.kind = "suite", .name = known(name, plan_suite_name)};
	else
		*plan = (struct plan){.kind = "bench", .name = known(name, plan_bench_name)};
	return plan->name != NULL;
}

static bool read_point(const json_t *object, struct plan *plan)
{
	const char *name = json_string_value(json_object_get(object, "name"));
	const char *group = json_string_value(json_object_get(object, "group"));
	const char *status = json_string_value(json_object_get(object, "status"));
	const char *bench = json_string_value(json_object_get(object, "bench"));
	if (!name || !group || !status || strchr(name, '/') || name[0] == '.')
		return false;
	struct config nothing = {0};
	struct point *point = plan_add(plan, name, group, &nothing);
	point->value = (uint64_t)json_integer_value(json_object_get(object, "value"));
	point->repeat = (uint64_t)json_integer_value(json_object_get(object, "repeat"));
	point->status = point_status_of(status);
	point->bench = known(bench, plan_bench_name);
	return true;
}

bool manifest_read(const char *directory, struct plan *plan, char *error, size_t error_size)
{
	json_error_t wrong;
	json_t *object;
	size_t i;
	char *path = path_in(directory, MANIFEST_NAME);
	json_t *root = json_load_file(path, 0, &wrong);
	bool good = root && read_head(root, plan);
	json_array_foreach(json_object_get(root, "points"), i, object) good =
	        good && read_point(object, plan);
	if (!root)
		snprintf(error, error_size, "--resume: %s: %s", path, wrong.text);
	else if (!good)
		snprintf(error, error_size,
		         "--resume: %s is not the manifest of a batch of "
		         "sim_bench",
		         path);
	json_decref(root);
	free(path);
	if (!good)
		plan_release(plan);
	return good;
}
