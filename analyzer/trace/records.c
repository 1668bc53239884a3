/* records.c: see records.h. One function a kind, in a table. Each checks first and takes over
 * after: table kinds add their entries beyond the table's count and move the count at the end. */
#include "trace/records.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* ---- header ------------------------------------------------------------------------------ */

static bool header_strings(struct reading *r, const msgpack_object *body, struct trace_header *h)
{
	const struct {
		const char *key;
		const char **out;
	} strings[] = {
	        {"writer", &h->writer}, {"run", &h->run},       {"host", &h->host},
	        {"boot", &h->boot},     {"origin", &h->origin}, {"exe", &h->exe},
	        {"cwd", &h->cwd},       {"arch", &h->arch},     {"allocator", &h->allocator},
	        {"mode", &h->mode},
	};
	for (size_t i = 0; i < LENGTH(strings); i++) {
		const msgpack_object *o = value_key(body, strings[i].key);
		*strings[i].out = "";
		if (o && !value_string(r, o, strings[i].key, strings[i].out))
			return false;
	}
	return true;
}

static bool header_command(struct reading *r, const msgpack_object *body, struct trace_header *h)
{
	const msgpack_object *o = value_key(body, "command");
	if (!o)
		return true;
	if (!value_is_array(r, o, "command"))
		return false;
	size_t count = o->via.array.size;
	h->command = arena_alloc(&r->trace->arena, count * sizeof(*h->command));
	for (size_t i = 0; i < count; i++)
		if (!value_string(r, &o->via.array.ptr[i], "command", &h->command[i]))
			return false;
	h->command_count = count;
	return true;
}

static bool header_clock(struct reading *r, const msgpack_object *body, struct trace_header *h)
{
	const msgpack_object *clock = value_key(body, "clock");
	if (!clock || !value_is_map(r, clock, "clock"))
		return reading_bad(r, "the header has no clock");
	const msgpack_object *hz = value_key(clock, "hz");
	if (!hz || !value_number(r, hz, "clock's hz", &h->hz))
		return reading_bad(r, "the header's clock has no frequency");
	/* 0: the recorder had no estimate yet. */
	if (h->hz != 0 && (h->hz < 1e3 || h->hz > 1e12))
		return reading_bad(r, "a clock of %g Hz cannot be", h->hz);
	const struct value_member members[] = {
	        {"mono_ns", offsetof(struct trace_anchor, mono_ns), 0},
	        {"real_ns", offsetof(struct trace_anchor, real_ns), 0},
	};
	h->anchor = (struct trace_anchor){0};
	return value_members(r, clock, "clock", members, LENGTH(members), &h->anchor);
}

static bool header_numbers(struct reading *r, const msgpack_object *body, struct trace_header *h)
{
	static const struct value_member members[] = {
	        {"pid", offsetof(struct trace_header, pid), 0},
	        {"pid_inside", offsetof(struct trace_header, pid_inside), 0},
	        {"ppid", offsetof(struct trace_header, ppid), 0},
	        {"page", offsetof(struct trace_header, page), 1},
	        {"cores", offsetof(struct trace_header, cores), 1},
	        {"sample_bytes", offsetof(struct trace_header, sample_bytes), 1},
	};
	static const struct value_member memory[] = {
	        {"machine", offsetof(struct trace_header, memory_machine), 0},
	        {"cgroup", offsetof(struct trace_header, memory_cgroup), 0},
	        {"address_space", offsetof(struct trace_header, memory_address_space), 0},
	};
	static const struct value_member caches[] = {
	        {"l2", offsetof(struct trace_header, cache_l2), 0},
	        {"l3", offsetof(struct trace_header, cache_l3), 0},
	};
	h->pid_inside = TRACE_UNKNOWN;
	h->cache_l2 = h->cache_l3 = TRACE_UNKNOWN;
	h->pid = h->ppid = h->page = h->cores = h->sample_bytes = TRACE_UNKNOWN;
	h->memory_machine = h->memory_cgroup = h->memory_address_space = TRACE_UNKNOWN;
	const msgpack_object *o = value_key(body, "memory"), *c = value_key(body, "caches");
	return value_members(r, body, "header", members, LENGTH(members), h) &&
	       (!o || value_members(r, o, "memory", memory, LENGTH(memory), h)) &&
	       (!c || value_members(r, c, "caches", caches, LENGTH(caches), h));
}

