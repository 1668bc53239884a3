/* dwarf_unit.h: one compilation unit: its functions, what is inlined into them, and where functions
 * are declared that do not say so themselves.
 *
 * Words: the outer functions are those found by the first reading, which keeps to the unit's
 * surface; the nested ones those that only a deep reading finds. A scope is a function, or one
 * inlined into it. A qualifier says where a function is declared.
 */
#ifndef ANALYZER_SYMBOLS_DWARF_UNIT_H
#define ANALYZER_SYMBOLS_DWARF_UNIT_H

#include "symbols/range_map.h"
#include "symbols/symbols.h"
#include "symbols/text_pool.h"

#include <elfutils/libdw.h>
#include <stdbool.h>

/* What all units of a module are read with. */
struct dwarf_reader {
	struct text_pool *pool;
	uint64_t code_low, code_high; /* ranges outside of it are not believed */
};

struct dwarf_scope {
	Dwarf_Die die;
	uint32_t caller; /* the scope that it is inlined into; RANGE_MAP_NONE: it is the function */
	bool described;  /* the rest is filled in, by who asks for it */
	struct symbol_frame call; /* its name; file and line of the call that was inlined */
};

struct dwarf_function {
	Dwarf_Die die;
	struct dwarf_scope *scopes; /* none until it is asked for; 0 is the function itself */
	size_t count, capacity;
	struct range_map map; /* of indices into scopes */
};

/* Where a function is declared that does not say so itself: its name (it has no linkage name) or
 * its line (a lambda's is that of its class). */
struct dwarf_qualifier {
	const void *die;    /* address of its entry */
	const char *prefix; /* "space::Class::" */
	unsigned line;      /* of the class; 0: none */
};

struct dwarf_unit {
	Dwarf_Die header; /* of the unit that has lines and ranges */
	Dwarf_Die tree;   /* of the unit that has the functions: another one with split DWARF */
	int language;
	uint64_t code_bytes;
	bool read, read_deep;
	struct dwarf_function *functions;
	size_t count, capacity;
	struct range_map outer;             /* of indices into functions: from the first reading */
	struct range_map nested;            /* from the deep one */
	struct dwarf_qualifier *qualifiers; /* ascending */
	size_t qualifier_count, qualifier_capacity;
};

/* Adds the entry's code to the map; returns how many bytes that were. */
uint64_t dwarf_unit_add_code(const struct dwarf_reader *reader, struct range_map *map,
                             Dwarf_Die *die, uint32_t value);

/* The unit's part in a .dwo file. False: it has none, or the file is not there. */
bool dwarf_unit_split(const struct dwarf_unit *unit, Dwarf_Die *split);

/* Reads the unit's outer functions, if that was not done before. */
void dwarf_unit_read(const struct dwarf_reader *reader, struct dwarf_unit *unit);

/* The scopes of the function at `address`, the index of the innermost one there, and how far that
 * holds, as range_map_span. NULL: none. They stay where they are for as long as the unit. */
struct dwarf_scope *dwarf_unit_scopes(const struct dwarf_reader *reader, struct dwarf_unit *unit,
                                      uint64_t address, uint32_t *innermost, uint64_t *end);

/* The piece of one of the outer functions that holds `address`; false: none does. */
bool dwarf_unit_function(const struct dwarf_reader *reader, struct dwarf_unit *unit,
                         uint64_t address, uint64_t *low, uint64_t *high);

/* True where the first reading knows functions, but none at `address`, and the deep one, which is
 * dear, was not made: *end is how far that holds. Mostly it is what fills up between functions. */
bool dwarf_unit_between(const struct dwarf_reader *reader, struct dwarf_unit *unit,
                        uint64_t address, uint64_t *end);

/* The qualifier of the function declared in this unit by the entry `declaration`; NULL: none. Good
 * for as long as the unit. */
const struct dwarf_qualifier *dwarf_unit_qualifier(const struct dwarf_reader *reader,
                                                   struct dwarf_unit *unit,
                                                   const Dwarf_Die *declaration);

/* The name within its qualifier; NULL when out of memory. Freed by the caller. */
char *dwarf_qualifier_join(const struct dwarf_qualifier *qualifier, const char *name);

/* Frees a unit that lies in memory of its own, and what it holds. */
void dwarf_unit_free(struct dwarf_unit *unit);

#endif
