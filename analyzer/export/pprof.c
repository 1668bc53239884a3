/* pprof.c: a gzipped profile.proto (github.com/google/pprof, proto/profile.proto), for `go tool
 * pprof` and what else reads it.
 *
 *     sample ──► location … ──► line … ──► function      strings are numbers in one table
 *        │           └──► mapping
 *        └─ values of all metrics, labels phase and thread
 *
 * A location is a frame of the trace, with the functions inlined there, innermost first; what is no
 * code (cut stacks and such) is a function without a place. Ids are those of the trace, so that
 * they need no tables; only functions are numbered here. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/table.h"
#include "export/escape.h"
#include "export/export.h"
#include "export/proto_writer.h"

/* Numbers of fields in profile.proto. */
enum {
	PROFILE_SAMPLE_TYPE = 1,
	PROFILE_SAMPLE = 2,
	PROFILE_MAPPING = 3,
	PROFILE_LOCATION = 4,
	PROFILE_FUNCTION = 5,
	PROFILE_STRING_TABLE = 6,
	PROFILE_TIME_NANOS = 9,
	PROFILE_DURATION_NANOS = 10,
	PROFILE_PERIOD_TYPE = 11,
	PROFILE_PERIOD = 12,
	PROFILE_COMMENT = 13,
	PROFILE_DEFAULT_SAMPLE_TYPE = 14,
	VALUE_TYPE = 1,
	VALUE_UNIT = 2,
	SAMPLE_LOCATION_ID = 1,
	SAMPLE_VALUE = 2,
	SAMPLE_LABEL = 3,
	LABEL_KEY = 1,
	LABEL_STR = 2,
	MAPPING_ID = 1,
	MAPPING_MEMORY_START = 2,
	MAPPING_MEMORY_LIMIT = 3,
	MAPPING_FILENAME = 5,
	MAPPING_BUILD_ID = 6,
	MAPPING_HAS_FUNCTIONS = 7,
	MAPPING_HAS_FILENAMES = 8,
	MAPPING_HAS_LINE_NUMBERS = 9,
	MAPPING_HAS_INLINE_FRAMES = 10,
	LOCATION_ID = 1,
	LOCATION_MAPPING_ID = 2,
	LOCATION_ADDRESS = 3,
	LOCATION_LINE = 4,
	LINE_FUNCTION_ID = 1,
	LINE_LINE = 2,
	FUNCTION_ID = 1,
	FUNCTION_NAME = 2,
	FUNCTION_FILENAME = 4,
	FUNCTION_START_LINE = 5,
};

/* Longer runs are damage to the trace. */
#define DURATION_MAX 3.2e9 /* seconds, a century */

/* Sample types: the count of samples, then the metrics under these names. */
static const char *const types[STACK_METRICS] = {
        [STACK_TIME] = "cpu",    [STACK_ALLOCATIONS] = "allocations",
        [STACK_BYTES] = "bytes", [STACK_PEAK] = "peak",
        [STACK_LIVE] = "live",
};

/* What makes two functions the same; pooled strings of the profile compare by address. */
struct function_key {
	const char *name, *file;
	uint64_t line;
};

struct pprof {
	const struct export_job *job;
	struct text profile;          /* the message */
	struct text inner, innermost; /* messages at hand */
	struct string_pool pool;
	struct table strings; /* addresses in the pool: the string table */
	struct table functions;
	bool *located; /* by frame: its location is written */
	int64_t *ids;  /* of the stack's locations */
	size_t ids_capacity;
};

/* The number of a string, which holds UTF-8 whatever it was. */
static int64_t string_number(struct pprof *p, const char *string)
{
	struct text clean = {0};
	text_string(&clean, "");
	escape_utf8(&clean, string);
	const char *pooled = string_pool_add(&p->pool, clean.bytes, clean.length);
	text_free(&clean);
	return table_add(&p->strings, &pooled);
}

static void add_value_type(struct pprof *p, unsigned field, const char *type, const char *unit)
{
	proto_integer(&p->inner, VALUE_TYPE, string_number(p, type));
	proto_integer(&p->inner, VALUE_UNIT, string_number(p, unit));
	proto_message(&p->profile, field, &p->inner);
}

static bool known(const struct pprof *p, int metric)
{
	return p->job->profile->stacks.known[metric];
}

static void add_sample_types(struct pprof *p)
{
	if (known(p, STACK_TIME))
		add_value_type(p, PROFILE_SAMPLE_TYPE, "samples", "count");
	for (int metric = 0; metric < STACK_METRICS; metric++)
		if (known(p, metric))
			add_value_type(p, PROFILE_SAMPLE_TYPE, types[metric],
			               export_unit((enum stack_metric)metric));
}

