/* window.c: see window.h. TRACE_FORMAT.md has the keys and their meaning. */
#include "window.h"
#include "memory.h"
#include "window_policy.h"

#include <stdlib.h>
#include <string.h>

void window_source_init(struct window_source *source, const struct region *region, pid_t pid,
                        const struct procstat *process)
{
	*source = (struct window_source){.region = region, .pid = pid, .process = process};
	source->alive = true;
	tables_init(&source->tables);
	snapshot_init(&source->snapshot);
	packed_begin(&source->facts);
	packed_begin(&source->slowest);
}

void window_source_free(struct window_source *source)
{
	tables_free(&source->tables);
	snapshot_free(&source->snapshot);
	threads_free(&source->threads);
	packed_free(&source->facts);
	packed_free(&source->slowest);
}

void window_pack_anchor(msgpack_packer *to, const struct moment *anchor, uint64_t zero)
{
	msgpack_pack_array(to, 3);
	msgpack_pack_uint64(to, anchor->ticks > zero ? anchor->ticks - zero : 0);
	msgpack_pack_uint64(to, anchor->mono_ns);
	msgpack_pack_uint64(to, anchor->real_ns);
}

/* ---- what the kernel counted ----------------------------------------------------------------- */

static const struct {
	const char *name;
	size_t at;
} usage_fields[TRACE_USAGE_FIELDS] = {
        {"usage_calls", offsetof(struct mp_usage, calls)},
        {"usage_ticks", offsetof(struct mp_usage, ticks)},
        {"minor_faults", offsetof(struct mp_usage, minor_faults)},
        {"major_faults", offsetof(struct mp_usage, major_faults)},
        {"waits", offsetof(struct mp_usage, waits)},
        {"preempted", offsetof(struct mp_usage, preempted)},
        {"read_bytes", offsetof(struct mp_usage, read_bytes)},
        {"written_bytes", offsetof(struct mp_usage, written_bytes)},
        {"system_ns", offsetof(struct mp_usage, system_ns)},
};

static uint64_t usage_field(const struct mp_usage *usage, int field)
{
	return *(const uint64_t *)((const char *)usage + usage_fields[field].at);
}

/* ---- steps and agents ----------------------------------------------------------------------- */

static void pack_steps(struct seq *window, const struct mp_steps *base, const struct mp_steps *now)
{
	struct seq map;
	seq_begin(&map);
	map_nonzero(&map, "ended", now->ended - base->ended);
	map_nonzero(&map, "ticks", now->ticks - base->ticks);
	map_nonzero(&map, "unaccounted", now->unaccounted - base->unaccounted);
	map_nonzero(&map, "allocations", now->allocs - base->allocs);
	map_nonzero(&map, "bytes", now->alloc_bytes - base->alloc_bytes);
	map_nonzero(&map, "cpu_ns", now->cpu_ns - base->cpu_ns);
	map_nonzero(&map, "cpu_ticks", now->cpu_ticks - base->cpu_ticks);
	for (int i = 0; i < TRACE_USAGE_FIELDS; i++)
		map_nonzero(&map, usage_fields[i].name,
		            usage_field(&now->usage, i) - usage_field(&base->usage, i));
	map_nonzero(&map, "begun", now->begun);
	if (now->ended) {
		map_uint(&map, "min", now->min);
		map_uint(&map, "max", now->max);
		map_uint(&map, "max_step", now->max_step);
	}
	map_map(window, "steps", &map);
}

static void pack_agents(struct seq *window, const struct mp_steps *base, const struct mp_steps *now)
{
	if (!now->agents_steps && !now->agents)
		return;
	struct seq map;
	seq_begin(&map);
	map_uint(&map, "last", now->agents);
	map_uint(&map, "first", now->agents_first);
	map_uint(&map, "min", now->agents_min);
	map_uint(&map, "max", now->agents_max);
	map_nonzero(&map, "sum", now->agents_sum - base->agents_sum);
	map_nonzero(&map, "steps", now->agents_steps - base->agents_steps);
	map_map(window, "agents", &map);
}

