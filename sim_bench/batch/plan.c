/* batch/plan.c: the published sets of runs as tables; see plan.h. */
#include "batch/plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "memory.h"
#include "settings.h"

static const char *const suites[] = {"phase1", "components"};
static const char *const benches[] = {"spatial", "observation", "database", "system"};

#define LENGTH(LIST) (sizeof(LIST) / sizeof(LIST)[0])

const char *plan_suite_name(size_t i)
{
	return i < LENGTH(suites) ? suites[i] : NULL;
}

const char *plan_bench_name(size_t i)
{
	return i < LENGTH(benches) ? benches[i] : NULL;
}

/* ---- points -------------------------------------------------------------------------------- */

static const char *const status_names[] = {
        [POINT_PENDING] = "pending",         [POINT_RUNNING] = "running",
        [POINT_COMPLETE] = "complete",       [POINT_FAILED] = "failed",
        [POINT_INTERRUPTED] = "interrupted",
};

const char *point_status_name(enum point_status status)
{
	return status_names[status];
}

enum point_status point_status_of(const char *name)
{
	for (size_t i = 0; i < LENGTH(status_names); i++)
		if (strcmp(status_names[i], name) == 0)
			return (enum point_status)i;
	return POINT_PENDING;
}

struct point *plan_add(struct plan *plan, const char *name, const char *group,
                       const struct config *config)
{
	if (plan->count == plan->capacity) {
		plan->capacity = plan->capacity ? plan->capacity * 2 : 16;
		plan->points = NEED(realloc(plan->points, plan->capacity * sizeof *plan->points));
	}
	struct point *point = &plan->points[plan->count++];
	*point = (struct point){
	        .name = NEED(strdup(name)),
	        .group = NEED(strdup(group)),
	        .repeat = 1,
	        .config = *config,
	};
	point->config.out = NULL;
	point->config.task = TASK_RUN;
	point->config.repeat = 1;
	point->config.agent_points = 1;
	point->config.agent_counts[0] = point->config.agents;
	return point;
}

void plan_release(struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		free(plan->points[i].name);
		free(plan->points[i].group);
	}
	free(plan->points);
	*plan = (struct plan){0};
}

/* A point that differs from BASE by pairs of setting and value, up to a NULL. */
static struct point *add_with(struct plan *plan, const struct config *base, const char *name,
                              const char *group, ...)
{
	struct config config = *base;
	const char *setting;
	va_list pairs;
	va_start(pairs, group);
	while ((setting = va_arg(pairs, const char *)) != NULL)
		setting_set(setting_find(setting), &config, va_arg(pairs, const char *));
	va_end(pairs);
	return plan_add(plan, name, group, &config);
}

/* ---- a sweep ------------------------------------------------------------------------------- */

/* Repetitions are interleaved: what disturbs the machine for a while falls on all points alike. */
static void plan_sweep(struct plan *plan, const struct config *config)
{
	char name[64];
	plan->param = "agents";
	for (uint64_t repeat = 1; repeat <= config->repeat; repeat++) {
		for (size_t i = 0; i < config->agent_points; i++) {
			struct config point = *config;
			point.agents = config->agent_counts[i];
			snprintf(name, sizeof name, "agents-%llu-r%llu",
			         (unsigned long long)point.agents, (unsigned long long)repeat);
			struct point *added = plan_add(plan, name, "sweep", &point);
			added->value = point.agents;
			added->repeat = repeat;
		}
	}
}

/* ---- suites -------------------------------------------------------------------------------- */

static void plan_phase1(struct plan *plan, const struct config *base)
{
	static const struct {
		const char *name, *steps, *agents;
	} runs[] = {
	        {"small", "500", "50"},
	        {"medium", "1000", "100"},
	        {"large", "1000", "200"},
	        {"long", "2000", "100"},
	};
	for (size_t i = 0; i < LENGTH(runs); i++)
		add_with(plan, base, runs[i].name, "phase1", "steps", runs[i].steps, "agents",
		         runs[i].agents, NULL);
}

static void plan_components(struct plan *plan, const struct config *base)
{
	for (size_t i = 0; i < LENGTH(benches); i++)
		plan_add(plan, benches[i], "components", base)->bench = benches[i];
}

/* ---- bench system -------------------------------------------------------------------------- */

/* What is varied one at a time, and the value that stands for the baseline in a name. */
static const struct {
	const char *setting, *value;
} alternatives[] = {
        {"spatial", "kdtree-batched"},
        {"spatial", "quadtree"},
        {"spatial", "grid"},
        {"spatial", "brute"},
        {"storage", "dense"},
        {"buffers", "reused"},
        {"looks", "3"},
        {"looks", "1"},
        {"radius", "3"},
        {"radius", "12"},
        {"splat", "nearest"},
        {"threads", "2"},
        {"decision", "network"},
        {"decision", "network-batched"},
        {"db-profile", "performance"},
        {"db-profile", "safety"},
        {"db-profile", "memory"},
        {"db-batch", "10000"},
        {"db-writer", "thread"},
        {"db", "memory"},
        {"db", "none"},
};

static void plan_alternatives(struct plan *plan, const struct config *base)
{
	char name[64];
	add_with(plan, base, "baseline", "alternatives", "steps", "200", "agents", "200", NULL);
	for (size_t i = 0; i < LENGTH(alternatives); i++) {
		snprintf(name, sizeof name, "%s-%s", alternatives[i].setting,
		         alternatives[i].value);
		add_with(plan, base, name, "alternatives", "steps", "200", "agents", "200",
		         alternatives[i].setting, alternatives[i].value, NULL);
	}
	add_with(plan, base, "decision-network-training", "alternatives", "steps", "200", "agents",
	         "200", "decision", "network", "training", "on", NULL);
	add_with(plan, base, "decision-network-batched-training", "alternatives", "steps", "200",
	         "agents", "200", "decision", "network-batched", "training", "on", NULL);
}

static void plan_system(struct plan *plan, const struct config *base)
{
	static const char *const agents[] = {"10", "25", "30", "50", "100", "200"};
	static const char *const steps[] = {"100", "500", "2000"};
	static const char *const worlds[] = {"50", "100", "200", "400"};
	char name[64];
	for (size_t i = 0; i < LENGTH(agents); i++) {
		snprintf(name, sizeof name, "agents-%s", agents[i]);
		add_with(plan, base, name, "agents", "steps", "500", "agents", agents[i], NULL);
	}
	for (size_t i = 0; i < LENGTH(steps); i++) {
		snprintf(name, sizeof name, "steps-%s", steps[i]);
		add_with(plan, base, name, "steps", "steps", steps[i], "agents", "50", NULL);
	}
	for (size_t i = 0; i < LENGTH(worlds); i++) {
		snprintf(name, sizeof name, "world-%s", worlds[i]);
		add_with(plan, base, name, "world", "steps", "500", "agents", "50", "world",
		         worlds[i], NULL);
	}
	plan_alternatives(plan, base);
}

struct plan plan_make(const struct config *config)
{
	struct plan plan = {
	        .kind = config->task == TASK_SWEEP   ? "sweep"
	                : config->task == TASK_SUITE ? "suite"
	                                             : "bench",
	        .name = config->suite   ? config->suite
	                : config->bench ? config->bench
	                                : "agents",
	};
	if (config->task == TASK_SWEEP)
		plan_sweep(&plan, config);
	else if (config->task == TASK_BENCH)
		plan_system(&plan, config);
	else if (strcmp(config->suite, "phase1") == 0)
		plan_phase1(&plan, config);
	else
		plan_components(&plan, config);
	return plan;
}