/* What was recorded beside allocations and marks. */
static bool header_time(struct reading *r, const msgpack_object *body, struct trace_header *h)
{
	static const struct value_member members[] = {
	        {"hz", offsetof(struct trace_header, sampling_hz), 0},
	};
	const msgpack_object *sampling = value_key(body, "sampling");
	const msgpack_object *calls = value_key(body, "count_calls");
	h->sampling_hz = TRACE_UNKNOWN;
	return (!sampling || value_members(r, sampling, "sampling", members, LENGTH(members), h)) &&
	       (!calls || value_boolean(r, calls, "count_calls", &h->count_calls));
}

static bool take_header(struct reading *r, const msgpack_object *body)
{
	struct trace_header h = {0};
	if (r->trace->header.run)
		return reading_bad(r, "a second header");
	if (!header_strings(r, body, &h) || !header_command(r, body, &h) ||
	    !header_clock(r, body, &h) || !header_numbers(r, body, &h) || !header_time(r, body, &h))
		return false;
	r->trace->header = h;
	return true;
}

/* ---- tables ------------------------------------------------------------------------------ */

/* Checks the shape of `[first, [item, …]]`: `first` must be `expected`, and items come in groups of
 * `width`. Gives the items. */
static bool bulk(struct reading *r, const msgpack_object *body, size_t expected, uint32_t width,
                 const msgpack_object **items, uint32_t *count)
{
	int64_t first;
	if (body->type != MSGPACK_OBJECT_ARRAY || body->via.array.size < 2)
		return reading_bad(r, "not [first, [items]]");
	if (!value_integer(r, &body->via.array.ptr[0], "the first id", 0, UINT32_MAX, &first))
		return false;
	if ((uint64_t)first != expected)
		return reading_bad(r, "ids begin at %lld instead of %zu", (long long)first,
		                   expected);
	const msgpack_object *list = &body->via.array.ptr[1];
	if (!value_is_array(r, list, "the list of items"))
		return false;
	if (list->via.array.size % width != 0)
		return reading_bad(r, "the list's last item is not whole");
	if (expected + list->via.array.size / width > UINT32_MAX)
		return reading_bad(r, "too many ids");
	*items = list->via.array.ptr;
	*count = list->via.array.size / width;
	return true;
}

/* Room for `more` entries in a table of the trace, which are not set. */
#define MORE(t, name, more)                                                                        \
	((t)->name = mem_room((t)->name, &(t)->name##_capacity, (t)->name##_count + (more),        \
	                      sizeof(*(t)->name)))

static bool take_strings(struct reading *r, const msgpack_object *body)
{
	struct trace *t = r->trace;
	const msgpack_object *items;
	uint32_t count;
	if (!bulk(r, body, t->strings_count, 1, &items, &count))
		return false;
	MORE(t, strings, count);
	for (uint32_t i = 0; i < count; i++)
		if (!value_string(r, &items[i], "string", &t->strings[t->strings_count + i]))
			return false;
	t->strings_count += count;
	return true;
}

static bool module_build_id(struct reading *r, const msgpack_object *body, struct trace_module *m)
{
	const msgpack_object *o = value_key(body, "build_id");
	if (!o)
		return true;
	if (o->type != MSGPACK_OBJECT_BIN || o->via.bin.size > sizeof(m->build_id))
		return reading_bad(r, "build_id is not a short bin");
	if (o->via.bin.size)
		memcpy(m->build_id, o->via.bin.ptr, o->via.bin.size);
	m->build_id_length = o->via.bin.size;
	return true;
}

