/* symbol_cache.h: what was found out about a module's addresses, kept by build-id.
 *
 * A file's debug information says the same of an address each time, so what it said once is kept in
 * a directory, a file a build-id: ranges of addresses, each with the frames that are the same all
 * through it. Only answers of debug information are kept: where there was none, there may be some
 * tomorrow. A cache that is damaged, of another version, or of another build-id is as one that is
 * not there, and is written anew; one that cannot be written is not written. Files are replaced as
 * a whole, so that several programs may read and write at once: the last one's additions stay.
 */
#ifndef ANALYZER_SYMBOLS_SYMBOL_CACHE_H
#define ANALYZER_SYMBOLS_SYMBOL_CACHE_H

#include <stdbool.h>

#include "symbols/elf_image.h"
#include "symbols/symbols.h"

/* All files together, and one of them, are not let grow beyond this. */
#define SYMBOL_CACHE_BYTES      (256u << 20)
#define SYMBOL_CACHE_FILE_BYTES (32u << 20)

struct symbol_cache;

/* Opens what is kept of a build-id, of two bytes at least, below `directory`; never NULL. */
struct symbol_cache *symbol_cache_open(const char *directory, const struct build_id *id);

/* Whether there was a file, and what it says of the module as a whole. */
bool symbol_cache_has_module(const struct symbol_cache *cache, struct symbol_module_info *info);

/* The frames at an address, as symbols_resolve; false: not known here. Strings are the cache's. */
bool symbol_cache_find(const struct symbol_cache *cache, uint64_t address, struct symbol_frame *out,
                       size_t max, size_t *count);

/* Keeps the frames of all addresses in [low, high). The strings must live until the cache is
 * closed, and equal ones should be one. What was kept before of an address stays; addresses beyond
 * 4 GiB, which no real file has, are not kept. */
void symbol_cache_add(struct symbol_cache *cache, uint64_t low, uint64_t high,
                      const struct symbol_frame *frames, size_t count);

/* Says that all there is to know of the module will be added; false: that was done before. */
bool symbol_cache_begin_whole(struct symbol_cache *cache);

/* Writes what was added, if anything, with `info` of the module, and frees the cache. */
void symbol_cache_close(struct symbol_cache *cache, const struct symbol_module_info *info);

/* $XDG_CACHE_HOME/memprof/symbols, or below ~/.cache; NULL where neither is told. Free with free().
 */
char *symbol_cache_directory(void);

#endif