static void add_mapping(struct pprof *p, uint32_t id)
{
	const struct trace_module *from = &p->job->profile->trace->modules[id];
	const struct code_module *m = &p->job->profile->code.modules[id];
	char build_id[2 * sizeof(from->build_id) + 1] = "";
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < from->build_id_length; i++) {
		build_id[2 * i] = digits[from->build_id[i] >> 4];
		build_id[2 * i + 1] = digits[from->build_id[i] & 15];
	}
	bool debug = m->state == TRACE_SYMBOLS_DEBUG;
	proto_integer(&p->inner, MAPPING_ID, id);
	proto_integer(&p->inner, MAPPING_MEMORY_START, (int64_t)from->start);
	proto_integer(&p->inner, MAPPING_MEMORY_LIMIT, (int64_t)from->end);
	proto_integer(&p->inner, MAPPING_FILENAME, string_number(p, m->path));
	proto_integer(&p->inner, MAPPING_BUILD_ID, string_number(p, build_id));
	/* Names were looked up already; where there are none, nobody else would find any. */
	proto_integer(&p->inner, MAPPING_HAS_FUNCTIONS, true);
	proto_integer(&p->inner, MAPPING_HAS_FILENAMES, debug);
	proto_integer(&p->inner, MAPPING_HAS_LINE_NUMBERS, debug);
	proto_integer(&p->inner, MAPPING_HAS_INLINE_FRAMES, debug);
	proto_message(&p->profile, PROFILE_MAPPING, &p->inner);
}

/* pprof takes the first mapping for the program's. */
static void add_mappings(struct pprof *p)
{
	const struct profile *profile = p->job->profile;
	uint32_t main = profile->code.main_module;
	if (main)
		add_mapping(p, main);
	for (uint32_t i = 1; i < profile->trace->modules_count; i++)
		if (i != main)
			add_mapping(p, i);
}

static void *begin(const struct export_job *job)
{
	struct pprof *p = mem_zero(sizeof(*p));
	p->job = job;
	table_init(&p->strings, sizeof(const char *));
	table_init(&p->functions, sizeof(struct function_key));
	string_number(p, ""); /* string 0 is empty */
	p->located = mem_zero(job->profile->trace->frames_count * sizeof(*p->located));
	add_sample_types(p);
	add_mappings(p);
	return p;
}

/* ---- samples ------------------------------------------------------------------------------ */

static int64_t function_id(struct pprof *p, const struct stack_frame *frame)
{
	struct function_key key = {frame->function, frame->file, frame->function_line};
	uint32_t before = p->functions.count, number = table_add(&p->functions, &key);
	struct text function = {0};
	if (number < before)
		return number + 1;
	proto_integer(&function, FUNCTION_ID, number + 1);
	/* Without a system_name beside it, readers leave the name as it is: pprof would take it
	 * apart, and "(anonymous namespace)::" away. */
	proto_integer(&function, FUNCTION_NAME, string_number(p, frame->function));
	proto_integer(&function, FUNCTION_FILENAME, string_number(p, frame->file));
	proto_integer(&function, FUNCTION_START_LINE, frame->function_line);
	proto_message(&p->profile, PROFILE_FUNCTION, &function);
	text_free(&function);
	return number + 1;
}

/* Of a frame whose functions are frames[0…count). Ids begin at 1, so a frame's is its own and 1. */
static void add_location(struct pprof *p, const struct stack_frame *frames, size_t count)
{
	const struct trace *t = p->job->profile->trace;
	uint32_t id = frames->frame;
	if (p->located[id])
		return;
	p->located[id] = true;
	for (size_t i = 0; i < count; i++) {
		proto_integer(&p->innermost, LINE_FUNCTION_ID, function_id(p, &frames[i]));
		proto_integer(&p->innermost, LINE_LINE, frames[i].line);
		proto_message(&p->inner, LOCATION_LINE, &p->innermost);
	}
	proto_integer(&p->inner, LOCATION_ID, (int64_t)id + 1);
	if (id >= TRACE_FRAME_FIRST) {
		uint32_t module = t->frames[id].module;
		uint64_t address = t->frames[id].address + t->modules[module].bias;
		proto_integer(&p->inner, LOCATION_MAPPING_ID, module);
		proto_integer(&p->inner, LOCATION_ADDRESS, (int64_t)address);
	}
	proto_message(&p->profile, PROFILE_LOCATION, &p->inner);
}

/* The locations of a stack, innermost first; functions that were inlined share their frame's. */
static size_t add_locations(struct pprof *p, const struct export_stack *stack)
{
	size_t count = 0;
	for (size_t i = 0; i < stack->count;) {
		size_t end = i;
		while (end + 1 < stack->count && stack->frames[end].inlined)
			end++;
		add_location(p, &stack->frames[i], end - i + 1);
		p->ids = mem_grow(p->ids, &p->ids_capacity, count + 1, sizeof(*p->ids));
		p->ids[count++] = (int64_t)stack->frames[i].frame + 1;
		i = end + 1;
	}
	return count;
}

