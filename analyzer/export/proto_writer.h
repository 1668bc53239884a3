/* proto_writer.h: messages in the wire format of protocol buffers
 * (protobuf.dev/programming-guides/encoding): a field is its number and wire type as a varint,
 * then a varint, or a length and so many bytes. A message is a text that grows; an inner message
 * is written into a text of its own and then added. Fields that are zero or empty are left out, as
 * proto3 wants it. */
#ifndef ANALYZER_EXPORT_PROTO_WRITER_H
#define ANALYZER_EXPORT_PROTO_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* An integer field; negative ones take ten bytes, as int64 fields do. */
void proto_integer(struct text *message, unsigned field, int64_t value);

/* A string field, also where it is empty: elements of repeated fields count. */
void proto_string(struct text *message, unsigned field, const char *string);

/* A message as a field, also where it is empty; the inner one is emptied, to be used again. */
void proto_message(struct text *message, unsigned field, struct text *inner);

/* A packed repeated integer field. */
void proto_packed(struct text *message, unsigned field, const int64_t *values, size_t count);

#endif
