/* dwarf_info.h: functions, lines and inlining from an ELF file's debug information. */
#ifndef ANALYZER_SYMBOLS_DWARF_INFO_H
#define ANALYZER_SYMBOLS_DWARF_INFO_H

#include <stdbool.h>

#include "symbols/elf_image.h"
#include "symbols/symbols.h"
#include "symbols/text_pool.h"

struct dwarf_info;

/* Opens the DWARF of `debug`, for code of `module` (the same image, unless the debug information
 * is in a file of its own). Both, and the pool, must outlive it. NULL: none that can be read. */
struct dwarf_info *dwarf_info_open(const struct elf_image *debug, const struct elf_image *module,
                                   struct text_pool *pool);

void dwarf_info_close(struct dwarf_info *info);

/* Was most of the code optimised (1, 0, −1 not known), and by which compiler was its largest unit
 * made ("": not known; lives as long as the pool)? */
void dwarf_info_compiler(const struct dwarf_info *info, int *optimized, const char **producer);

/* As symbols_resolve, but a line that is known without a function makes one frame without. */
size_t dwarf_info_resolve(struct dwarf_info *info, uint64_t address, struct symbol_frame *out,
                          size_t max);

/* A stretch of code, [low, high): dwarf_info_resolve answers with these frames throughout it. */
typedef void dwarf_span_taker(void *context, uint64_t low, uint64_t high,
                              const struct symbol_frame *frames, size_t count);

/* Tells of the module's code in [low, high), ascending, that of which nothing is known too. What is
 * not told must be asked for: code of units that name no ranges, what lies between functions, and
 * chains of DWARF_SPAN_FRAMES and more. */
#define DWARF_SPAN_FRAMES 128
void dwarf_info_each_span(struct dwarf_info *info, uint64_t low, uint64_t high,
                          dwarf_span_taker *take, void *context);

/* The piece of a function's code that `address` lies in; false: in none that is known without
 * much reading. */
bool dwarf_info_function(struct dwarf_info *info, uint64_t address, uint64_t *low, uint64_t *high);

/* Bytes of code that the units speak of. */
uint64_t dwarf_info_code_bytes(const struct dwarf_info *info);

#endif