/* Changes of counts by bucket. The counts are 32 bits wide and wrap: so does the difference. */
static void add_buckets(struct seq *array, const uint32_t changes[MP_HIST_BUCKETS])
{
	for (uint32_t bucket = 0; bucket < MP_HIST_BUCKETS; bucket++) {
		if (!changes[bucket])
			continue;
		seq_uint(array, bucket);
		seq_uint(array, changes[bucket]);
	}
}

static void pack_step_histogram(struct seq *window, const struct mp_steps *base,
                                const struct mp_steps *now)
{
	uint32_t changes[MP_HIST_BUCKETS];
	struct seq array;
	for (uint32_t i = 0; i < MP_HIST_BUCKETS; i++)
		changes[i] = now->hist[i] - base->hist[i];
	seq_begin(&array);
	add_buckets(&array, changes);
	map_array(window, "step_histogram", &array);
}

/* ---- cells ------------------------------------------------------------------------------- */

static const uint8_t fields_by_bit[] = {
#define X(bit, upper, lower) [bit] = TRACE_CELL_##upper,
        TRACE_CELL_FIELDS(X)
#undef X
};

static void add_cell(struct seq *array, uint32_t cell, const struct cell_sum *base,
                     const struct cell_sum *now)
{
	uint64_t mask = 0;
	for (int bit = 0; bit < TRACE_CELL_FIELDS_COUNT; bit++)
		if (now->field[fields_by_bit[bit]] != base->field[fields_by_bit[bit]])
			mask |= 1ull << bit;
	if (!mask)
		return;
	seq_uint(array, cell);
	seq_uint(array, mask);
	for (uint64_t left = mask; left; left &= left - 1) {
		int field = fields_by_bit[__builtin_ctzll(left)];
		seq_int(array, (int64_t)(now->field[field] - base->field[field]));
	}
}

static void pack_cells(struct seq *window, const char *key, const struct cell_sums *sums)
{
	struct seq array;
	seq_begin(&array);
	for (uint32_t i = 0; (i = cell_sums_next_changed(sums, i)) < sums->count; i++) {
		struct cell_sum written;
		cell_sums_written(sums, i, &written);
		add_cell(&array, i + 1, &written, cell_sums_now(sums, i));
	}
	map_array(window, key, &array);
}

/* In sampled mode: how the variances of a cell's fields changed. */
static void add_variances(struct seq *array, uint32_t cell, const struct cell_variance *base,
                          const struct cell_variance *now)
{
	uint64_t mask = 0;
	for (int bit = 0; bit < TRACE_CELL_FIELDS_COUNT; bit++)
		if (now->field[fields_by_bit[bit]] != base->field[fields_by_bit[bit]])
			mask |= 1ull << bit;
	if (!mask)
		return;
	seq_uint(array, cell);
	seq_uint(array, mask);
	for (uint64_t left = mask; left; left &= left - 1) {
		int field = fields_by_bit[__builtin_ctzll(left)];
		seq_float(array, now->field[field] - base->field[field]);
	}
}

static void pack_variances(struct seq *window, const struct window_source *source)
{
	const struct snapshot *snapshot = &source->snapshot;
	struct seq array;
	if (source->region->mode != MP_MODE_SAMPLED)
		return;
	seq_begin(&array);
	for (uint32_t i = 0; i < snapshot->cells.count; i++)
		add_variances(&array, i + 1, &snapshot->variances_base[i],
		              &snapshot->variances_now[i]);
	map_array(window, "cell_variances", &array);
}

/* ---- phases ------------------------------------------------------------------------------ */

/* What the threads of one role did in one phase. */
struct phase_row {
	uint32_t phase, role;
	uint64_t field[TRACE_PHASE_FIELDS_COUNT];
	uint32_t buckets[MP_HIST_BUCKETS];
	bool any_bucket;
};

struct phase_key {
	uint64_t key; /* phase, role */
	const struct phase_entry *entry;
};

static int by_key(const void *a, const void *b)
{
	const struct phase_key *x = a, *y = b;
	return (x->key > y->key) - (x->key < y->key);
}