static bool module_addresses(struct reading *r, const msgpack_object *body, struct trace_module *m)
{
	const struct {
		const char *key;
		uint64_t *out;
	} addresses[] = {{"start", &m->start}, {"end", &m->end}, {"bias", &m->bias}};
	for (size_t i = 0; i < LENGTH(addresses); i++) {
		const msgpack_object *o = value_key(body, addresses[i].key);
		if (o && !value_address(r, o, addresses[i].key, addresses[i].out))
			return false;
	}
	return m->start <= m->end || reading_bad(r, "the module ends before it starts");
}

static bool take_module(struct reading *r, const msgpack_object *body)
{
	struct trace *t = r->trace;
	static const struct value_member members[] = {
	        {"loaded", offsetof(struct trace_module, loaded), 0},
	        {"unloaded", offsetof(struct trace_module, unloaded), 0},
	};
	struct trace_module m = {.loaded = TRACE_UNKNOWN,
	                         .unloaded = TRACE_UNKNOWN,
	                         .optimized = -1,
	                         .producer = ""};
	int64_t id;
	if (!value_is_map(r, body, "the body"))
		return false;
	const msgpack_object *o = value_key(body, "id");
	if (!o || !value_integer(r, o, "the module's id", 1, (int64_t)t->modules_count, &id))
		return reading_bad(r, "the module's id does not follow the last one's");
	o = value_key(body, "path");
	if (o && !value_id(r, o, "string", t->strings_count, &m.path))
		return false;
	if (!module_build_id(r, body, &m) || !module_addresses(r, body, &m) ||
	    !value_members(r, body, "module", members, LENGTH(members), &m))
		return false;
	if ((size_t)id == t->modules_count) {
		MORE(t, modules, 1);
		t->modules_count++;
	} else {
		m.state = t->modules[id].state;
		m.optimized = t->modules[id].optimized;
		m.producer = t->modules[id].producer;
	}
	t->modules[id] = m;
	return true;
}

static bool take_frames(struct reading *r, const msgpack_object *body)
{
	struct trace *t = r->trace;
	const msgpack_object *items;
	uint32_t count;
	if (!bulk(r, body, t->frames_count, 2, &items, &count))
		return false;
	MORE(t, frames, count);
	for (uint32_t i = 0; i < count; i++) {
		struct trace_frame *f = &t->frames[t->frames_count + i];
		*f = (struct trace_frame){0};
		if (!value_id(r, &items[2 * i], "module", t->modules_count, &f->module) ||
		    !value_address(r, &items[2 * i + 1], "a frame's address", &f->address))
			return false;
	}
	t->frames_count += count;
	return true;
}

static bool take_stacks(struct reading *r, const msgpack_object *body)
{
	struct trace *t = r->trace;
	const msgpack_object *items;
	uint32_t count;
	if (!bulk(r, body, t->stacks_count, 2, &items, &count))
		return false;
	MORE(t, stacks, count);
	for (uint32_t i = 0; i < count; i++) {
		struct trace_stack *s = &t->stacks[t->stacks_count + i];
		if (!value_id(r, &items[2 * i], "parent stack", t->stacks_count + i, &s->parent) ||
		    !value_id(r, &items[2 * i + 1], "frame", t->frames_count, &s->frame))
			return false;
	}
	t->stacks_count += count;
	return true;
}

/* A program marks tens of phases; each may become a line of a report. */
#define PHASES_MAX 100000

