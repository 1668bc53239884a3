/* load.c: from a file to a struct trace.
 *
 *     file ──► decoder ──► record_take ──► struct trace
 *     file.open ───┘  (only if the trace has no END, and its head names this trace at this length)
 *
 * The file is read into memory rather than mapped: a recorder may cut a torn tail off while we
 * read.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "trace/decode.h"
#include "trace/records.h"
#include "trace/trace.h"
#include "trace/variances.h"

/* ---- files ------------------------------------------------------------------------------- */

#define READ_BYTES ((size_t)256 << 10)

/* Room is made at once for files up to so much. */
#define FILE_BYTES_AHEAD ((off_t)1 << 30)

/* Reads to the end of `fd`. False with errno set on an error. */
static bool read_all(int fd, struct text *into)
{
	for (;;) {
		into->bytes = mem_room(into->bytes, &into->capacity, into->length + READ_BYTES, 1);
		ssize_t got = read(fd, into->bytes + into->length, into->capacity - into->length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got == 0;
		into->length += (size_t)got;
	}
}

static bool read_file(const char *path, struct text *into)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	/* A file that is being written to may be longer by then. */
	if (fstat(fd, &status) == 0 && status.st_size > 0 && status.st_size < FILE_BYTES_AHEAD)
		into->bytes = mem_room(into->bytes, &into->capacity,
		                       (size_t)status.st_size + READ_BYTES + 1, 1);
	bool good = read_all(fd, into);
	int kept = errno;
	close(fd);
	errno = kept;
	return good;
}

/* ---- one stream of records --------------------------------------------------------------- */

static void note_damage(struct trace *t, const char *problem)
{
	snprintf(t->damage, sizeof(t->damage), "%s", problem);
}

/* Takes over all whole records of the buffer from `offset` on. Returns where the reading ended. */
static size_t take_records(struct reading *r, const char *bytes, size_t length, size_t offset)
{
	struct trace *t = r->trace;
	struct decoder decoder = {.bytes = bytes, .length = length, .offset = offset};
	msgpack_object object;
	enum decoded decoded;
	for (;;) {
		offset = decoder.offset;
		decoded = decode_next(&decoder, &object);
		if (decoded != DECODED_OBJECT)
			break;
		if (!record_take(r, &object)) {
			note_damage(t, r->problem);
			break;
		}
	}
	if (decoded == DECODED_INVALID)
		note_damage(t, "no msgpack object stands there");
	if (decoded == DECODED_TORN && !r->side)
		t->torn = true;
	decoder_free(&decoder);
	return offset;
}

/* ---- the header -------------------------------------------------------------------------- */

static bool check_magic(const msgpack_object *body)
{
	const msgpack_object *format = value_key(body, "format");
	return format && format->type == MSGPACK_OBJECT_STR &&
	       format->via.str.size == strlen(TRACE_MAGIC) &&
	       memcmp(format->via.str.ptr, TRACE_MAGIC, strlen(TRACE_MAGIC)) == 0;
}

static bool check_version(struct trace *t, const msgpack_object *body, struct failure *failure)
{
	struct reading r = {.trace = t};
	const msgpack_object *version = value_key(body, "version");
	int64_t major, minor;
	if (!version || version->type != MSGPACK_OBJECT_ARRAY || version->via.array.size < 2 ||
	    !value_integer(&r, &version->via.array.ptr[0], "major", 0, INT32_MAX, &major) ||
	    !value_integer(&r, &version->via.array.ptr[1], "minor", 0, INT32_MAX, &minor))
		return failure_set(failure, EXIT_TRACE,
		                   "%s: its header tells no version; it cannot be read", t->path);
	if (major != TRACE_VERSION_MAJOR)
		return failure_set(failure, EXIT_TRACE,
		                   "%s is a trace of format %" PRId64 ".%" PRId64
		                   " and this analyzer "
		                   "reads %d.x; use the analyzer of the memprof that wrote it",
		                   t->path, major, minor, TRACE_VERSION_MAJOR);
	t->newer_minor = minor > TRACE_VERSION_MINOR;
	return true;
}

static bool check_header(struct reading *r, const msgpack_object *object, struct failure *failure)
{
	struct trace *t = r->trace;
	if (record_kind(object) != TRACE_HEADER ||
	    object->via.array.ptr[1].type != MSGPACK_OBJECT_MAP ||
	    !check_magic(&object->via.array.ptr[1]))
		return failure_set(
		        failure, EXIT_TRACE,
		        "%s is not a memprof trace; give a trace.msgpack or a run directory",
		        t->path);
	if (!check_version(t, &object->via.array.ptr[1], failure))
		return false;
	return record_take(r, object) ||
	       failure_set(failure, EXIT_TRACE, "%s: %s; record the run again", t->path,
	                   r->problem);
}

/* Reads the first object, which must be the header. */
static bool take_header(struct reading *r, const char *bytes, size_t length, size_t *offset,
                        struct failure *failure)
{
	const char *path = r->trace->path;
	struct decoder decoder = {.bytes = bytes, .length = length};
	msgpack_object object;
	bool good = false;
	switch (decode_next(&decoder, &object)) {
	case DECODED_END:
		failure_set(failure, EXIT_TRACE,
		            "%s is empty: nothing was recorded in it; record the run again", path);
		break;
	case DECODED_TORN:
		failure_set(failure, EXIT_TRACE,
		            "%s is not a trace, or ends inside its header; record the run again",
		            path);
		break;
	case DECODED_INVALID:
		failure_set(
		        failure, EXIT_TRACE,
		        "%s is not msgpack, so no trace; give a trace.msgpack or a run directory",
		        path);
		break;
	case DECODED_OBJECT:
		good = check_header(r, &object, failure);
		break;
	}
	*offset = decoder.offset;
	decoder_free(&decoder);
	return good;
}