static void add_extremes(struct phase_row *row, const struct mp_phase_times *now)
{
	uint64_t *min = &row->field[TRACE_PHASE_MIN], *max = &row->field[TRACE_PHASE_MAX];
	if (!now->calls)
		return;
	if (!*min || now->min < *min)
		*min = now->min;
	if (now->max > *max)
		*max = now->max;
}

static void add_entry(struct phase_row *row, const struct phase_entry *entry)
{
	const struct mp_phase_times *now = entry->now, *base = entry->base;
	row->field[TRACE_PHASE_CALLS] += now->calls - base->calls;
	row->field[TRACE_PHASE_INCLUSIVE] += now->inclusive - base->inclusive;
	row->field[TRACE_PHASE_SELF] += now->self - base->self;
	row->field[TRACE_PHASE_CPU_NS] += now->cpu_ns - base->cpu_ns;
	row->field[TRACE_PHASE_CPU_CALLS] += now->cpu_calls - base->cpu_calls;
	row->field[TRACE_PHASE_CPU_TICKS] += now->cpu_ticks - base->cpu_ticks;
	row->field[TRACE_PHASE_ENTERED] += now->entered - base->entered;
	row->field[TRACE_PHASE_SCOPES] += now->scopes - base->scopes;
	row->field[TRACE_PHASE_STEP_SELF] += now->step_self - base->step_self;
	row->field[TRACE_PHASE_STEP_INCLUSIVE] += now->step_inclusive - base->step_inclusive;
	for (int i = 0; i < TRACE_USAGE_FIELDS; i++)
		row->field[TRACE_USAGE_FIRST + i] +=
		        usage_field(&now->usage, i) - usage_field(&base->usage, i);
	add_extremes(row, now);
	for (uint32_t i = 0; i < MP_HIST_BUCKETS; i++) {
		uint32_t change = now->hist[i] - base->hist[i];
		row->buckets[i] += change;
		row->any_bucket |= change != 0;
	}
}

static bool row_has_changes(const struct phase_row *row)
{
	for (int field = 0; field < TRACE_PHASE_FIELDS_COUNT; field++)
		if (field != TRACE_PHASE_MIN && field != TRACE_PHASE_MAX && row->field[field])
			return true;
	return false;
}

static void add_row(struct seq *rows, const struct phase_row *row)
{
	uint32_t mask = 0;
	if (!row_has_changes(row))
		return;
	for (int field = 0; field < TRACE_PHASE_FIELDS_COUNT; field++)
		if (row->field[field])
			mask |= 1u << field;
	seq_uint(rows, row->phase);
	seq_uint(rows, row->role);
	seq_uint(rows, mask);
	for (int field = 0; field < TRACE_PHASE_FIELDS_COUNT; field++)
		if (mask & 1u << field)
			seq_uint(rows, row->field[field]);
}

static void add_histogram(struct seq *histograms, const struct phase_row *row)
{
	struct seq array;
	if (!row->any_bucket)
		return;
	seq_begin(&array);
	seq_uint(&array, row->phase);
	seq_uint(&array, row->role);
	add_buckets(&array, row->buckets);
	seq_end_array(&array, &histograms->body.packer);
	histograms->count++;
}

/* Entries by phase and role, so that those of one row stand together. */
static struct phase_key *sort_phases(const struct snapshot *snapshot, uint32_t stepping_slot,
                                     uint32_t *count)
{
	struct phase_key *keys = memory_new(snapshot->phases_count, sizeof *keys);
	*count = 0;
	for (uint32_t i = 0; i < snapshot->phases_count; i++) {
		const struct phase_entry *entry = &snapshot->phases[i];
		uint32_t role =
		        entry->slot == stepping_slot ? TRACE_ROLE_STEPPING : TRACE_ROLE_OTHERS;
		if (entry->known && entry->phase)
			keys[(*count)++] =
			        (struct phase_key){idmap_pair(entry->phase, role), entry};
	}
	qsort(keys, *count, sizeof *keys, by_key);
	return keys;
}

