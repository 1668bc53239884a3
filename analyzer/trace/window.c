/* window.c: a WINDOW record.
 *
 * Its rows name cells and phases in the order of ids, with a mask of the values that follow. They
 * are walked twice: once to check them all, once to add them to the sums, so that a window that is
 * damaged leaves nothing of itself.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trace/records.h"

/* More than any sum of bytes, squared; so far from overflow that sums of all are. */
#define VARIANCE_MAX 1e60

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

enum pass { CHECK, COMMIT };

/* ---- rows -------------------------------------------------------------------------------- */

struct cursor {
	const msgpack_object *at, *end;
};

static bool next_mask(struct reading *r, struct cursor *c, uint64_t *mask)
{
	if (!value_address(r, c->at, "mask", mask))
		return reading_bad(r, "a row's mask is not a number");
	c->at++;
	if (__builtin_popcountll(*mask) > c->end - c->at)
		return reading_bad(r, "the last row is not whole");
	return true;
}

/* The next integer of a row; an unknown bit's may be any. */
static bool next_value(struct reading *r, struct cursor *c, const char *what, int64_t min,
                       int64_t *value)
{
	return value_integer(r, c->at++, what, min, INT64_MAX, value);
}

static const char *const cell_fields[] = {
#define X(bit, upper, lower) #lower,
        TRACE_CELL_FIELDS(X)
#undef X
};

static const uint8_t cell_fields_by_bit[] = {
#define X(bit, upper, lower) [bit] = TRACE_CELL_##upper,
        TRACE_CELL_FIELDS(X)
#undef X
};

static const char *const phase_fields[] = {
#define X(bit, upper, lower) [bit] = #lower,
        TRACE_PHASE_FIELDS(X)
#undef X
};

/* Sums are made in both passes' order, so the totals (which are sums of all) are checked against
 * overflow once, in the first, on a copy. */
static bool add_to_cell(struct reading *r, struct trace_cell *cell, int field, int64_t change,
                        int64_t *totals, enum pass pass)
{
	if (pass == COMMIT) {
		*trace_cell_sum(cell, field) += change;
		return true;
	}
	return value_sum(r, cell_fields[field], &totals[field], change < 0 ? -change : change);
}

/* The fields, a bit each, that a row's mask tells of. */
static uint64_t fields_of_mask(uint64_t mask)
{
	uint64_t fields = 0;
	for (; mask; mask &= mask - 1) {
		int bit = __builtin_ctzll(mask);
		if (bit < TRACE_CELL_FIELDS_COUNT)
			fields |= TRACE_CELL_BIT(cell_fields_by_bit[bit]);
	}
	return fields;
}

/* Each change is half the range at most (value_sum), so the sum of what comes and goes fits. */
static void add_to_live(struct trace_live_change *live, int field, int64_t change)
{
	switch (field) {
	case TRACE_CELL_FREES:
		live->frees += change;
		break;
	case TRACE_CELL_FREED_BYTES:
		live->freed_bytes += change;
		live->bytes -= change;
		break;
	case TRACE_CELL_MOVED_OUT_BYTES:
		live->bytes -= change;
		break;
	case TRACE_CELL_ALLOCATED_BYTES:
	case TRACE_CELL_MOVED_IN_BYTES:
		live->bytes += change;
		break;
	default:
		break;
	}
}

static void note_live_change(struct trace *t, const struct trace_live_change *change)
{
	if (!change->bytes && !change->frees)
		return;
	t->live_changes = mem_room(t->live_changes, &t->live_changes_capacity,
	                           t->live_changes_count + 1, sizeof(*t->live_changes));
	t->live_changes[t->live_changes_count++] = *change;
}

static void add_to_window(struct trace_window *window, int field, int64_t change)
{
	if (field == TRACE_CELL_ALLOCATIONS)
		window->allocations += change;
	if (field == TRACE_CELL_ALLOCATED_BYTES)
		window->allocated_bytes += change;
}

/* The tables that rows of cells may be about. */
struct cells {
	struct trace_cell *cells;
	size_t count;
	int64_t *totals;
	bool heap;                   /* how it changed is kept by window */
	struct trace_window *window; /* has the sums of its own changes */
};