static bool take_phases(struct reading *r, const msgpack_object *body)
{
	struct trace *t = r->trace;
	const msgpack_object *items;
	uint32_t count;
	if (!bulk(r, body, t->phases_count, 2, &items, &count))
		return false;
	if (t->phases_count + count > PHASES_MAX)
		return reading_bad(r, "more than %d phases", PHASES_MAX);
	MORE(t, phases, count);
	for (uint32_t i = 0; i < count; i++) {
		struct trace_phase *p = &t->phases[t->phases_count + i];
		*p = (struct trace_phase){0};
		if (!value_id(r, &items[2 * i], "parent phase", t->phases_count + i, &p->parent) ||
		    !value_id(r, &items[2 * i + 1], "string", t->strings_count, &p->name))
			return false;
	}
	t->phases_count += count;
	return true;
}

static bool take_cells(struct reading *r, const msgpack_object *body)
{
	struct trace *t = r->trace;
	const msgpack_object *items;
	uint32_t count;
	if (!bulk(r, body, t->cells_count, 2, &items, &count))
		return false;
	MORE(t, cells, count);
	for (uint32_t i = 0; i < count; i++) {
		struct trace_cell *c = &t->cells[t->cells_count + i];
		*c = (struct trace_cell){0};
		if (!value_id(r, &items[2 * i], "stack", t->stacks_count, &c->stack) ||
		    !value_id(r, &items[2 * i + 1], "phase", t->phases_count, &c->phase))
			return false;
	}
	t->cells_count += count;
	return true;
}

static bool take_other_cells(struct reading *r, const msgpack_object *body)
{
	struct trace *t = r->trace;
	const msgpack_object *items;
	uint32_t count;
	if (!bulk(r, body, t->other_cells_count, 3, &items, &count))
		return false;
	MORE(t, other_cells, count);
	for (uint32_t i = 0; i < count; i++) {
		struct trace_cell *c = &t->other_cells[t->other_cells_count + i];
		*c = (struct trace_cell){0};
		if (!value_id(r, &items[3 * i], "stack", t->stacks_count, &c->stack) ||
		    !value_id(r, &items[3 * i + 1], "phase", t->phases_count, &c->phase) ||
		    !value_id(r, &items[3 * i + 2], "string", t->strings_count, &c->memory))
			return false;
	}
	t->other_cells_count += count;
	return true;
}

static bool take_thread(struct reading *r, const msgpack_object *body)
{
	struct trace *t = r->trace;
	static const struct value_member members[] = {
	        {"id", offsetof(struct trace_thread, id), 0},
	        {"tid", offsetof(struct trace_thread, tid), 0},
	        {"started", offsetof(struct trace_thread, started), 0},
	};
	struct trace_thread thread = {TRACE_UNKNOWN, TRACE_UNKNOWN, TRACE_UNKNOWN, 0, false};
	if (!value_members(r, body, "thread", members, LENGTH(members), &thread))
		return false;
	if (thread.id == TRACE_UNKNOWN)
		return reading_bad(r, "the thread has no id");
	const msgpack_object *o = value_key(body, "name");
	if (o && !value_id(r, o, "string", t->strings_count, &thread.name))
		return false;
	o = value_key(body, "stepping");
	if (o && !value_boolean(r, o, "stepping", &thread.stepping))
		return false;
	/* The last one first: a thread's records mostly follow each other. */
	size_t at = t->threads_count;
	while (at > 0 && t->threads[at - 1].id != thread.id && t->threads_count - at < 64)
		at--;
	if (at > 0 && t->threads[at - 1].id == thread.id) {
		t->threads[at - 1] = thread;
		return true;
	}
	MORE(t, threads, 1);
	t->threads[t->threads_count++] = thread;
	return true;
}

/* ---- facts, slowest steps ---------------------------------------------------------------- */

static void set_param(struct trace *t, const char *name, const char *value)
{
	struct trace_facts *f = &t->facts;
	for (size_t i = 0; i < f->params_count; i++)
		if (strcmp(f->params[i].name, name) == 0) {
			f->params[i].value = value;
			return;
		}
	f->params =
	        mem_grow(f->params, &f->params_capacity, f->params_count + 1, sizeof(*f->params));
	f->params[f->params_count++] = (struct trace_param){name, value};
}

