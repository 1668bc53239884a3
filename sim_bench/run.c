/* run.c: setting up, stepping and closing; see run.h. */
#include "run.h"

#include <jansson.h>
#include <memprof/memprof.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "dblog/schema.h"
#include "format.h"
#include "hash.h"
#include "interrupt.h"
#include "memory.h"
#include "progress.h"
#include "runjson.h"
#include "runlog.h"
#include "settings.h"
#include "step.h"

/* The log says how far the run is this often. */
#define LOG_NS UINT64_C(10000000000)

#define EXIT_FAILED   1
#define EXIT_UNUSABLE 2

const char *run_status_name(enum run_status status)
{
	static const char *const names[] = {"finished", "interrupted", "failed"};
	return names[status];
}

/* What is open during a run. */
struct outputs {
	struct world *world;
	struct dblog *database;
	struct runlog *log;
};

static void tell_profiler(const struct run *run)
{
	char value[FORMAT_SIZE], text[256];
	size_t count, setting_count;
	const struct param_info *infos = params_describe(&count);
	const struct setting *settings = settings_all(&setting_count);

	if (!memprof_active())
		return;
	for (size_t i = 0; i < setting_count; i++) {
		const char *said = setting_text(&settings[i], run->config, text, sizeof text);
		if (said)
			memprof_param(settings[i].name, said);
	}
	for (size_t i = 0; i < count; i++) {
		snprintf(value, sizeof value, "%.15g", params_value(&run->params, &infos[i]));
		memprof_param(infos[i].name, value);
	}
	memprof_steps_expected(run->config->steps);
}

static bool open_database(const struct run *run, struct outputs *outputs, struct run_result *result)
{
	char error[256];
	if (!run->dir->database)
		return true;
	json_t *parameters = runjson_parameters(&run->params);
	char *text = json_dumps(parameters,
	                        JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(15));
	json_decref(parameters);
	const struct dblog_run about = {
	        .started = run->started,
	        .parameters = text ? text : "{}",
	        .seed = run->config->seed,
	        .steps = run->config->steps,
	        .agents = (uint32_t)run->config->agents,
	};
	const struct dblog_settings settings = {
	        .profile = dblog_profile_find(run->config->db_profile),
	        .buffer_rows = run->config->db_buffer,
	        .batch_rows = run->config->db_batch,
	        .thread = strcmp(run->config->db_writer, "thread") == 0,
	};
	outputs->database = dblog_open(run->dir->database, &settings, &about, error, sizeof error);
	free(text);
	bool begun = false;
	if (outputs->database)
		MEMPROF_PHASE ("db_logging")
			begun = dblog_begin(outputs->database, outputs->world);
	if (begun)
		return true;
	snprintf(result->error, sizeof result->error, "database %s cannot be used: %s",
	         run->dir->database, outputs->database ? dblog_error(outputs->database) : error);
	return false;
}

static struct components components_of(const struct config *config)
{
	return (struct components){
	        .spatial = spatial_kind_find(config->spatial),
	        .storage = layer_kind_find(config->storage),
	        .decide = decision_kind_find(config->decision),
	        .training = config->training,
	        .splat = strcmp(config->splat, "nearest") == 0 ? SPLAT_NEAREST : SPLAT_BILINEAR,
	        .threads = (unsigned)config->threads,
	        .looks = (unsigned)config->looks,
	        .reuse_buffers = config->reuse_buffers,
	};
}

static bool open_all(const struct run *run, struct outputs *outputs, struct run_result *result)
{
	const struct components components = components_of(run->config);
	char error[256];
	outputs->log = runlog_open(run->dir->log, error, sizeof error);
	if (!outputs->log || !runjson_write(run, NULL, error, sizeof error)) {
		snprintf(result->error, sizeof result->error, "%s", error);
		return false;
	}
	if (components.decide->available && !components.decide->available(error, sizeof error)) {
		snprintf(result->error, sizeof result->error, "--decision %s: %s",
		         run->config->decision, error);
		return false;
	}
	outputs->world = world_create(&run->params, &components, run->config->seed);
	result->agents_first = result->agents_last = outputs->world->population.living;
	return open_database(run, outputs, result);
}

static void add_step(struct run_result *result, const struct world *world,
                     const struct step_metrics *metrics)
{
	result->steps = world->step;
	result->agents_last = metrics->agents;
	if (metrics->agents > result->agents_most)
		result->agents_most = metrics->agents;
	result->agents_mean += (double)metrics->agents; /* a sum until the loop is over */
	result->births += metrics->births;
	result->deaths += metrics->deaths;
	result->actions += world->journal.action_count;
}