static bool walk_cells(struct reading *r, const msgpack_object *rows, struct cells *of,
                       enum pass pass)
{
	struct trace *t = r->trace;
	struct cursor c = {rows->via.array.ptr, rows->via.array.ptr + rows->via.array.size};
	while (c.at < c.end) {
		uint32_t id;
		uint64_t mask;
		if (c.end - c.at < 2)
			return reading_bad(r, "the last row of cells is not whole");
		if (!value_id(r, c.at++, "cell", of->count, &id) || !next_mask(r, &c, &mask))
			return false;
		if (id == 0)
			return reading_bad(r, "cell 0 is not used");
		if (pass == COMMIT)
			trace_cell_tell(&t->arena, &of->cells[id], fields_of_mask(mask));
		struct trace_live_change live = {(uint32_t)t->windows_count, id, 0, 0, 0};
		for (; mask; mask &= mask - 1) {
			int bit = __builtin_ctzll(mask);
			int64_t change;
			if (bit >= TRACE_CELL_FIELDS_COUNT) {
				c.at++;
				continue;
			}
			int field = cell_fields_by_bit[bit];
			int64_t min = field == TRACE_CELL_PEAK_BYTES ? INT64_MIN : 0;
			if (!next_value(r, &c, cell_fields[field], min, &change) ||
			    !add_to_cell(r, &of->cells[id], field, change, of->totals, pass))
				return false;
			add_to_live(&live, field, change);
			if (pass == COMMIT && of->heap)
				add_to_window(of->window, field, change);
		}
		if (pass == COMMIT && of->heap)
			note_live_change(t, &live);
	}
	return true;
}

/* Sums of variances go down again only for what was held at the peak, by rounding below 0 at most.
 */
static void add_variance(struct trace_variances *to, int field, double change)
{
	double sum = to->fields[field].variance + change;
	to->fields[field].variance = sum > 0 ? sum : 0;
}

/* As rows of cells, but for values that are no integers. */
static bool walk_variances(struct reading *r, const msgpack_object *rows, enum pass pass)
{
	struct trace *t = r->trace;
	struct cursor c = {rows->via.array.ptr, rows->via.array.ptr + rows->via.array.size};
	while (c.at < c.end) {
		uint32_t id;
		uint64_t mask;
		if (c.end - c.at < 2)
			return reading_bad(r, "the last row of variances is not whole");
		if (!value_id(r, c.at++, "cell", t->cells_count, &id) || !next_mask(r, &c, &mask))
			return false;
		for (; mask; mask &= mask - 1) {
			int bit = __builtin_ctzll(mask);
			double change;
			if (!value_number(r, c.at++, "a variance", &change))
				return false;
			if (fabs(change) > VARIANCE_MAX)
				return reading_bad(r, "a variance of %g cannot be", change);
			if (pass == COMMIT && bit < TRACE_CELL_FIELDS_COUNT)
				add_variance(&t->variances[id], cell_fields_by_bit[bit], change);
		}
	}
	return true;
}

/* Extremes replace; all else adds up. */
static bool add_to_phase(struct reading *r, struct trace_phase_times *times, int bit, int64_t value,
                         enum pass pass)
{
	if (bit == TRACE_PHASE_MIN || bit == TRACE_PHASE_MAX) {
		if (pass == COMMIT)
			times->fields[bit] = value;
		return true;
	}
	int64_t sum = times->fields[bit];
	if (!value_sum(r, phase_fields[bit], &sum, value))
		return false;
	if (pass == COMMIT)
		times->fields[bit] = sum;
	return true;
}

static void add_to_phase_change(struct trace_phase_change *change, int bit, int64_t value)
{
	if (bit == TRACE_PHASE_CALLS)
		change->calls = value;
	if (bit == TRACE_PHASE_INCLUSIVE)
		change->inclusive = value;
	if (bit == TRACE_PHASE_SELF)
		change->self = value;
}

