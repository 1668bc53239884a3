/* source_path.h: the path of a source file, as debug information gives it in pieces. */
#ifndef ANALYZER_SYMBOLS_SOURCE_PATH_H
#define ANALYZER_SYMBOLS_SOURCE_PATH_H

#include "symbols/text_pool.h"

/* `file`, if relative below `directory` (may be NULL), without "." and, where a name stands before
 * them, without ".." parts: "/b/src/../inc/./a.h" is "/b/inc/a.h". The file system is not asked, so
 * that the result is the same on every machine; where "src" is a symbolic link to elsewhere, it may
 * name another file. Kept in the pool; NULL for a NULL or overlong path. */
const char *source_path(struct text_pool *pool, const char *directory, const char *file);

#endif
