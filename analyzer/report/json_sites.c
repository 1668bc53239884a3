/* json_sites.c: a call-site, with the stack that allocated most, for programs. */
#include "report/json_parts.h"

#include "base/text.h"
#include "model/estimate.h"

/* Frames of a call-site's stack that are given. */
#define STACK_MAX 64

static void add_function(json_t *list, const struct code_function *f, const char *module)
{
	struct text line = {0};
	text_string(&line, *f->function ? f->function : "?");
	if (*f->file)
		text_printf(&line, " (%s:%u)", f->file, f->line);
	else
		text_printf(&line, " (%s)", module);
	json_array_append_new(list, json_text(line.bytes));
	text_free(&line);
}

static void add_frame(json_t *list, const struct profile *p, uint32_t id)
{
	const struct code_frame *frame = &p->code.frames[id];
	if (id < TRACE_FRAME_FIRST) {
		json_array_append_new(list, json_text(code_special_name(id)));
		return;
	}
	const char *module = p->code.modules[frame->module].name;
	for (uint32_t i = 0; i < frame->count; i++)
		add_function(list, &frame->functions[i], module);
	if (!frame->count) {
		struct text line = {0};
		text_printf(&line, "%s+0x%llx", module,
		            (unsigned long long)p->trace->frames[id].address);
		json_array_append_new(list, json_text(line.bytes));
		text_free(&line);
	}
}

/* Innermost first. */
static json_t *stack_of(const struct profile *p, uint32_t stack)
{
	json_t *list = json_array();
	for (; stack && json_array_size(list) < STACK_MAX; stack = p->trace->stacks[stack].parent)
		add_frame(list, p, p->trace->stacks[stack].frame);
	return list;
}

/* Whether a step made what was made in a phase; null: some of it may be. */
static json_t *in_steps(const struct profile *p, uint32_t phase)
{
	if (!p->steps.count || p->places[phase] == PLACE_BOTH)
		return json_null();
	return json_boolean(p->places[phase] == PLACE_STEPS);
}

json_t *json_site(const struct profile *p, const struct call_site *site)
{
	const int64_t *f = site->fields;
	const struct variance *v = site->variances.fields;
	bool sampled = site->estimated;
	json_t *o = json_object();
	json_set(o, "function", *site->function ? json_text(site->function) : json_null());
	json_set(o, "file", *site->file ? json_text(site->file) : json_null());
	json_set(o, "line", site->line ? json_count(site->line) : json_null());
	json_set(o, "module", json_text(site->module));
	json_set(o, "label", json_text(site->label));
	json_set(o, "own", json_boolean(site->own));
	json_set(o, "phase", json_text(profile_phase_path(p, site->phase)));
	json_set(o, "in_steps", in_steps(p, site->phase));
	json_set_estimate(o, sampled, "allocations", f[TRACE_CELL_ALLOCATIONS],
	                  v[TRACE_CELL_ALLOCATIONS]);
	json_set_estimate(o, sampled, "frees", f[TRACE_CELL_FREES], v[TRACE_CELL_FREES]);
	json_set_estimate(o, sampled, "reallocations", f[TRACE_CELL_MOVED_IN],
	                  v[TRACE_CELL_MOVED_IN]);
	json_set_estimate(o, sampled, "bytes_allocated", f[TRACE_CELL_ALLOCATED_BYTES],
	                  v[TRACE_CELL_ALLOCATED_BYTES]);
	json_set_estimate(o, sampled, "usable_bytes_allocated", f[TRACE_CELL_ALLOCATED_USABLE],
	                  variance_usable(&site->variances));
	json_set_estimate(o, sampled, "reallocated_bytes", f[TRACE_CELL_MOVED_IN_BYTES],
	                  v[TRACE_CELL_MOVED_IN_BYTES]);
	json_set_estimate(o, sampled, "temporary_allocations", f[TRACE_CELL_TEMPORARIES],
	                  v[TRACE_CELL_TEMPORARIES]);
	json_set_estimate(o, sampled, "cross_thread_frees", f[TRACE_CELL_CROSS_FREES],
	                  v[TRACE_CELL_CROSS_FREES]);
	json_set_lifetimes(o, sampled, f, v);
	if (sampled)
		json_set(o, "sampled_blocks", json_count(f[TRACE_CELL_SAMPLED]));
	json_set_estimate(o, sampled, "peak_bytes", f[TRACE_CELL_PEAK_BYTES],
	                  v[TRACE_CELL_PEAK_BYTES]);
	json_set_estimate(o, sampled, "live_at_exit_bytes", site->live_bytes,
	                  variance_live_bytes(&site->variances));
	json_set_estimate(o, sampled, "live_at_exit_allocations", site->live_blocks,
	                  variance_live_blocks(&site->variances));
	json_set(o, "stack", stack_of(p, site->stack));
	return o;
}
