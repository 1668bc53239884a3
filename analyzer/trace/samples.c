/* samples.c: SAMPLES and CALLS records.
 *
 * Both are rows of integers of a stated width behind the window that they are about: some ids,
 * which are the row's key, and some sums. Rows of one key, over all windows, are one entry of a
 * table of the trace. A record is walked twice: once to check it all, once to add it up.
 */
#include <stdlib.h>

#include "trace/records.h"

struct rows {
	const msgpack_object *at, *end;
	uint32_t width;
};

/* `[window, width, [integers]]` about the last window. */
static bool read_rows(struct reading *r, const msgpack_object *body, uint32_t known,
                      struct rows *rows)
{
	const struct trace *t = r->trace;
	int64_t window, width;
	if (body->type != MSGPACK_OBJECT_ARRAY || body->via.array.size < 3)
		return reading_bad(r, "not [window, width, [numbers]]");
	const msgpack_object *parts = body->via.array.ptr;
	if (!value_integer(r, &parts[0], "the window", 0, INT64_MAX, &window) ||
	    !value_integer(r, &parts[1], "the width of rows", known, 1024, &width) ||
	    !value_is_array(r, &parts[2], "the list of rows"))
		return false;
	if (t->end.known)
		return reading_bad(r, "they stand after the end");
	if ((uint64_t)window + 1 != t->windows_count)
		return reading_bad(r, "they are of window %lld and stand behind %zu windows",
		                   (long long)window, t->windows_count);
	if (parts[2].via.array.size % width != 0)
		return reading_bad(r, "the last row is not whole");
	*rows = (struct rows){parts[2].via.array.ptr,
	                      parts[2].via.array.ptr + parts[2].via.array.size, (uint32_t)width};
	return true;
}

/* ---- samples ----------------------------------------------------------------------------- */

static bool read_sample(struct reading *r, const msgpack_object *row, struct trace_sample *sample)
{
	const struct trace *t = r->trace;
	return value_id(r, &row[TRACE_SAMPLE_stack], "stack", t->stacks_count, &sample->stack) &&
	       value_id(r, &row[TRACE_SAMPLE_phase], "phase", t->phases_count, &sample->phase) &&
	       value_id(r, &row[TRACE_SAMPLE_role], "role", 2, &sample->role) &&
	       value_integer(r, &row[TRACE_SAMPLE_samples], "samples", 0, INT64_MAX,
	                     &sample->samples) &&
	       value_integer(r, &row[TRACE_SAMPLE_cpu_ns], "cpu_ns", 0, INT64_MAX, &sample->cpu_ns);
}

static void add_sample(struct trace *t, const struct trace_sample *sample)
{
	const uint32_t key[] = {sample->stack, sample->phase, sample->role};
	uint32_t number = table_add(&t->samples_index, key);
	if (number == t->samples_count) {
		t->samples = mem_grow(t->samples, &t->samples_capacity, t->samples_count + 1,
		                      sizeof(*t->samples));
		t->samples[t->samples_count++] = *sample;
		return;
	}
	t->samples[number].samples += sample->samples;
	t->samples[number].cpu_ns += sample->cpu_ns;
}

bool samples_take(struct reading *r, const msgpack_object *body)
{
	struct trace *t = r->trace;
	struct rows rows;
	struct trace_sample sample;
	int64_t samples = t->samples_total, ns = t->sampled_ns_total;
	if (!read_rows(r, body, TRACE_SAMPLE_WIDTH, &rows))
		return false;
	for (const msgpack_object *row = rows.at; row < rows.end; row += rows.width)
		if (!read_sample(r, row, &sample) ||
		    !value_sum(r, "samples", &samples, sample.samples) ||
		    !value_sum(r, "sampled time", &ns, sample.cpu_ns))
			return false;
	for (const msgpack_object *row = rows.at; row < rows.end; row += rows.width)
		if (read_sample(r, row, &sample))
			add_sample(t, &sample);
	struct trace_window *window = &t->windows[t->windows_count - 1];
	window->samples += samples - t->samples_total;
	window->sampled_ns += ns - t->sampled_ns_total;
	t->samples_total = samples;
	t->sampled_ns_total = ns;
	return true;
}

/* ---- calls ------------------------------------------------------------------------------- */

static bool read_call(struct reading *r, const msgpack_object *row, struct trace_call *call)
{
	const struct trace *t = r->trace;
	return value_id(r, &row[TRACE_CALL_function], "frame", t->frames_count, &call->function) &&
	       value_id(r, &row[TRACE_CALL_caller], "frame", t->frames_count, &call->caller) &&
	       value_id(r, &row[TRACE_CALL_phase], "phase", t->phases_count, &call->phase) &&
	       value_id(r, &row[TRACE_CALL_role], "role", 2, &call->role) &&
	       value_integer(r, &row[TRACE_CALL_calls], "calls", 0, INT64_MAX, &call->calls) &&
	       value_integer(r, &row[TRACE_CALL_self], "self", 0, INT64_MAX, &call->self) &&
	       value_integer(r, &row[TRACE_CALL_inclusive], "inclusive", 0, INT64_MAX,
	                     &call->inclusive) &&
	       value_integer(r, &row[TRACE_CALL_untimed], "untimed", 0, INT64_MAX, &call->untimed);
}

static bool sum_call(struct reading *r, int64_t totals[4], const struct trace_call *call)
{
	return value_sum(r, "calls", &totals[0], call->calls) &&
	       value_sum(r, "self", &totals[1], call->self) &&
	       value_sum(r, "inclusive", &totals[2], call->inclusive) &&
	       value_sum(r, "untimed", &totals[3], call->untimed);
}

static void add_call(struct trace *t, const struct trace_call *call)
{
	const uint32_t key[] = {call->function, call->caller, call->phase, call->role};
	uint32_t number = table_add(&t->calls_index, key);
	if (number == t->calls_count) {
		t->calls = mem_grow(t->calls, &t->calls_capacity, t->calls_count + 1,
		                    sizeof(*t->calls));
		t->calls[t->calls_count++] = *call;
		return;
	}
	t->calls[number].calls += call->calls;
	t->calls[number].self += call->self;
	t->calls[number].inclusive += call->inclusive;
	t->calls[number].untimed += call->untimed;
}

bool calls_take(struct reading *r, const msgpack_object *body)
{
	struct trace *t = r->trace;
	struct rows rows;
	struct trace_call call;
	int64_t totals[4];
	for (int i = 0; i < 4; i++)
		totals[i] = t->calls_totals[i];
	if (!read_rows(r, body, TRACE_CALL_WIDTH, &rows))
		return false;
	for (const msgpack_object *row = rows.at; row < rows.end; row += rows.width)
		if (!read_call(r, row, &call) || !sum_call(r, totals, &call))
			return false;
	for (const msgpack_object *row = rows.at; row < rows.end; row += rows.width)
		if (read_call(r, row, &call))
			add_call(t, &call);
	for (int i = 0; i < 4; i++)
		t->calls_totals[i] = totals[i];
	return true;
}

/* ---- the tables -------------------------------------------------------------------------- */

void samples_begin(struct trace *t)
{
	table_init(&t->samples_index, 3 * sizeof(uint32_t));
	table_init(&t->calls_index, 4 * sizeof(uint32_t));
}

void samples_end(struct trace *t)
{
	table_free(&t->samples_index);
	table_free(&t->calls_index);
	free(t->samples);
	free(t->calls);
}
