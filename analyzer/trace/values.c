/* values.c: see values.h. */
#include "trace/values.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool reading_bad(struct reading *r, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(r->problem, sizeof(r->problem), format, arguments);
	va_end(arguments);
	return false;
}

bool value_integer(struct reading *r, const msgpack_object *o, const char *what, int64_t min,
                   int64_t max, int64_t *out)
{
	if (o->type == MSGPACK_OBJECT_NEGATIVE_INTEGER)
		*out = o->via.i64;
	else if (o->type == MSGPACK_OBJECT_POSITIVE_INTEGER && o->via.u64 <= INT64_MAX)
		*out = (int64_t)o->via.u64;
	else if (o->type == MSGPACK_OBJECT_POSITIVE_INTEGER)
		return reading_bad(r, "%s is out of range", what);
	else
		return reading_bad(r, "%s is not an integer", what);
	/* TRACE_UNKNOWN means "not told" and is no value. */
	if (*out < min || *out > max || *out == TRACE_UNKNOWN)
		return reading_bad(r, "%s is %lld, out of range", what, (long long)*out);
	return true;
}

bool value_id(struct reading *r, const msgpack_object *o, const char *what, size_t count,
              uint32_t *out)
{
	int64_t id = 0;
	if (!value_integer(r, o, what, 0, UINT32_MAX, &id))
		return false;
	if ((uint64_t)id >= count)
		return reading_bad(r, "%s %lld is not defined", what, (long long)id);
	*out = (uint32_t)id;
	return true;
}

bool value_address(struct reading *r, const msgpack_object *o, const char *what, uint64_t *out)
{
	if (o->type != MSGPACK_OBJECT_POSITIVE_INTEGER)
		return reading_bad(r, "%s is not an address", what);
	*out = o->via.u64;
	return true;
}

bool value_number(struct reading *r, const msgpack_object *o, const char *what, double *out)
{
	if (o->type == MSGPACK_OBJECT_FLOAT64)
		*out = o->via.f64;
	else if (o->type == MSGPACK_OBJECT_POSITIVE_INTEGER)
		*out = (double)o->via.u64;
	else if (o->type == MSGPACK_OBJECT_NEGATIVE_INTEGER)
		*out = (double)o->via.i64;
	else
		return reading_bad(r, "%s is not a number", what);
	return isfinite(*out) || reading_bad(r, "%s is not finite", what);
}

bool value_boolean(struct reading *r, const msgpack_object *o, const char *what, bool *out)
{
	if (o->type != MSGPACK_OBJECT_BOOLEAN)
		return reading_bad(r, "%s is neither true nor false", what);
	*out = o->via.boolean;
	return true;
}

bool value_string(struct reading *r, const msgpack_object *o, const char *what, const char **out)
{
	if (o->type != MSGPACK_OBJECT_STR && o->type != MSGPACK_OBJECT_BIN)
		return reading_bad(r, "%s is not a string", what);
	*out = arena_text(&r->trace->arena, o->via.str.ptr, o->via.str.size);
	return true;
}

bool value_anchor(struct reading *r, const msgpack_object *o, struct trace_anchor *out)
{
	if (o->type != MSGPACK_OBJECT_ARRAY || o->via.array.size < 3)
		return reading_bad(r, "anchor is not [ticks, mono_ns, real_ns]");
	const msgpack_object *item = o->via.array.ptr;
	return value_integer(r, &item[0], "anchor's ticks", 0, INT64_MAX, &out->ticks) &&
	       value_integer(r, &item[1], "anchor's mono_ns", 0, INT64_MAX, &out->mono_ns) &&
	       value_integer(r, &item[2], "anchor's real_ns", 0, INT64_MAX, &out->real_ns);
}

bool value_is_array(struct reading *r, const msgpack_object *o, const char *what)
{
	return o->type == MSGPACK_OBJECT_ARRAY || reading_bad(r, "%s is not an array", what);
}

bool value_is_map(struct reading *r, const msgpack_object *o, const char *what)
{
	return o->type == MSGPACK_OBJECT_MAP || reading_bad(r, "%s is not a map", what);
}

/* The value of a key, nil or not; NULL if the map has no such key. */
static const msgpack_object *find_key(const msgpack_object *map, const char *key)
{
	size_t length = strlen(key);
	for (uint32_t i = 0; i < map->via.map.size; i++) {
		const msgpack_object_kv *kv = &map->via.map.ptr[i];
		if (kv->key.type == MSGPACK_OBJECT_STR && kv->key.via.str.size == length &&
		    memcmp(kv->key.via.str.ptr, key, length) == 0)
			return &kv->val;
	}
	return NULL;
}

const msgpack_object *value_key(const msgpack_object *map, const char *key)
{
	const msgpack_object *value = find_key(map, key);
	return value && value->type != MSGPACK_OBJECT_NIL ? value : NULL;
}

bool value_members(struct reading *r, const msgpack_object *map, const char *what,
                   const struct value_member *members, size_t count, void *base)
{
	if (!value_is_map(r, map, what))
		return false;
	for (size_t i = 0; i < count; i++) {
		const msgpack_object *o = find_key(map, members[i].key);
		int64_t value = TRACE_UNKNOWN;
		if (!o)
			continue;
		if (o->type != MSGPACK_OBJECT_NIL &&
		    !value_integer(r, o, members[i].key, members[i].min, INT64_MAX, &value))
			return false;
		memcpy((char *)base + members[i].offset, &value, sizeof(value));
	}
	return true;
}

bool value_sum(struct reading *r, const char *what, int64_t *sum, int64_t change)
{
	/* Half the range is left free, so that sums of a few sums cannot overflow either. */
	int64_t total;
	if (__builtin_add_overflow(*sum, change, &total) || total > INT64_MAX / 2 ||
	    total < -(INT64_MAX / 2))
		return reading_bad(r, "the sum of %s is out of range", what);
	*sum = total;
	return true;
}