static void pack_phases(struct seq *window, const struct snapshot *snapshot, uint32_t stepping_slot)
{
	uint32_t count;
	struct phase_key *keys = sort_phases(snapshot, stepping_slot, &count);
	struct phase_row *row = memory_new(1, sizeof *row);
	struct seq rows, histograms;
	seq_begin(&rows);
	seq_begin(&histograms);
	for (uint32_t i = 0; i < count;) {
		uint64_t key = keys[i].key;
		memset(row, 0, sizeof *row);
		row->phase = (uint32_t)(key >> 32);
		row->role = (uint32_t)key;
		for (; i < count && keys[i].key == key; i++)
			add_entry(row, keys[i].entry);
		add_row(&rows, row);
		add_histogram(&histograms, row);
	}
	map_array(window, "phases", &rows);
	map_array(window, "phase_histograms", &histograms);
	free(row);
	free(keys);
}

/* ---- the rest of a window ------------------------------------------------------------------ */

static void pack_counters(struct seq *window, struct window_source *source)
{
	const struct snapshot *snapshot = &source->snapshot;
	struct seq array;
	seq_begin(&array);
	for (uint32_t i = 0; i < MP_NAMED_COUNTERS; i++) {
		const struct mp_named_counter *counter = &source->region->header->counters[i];
		int64_t change = (int64_t)((uint64_t)snapshot->counters_now[i] -
		                           (uint64_t)snapshot->counters_base[i]);
		uint32_t name = __atomic_load_n(&counter->name, __ATOMIC_ACQUIRE);
		if (!name || !change)
			continue;
		seq_uint(&array, tables_name(&source->tables, source->region, name));
		seq_int(&array, change);
	}
	map_array(window, "counters", &array);
}

/* Ticks of a moment in coarse time: by the part of the run that it is. All that is known is between
 * which two moves of that clock it was, so their middle is told; not after the moment of reading,
 * and not 0. */
static uint64_t coarse_ticks(const struct window_source *source, const struct moment *anchor,
                             uint32_t coarse)
{
	uint64_t run_ns = anchor->mono_ns - source->region->start_mono_ns;
	uint64_t run_ticks = anchor->ticks - source->region->start_ticks;
	double at_ns = (double)coarse * COARSE_TICK_NS + COARSE_MOVE_NS / 2.0;
	if (!run_ns || at_ns >= (double)run_ns)
		return run_ticks ? run_ticks : 1;
	return 1 + (uint64_t)(at_ns / (double)run_ns * (double)run_ticks);
}

/* A program that goes on may have begun so many steps since they were read. */
#define STEPS_AHEAD_MAX (1u << 20)

/* The number of a step of which the lower 32 bits are known, and that it has begun: at the latest
 * since `steps` were read, which then is the last of those. */
static uint64_t step_of(const struct mp_steps *steps, uint32_t low)
{
	uint32_t behind = (uint32_t)steps->begun - low;
	return behind > UINT32_MAX - STEPS_AHEAD_MAX ? steps->begun : steps->begun - behind;
}

static void pack_peak(struct seq *heap, const struct window_source *source,
                      const struct moment *anchor)
{
	const struct mp_region *h = source->region->header;
	if (source->snapshot.peak_is_end) {
		map_int(heap, "peak_bytes", snapshot_live_bytes(&source->snapshot));
		map_uint(heap, "peak_ticks", anchor->ticks - source->region->start_ticks);
		map_uint(heap, "peak_step", source->snapshot.steps_now.begun);
	} else {
		map_int(heap, "peak_bytes", (int64_t)region_load((const uint64_t *)&h->peak_bytes));
		uint64_t when = region_load(&h->peak_when);
		map_uint(heap, "peak_ticks", coarse_ticks(source, anchor, (uint32_t)(when >> 32)));
		map_uint(heap, "peak_step", step_of(&source->snapshot.steps_now, (uint32_t)when));
	}
	map_uint(heap, "peak_error_bytes", region_load(&h->peak_error_bytes));
}

/* Of estimates, each rounded by itself, nothing may be left of less than nothing. */
static int64_t not_negative(const struct window_source *source, int64_t value)
{
	return source->region->mode == MP_MODE_SAMPLED && value < 0 ? 0 : value;
}

