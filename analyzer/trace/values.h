/* values.h: typed values out of msgpack objects, with a reason where one does not fit.
 *
 * All functions return false when the value is not what was asked for. `struct reading` carries the
 * first reason; callers that know better what they were looking at give their own by reading_bad.
 */
#ifndef ANALYZER_TRACE_VALUES_H
#define ANALYZER_TRACE_VALUES_H

#include <msgpack/object.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/trace.h"

struct reading {
	struct trace *trace;
	bool side;         /* reading the side file */
	char problem[200]; /* why the record at hand is not valid */
};

/* Notes why the record is not valid; returns false. */
__attribute__((format(printf, 2, 3))) bool reading_bad(struct reading *r, const char *format, ...);

/* An integer within [min, max]. `what` names it in the reason. */
bool value_integer(struct reading *r, const msgpack_object *o, const char *what, int64_t min,
                   int64_t max, int64_t *out);

/* An integer below `count`: an id of a table. */
bool value_id(struct reading *r, const msgpack_object *o, const char *what, size_t count,
              uint32_t *out);

/* An address: any unsigned 64-bit number. */
bool value_address(struct reading *r, const msgpack_object *o, const char *what, uint64_t *out);

/* A finite number, integer or not. */
bool value_number(struct reading *r, const msgpack_object *o, const char *what, double *out);

bool value_boolean(struct reading *r, const msgpack_object *o, const char *what, bool *out);

/* A str or bin, copied into the trace's arena and ended by a 0. */
bool value_string(struct reading *r, const msgpack_object *o, const char *what, const char **out);

/* [ticks, mono_ns, real_ns], none negative. */
bool value_anchor(struct reading *r, const msgpack_object *o, struct trace_anchor *out);

bool value_is_array(struct reading *r, const msgpack_object *o, const char *what);
bool value_is_map(struct reading *r, const msgpack_object *o, const char *what);

/* The value of a key of a map; NULL if it is not there or nil. */
const msgpack_object *value_key(const msgpack_object *map, const char *key);

/* Integer keys of a map that go to int64_t members of a struct. Keys that are not there leave their
 * member as it is; nil makes it TRACE_UNKNOWN. */
struct value_member {
	const char *key;
	size_t offset;
	int64_t min;
};
bool value_members(struct reading *r, const msgpack_object *map, const char *what,
                   const struct value_member *members, size_t count, void *base);

/* *sum += change, or an overflow that makes the record invalid. */
bool value_sum(struct reading *r, const char *what, int64_t *sum, int64_t change);

#endif