/* ---- the side file ----------------------------------------------------------------------- */

/* Whether the side file's head names this trace at this length. */
static bool side_belongs(struct reading *r, const msgpack_object *object)
{
	const struct trace *t = r->trace;
	const msgpack_object *body = &object->via.array.ptr[1];
	const char *run;
	int64_t base;
	if (record_kind(object) != TRACE_OPEN || body->type != MSGPACK_OBJECT_MAP)
		return false;
	const msgpack_object *o = value_key(body, "run");
	if (!o || !value_string(r, o, "run", &run) || strcmp(run, t->header.run) != 0)
		return false;
	o = value_key(body, "base");
	return o && value_integer(r, o, "base", 0, INT64_MAX, &base) &&
	       (uint64_t)base == t->whole_bytes;
}

static void join_side(struct trace *t, const char *bytes, size_t length)
{
	struct reading r = {.trace = t, .side = true};
	struct decoder decoder = {.bytes = bytes, .length = length};
	msgpack_object object;
	bool belongs =
	        decode_next(&decoder, &object) == DECODED_OBJECT && side_belongs(&r, &object);
	size_t offset = decoder.offset;
	decoder_free(&decoder);
	if (!belongs)
		return;
	t->joined = true;
	t->side_length = take_records(&r, bytes, length, offset) - offset;
	t->side_bytes = arena_text(&t->arena, bytes + offset, t->side_length);
}

/* ---- all of it --------------------------------------------------------------------------- */

/* Entries that stand in each table before the first record. */
static void begin_tables(struct trace *t)
{
	t->strings = mem_grow(NULL, &t->strings_capacity, 1, sizeof(*t->strings));
	t->strings[0] = "";
	t->strings_count = 1;
	t->modules = mem_grow(NULL, &t->modules_capacity, 1, sizeof(*t->modules));
	t->modules[0].optimized = -1;
	t->modules[0].producer = "";
	t->modules_count = 1;
	t->frames = mem_grow(NULL, &t->frames_capacity, TRACE_FRAME_FIRST, sizeof(*t->frames));
	t->frames_count = TRACE_FRAME_FIRST;
	t->stacks = mem_grow(NULL, &t->stacks_capacity, 1, sizeof(*t->stacks));
	t->stacks_count = 1;
	t->phases = mem_grow(NULL, &t->phases_capacity, 1, sizeof(*t->phases));
	t->phases_count = 1;
	t->cells = mem_grow(NULL, &t->cells_capacity, 1, sizeof(*t->cells));
	t->cells_count = 1;
	t->other_cells = mem_grow(NULL, &t->other_cells_capacity, 1, sizeof(*t->other_cells));
	t->other_cells_count = 1;
	samples_begin(t);
	t->facts = (struct trace_facts){.run_begun = TRACE_UNKNOWN,
	                                .run_ended = TRACE_UNKNOWN,
	                                .steps_expected = TRACE_UNKNOWN,
	                                .stepping_thread = TRACE_UNKNOWN,
	                                .load_ns = TRACE_UNKNOWN,
	                                .scope_inner_ticks = NAN,
	                                .scope_outer_ticks = NAN,
	                                .clock_ticks = NAN};
}

struct trace *trace_parse(const char *path, const char *bytes, size_t length, const char *side,
                          size_t side_length, struct failure *failure)
{
	struct trace *t = mem_zero(sizeof(*t));
	struct reading r = {.trace = t};
	size_t offset;
	t->path = arena_text(&t->arena, path, strlen(path));
	t->file_bytes = length;
	begin_tables(t);
	if (!take_header(&r, bytes, length, &offset, failure)) {
		trace_free(t);
		return NULL;
	}
	t->whole_bytes = take_records(&r, bytes, length, offset);
	if (side && !t->end.known && !t->damage[0])
		join_side(t, side, side_length);
	variances_find_pulls(t);
	return t;
}

struct trace *trace_load(const char *path, struct failure *failure)
{
	struct text file = {0}, side = {0}, side_path = {0};
	struct trace *t = NULL;
	/* The side file first: were it read after a window was closed, it would no longer fit. */
	text_printf(&side_path, "%s%s", path, TRACE_OPEN_SUFFIX);
	bool has_side = read_file(side_path.bytes, &side);
	if (!read_file(path, &file))
		failure_set(failure, EXIT_TRACE,
		            "cannot read %s: %s; give a trace or a run directory", path,
		            strerror(errno));
	else
		t = trace_parse(path, file.bytes, file.length, has_side ? side.bytes : NULL,
		                side.length, failure);
	text_free(&file);
	text_free(&side);
	text_free(&side_path);
	return t;
}

void trace_free(struct trace *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->phases_count; i++)
		for (int role = 0; role < 2; role++)
			histogram_free(&t->phases[i].times[role].histogram);
	histogram_free(&t->steps.histogram);
	free(t->strings);
	free(t->modules);
	free(t->frames);
	free(t->stacks);
	free(t->phases);
	free(t->cells);
	free(t->other_cells);
	free(t->variances);
	samples_end(t);
	free(t->threads);
	free(t->windows);
	free(t->live_changes);
	free(t->phase_changes);
	free(t->counters);
	free(t->slowest);
	free(t->warnings);
	free(t->facts.params);
	allocator_free(&t->allocator_details);
	arena_free(&t->arena);
	free(t);
}