static void pack_heap(struct seq *window, const struct window_source *source,
                      const struct moment *anchor)
{
	struct seq map;
	seq_begin(&map);
	map_int(&map, "live_bytes", not_negative(source, snapshot_live_bytes(&source->snapshot)));
	map_int(&map, "live_blocks", not_negative(source, snapshot_live_blocks(&source->snapshot)));
	pack_peak(&map, source, anchor);
	map_map(window, "heap", &map);
}

static void map_known(struct seq *map, const char *key, uint64_t value)
{
	if (value != PROCSTAT_UNKNOWN)
		map_uint(map, key, value);
}

/* CPU time since the recording began: what the process had used before, as other programs and while
 * it was loaded, is no part of the run. */
static void map_cpu_time(struct seq *map, const struct window_source *source)
{
	struct procstat stat = *source->process;
	uint64_t before = region_load(&source->region->header->start_cpu_ns);
	if (stat.user_ns == PROCSTAT_UNKNOWN || stat.system_ns == PROCSTAT_UNKNOWN)
		return;
	uint64_t total = stat.user_ns + stat.system_ns;
	procstat_set_cpu(&stat, total > before ? total - before : 0);
	map_uint(map, "user_ns", stat.user_ns);
	map_uint(map, "system_ns", stat.system_ns);
}

static void pack_process(struct seq *window, const struct window_source *source)
{
	const struct procstat *stat = source->process;
	struct seq map;
	seq_begin(&map);
	map_known(&map, "rss_anon", stat->rss_anon);
	map_known(&map, "rss_file", stat->rss_file);
	map_known(&map, "rss_shmem", stat->rss_shmem);
	map_known(&map, "swap", stat->swap);
	map_known(&map, "peak_rss", stat->peak_rss);
	if (source->region->header->mode != MP_MODE_OFF)
		map_int(&map, "mapped_directly",
		        snapshot_mapped_bytes(&source->snapshot, &source->tables));
	if (stat->rss_anon != PROCSTAT_UNKNOWN && source->allocator.sums.taken)
		map_int(&map, "unexplained",
		        (int64_t)(stat->rss_anon - source->allocator.sums.resident -
		                  region_load(&source->region->header->private_bytes)));
	map_cpu_time(&map, source);
	map_known(&map, "minor_faults", stat->minor_faults);
	map_known(&map, "major_faults", stat->major_faults);
	map_known(&map, "voluntary_switches", stat->voluntary_switches);
	map_known(&map, "involuntary_switches", stat->involuntary_switches);
	map_known(&map, "read_bytes", stat->read_bytes);
	map_known(&map, "written_bytes", stat->written_bytes);
	map_known(&map, "threads", stat->threads);
	map_map(window, "process", &map);
}

static void pack_profiler(struct seq *window, const struct window_source *source)
{
	const struct mp_region *h = source->region->header;
	const struct thread_sums *sums = &source->snapshot.threads;
	struct seq map;
	seq_begin(&map);
	map_uint(&map, "shared_bytes", region_footprint(source->region));
	map_uint(&map, "private_bytes", region_load(&h->private_bytes));
	map_uint(&map, "launcher_bytes", source->launcher_bytes);
	map_nonzero(&map, "events", sums->events);
	map_nonzero(&map, "overhead_ticks", sums->overhead_ticks);
	map_nonzero(&map, "overhead_events", sums->overhead_events);
	map_nonzero(&map, "scopes", sums->scopes);
	map_nonzero(&map, "captures", sums->captures);
	map_nonzero(&map, "frames_walked", sums->frames_walked);
	map_nonzero(&map, "audits", sums->audits);
	map_nonzero(&map, "audit_mismatches", sums->audit_mismatches);
	map_nonzero(&map, "truncated", sums->truncated);
	map_nonzero(&map, "foreign_frees", sums->foreign_frees);
	map_nonzero(&map, "inherited_frees", sums->inherited_frees);
	map_nonzero(&map, "unknown_frees", sums->unknown_frees);
	map_nonzero(&map, "overflows", region_load(&h->overflows));
	map_nonzero(&map, "mappings_missed", region_load(&h->mappings_missed));
	map_nonzero(&map, "unbalanced", sums->unbalanced);
	map_nonzero(&map, "children_lost", region_load(&h->children_lost));
	map_nonzero(&map, "children_lost_error",
	            __atomic_load_n(&h->children_lost_error, __ATOMIC_RELAXED));
	map_nonzero(&map, "foreign_steps", source->snapshot.steps_now.foreign);
	map_nonzero(&map, "samples", region_load(&h->samples));
	map_nonzero(&map, "sampling_ticks", region_load(&h->sampling_ticks));
	map_nonzero(&map, "calls_missed", region_load(&h->calls_missed));
	map_nonzero(&map, "unsampled_threads", region_load(&h->unsampled_threads));
	map_nonzero(&map, "damaged", source->tables.damaged);
	map_map(window, "profiler", &map);
}

