/* demangle.h: from linkage names to the names of the source. */
#ifndef ANALYZER_SYMBOLS_DEMANGLE_H
#define ANALYZER_SYMBOLS_DEMANGLE_H

#include "symbols/text_pool.h"

/* The qualified name, without parameters, that a C++ (Itanium ABI) or Rust linkage name stands
 * for; NULL if it is not one, or would be unreasonably long. Kept in the pool. */
const char *demangle(struct text_pool *pool, const char *linkage_name);

#endif
