/* bench/spatial.c: indexes by number of points and by density: building, bringing up to date after
 * a step of moves, and queries. */
#include <math.h>
#include <string.h>

#include "batch/published.h"
#include "bench/bench.h"
#include "interrupt.h"
#include "memory.h"
#include "params.h"
#include "rng.h"
#include "spatial/index.h"

#define REACH   6.0 /* of queries: what agents see */
#define NEAREST 8

/* What agents do in a step: so many move, so far. */
#define MOVING 0.4
#define MOVE   4.0

struct scene {
	struct spatial_index *index;
	struct spatial_point *points, *handed; /* handed: a copy, for the index to take */
	uint64_t count;
	double side;
	struct rng rng;
	struct spatial_hits hits;
};

static void copy_points(void *context)
{
	struct scene *scene = context;
	scene->handed = NEED(malloc(scene->count * sizeof *scene->handed));
	memcpy(scene->handed, scene->points, scene->count * sizeof *scene->handed);
}

static void build(void *context)
{
	struct scene *scene = context;
	spatial_build(scene->index, scene->handed, scene->count);
}

static void move_and_copy(void *context)
{
	struct scene *scene = context;
	for (uint64_t i = 0; i < scene->count; i++) {
		if (!rng_chance(&scene->rng, MOVING))
			continue;
		double x = scene->points[i].x + rng_between(&scene->rng, -MOVE, MOVE);
		double y = scene->points[i].y + rng_between(&scene->rng, -MOVE, MOVE);
		scene->points[i].x = fmin(fmax(x, 0), scene->side);
		scene->points[i].y = fmin(fmax(y, 0), scene->side);
	}
	copy_points(scene);
}

static void update(void *context)
{
	struct scene *scene = context;
	spatial_update(scene->index, scene->handed, scene->count);
}

static void clear_hits(void *context)
{
	struct scene *scene = context;
	spatial_hits_free(&scene->hits);
}

/* Around one of the points: agents ask where they are. */
static void query(void *context)
{
	struct scene *scene = context;
	const struct spatial_point *at = &scene->points[rng_next(&scene->rng) % scene->count];
	spatial_query_radius(scene->index, at->x, at->y, REACH, &scene->hits);
}

static void nearest(struct scene *scene, size_t wanted)
{
	const struct spatial_point *at = &scene->points[rng_next(&scene->rng) % scene->count];
	spatial_query_nearest(scene->index, at->x, at->y, wanted, &scene->hits);
}

static void nearest_one(void *context)
{
	nearest(context, 1);
}

static void nearest_some(void *context)
{
	nearest(context, NEAREST);
}

static void scatter(struct scene *scene)
{
	for (uint64_t i = 0; i < scene->count; i++)
		scene->points[i] = (struct spatial_point){
		        .x = rng_between(&scene->rng, 0, scene->side),
		        .y = rng_between(&scene->rng, 0, scene->side),
		        .id = (uint32_t)i + 1,
		};
}

static void measure_kind(struct bench *bench, const struct spatial_kind *kind, uint64_t count,
                         double density)
{
	static const struct {
		const char *name;
		bench_fn *prepare, *call;
	} cases[] = {
	        {"build", copy_points, build},
	        {"update", move_and_copy, update},
	        {"query", clear_hits, query},
	        {"nearest", clear_hits, nearest_one},
	        {"nearest 8", clear_hits, nearest_some},
	};
	const struct params params = params_for(PARAMS_BASELINE_AGENTS);
	struct scene scene = {
	        .index = spatial_create(kind, REACH),
	        .points = NEED(malloc(count * sizeof *scene.points)),
	        .count = count,
	        .side = params.world_side * sqrt((double)count / PARAMS_BASELINE_AGENTS / density),
	        .rng = rng_stream(42, RNG_SPAWN, count, 0),
	};
	const struct published_index *known =
	        density == 1 ? published_index(kind->name, count) : NULL;
	scatter(&scene);
	copy_points(&scene);
	build(&scene);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0] && !interrupt_signal(); i++) {
		const struct bench_calls calls = {cases[i].prepare, cases[i].call, &scene, 1, 0};
		struct bench_result *result = bench_measure(
		        bench, &calls, "%s: %s, %llu points, density %g", cases[i].name, kind->name,
		        (unsigned long long)count, density);
		result->published = !known ? 0 : i == 0 ? known->build : i == 2 ? known->query : 0;
	}
	spatial_hits_free(&scene.hits);
	spatial_destroy(scene.index);
	free(scene.points);
}

void bench_spatial(struct bench *bench)
{
	static const uint64_t counts[] = {100, 500, 1000, 2000, 5000, 20000, 100000};
	static const double densities[] = {0.1, 10, 100};
	const struct spatial_kind *kind;
	for (size_t n = 0; n < sizeof counts / sizeof counts[0]; n++)
		for (size_t i = 0; (kind = spatial_kind_at(i)) != NULL && !interrupt_signal(); i++)
			measure_kind(bench, kind, counts[n], 1);
	for (size_t d = 0; d < sizeof densities / sizeof densities[0]; d++)
		for (size_t i = 0; (kind = spatial_kind_at(i)) != NULL && !interrupt_signal(); i++)
			measure_kind(bench, kind, 1000, densities[d]);
}
