/* proto_writer.c: see proto_writer.h. */
#include "export/proto_writer.h"

#include <string.h>

enum wire { WIRE_VARINT = 0, WIRE_LENGTH = 2 };

/* Seven bits a byte, lowest first; the high bit says that more follow. */
static void add_varint(struct text *message, uint64_t value)
{
	char bytes[10];
	size_t count = 0;
	do {
		bytes[count] = (char)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
		value >>= 7;
		count++;
	} while (value);
	text_add(message, bytes, count);
}

static size_t varint_size(uint64_t value)
{
	size_t size = 1;
	while (value >>= 7)
		size++;
	return size;
}

static void add_key(struct text *message, unsigned field, enum wire wire)
{
	add_varint(message, (uint64_t)field << 3 | wire);
}

static void add_bytes(struct text *message, unsigned field, const char *bytes, size_t length)
{
	add_key(message, field, WIRE_LENGTH);
	add_varint(message, length);
	if (length)
		text_add(message, bytes, length);
}

void proto_integer(struct text *message, unsigned field, int64_t value)
{
	if (!value)
		return;
	add_key(message, field, WIRE_VARINT);
	add_varint(message, (uint64_t)value);
}

void proto_string(struct text *message, unsigned field, const char *string)
{
	add_bytes(message, field, string, strlen(string));
}

void proto_message(struct text *message, unsigned field, struct text *inner)
{
	add_bytes(message, field, inner->bytes, inner->length);
	inner->length = 0;
}

void proto_packed(struct text *message, unsigned field, const int64_t *values, size_t count)
{
	size_t length = 0;
	for (size_t i = 0; i < count; i++)
		length += varint_size((uint64_t)values[i]);
	if (!count)
		return;
	add_key(message, field, WIRE_LENGTH);
	add_varint(message, length);
	for (size_t i = 0; i < count; i++)
		add_varint(message, (uint64_t)values[i]);
}
