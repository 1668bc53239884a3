/* batch/manifest.h: manifest.json, what a batch is and how far it is.
 *
 *     { "schema_version": 1, "kind": "memprof-sweep", "batch": "sweep" | "suite" | "bench", "name",
 *       "param": "agents", "started", "updated", "host",
 *       "points": [{"name", "group", "value", "repeat", "status", "trace", "bench",
 *                   "agents_mean", "population_kept", "steps", "wall_seconds"}, …] }
 *
 * A sweep's kind is memprof-sweep, which `analyzer scaling` reads; that of others memprof-batch.
 * trace is relative to the manifest, or null. agents_mean … are there once the point is complete;
 * population_kept says whether the mean population was at least 80 % of what was asked for.
 * The file is replaced in one move before and after each point.
 */
#ifndef SIM_BATCH_MANIFEST_H
#define SIM_BATCH_MANIFEST_H

#include "batch/plan.h"

#define MANIFEST_NAME "manifest.json"

/* Least part of the agents asked for that have to be there on average. */
#define MANIFEST_POPULATION_KEPT 0.8

/* Writes the manifest of a plan into DIRECTORY; false with errno. */
bool manifest_write(const struct plan *plan, const char *directory, const char *started);

/* Reads one back. Points are without their configurations, which lie in their directories. False
 * with one line in ERROR; *PLAN is then empty. Else released by plan_release. */
bool manifest_read(const char *directory, struct plan *plan, char *error, size_t error_size);

#endif
