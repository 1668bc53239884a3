/* mini_debug.h: the small symbol table that some distributions leave in stripped files. */
#ifndef ANALYZER_SYMBOLS_MINI_DEBUG_H
#define ANALYZER_SYMBOLS_MINI_DEBUG_H

#include "symbols/elf_image.h"

/* Opens the ELF file that is packed (xz) in the module's section .gnu_debugdata; its .symtab names
 * what .dynsym does not. False: there is none, or it is damaged or too large. */
bool mini_debug_open(struct elf_image *mini, const struct elf_image *module);

#endif
