/* source_path.h: the path of a source file, as debug information gives it in pieces. */
#ifndef ANALYZER_SYMBOLS_SOURCE_PATH_H
#define ANALYZER_SYMBOLS_SOURCE_PATH_H

#include "symbols/text_pool.h"

/* `file`, if relative below `directory` (may be NULL), without "." and, where a name stands before
 * them, without ".." parts: "/b/src/../inc/./a.h" is "/b/inc/a.h". (Through a symbolic link to a
 * directory this may name another file; compilers' users write it the other way.) Kept in the
 * pool; NULL for a NULL or overlong path. */
const char *source_path(struct text_pool *pool, const char *directory, const char *file);

#endif