/* A run has a handful of parameters; more than these are not kept. */
#define PARAMS_MAX 1024

static bool facts_params(struct reading *r, const msgpack_object *body)
{
	const msgpack_object *params = value_key(body, "params");
	if (!params)
		return true;
	if (!value_is_map(r, params, "params"))
		return false;
	for (uint32_t i = 0; i < params->via.map.size; i++) {
		const char *name, *value;
		if (!value_string(r, &params->via.map.ptr[i].key, "a parameter's name", &name) ||
		    !value_string(r, &params->via.map.ptr[i].val, "a parameter's value", &value))
			return false;
		if (r->trace->facts.params_count < PARAMS_MAX)
			set_param(r->trace, name, value);
	}
	return true;
}

static bool facts_costs(struct reading *r, const msgpack_object *body, struct trace_facts *f)
{
	const struct {
		const char *key;
		double *out;
	} costs[] = {{"scope_inner_ticks", &f->scope_inner_ticks},
	             {"scope_outer_ticks", &f->scope_outer_ticks},
	             {"clock_ticks", &f->clock_ticks}};
	for (size_t i = 0; i < LENGTH(costs); i++) {
		const msgpack_object *o = value_key(body, costs[i].key);
		if (!o)
			continue;
		if (!value_number(r, o, costs[i].key, costs[i].out))
			return false;
		if (*costs[i].out < 0)
			return reading_bad(r, "%s is negative", costs[i].key);
	}
	return true;
}

static bool take_facts(struct reading *r, const msgpack_object *body)
{
	static const struct value_member members[] = {
	        {"run_begun", offsetof(struct trace_facts, run_begun), 0},
	        {"run_ended", offsetof(struct trace_facts, run_ended), 0},
	        {"steps_expected", offsetof(struct trace_facts, steps_expected), 0},
	        {"stepping_thread", offsetof(struct trace_facts, stepping_thread), 0},
	        {"load_ns", offsetof(struct trace_facts, load_ns), 0},
	};
	struct trace_facts f = r->trace->facts;
	if (!value_members(r, body, "facts", members, LENGTH(members), &f) ||
	    !facts_costs(r, body, &f))
		return false;
	const msgpack_object *name = value_key(body, "name");
	if (name && !value_string(r, name, "name", &f.name))
		return false;
	r->trace->facts = f;
	return facts_params(r, body);
}

static bool take_slowest(struct reading *r, const msgpack_object *body)
{
	struct trace *t = r->trace;
	enum { KNOWN = 6 };
	int64_t width;
	if (body->type != MSGPACK_OBJECT_ARRAY || body->via.array.size < 2 ||
	    !value_integer(r, &body->via.array.ptr[0], "the width of rows", KNOWN, 1024, &width))
		return reading_bad(r, "not [width, [numbers]]");
	const msgpack_object *list = &body->via.array.ptr[1];
	if (!value_is_array(r, list, "the list of steps"))
		return false;
	if (list->via.array.size % width != 0)
		return reading_bad(r, "the last step is not whole");
	size_t count = list->via.array.size / (size_t)width;
	struct trace_slow_step *rows = mem_zero(count * sizeof(*rows));
	for (size_t i = 0; i < count; i++) {
		const msgpack_object *o = &list->via.array.ptr[i * (size_t)width];
		int64_t *out[KNOWN] = {&rows[i].step,        &rows[i].ticks, &rows[i].started,
		                       &rows[i].allocations, &rows[i].bytes, &rows[i].agents};
		for (int k = 0; k < KNOWN; k++)
			if (!value_integer(r, &o[k], "a slow step's figure", 0, INT64_MAX,
			                   out[k])) {
				free(rows);
				return false;
			}
	}
	free(t->slowest);
	t->slowest = rows;
	t->slowest_count = t->slowest_capacity = count;
	return true;
}

/* ---- symbols ----------------------------------------------------------------------------- */