static void add_label(struct pprof *p, const char *key, const char *value)
{
	proto_integer(&p->innermost, LABEL_KEY, string_number(p, key));
	proto_integer(&p->innermost, LABEL_STR, string_number(p, value));
	proto_message(&p->inner, SAMPLE_LABEL, &p->innermost);
}

static void add_labels(struct pprof *p, const struct export_stack *stack)
{
	const char *path = profile_phase_path(stack->profile, stack->phase);
	if (*path)
		add_label(p, "phase", path);
	if (stack->weight->role != WEIGHT_ANY)
		add_label(p, "thread",
		          stack->weight->role == WEIGHT_STEPPING ? "stepping" : "other");
}

static void stack(void *state, const struct export_stack *stack)
{
	struct pprof *p = state;
	int64_t values[STACK_METRICS + 1];
	size_t count = 0, locations = add_locations(p, stack);
	if (known(p, STACK_TIME))
		values[count++] = stack->weight->samples;
	for (int metric = 0; metric < STACK_METRICS; metric++)
		if (known(p, metric))
			values[count++] = stack->weight->values[metric];
	proto_packed(&p->inner, SAMPLE_LOCATION_ID, p->ids, locations);
	proto_packed(&p->inner, SAMPLE_VALUE, values, count);
	add_labels(p, stack);
	proto_message(&p->profile, PROFILE_SAMPLE, &p->inner);
}

/* ---- the file ----------------------------------------------------------------------------- */

static void add_run(struct pprof *p)
{
	const struct profile *profile = p->job->profile;
	const struct trace_header *header = &profile->trace->header;
	proto_integer(&p->profile, PROFILE_TIME_NANOS, header->anchor.real_ns);
	if (profile->run.wall > 0 && profile->run.wall < DURATION_MAX)
		proto_integer(&p->profile, PROFILE_DURATION_NANOS,
		              (int64_t)(profile->run.wall * 1e9));
	if (known(p, STACK_TIME) && header->sampling_hz > 0) {
		add_value_type(p, PROFILE_PERIOD_TYPE, "cpu", "nanoseconds");
		proto_integer(&p->profile, PROFILE_PERIOD, 1000000000 / header->sampling_hz);
	}
	proto_integer(&p->profile, PROFILE_COMMENT, string_number(p, profile->run.command));
	if (profile->sampled)
		proto_integer(&p->profile, PROFILE_COMMENT,
		              string_number(p, "allocations are estimated from samples"));
	proto_integer(&p->profile, PROFILE_DEFAULT_SAMPLE_TYPE,
	              string_number(p, types[p->job->metric]));
}

static void add_strings(struct pprof *p)
{
	const char *const *strings = (const void *)p->strings.keys;
	for (uint32_t i = 0; i < p->strings.count; i++)
		proto_string(&p->profile, PROFILE_STRING_TABLE, strings[i]);
}

/* No time and no name in the header, so that a trace always gives the same file. */
static void compress_into(struct text *out, const struct text *from)
{
	enum { GZIP = 16, WINDOW_BITS = 15, MEMORY_LEVEL = 8 };
	z_stream z = {.next_in = (Bytef *)from->bytes};
	unsigned char chunk[65536];
	size_t left = from->length;
	int status = deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, WINDOW_BITS + GZIP,
	                          MEMORY_LEVEL, Z_DEFAULT_STRATEGY);
	while (status == Z_OK) {
		if (!z.avail_in && left) {
			z.avail_in = left > UINT32_MAX ? UINT32_MAX : (uInt)left;
			left -= z.avail_in;
		}
		z.next_out = chunk;
		z.avail_out = sizeof(chunk);
		status = deflate(&z, left ? Z_NO_FLUSH : Z_FINISH);
		text_add(out, (const char *)chunk, sizeof(chunk) - z.avail_out);
	}
	deflateEnd(&z);
}

static void end(void *state)
{
	struct pprof *p = state;
	add_run(p);
	add_strings(p);
	compress_into(p->job->out, &p->profile);
	text_free(&p->profile);
	text_free(&p->inner);
	text_free(&p->innermost);
	string_pool_free(&p->pool);
	table_free(&p->strings);
	table_free(&p->functions);
	free(p->located);
	free(p->ids);
	free(p);
}

const struct exporter export_pprof = {
        .name = "pprof",
        .summary = "for go tool pprof: all metrics, by phase and thread",
        .takes = EXPORT_TAKES_METRIC,
        .begin = begin,
        .stack = stack,
        .end = end,
};
