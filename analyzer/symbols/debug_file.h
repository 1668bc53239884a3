/* debug_file.h: finds the separate debug file of a module, as distributions and objcopy leave it.
 *
 *     ROOT/.build-id/xx/yyyy.debug                   by build-id
 *     DIR/NAME, DIR/.debug/NAME, ROOT/DIR/NAME       by .gnu_debuglink
 *
 * DIR is the module's directory, ROOT usually DEBUG_FILE_ROOT.
 *
 * A file is taken only if it belongs: its build-id is the module's, or, where either has none, its
 * CRC is the one in the link.
 */
#ifndef ANALYZER_SYMBOLS_DEBUG_FILE_H
#define ANALYZER_SYMBOLS_DEBUG_FILE_H

#include "symbols/elf_image.h"

#define DEBUG_FILE_ROOT "/usr/lib/debug"

/* Opens the debug file of this build-id. False: there is none. */
bool debug_file_by_id(struct elf_image *debug, const char *root, const struct build_id *id);

/* Opens the debug file that `module`, opened from `path`, links to. False: there is none. */
bool debug_file_by_link(struct elf_image *debug, const char *root, const struct elf_image *module,
                        const char *path);

#endif