static void note_phase_change(struct trace *t, const struct trace_phase_change *change)
{
	if (!change->calls && !change->inclusive && !change->self)
		return;
	t->phase_changes = mem_grow(t->phase_changes, &t->phase_changes_capacity,
	                            t->phase_changes_count + 1, sizeof(*t->phase_changes));
	t->phase_changes[t->phase_changes_count++] = *change;
}

static bool walk_phases(struct reading *r, const msgpack_object *rows, enum pass pass)
{
	struct trace *t = r->trace;
	struct cursor c = {rows->via.array.ptr, rows->via.array.ptr + rows->via.array.size};
	while (c.at < c.end) {
		uint32_t id, role;
		uint64_t mask;
		if (c.end - c.at < 3)
			return reading_bad(r, "the last row of phases is not whole");
		if (!value_id(r, c.at++, "phase", t->phases_count, &id) ||
		    !value_id(r, c.at++, "role", 2, &role) || !next_mask(r, &c, &mask))
			return false;
		struct trace_phase_times *times = &t->phases[id].times[role];
		struct trace_phase_change shown = {(uint32_t)t->windows_count, id, role, 0, 0, 0};
		if (pass == COMMIT)
			times->seen = true;
		for (; mask; mask &= mask - 1) {
			int bit = __builtin_ctzll(mask);
			int64_t value;
			if (bit >= TRACE_PHASE_FIELDS_COUNT) {
				c.at++;
				continue;
			}
			if (!next_value(r, &c, phase_fields[bit], 0, &value) ||
			    !add_to_phase(r, times, bit, value, pass))
				return false;
			add_to_phase_change(&shown, bit, value);
		}
		if (pass == COMMIT)
			note_phase_change(t, &shown);
	}
	return true;
}

/* `bucket, count, …` from the item `first` on. */
static bool walk_histogram(struct reading *r, const msgpack_object *list, uint32_t first,
                           struct histogram *histogram, enum pass pass)
{
	uint32_t size = list->via.array.size;
	if (size < first || (size - first) % 2 != 0)
		return reading_bad(r, "a histogram's last bucket is not whole");
	for (uint32_t i = first; i < size; i += 2) {
		uint32_t bucket;
		int64_t count;
		if (!value_id(r, &list->via.array.ptr[i], "bucket", HISTOGRAM_BUCKETS, &bucket) ||
		    !value_integer(r, &list->via.array.ptr[i + 1], "a bucket's count", 0, INT64_MAX,
		                   &count))
			return false;
		if (pass == COMMIT)
			histogram_add(histogram, bucket, count);
	}
	return true;
}

static bool walk_phase_histograms(struct reading *r, const msgpack_object *list, enum pass pass)
{
	struct trace *t = r->trace;
	for (uint32_t i = 0; i < list->via.array.size; i++) {
		const msgpack_object *o = &list->via.array.ptr[i];
		uint32_t id, role;
		if (!value_is_array(r, o, "a phase's histogram"))
			return false;
		if (o->via.array.size < 2)
			return reading_bad(r, "a phase's histogram names no phase");
		if (!value_id(r, &o->via.array.ptr[0], "phase", t->phases_count, &id) ||
		    !value_id(r, &o->via.array.ptr[1], "role", 2, &role) ||
		    !walk_histogram(r, o, 2, &t->phases[id].times[role].histogram, pass))
			return false;
	}
	return true;
}

static bool add_to_counter(struct reading *r, uint32_t name, int64_t change, enum pass pass)
{
	/* A program has at most a few hundred counters; of a trace that has more, the first. */
	enum { COUNTERS_MAX = 512 };
	struct trace *t = r->trace;
	size_t i = 0;
	while (i < t->counters_count && t->counters[i].name != name)
		i++;
	int64_t sum = i < t->counters_count ? t->counters[i].value : 0;
	if (!value_sum(r, "a counter", &sum, change))
		return false;
	if (pass == CHECK)
		return true;
	if (i == t->counters_count) {
		if (i == COUNTERS_MAX)
			return true;
		t->counters =
		        mem_grow(t->counters, &t->counters_capacity, i + 1, sizeof(*t->counters));
		t->counters[t->counters_count++].name = name;
	}
	t->counters[i].value = sum;
	return true;
}