/* Checks, or with `commit` takes over, the flat array of SYMBOLS. */
static bool walk_symbols(struct reading *r, const msgpack_object *body, bool commit)
{
	struct trace *t = r->trace;
	const msgpack_object *o = body->via.array.ptr, *end = o + body->via.array.size;
	while (o < end) {
		uint32_t frame, part[4];
		int64_t n;
		if (end - o < 2)
			return reading_bad(r, "the last frame's symbols are not whole");
		if (!value_id(r, &o[0], "frame", t->frames_count, &frame) ||
		    !value_integer(r, &o[1], "the number of functions", 0, (end - o - 2) / 4, &n))
			return false;
		o += 2;
		struct trace_symbol *symbols =
		        commit ? arena_alloc(&t->arena, (size_t)n * sizeof(*symbols)) : NULL;
		for (int64_t i = 0; i < n; i++, o += 4) {
			if (!value_id(r, &o[0], "string", t->strings_count, &part[0]) ||
			    !value_id(r, &o[1], "string", t->strings_count, &part[1]) ||
			    !value_id(r, &o[2], "line", UINT32_MAX, &part[2]) ||
			    !value_id(r, &o[3], "line", UINT32_MAX, &part[3]))
				return false;
			if (commit)
				symbols[i] =
				        (struct trace_symbol){part[0], part[1], part[2], part[3]};
		}
		if (commit) {
			t->frames[frame].symbols = symbols;
			t->frames[frame].symbols_count = (uint32_t)n;
		}
	}
	return true;
}

static bool take_symbols(struct reading *r, const msgpack_object *body)
{
	return value_is_array(r, body, "the body") && walk_symbols(r, body, false) &&
	       walk_symbols(r, body, true);
}

static bool symbols_state(struct reading *r, const msgpack_object *o,
                          enum trace_symbols_state *state)
{
	static const char *const names[] = {"", "debug", "symtab", "none", "changed", "gone"};
	const char *name;
	if (!o || !value_string(r, o, "state", &name))
		return reading_bad(r, "no state of the module's symbols");
	for (size_t i = 1; i < LENGTH(names); i++)
		if (strcmp(name, names[i]) == 0)
			*state = (enum trace_symbols_state)i;
	return true;
}

static bool take_module_symbols(struct reading *r, const msgpack_object *body)
{
	struct trace *t = r->trace;
	uint32_t id;
	bool optimized;
	if (!value_is_map(r, body, "the body"))
		return false;
	const msgpack_object *o = value_key(body, "module");
	if (!o || !value_id(r, o, "module", t->modules_count, &id))
		return reading_bad(r, "it names no module that is defined");
	struct trace_module m = t->modules[id];
	/* A state of a newer version counts as no symbols. */
	m.state = TRACE_SYMBOLS_NONE;
	m.optimized = -1;
	if (!symbols_state(r, value_key(body, "state"), &m.state))
		return false;
	o = value_key(body, "optimized");
	if (o && !value_boolean(r, o, "optimized", &optimized))
		return false;
	if (o)
		m.optimized = optimized;
	o = value_key(body, "producer");
	if (o && !value_string(r, o, "producer", &m.producer))
		return false;
	t->modules[id] = m;
	return true;
}

/* ---- warnings, end ----------------------------------------------------------------------- */

static bool take_warning(struct reading *r, const msgpack_object *body)
{
	const char *sentence;
	if (!value_string(r, body, "the warning", &sentence))
		return false;
	MORE(r->trace, warnings, 1);
	r->trace->warnings[r->trace->warnings_count++] = sentence;
	return true;
}

