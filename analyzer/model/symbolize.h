/* symbolize.h: what was found about a trace's code, as records to add to the trace. */
#ifndef ANALYZER_MODEL_SYMBOLIZE_H
#define ANALYZER_MODEL_SYMBOLIZE_H

#include <msgpack/sbuffer.h>

#include "model/code.h"

/* Packs STRINGS, SYMBOLS and MODULE_SYMBOLS for all that `code` found and its trace lacks; nothing
 * if there is nothing. Returns the number of frames. */
size_t symbolize_pack(struct code *code, msgpack_sbuffer *out);

#endif