static void database_failed(const struct run *run, struct dblog *database,
                            struct run_result *result)
{
	result->status = RUN_FAILED;
	snprintf(
	        result->error, sizeof result->error,
	        "database %s: %s; %llu steps are kept (free some space, or choose another place by "
	        "--out or --db)",
	        run->dir->database, dblog_error(database),
	        (unsigned long long)dblog_totals(database).steps);
}

static void log_progress(struct runlog *log, const struct run_result *result, uint64_t started_ns,
                         uint64_t now_ns, uint64_t *logged_ns)
{
	if (now_ns - *logged_ns < LOG_NS)
		return;
	*logged_ns = now_ns;
	runlog_write(log, "step %llu, %.1f steps/s, %llu agents, %llu births, %llu deaths",
	             (unsigned long long)result->steps,
	             (double)result->steps / ((double)(now_ns - started_ns) * 1e-9),
	             (unsigned long long)result->agents_last, (unsigned long long)result->births,
	             (unsigned long long)result->deaths);
}

static void run_steps(const struct run *run, struct outputs *outputs, struct run_result *result)
{
	struct world *world = outputs->world;
	struct step_metrics metrics;
	bool logged = true;
	uint64_t started = clock_ns(), now = started, log_ns = started;
	struct progress progress = progress_start(run->config->steps, started);

	while (world->step < run->config->steps && !interrupt_signal() && logged) {
		uint64_t before = clock_ns();
		MEMPROF_STEP
			logged = step_run(world, outputs->database, &metrics);
		now = clock_ns();
		steptimes_add(&result->times, world->step, now - before);
		add_step(result, world, &metrics);
		progress_show(&progress, now, world->step, metrics.agents);
		log_progress(outputs->log, result, started, now, &log_ns);
	}
	progress_end(&progress);
	result->seconds = (double)(now - started) * 1e-9;
	if (result->steps > 0)
		result->agents_mean /= (double)result->steps;
	if (!logged)
		database_failed(run, outputs->database, result);
	else if (world->step < run->config->steps)
		result->status = RUN_INTERRUPTED;
	result->signal = result->status == RUN_INTERRUPTED ? interrupt_signal() : 0;
}

static void close_all(const struct run *run, struct outputs *outputs, struct run_result *result)
{
	char error[256];
	if (outputs->database) {
		struct dblog_totals *totals = &result->database;
		if (!dblog_close(outputs->database, run_status_name(result->status), result->hash,
		                 totals, error, sizeof error) &&
		    result->status != RUN_FAILED) {
			result->status = RUN_FAILED;
			snprintf(result->error, sizeof result->error, "database %s: %s",
			         run->dir->database, error);
		}
	}
	clock_iso_now(result->finished);
	if (outputs->log) {
		runlog_write(outputs->log, "%s after step %llu, state hash %016llx%s%s",
		             run_status_name(result->status), (unsigned long long)result->steps,
		             (unsigned long long)result->hash, result->error[0] ? ": " : "",
		             result->error);
		runlog_close(outputs->log);
	}
	world_destroy(outputs->world);
	if (!runjson_write(run, result, error, sizeof error) && result->status != RUN_FAILED) {
		result->status = RUN_FAILED;
		snprintf(result->error, sizeof result->error, "%s", error);
	}
}

int run_simulation(struct run *run, struct run_result *result)
{
	struct outputs outputs = {0};
	clock_iso_now(run->started);
	if (!open_all(run, &outputs, result)) {
		result->status = RUN_FAILED;
		close_all(run, &outputs, result);
		return EXIT_UNUSABLE;
	}
	runlog_write(outputs.log, "started: %llu steps, %llu agents, seed %llu, %s",
	             (unsigned long long)run->config->steps,
	             (unsigned long long)run->config->agents, (unsigned long long)run->config->seed,
	             run->config->spatial);
	interrupt_catch();
	tell_profiler(run);
	memprof_run_begin("sim_bench");
	run_steps(run, &outputs, result);
	memprof_run_end();
	result->hash = world_hash(outputs.world);
	close_all(run, &outputs, result);
	if (result->status == RUN_INTERRUPTED)
		return 128 + result->signal;
	return result->status == RUN_FAILED ? EXIT_FAILED : 0;
}
