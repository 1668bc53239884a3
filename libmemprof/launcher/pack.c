/* pack.c: see pack.h. */
#include "pack.h"

#include <string.h>

void packed_begin(struct packed *packed)
{
	msgpack_sbuffer_init(&packed->bytes);
	msgpack_packer_init(&packed->packer, &packed->bytes, msgpack_sbuffer_write);
}

void packed_free(struct packed *packed)
{
	msgpack_sbuffer_destroy(&packed->bytes);
}

void packed_append(struct packed *to, const struct packed *from)
{
	msgpack_sbuffer_write(&to->bytes, from->bytes.data, from->bytes.size);
}

bool packed_equal(const struct packed *a, const struct packed *b)
{
	return a->bytes.size == b->bytes.size &&
	       (a->bytes.size == 0 || memcmp(a->bytes.data, b->bytes.data, a->bytes.size) == 0);
}

void pack_record(msgpack_packer *to, enum trace_kind kind)
{
	msgpack_pack_array(to, 2);
	msgpack_pack_uint32(to, kind);
}

/* Bytes that the sequence at `at` takes if it is well-formed UTF-8 (RFC 3629), else 0. */
static size_t utf8_sequence(const unsigned char *at, size_t left)
{
	unsigned char first = at[0];
	if (first < 0x80)
		return 1;
	size_t length = first >= 0xc2 && first < 0xe0   ? 2
	                : first >= 0xe0 && first < 0xf0 ? 3
	                : first >= 0xf0 && first < 0xf5 ? 4
	                                                : 0;
	if (length == 0 || left < length)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	bool overlong = (first == 0xe0 && at[1] < 0xa0) || (first == 0xf0 && at[1] < 0x90);
	bool surrogate = first == 0xed && at[1] >= 0xa0;
	bool beyond = first == 0xf4 && at[1] >= 0x90;
	return overlong || surrogate || beyond ? 0 : length;
}

static bool is_utf8(const char *text, size_t length)
{
	const unsigned char *bytes = (const unsigned char *)text;
	for (size_t at = 0; at < length;) {
		size_t step = utf8_sequence(bytes + at, length - at);
		if (step == 0)
			return false;
		at += step;
	}
	return true;
}

void pack_text(msgpack_packer *to, const char *text, size_t length)
{
	if (is_utf8(text, length)) {
		msgpack_pack_str(to, length);
		msgpack_pack_str_body(to, text, length);
	} else {
		msgpack_pack_bin(to, length);
		msgpack_pack_bin_body(to, text, length);
	}
}

void seq_begin(struct seq *seq)
{
	packed_begin(&seq->body);
	seq->count = 0;
}

void seq_drop(struct seq *seq)
{
	packed_free(&seq->body);
}

static void seq_end(struct seq *seq, msgpack_packer *to)
{
	if (seq->body.bytes.size)
		to->callback(to->data, seq->body.bytes.data, seq->body.bytes.size);
	seq_drop(seq);
}

void seq_end_array(struct seq *seq, msgpack_packer *to)
{
	msgpack_pack_array(to, seq->count);
	seq_end(seq, to);
}

void seq_end_map(struct seq *seq, msgpack_packer *to)
{
	msgpack_pack_map(to, seq->count);
	seq_end(seq, to);
}

void seq_uint(struct seq *array, uint64_t value)
{
	msgpack_pack_uint64(&array->body.packer, value);
	array->count++;
}

void seq_int(struct seq *array, int64_t value)
{
	msgpack_pack_int64(&array->body.packer, value);
	array->count++;
}

void seq_float(struct seq *array, double value)
{
	msgpack_pack_double(&array->body.packer, value);
	array->count++;
}

msgpack_packer *map_key(struct seq *map, const char *key)
{
	pack_text(&map->body.packer, key, strlen(key));
	map->count++;
	return &map->body.packer;
}

void map_uint(struct seq *map, const char *key, uint64_t value)
{
	msgpack_pack_uint64(map_key(map, key), value);
}

void map_nonzero(struct seq *map, const char *key, uint64_t value)
{
	if (value)
		map_uint(map, key, value);
}

void map_int(struct seq *map, const char *key, int64_t value)
{
	msgpack_pack_int64(map_key(map, key), value);
}

void map_float(struct seq *map, const char *key, double value)
{
	msgpack_pack_double(map_key(map, key), value);
}

void map_bool(struct seq *map, const char *key, bool value)
{
	msgpack_packer *to = map_key(map, key);
	if (value)
		msgpack_pack_true(to);
	else
		msgpack_pack_false(to);
}

void map_nil(struct seq *map, const char *key)
{
	msgpack_pack_nil(map_key(map, key));
}

void map_text(struct seq *map, const char *key, const char *text)
{
	pack_text(map_key(map, key), text, strlen(text));
}

void map_array(struct seq *map, const char *key, struct seq *array)
{
	if (array->count)
		seq_end_array(array, map_key(map, key));
	else
		seq_drop(array);
}

void map_map(struct seq *map, const char *key, struct seq *inner)
{
	if (inner->count)
		seq_end_map(inner, map_key(map, key));
	else
		seq_drop(inner);
}