static void pack_window(struct window_source *source, const struct moment *anchor,
                        uint32_t stepping_slot, bool open, msgpack_packer *to)
{
	const struct snapshot *snapshot = &source->snapshot;
	struct seq map;
	seq_begin(&map);
	map_uint(&map, "n", source->windows);
	window_pack_anchor(map_key(&map, "anchor"), anchor, source->region->start_ticks);
	if (open)
		map_bool(&map, "open", true);
	pack_steps(&map, &snapshot->steps_base, &snapshot->steps_now);
	pack_agents(&map, &snapshot->steps_base, &snapshot->steps_now);
	pack_cells(&map, "cells", &snapshot->cells);
	pack_cells(&map, "other_cells", &snapshot->other_cells);
	pack_variances(&map, source);
	pack_phases(&map, snapshot, stepping_slot);
	pack_step_histogram(&map, &snapshot->steps_base, &snapshot->steps_now);
	pack_counters(&map, source);
	pack_heap(&map, source, anchor);
	allocator_pack_sums(&source->allocator, &map);
	pack_process(&map, source);
	pack_profiler(&map, source);
	if (source->alive)
		map_nonzero(
		        &map, "skew",
		        __atomic_load_n(&source->region->header->threads_live, __ATOMIC_RELAXED));
	pack_record(to, TRACE_WINDOW);
	seq_end_map(&map, to);
}

/* ---- facts and slowest steps ------------------------------------------------------------------
 */

static void map_name(struct seq *map, const char *key, struct window_source *source,
                     uint32_t offset)
{
	char name[REGION_NAME_MAX];
	if (offset && region_name(source->region, offset, name))
		map_text(map, key, name);
}

/* True if one of the parameters from number `from` on that the user gave has that name. */
static bool is_given(const struct window_source *source, size_t from, const char *name,
                     size_t length)
{
	for (size_t i = from; i < source->params_count; i++)
		if (strncmp(source->params[i], name, length) == 0 &&
		    source->params[i][length] == '=')
			return true;
	return false;
}

/* Of those of one name the last one counts. */
static void pack_given_params(struct seq *map, const struct window_source *source)
{
	for (size_t i = 0; i < source->params_count; i++) {
		const char *name = source->params[i], *equals = strchr(name, '=');
		size_t length = (size_t)(equals - name);
		if (is_given(source, i + 1, name, length))
			continue;
		pack_text(&map->body.packer, name, length);
		pack_text(&map->body.packer, equals + 1, strlen(equals + 1));
		map->count++;
	}
}

static void pack_params(struct seq *facts, const struct window_source *source)
{
	struct seq map;
	seq_begin(&map);
	pack_given_params(&map, source);
	for (uint32_t i = 0; i < MP_PARAMS; i++) {
		const struct mp_param *param = &source->region->header->params[i];
		char text[REGION_NAME_MAX];
		uint32_t name = __atomic_load_n(&param->name, __ATOMIC_ACQUIRE);
		size_t length = name ? region_name(source->region, name, text) : 0;
		if (!length || is_given(source, 0, text, length))
			continue;
		pack_text(&map.body.packer, text, length);
		length = region_name(source->region, param->value, text);
		pack_text(&map.body.packer, text, length);
		map.count++;
	}
	map_map(facts, "params", &map);
}

