/* allocator.c: ALLOCATOR records: a map of figures, and two tables of stated width, for size
 * classes and for arenas. A record replaces the one before, and is checked whole before. */
#include <stdlib.h>
#include <string.h>

#include "trace/records.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* More rows than any allocator has classes or arenas. */
#define ROWS_MAX 4096u

/* `[width, [integers]]` under `key`: its rows, cut to the `known` columns; all 0 or more. NULL, and
 * none, where there is no such key. */
static bool read_table(struct reading *r, const msgpack_object *body, const char *key,
                       uint32_t known, int64_t **rows, size_t *count)
{
	const msgpack_object *o = value_key(body, key);
	int64_t width;
	*rows = NULL;
	*count = 0;
	if (!o)
		return true;
	if (o->type != MSGPACK_OBJECT_ARRAY || o->via.array.size < 2 ||
	    !value_integer(r, &o->via.array.ptr[0], "the width of rows", known, 1024, &width) ||
	    !value_is_array(r, &o->via.array.ptr[1], "the list of rows"))
		return reading_bad(r, "%s is not [width, [numbers]]", key);
	const msgpack_object *list = &o->via.array.ptr[1];
	if (list->via.array.size % width != 0 || list->via.array.size / width > ROWS_MAX)
		return reading_bad(r, "%s: the last row is not whole, or there are too many", key);
	size_t rows_count = list->via.array.size / (size_t)width;
	int64_t *values = mem_zero((rows_count * known + 1) * sizeof(*values));
	for (size_t i = 0; i < rows_count * known; i++) {
		size_t at = i / known * (size_t)width + i % known;
		if (!value_integer(r, &list->via.array.ptr[at], key, 0, INT64_MAX, &values[i])) {
			free(values);
			return false;
		}
	}
	*rows = values;
	*count = rows_count;
	return true;
}

static void fill_classes(struct trace_allocator_details *details, const int64_t *values)
{
	details->classes = mem_zero((details->classes_count + 1) * sizeof(*details->classes));
	for (size_t i = 0; i < details->classes_count; i++) {
		struct trace_allocator_class *class = &details->classes[i];
#define X(name, text) class->name = *values++;
		TRACE_ALLOCATOR_CLASS_FIELDS(X)
#undef X
	}
}

static void fill_arenas(struct trace_allocator_details *details, const int64_t *values)
{
	details->arenas = mem_zero((details->arenas_count + 1) * sizeof(*details->arenas));
	for (size_t i = 0; i < details->arenas_count; i++) {
		struct trace_allocator_arena *arena = &details->arenas[i];
#define X(name, text) arena->name = *values++;
		TRACE_ALLOCATOR_ARENA_FIELDS(X)
#undef X
	}
}

static bool read_figures(struct reading *r, const msgpack_object *body,
                         struct trace_allocator_details *details)
{
	static const struct value_member members[] = {
	        {"taken", offsetof(struct trace_allocator_details, taken), 0},
	        {"dirty_decay_ms", offsetof(struct trace_allocator_details, dirty_decay_ms), -1},
	        {"muzzy_decay_ms", offsetof(struct trace_allocator_details, muzzy_decay_ms), -1},
	        {"arenas_all", offsetof(struct trace_allocator_details, arenas_all), 0},
	};
	*details = (struct trace_allocator_details){.known = true,
	                                            .taken = TRACE_UNKNOWN,
	                                            .dirty_decay_ms = TRACE_UNKNOWN,
	                                            .muzzy_decay_ms = TRACE_UNKNOWN,
	                                            .arenas_all = TRACE_UNKNOWN};
	const msgpack_object *o = value_key(body, "at_end");
	return value_members(r, body, "allocator", members, LENGTH(members), details) &&
	       (!o || value_boolean(r, o, "at_end", &details->at_end));
}

bool allocator_take(struct reading *r, const msgpack_object *body)
{
	struct trace_allocator_details details;
	int64_t *classes, *arenas;
	if (!value_is_map(r, body, "the body") || !read_figures(r, body, &details) ||
	    !read_table(r, body, "classes", TRACE_ALLOCATOR_CLASS_WIDTH, &classes,
	                &details.classes_count))
		return false;
	if (!read_table(r, body, "arenas", TRACE_ALLOCATOR_ARENA_WIDTH, &arenas,
	                &details.arenas_count)) {
		free(classes);
		return false;
	}
	fill_classes(&details, classes);
	fill_arenas(&details, arenas);
	free(classes);
	free(arenas);
	allocator_free(&r->trace->allocator_details);
	r->trace->allocator_details = details;
	return true;
}

void allocator_free(struct trace_allocator_details *details)
{
	free(details->classes);
	free(details->arenas);
}