static bool walk_counters(struct reading *r, const msgpack_object *list, enum pass pass)
{
	if (list->via.array.size % 2 != 0)
		return reading_bad(r, "the last counter is not whole");
	for (uint32_t i = 0; i < list->via.array.size; i += 2) {
		uint32_t name;
		int64_t change;
		if (!value_id(r, &list->via.array.ptr[i], "string", r->trace->strings_count,
		              &name) ||
		    !value_integer(r, &list->via.array.ptr[i + 1], "a counter", INT64_MIN,
		                   INT64_MAX, &change) ||
		    !add_to_counter(r, name, change, pass))
			return false;
	}
	return true;
}

/* ---- maps -------------------------------------------------------------------------------- */

/* The members of a map that is nothing but integers. Keys that are left out are 0. Only
 * `unexplained` may be negative. */
#define SNAPSHOT(type, KEYS)                                                                       \
	static bool read_##type(struct reading *r, const msgpack_object *body, const char *key,    \
	                        struct trace_##type *out)                                          \
	{                                                                                          \
		const msgpack_object *map = value_key(body, key);                                  \
		if (!map)                                                                          \
			return true;                                                               \
		*out = (struct trace_##type){.known = true};                                       \
		const struct value_member members[] = {KEYS(type##_MEMBER)};                       \
		return value_members(r, map, key, members, LENGTH(members), out);                  \
	}
#define MEMBER_OF(type, name)                                                                      \
	{#name, offsetof(struct trace_##type, name),                                               \
	 strcmp(#name, "unexplained") == 0 ? INT64_MIN : 0},
#define heap_MEMBER(name)      MEMBER_OF(heap, name)
#define allocator_MEMBER(name) MEMBER_OF(allocator, name)
#define process_MEMBER(name)   MEMBER_OF(process, name)
#define profiler_MEMBER(name)  MEMBER_OF(profiler, name)

SNAPSHOT(heap, TRACE_HEAP_KEYS)
SNAPSHOT(allocator, TRACE_ALLOCATOR_KEYS)
SNAPSHOT(process, TRACE_PROCESS_KEYS)
SNAPSHOT(profiler, TRACE_PROFILER_KEYS)

/* What one window says beside its rows. */
struct window {
	struct trace_window shown;
	struct trace_steps steps; /* changes where the sums are, values where the extremes are */
	struct trace_agents agents;
	int64_t skew;
	int64_t totals[TRACE_CELL_FIELDS_COUNT], other_totals[TRACE_CELL_FIELDS_COUNT];
	const msgpack_object *cells, *variances, *other_cells, *phases, *step_histogram,
	        *phase_histograms, *counters;
};

/* What the kernel counted in steps: members of the same names as phases' fields. */
static bool read_usage(struct reading *r, const msgpack_object *map,
                       int64_t usage[TRACE_USAGE_FIELDS])
{
	for (int i = 0; i < TRACE_USAGE_FIELDS; i++) {
		const char *name = phase_fields[TRACE_USAGE_FIRST + i];
		const msgpack_object *o = value_key(map, name);
		int64_t change = 0;
		if ((o && !value_integer(r, o, name, 0, INT64_MAX, &change)) ||
		    !value_sum(r, name, &usage[i], change))
			return false;
	}
	return true;
}

static bool read_steps(struct reading *r, const msgpack_object *body, struct window *w)
{
	static const struct value_member changes[] = {
	        {"ended", offsetof(struct trace_steps, ended), 0},
	        {"ticks", offsetof(struct trace_steps, ticks), 0},
	        {"unaccounted", offsetof(struct trace_steps, unaccounted), 0},
	        {"allocations", offsetof(struct trace_steps, allocations), 0},
	        {"bytes", offsetof(struct trace_steps, bytes), 0},
	        {"cpu_ns", offsetof(struct trace_steps, cpu_ns), 0},
	        {"cpu_ticks", offsetof(struct trace_steps, cpu_ticks), 0},
	        {"begun", offsetof(struct trace_steps, begun), 0},
	        {"min", offsetof(struct trace_steps, min), 0},
	        {"max", offsetof(struct trace_steps, max), 0},
	        {"max_step", offsetof(struct trace_steps, max_step), 0},
	};
	const struct trace_steps *s = &r->trace->steps;
	const msgpack_object *map = value_key(body, "steps");
	w->steps = *s;
	if (!map)
		return true;
	w->steps = (struct trace_steps){
	        .begun = s->begun, .min = s->min, .max = s->max, .max_step = s->max_step};
	memcpy(w->steps.usage, s->usage, sizeof(w->steps.usage));
	if (!value_members(r, map, "steps", changes, LENGTH(changes), &w->steps) ||
	    !read_usage(r, map, w->steps.usage))
		return false;
	w->shown.steps_ended = w->steps.ended;
	w->shown.steps_ticks = w->steps.ticks;
	return value_sum(r, "steps", &w->steps.ended, s->ended) &&
	       value_sum(r, "ticks of steps", &w->steps.ticks, s->ticks) &&
	       value_sum(r, "unaccounted ticks", &w->steps.unaccounted, s->unaccounted) &&
	       value_sum(r, "allocations in steps", &w->steps.allocations, s->allocations) &&
	       value_sum(r, "bytes in steps", &w->steps.bytes, s->bytes) &&
	       value_sum(r, "CPU time of steps", &w->steps.cpu_ns, s->cpu_ns) &&
	       value_sum(r, "CPU ticks of steps", &w->steps.cpu_ticks, s->cpu_ticks);
}

static bool read_agents(struct reading *r, const msgpack_object *body, struct window *w)
{
	static const struct value_member members[] = {
	        {"last", offsetof(struct trace_agents, last), 0},
	        {"first", offsetof(struct trace_agents, first), 0},
	        {"min", offsetof(struct trace_agents, min), 0},
	        {"max", offsetof(struct trace_agents, max), 0},
	        {"sum", offsetof(struct trace_agents, sum), 0},
	        {"steps", offsetof(struct trace_agents, steps), 0},
	};
	const struct trace_agents *a = &r->trace->agents;
	const msgpack_object *map = value_key(body, "agents");
	w->agents = *a;
	if (map) {
		w->agents.sum = w->agents.steps = 0;
		w->agents.known = true;
		if (!value_members(r, map, "agents", members, LENGTH(members), &w->agents) ||
		    !value_sum(r, "agents", &w->agents.sum, a->sum) ||
		    !value_sum(r, "steps with agents", &w->agents.steps, a->steps))
			return false;
	}
	w->shown.agents_last = w->agents.known ? w->agents.last : TRACE_UNKNOWN;
	return true;
}

static bool read_anchor(struct reading *r, const msgpack_object *body, struct window *w)
{
	const struct trace *t = r->trace;
	const struct trace_anchor *last =
	        t->windows_count ? &t->windows[t->windows_count - 1].anchor : &t->header.anchor;
	struct trace_anchor *anchor = &w->shown.anchor;
	const msgpack_object *o = value_key(body, "anchor");
	if (!o || !value_anchor(r, o, anchor))
		return reading_bad(r, "the window has no valid anchor");
	if (anchor->ticks < last->ticks || anchor->mono_ns < last->mono_ns)
		return reading_bad(r, "the window ends before the one before it");
	return true;
}

static bool read_number(struct reading *r, const msgpack_object *body, struct window *w)
{
	const msgpack_object *o = value_key(body, "n");
	int64_t n;
	if (!o || !value_integer(r, o, "the window's number", 0, INT64_MAX, &n))
		return reading_bad(r, "the window has no number");
	if ((uint64_t)n != r->trace->windows_count)
		return reading_bad(r, "window %lld stands where %zu belongs", (long long)n,
		                   r->trace->windows_count);
	o = value_key(body, "open");
	if (o && !value_boolean(r, o, "open", &w->shown.open))
		return false;
	o = value_key(body, "skew");
	return !o || value_integer(r, o, "skew", 0, INT64_MAX, &w->skew);
}

/* The arrays of a window; one that is not there is NULL. */
static bool find_arrays(struct reading *r, const msgpack_object *body, struct window *w)
{
	const struct {
		const char *key;
		const msgpack_object **out;
	} arrays[] = {{"cells", &w->cells},
	              {"cell_variances", &w->variances},
	              {"other_cells", &w->other_cells},
	              {"phases", &w->phases},
	              {"step_histogram", &w->step_histogram},
	              {"phase_histograms", &w->phase_histograms},
	              {"counters", &w->counters}};
	for (size_t i = 0; i < LENGTH(arrays); i++) {
		*arrays[i].out = value_key(body, arrays[i].key);
		if (*arrays[i].out && !value_is_array(r, *arrays[i].out, arrays[i].key))
			return false;
	}
	return true;
}

/* One for each cell. */
static void grow_variances(struct trace *t)
{
	size_t had = t->variances_count;
	if (had >= t->cells_count)
		return;
	t->variances = mem_grow(t->variances, &t->variances_capacity, t->cells_count,
	                        sizeof(*t->variances));
	memset(t->variances + had, 0, (t->cells_count - had) * sizeof(*t->variances));
	t->variances_count = t->cells_count;
}

static bool walk_arrays(struct reading *r, struct window *w, enum pass pass)
{
	struct histogram *steps = &r->trace->steps.histogram;
	struct trace *t = r->trace;
	struct cells cells = {t->cells, t->cells_count, w->totals, true, &w->shown};
	struct cells others = {t->other_cells, t->other_cells_count, w->other_totals, false,
	                       &w->shown};
	if (w->variances && pass == COMMIT)
		grow_variances(t);
	return (!w->cells || walk_cells(r, w->cells, &cells, pass)) &&
	       (!w->variances || walk_variances(r, w->variances, pass)) &&
	       (!w->other_cells || walk_cells(r, w->other_cells, &others, pass)) &&
	       (!w->phases || walk_phases(r, w->phases, pass)) &&
	       (!w->step_histogram || walk_histogram(r, w->step_histogram, 0, steps, pass)) &&
	       (!w->phase_histograms || walk_phase_histograms(r, w->phase_histograms, pass)) &&
	       (!w->counters || walk_counters(r, w->counters, pass));
}

static bool read_window(struct reading *r, const msgpack_object *body, struct window *w)
{
	return read_number(r, body, w) && read_anchor(r, body, w) && read_steps(r, body, w) &&
	       read_agents(r, body, w) && read_heap(r, body, "heap", &w->shown.heap) &&
	       read_process(r, body, "process", &w->shown.process) &&
	       read_allocator(r, body, "allocator", &w->shown.allocator) &&
	       read_profiler(r, body, "profiler", &w->shown.profiler) && find_arrays(r, body, w);
}

static void commit_window(struct trace *t, const struct window *w)
{
	struct histogram histogram = t->steps.histogram;
	t->steps = w->steps;
	t->steps.histogram = histogram;
	t->agents = w->agents;
	t->skew = w->skew;
	memcpy(t->totals, w->totals, sizeof(t->totals));
	memcpy(t->other_totals, w->other_totals, sizeof(t->other_totals));
	if (w->shown.heap.known)
		t->heap = w->shown.heap;
	if (w->shown.process.known)
		t->process = w->shown.process;
	if (w->shown.allocator.known)
		t->allocator = w->shown.allocator;
	if (w->shown.profiler.known)
		t->profiler = w->shown.profiler;
	t->windows = mem_grow(t->windows, &t->windows_capacity, t->windows_count + 1,
	                      sizeof(*t->windows));
	t->windows[t->windows_count++] = w->shown;
}

bool window_take(struct reading *r, const msgpack_object *body)
{
	struct window w = {.skew = 0};
	memcpy(w.totals, r->trace->totals, sizeof(w.totals));
	memcpy(w.other_totals, r->trace->other_totals, sizeof(w.other_totals));
	if (r->trace->end.known)
		return reading_bad(r, "a window after the end");
	if (!value_is_map(r, body, "the body") || !read_window(r, body, &w) ||
	    !walk_arrays(r, &w, CHECK) || !walk_arrays(r, &w, COMMIT))
		return false;
	commit_window(r->trace, &w);
	return true;
}
