/* decode.c: see decode.h.
 *
 * msgpack-c's own unpacker allocates what an array's header asks for, up to 100 GB for five bytes
 * of input. Its parser is a template that takes the functions which make objects; these are
 * below. `pending` counts the objects that open containers still need. Each takes at least a byte,
 * so pending never exceeds the bytes left in an object that is whole.
 */
#include "trace/decode.h"

#include <msgpack/unpack.h>
#include <msgpack/unpack_define.h>
#include <stdint.h>

struct building {
	struct arena *arena;
	size_t length;  /* bytes from the object's first to the buffer's end */
	size_t seen;    /* objects begun */
	size_t pending; /* objects still needed by open containers */
};

/* No result of msgpack-c's parser has this value. */
#define TORN (-100)

#define msgpack_unpack_struct(name)      struct record##name
#define msgpack_unpack_func(ret, name)   static ret record##name
#define msgpack_unpack_callback(name)    on##name
#define msgpack_unpack_object            msgpack_object
#define msgpack_unpack_user              struct building
#define msgpack_unpack_struct_decl(name) struct record##name

struct record_context;
static void record_init(struct record_context *context);
static msgpack_object record_data(struct record_context *context);
static int record_execute(struct record_context *context, const char *data, size_t length,
                          size_t *offset);

/* Accounts for a container of `objects` objects. */
static int on_container(struct building *b, size_t objects)
{
	b->pending += objects;
	return b->seen + b->pending > b->length ? TORN : 0;
}

static int on_value(struct building *b)
{
	b->seen++;
	if (b->pending)
		b->pending--;
	return 0;
}

static msgpack_object on_root(struct building *b)
{
	(void)b;
	return (msgpack_object){.type = MSGPACK_OBJECT_NIL};
}

static int on_uint64(struct building *b, uint64_t value, msgpack_object *o)
{
	o->type = MSGPACK_OBJECT_POSITIVE_INTEGER;
	o->via.u64 = value;
	return on_value(b);
}

static int on_uint32(struct building *b, uint32_t value, msgpack_object *o)
{
	return on_uint64(b, value, o);
}

static int on_uint16(struct building *b, uint16_t value, msgpack_object *o)
{
	return on_uint64(b, value, o);
}

static int on_uint8(struct building *b, uint8_t value, msgpack_object *o)
{
	return on_uint64(b, value, o);
}

static int on_int64(struct building *b, int64_t value, msgpack_object *o)
{
	if (value >= 0)
		return on_uint64(b, (uint64_t)value, o);
	o->type = MSGPACK_OBJECT_NEGATIVE_INTEGER;
	o->via.i64 = value;
	return on_value(b);
}

static int on_int32(struct building *b, int32_t value, msgpack_object *o)
{
	return on_int64(b, value, o);
}

static int on_int16(struct building *b, int16_t value, msgpack_object *o)
{
	return on_int64(b, value, o);
}

static int on_int8(struct building *b, int8_t value, msgpack_object *o)
{
	return on_int64(b, value, o);
}

static int on_double(struct building *b, double value, msgpack_object *o)
{
	o->type = MSGPACK_OBJECT_FLOAT64;
	o->via.f64 = value;
	return on_value(b);
}

static int on_float(struct building *b, float value, msgpack_object *o)
{
	return on_double(b, (double)value, o);
}

static int on_nil(struct building *b, msgpack_object *o)
{
	o->type = MSGPACK_OBJECT_NIL;
	return on_value(b);
}

static int on_boolean(struct building *b, bool value, msgpack_object *o)
{
	o->type = MSGPACK_OBJECT_BOOLEAN;
	o->via.boolean = value;
	return on_value(b);
}

static int on_true(struct building *b, msgpack_object *o)
{
	return on_boolean(b, true, o);
}

static int on_false(struct building *b, msgpack_object *o)
{
	return on_boolean(b, false, o);
}

static int on_array(struct building *b, unsigned int count, msgpack_object *o)
{
	on_value(b);
	if (on_container(b, count) < 0)
		return TORN;
	o->type = MSGPACK_OBJECT_ARRAY;
	o->via.array.size = 0;
	o->via.array.ptr = arena_alloc(b->arena, count * sizeof(msgpack_object));
	return 0;
}

static int on_array_item(struct building *b, msgpack_object *array, msgpack_object item)
{
	(void)b;
	array->via.array.ptr[array->via.array.size++] = item;
	return 0;
}

static int on_map(struct building *b, unsigned int count, msgpack_object *o)
{
	on_value(b);
	if (on_container(b, (size_t)count * 2) < 0)
		return TORN;
	o->type = MSGPACK_OBJECT_MAP;
	o->via.map.size = 0;
	o->via.map.ptr = arena_alloc(b->arena, count * sizeof(msgpack_object_kv));
	return 0;
}

static int on_map_item(struct building *b, msgpack_object *map, msgpack_object key,
                       msgpack_object value)
{
	(void)b;
	map->via.map.ptr[map->via.map.size++] = (msgpack_object_kv){key, value};
	return 0;
}

static int on_str(struct building *b, const char *base, const char *bytes, unsigned int length,
                  msgpack_object *o)
{
	(void)base;
	o->type = MSGPACK_OBJECT_STR;
	o->via.str.ptr = bytes;
	o->via.str.size = length;
	return on_value(b);
}

static int on_bin(struct building *b, const char *base, const char *bytes, unsigned int length,
                  msgpack_object *o)
{
	(void)base;
	o->type = MSGPACK_OBJECT_BIN;
	o->via.bin.ptr = bytes;
	o->via.bin.size = length;
	return on_value(b);
}

/* Extension types mean nothing in a trace; readers treat one as a value of no known type. */
static int on_ext(struct building *b, const char *base, const char *bytes, unsigned int length,
                  msgpack_object *o)
{
	on_bin(b, base, bytes, length, o);
	o->type = MSGPACK_OBJECT_EXT;
	o->via.ext.ptr = bytes;
	o->via.ext.size = length;
	return 0;
}

#include <msgpack/unpack_template.h>

enum decoded decode_next(struct decoder *decoder, msgpack_object *object)
{
	if (decoder->offset >= decoder->length)
		return DECODED_END;
	arena_reset(&decoder->arena);
	struct record_context context;
	context.user = (struct building){.arena = &decoder->arena,
	                                 .length = decoder->length - decoder->offset};
	record_init(&context);
	size_t offset = decoder->offset;
	int result = record_execute(&context, decoder->bytes, decoder->length, &offset);
	if (result == 0 || result == TORN)
		return DECODED_TORN;
	if (result < 0)
		return DECODED_INVALID;
	*object = record_data(&context);
	decoder->offset = offset;
	return DECODED_OBJECT;
}

void decoder_free(struct decoder *decoder)
{
	arena_free(&decoder->arena);
}