static void pack_facts(struct window_source *source, uint32_t stepping_slot, msgpack_packer *to)
{
	const struct mp_region *h = source->region->header;
	const struct mp_steps *steps = &source->snapshot.steps_now;
	struct seq map;
	seq_begin(&map);
	map_name(&map, "name", source, steps->run_name);
	map_nonzero(&map, "run_begun", steps->run_begun);
	map_nonzero(&map, "run_ended", steps->run_ended);
	map_nonzero(&map, "steps_expected", steps->expected);
	if (steps->begun)
		map_nonzero(&map, "stepping_thread", threads_id(&source->threads, stepping_slot));
	map_float(&map, "scope_inner_ticks", (double)region_load(&h->scope_inner_ticks) / 16);
	map_float(&map, "scope_outer_ticks", (double)region_load(&h->scope_outer_ticks) / 16);
	map_float(&map, "clock_ticks", (double)region_load(&h->clock_ticks) / 16);
	map_nonzero(&map, "load_ns", region_load(&h->load_ns));
	pack_params(&map, source);
	pack_record(to, TRACE_FACTS);
	seq_end_map(&map, to);
}

static int slowest_first(const void *a, const void *b)
{
	const struct mp_slow_step *x = a, *y = b;
	if (x->ticks != y->ticks)
		return x->ticks < y->ticks ? 1 : -1;
	return (x->step > y->step) - (x->step < y->step);
}

static void pack_slowest(const struct window_source *source, msgpack_packer *to)
{
	struct mp_slow_step steps[MP_SLOWEST];
	struct seq rows;
	memcpy(steps, source->snapshot.steps_now.slowest, sizeof steps);
	qsort(steps, MP_SLOWEST, sizeof *steps, slowest_first);
	seq_begin(&rows);
	for (uint32_t i = 0; i < MP_SLOWEST; i++) {
		if (!steps[i].step)
			continue;
		seq_uint(&rows, steps[i].step);
		seq_uint(&rows, steps[i].ticks);
		seq_uint(&rows, steps[i].started);
		seq_uint(&rows, steps[i].allocs);
		seq_uint(&rows, steps[i].alloc_bytes);
		seq_uint(&rows, steps[i].agents);
	}
	if (!rows.count) {
		seq_drop(&rows);
		return;
	}
	pack_record(to, TRACE_SLOWEST);
	msgpack_pack_array(to, 2);
	msgpack_pack_uint32(to, 6);
	seq_end_array(&rows, to);
}

/* Appends a record unless the trace's last one of its kind is the same. Takes `fresh` over. */
static void append_changed(struct packed *last, struct packed *fresh, struct packed *to,
                           bool commit)
{
	if (packed_equal(last, fresh)) {
		packed_free(fresh);
		return;
	}
	packed_append(to, fresh);
	if (commit) {
		msgpack_sbuffer_clear(&last->bytes);
		packed_append(last, fresh);
	}
	packed_free(fresh);
}

void window_pack(struct window_source *source, const struct moment *anchor, struct packed *to,
                 bool commit)
{
	struct packed window, facts, slowest;
	source->tables.settled = !source->alive;
	snapshot_read(&source->snapshot, &source->tables, source->region);
	uint32_t stepping = snapshot_stepping_slot(source->region, &source->snapshot.steps_now);
	threads_read(&source->threads, &source->tables, source->region, source->pid, stepping);
	packed_begin(&window);
	packed_begin(&facts);
	packed_begin(&slowest);
	pack_window(source, anchor, stepping, !commit, &window.packer);
	pack_facts(source, stepping, &facts.packer);
	pack_slowest(source, &slowest.packer);
	/* Strings and all other tables come before what names them. */
	tables_pack(&source->tables, to, commit);
	threads_pack(&source->threads, to, commit);
	packed_append(to, &window);
	packed_free(&window);
	samples_pack(&source->snapshot.samples, source->windows, &to->packer);
	calls_pack(&source->snapshot.calls, source->windows, &to->packer);
	allocator_pack_details(&source->allocator, source->last, commit, &to->packer);
	append_changed(&source->facts, &facts, to, commit);
	append_changed(&source->slowest, &slowest, to, commit);
	if (commit) {
		snapshot_commit(&source->snapshot);
		source->windows++;
	}
}
