/* dwarf_entry.h: what is asked of single entries (DIEs) of debug information. */
#ifndef ANALYZER_SYMBOLS_DWARF_ENTRY_H
#define ANALYZER_SYMBOLS_DWARF_ENTRY_H

#include <elfutils/libdw.h>
#include <stdbool.h>

/* How deep entries are followed into one another: a guard against made-up files. */
#define DWARF_ENTRY_NESTING_MAX 256

/* Steps to the next sibling; false at the last. Only ever forwards, so that links between siblings
 * cannot make a loop. */
bool dwarf_entry_next(Dwarf_Die *die);

/* Does it name addresses of code? */
bool dwarf_entry_has_code(Dwarf_Die *die);

/* A class, structure, union or interface? */
bool dwarf_entry_is_class(int tag);

/* A part of a function that only bounds the life of its variables? */
bool dwarf_entry_is_block(int tag);

/* An attribute of the entry, or else of its origin or specification: NULL or 0 if there is none.
 * The string lies in the file. */
const char *dwarf_entry_string(Dwarf_Die *die, unsigned attribute);
unsigned dwarf_entry_number(Dwarf_Die *die, unsigned attribute);
const char *dwarf_entry_linkage_name(Dwarf_Die *die);

/* The entry that declares the function: the end of its chain of origins. */
Dwarf_Die dwarf_entry_declaration(const Dwarf_Die *die);

#endif