static bool take_end(struct reading *r, const msgpack_object *body)
{
	struct trace *t = r->trace;
	static const struct value_member members[] = {
	        {"status", offsetof(struct trace_end, status), INT64_MIN},
	        {"signal", offsetof(struct trace_end, signal), 0},
	};
	struct trace_end end = {.known = true,
	                        .reason = "exited",
	                        .status = TRACE_UNKNOWN,
	                        .signal = TRACE_UNKNOWN};
	if (t->end.known)
		return reading_bad(r, "a second end");
	if (!value_members(r, body, "end", members, LENGTH(members), &end))
		return false;
	end.anchor = t->windows_count ? t->windows[t->windows_count - 1].anchor : t->header.anchor;
	struct trace_anchor last = end.anchor;
	const msgpack_object *o = value_key(body, "reason");
	if (o && !value_string(r, o, "reason", &end.reason))
		return false;
	o = value_key(body, "out_of_memory");
	if (o && !value_boolean(r, o, "out_of_memory", &end.out_of_memory))
		return false;
	o = value_key(body, "steps_open");
	if (o && !value_boolean(r, o, "steps_open", &end.steps_open))
		return false;
	o = value_key(body, "anchor");
	if (o && !value_anchor(r, o, &end.anchor))
		return false;
	if (end.anchor.ticks < last.ticks || end.anchor.mono_ns < last.mono_ns)
		return reading_bad(r, "the end is before the last window");
	t->end = end;
	return true;
}

/* OPEN is looked at before its side file is read (load.c). */
static bool take_open(struct reading *r, const msgpack_object *body)
{
	(void)body;
	return r->side || reading_bad(r, "the head of a side file inside a trace");
}

/* ---- all kinds --------------------------------------------------------------------------- */

static const struct {
	const char *name;
	bool (*take)(struct reading *, const msgpack_object *);
} kinds[] = {
        [TRACE_HEADER] = {"HEADER", take_header},
        [TRACE_STRINGS] = {"STRINGS", take_strings},
        [TRACE_MODULE] = {"MODULE", take_module},
        [TRACE_FRAMES] = {"FRAMES", take_frames},
        [TRACE_STACKS] = {"STACKS", take_stacks},
        [TRACE_PHASES] = {"PHASES", take_phases},
        [TRACE_THREAD] = {"THREAD", take_thread},
        [TRACE_CELLS] = {"CELLS", take_cells},
        [TRACE_WINDOW] = {"WINDOW", window_take},
        [TRACE_FACTS] = {"FACTS", take_facts},
        [TRACE_SLOWEST] = {"SLOWEST", take_slowest},
        [TRACE_SYMBOLS] = {"SYMBOLS", take_symbols},
        [TRACE_MODULE_SYMBOLS] = {"MODULE_SYMBOLS", take_module_symbols},
        [TRACE_WARNING] = {"WARNING", take_warning},
        [TRACE_END] = {"END", take_end},
        [TRACE_OPEN] = {"OPEN", take_open},
        [TRACE_OTHER_CELLS] = {"OTHER_CELLS", take_other_cells},
        [TRACE_SAMPLES] = {"SAMPLES", samples_take},
        [TRACE_CALLS] = {"CALLS", calls_take},
        [TRACE_ALLOCATOR] = {"ALLOCATOR", allocator_take},
};

int64_t record_kind(const msgpack_object *object)
{
	if (object->type != MSGPACK_OBJECT_ARRAY || object->via.array.size != 2 ||
	    object->via.array.ptr[0].type != MSGPACK_OBJECT_POSITIVE_INTEGER ||
	    object->via.array.ptr[0].via.u64 > INT64_MAX)
		return -1;
	return (int64_t)object->via.array.ptr[0].via.u64;
}

bool record_take(struct reading *r, const msgpack_object *record)
{
	int64_t kind = record_kind(record);
	if (kind < 1)
		return reading_bad(r, "not a record [kind, body]");
	if ((uint64_t)kind >= LENGTH(kinds) || !kinds[kind].take)
		return true;
	if (kinds[kind].take(r, &record->via.array.ptr[1]))
		return true;
	char problem[sizeof(r->problem)];
	memcpy(problem, r->problem, sizeof(problem));
	return reading_bad(r, "%s: %.150s", kinds[kind].name, problem);
}
