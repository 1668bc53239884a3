/* decode.h: one msgpack object after the other out of a buffer, with limits.
 *
 * The grammar is msgpack-c's (its parser template); what is ours is where objects go and how much
 * they may take: a header that announces more elements than the buffer has bytes left is not
 * believed. So memory stays within a small multiple of the input, whatever the input says.
 */
#ifndef ANALYZER_TRACE_DECODE_H
#define ANALYZER_TRACE_DECODE_H

#include <msgpack/object.h>
#include <stddef.h>

#include "base/memory.h"

struct decoder {
	const char *bytes;
	size_t length;
	size_t offset; /* of the next object */
	struct arena arena;
};

enum decoded {
	DECODED_OBJECT,
	DECODED_END,     /* nothing is left */
	DECODED_TORN,    /* the buffer ends inside the object that begins at `offset` */
	DECODED_INVALID, /* at `offset` stands no msgpack object, or one nested too deep */
};

/* Reads the object at `offset` and moves on behind it. It lives, with its strings in the buffer,
 * until the next call. On anything but DECODED_OBJECT offset stays. */
enum decoded decode_next(struct decoder *decoder, msgpack_object *object);

void decoder_free(struct decoder *decoder);

#endif
