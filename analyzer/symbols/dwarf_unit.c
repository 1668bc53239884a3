/* dwarf_unit.c: reads a unit no further than it must.
 *
 * The first reading goes over the unit's outermost entries and, through namespaces, to functions;
 * not into functions or (in C and C++, where compilers put definitions outside) classes. What that
 * misses, functions within functions and members of local classes, is found by a second, deep
 * reading of the unit, made only for an address that the first one does not explain. It also serves
 * functions that do not say who they are: from gcc, those with internal linkage have no linkage
 * name, and are qualified by the namespaces and classes around them; lambdas have no line, and get
 * their class's.
 *
 * Made-up files: libdw checks all offsets. Here the depth of nesting is limited, entries are only
 * taken in ascending order, and ranges count only where the module has code, which also drops
 * functions that the linker discarded (at address 0).
 */
#include "symbols/dwarf_unit.h"

#include "base/memory.h"
#include "symbols/demangle.h"
#include "symbols/dwarf_entry.h"

#include <dwarf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX_MAX    4096
#define UNNAMED_CLASS "{unnamed}"

uint64_t dwarf_unit_add_code(const struct dwarf_reader *reader, struct range_map *map,
                             Dwarf_Die *die, uint32_t value)
{
	Dwarf_Addr base, low, high;
	uint64_t bytes = 0;

	for (ptrdiff_t next = 0; (next = dwarf_ranges(die, next, &base, &low, &high)) > 0;) {
		if (low >= high || low < reader->code_low || high > reader->code_high)
			continue;
		if (!range_map_add(map, low, high, value))
			break;
		bytes += high - low;
	}
	return bytes;
}

static bool is_name_scope(int tag)
{
	return tag == DW_TAG_namespace || tag == DW_TAG_module || dwarf_entry_is_class(tag);
}

/* ---- the first reading ------------------------------------------------------------------- */

static bool keeps_definitions_out_of_types(int language)
{
	switch (language) {
	case DW_LANG_C:
	case DW_LANG_C89:
	case DW_LANG_C99:
	case DW_LANG_C11:
	case DW_LANG_C_plus_plus:
	case DW_LANG_C_plus_plus_03:
	case DW_LANG_C_plus_plus_11:
	case DW_LANG_C_plus_plus_14:
		return true;
	default:
		return false;
	}
}

static void add_function(const struct dwarf_reader *reader, struct dwarf_unit *unit,
                         struct range_map *map, Dwarf_Die *die)
{
	unit->functions = mem_grow(unit->functions, &unit->capacity, unit->count + 1,
	                           sizeof *unit->functions);
	if (dwarf_unit_add_code(reader, map, die, (uint32_t)unit->count) == 0)
		return;
	unit->functions[unit->count++] = (struct dwarf_function){.die = *die};
}

static void read_functions(const struct dwarf_reader *reader, struct dwarf_unit *unit,
                           Dwarf_Die *parent, unsigned depth)
{
	Dwarf_Die die;

	if (depth > DWARF_ENTRY_NESTING_MAX || dwarf_child(parent, &die) != 0)
		return;
	do {
		int tag = dwarf_tag(&die);

		if (tag == DW_TAG_subprogram && dwarf_entry_has_code(&die))
			add_function(reader, unit, &unit->outer, &die);
		else if (is_name_scope(tag) && !(dwarf_entry_is_class(tag) &&
		                                 keeps_definitions_out_of_types(unit->language)))
			read_functions(reader, unit, &die, depth + 1);
	} while (dwarf_entry_next(&die));
}

bool dwarf_unit_split(const struct dwarf_unit *unit, Dwarf_Die *split)
{
	uint8_t kind;

	return dwarf_cu_info(unit->header.cu, NULL, &kind, NULL, NULL, NULL, NULL, NULL) == 0 &&
	       kind == DW_UT_skeleton &&
	       dwarf_cu_info(unit->header.cu, NULL, NULL, NULL, split, NULL, NULL, NULL) == 0 &&
	       split->addr;
}

void dwarf_unit_read(const struct dwarf_reader *reader, struct dwarf_unit *unit)
{
	Dwarf_Die split;

	if (unit->read)
		return;
	unit->read = true;
	if (dwarf_unit_split(unit, &split))
		unit->tree = split;
	unit->language = dwarf_srclang(&unit->tree);
	read_functions(reader, unit, &unit->tree, 0);
	range_map_seal(&unit->outer);
}

/* ---- the deep reading -------------------------------------------------------------------- */

/* An entry that qualifies the names within it, and the ones around it. */
struct place {
	struct place *outer; /* NULL: the unit */
	Dwarf_Die *die;
	const char *prefix; /* "space::Class::"; made when it is first needed */
};

static const char *prefix_of(const struct dwarf_reader *reader, struct place *place)
{
	const char *linkage_name, *name = NULL, *outer = "";
	char *prefix;

	if (!place)
		return "";
	if (place->prefix)
		return place->prefix;
	/* A linkage name says all; only functions have one. */
	linkage_name = dwarf_entry_linkage_name(place->die);
	if (linkage_name)
		name = demangle(reader->pool, linkage_name);
	if (!name) {
		outer = prefix_of(reader, place->outer);
		name = dwarf_entry_string(place->die, DW_AT_name);
	}
	if (!name)
		name = dwarf_tag(place->die) == DW_TAG_namespace ? "(anonymous namespace)"
		                                                 : UNNAMED_CLASS;
	place->prefix = "";
	if (strlen(outer) + strlen(name) < PREFIX_MAX &&
	    asprintf(&prefix, "%s%s::", outer, name) >= 0) {
		place->prefix = text_pool_keep(reader->pool, prefix);
		free(prefix);
	}
	return place->prefix;
}

static void add_qualifier(const struct dwarf_reader *reader, struct dwarf_unit *unit,
                          Dwarf_Die *die, struct place *place)
{
	bool in_class = dwarf_entry_is_class(dwarf_tag(place->die));

	if (dwarf_hasattr(die, DW_AT_linkage_name) && dwarf_hasattr(die, DW_AT_decl_line))
		return;
	unit->qualifiers = mem_grow(unit->qualifiers, &unit->qualifier_capacity,
	                            unit->qualifier_count + 1, sizeof *unit->qualifiers);
	unit->qualifiers[unit->qualifier_count++] = (struct dwarf_qualifier){
	        .die = die->addr,
	        .prefix = prefix_of(reader, place),
	        .line = in_class ? dwarf_entry_number(place->die, DW_AT_decl_line) : 0,
	};
}

static void read_nested(const struct dwarf_reader *reader, struct dwarf_unit *unit,
                        Dwarf_Die *parent, struct place *place, bool seen, unsigned depth);

/* `seen`: the first reading has taken functions at this place. */
static void read_nested_entry(const struct dwarf_reader *reader, struct dwarf_unit *unit,
                              Dwarf_Die *die, struct place *place, bool seen, unsigned depth)
{
	int tag = dwarf_tag(die);
	struct place inner = {.outer = place, .die = die};

	if (tag == DW_TAG_subprogram) {
		if (!seen && dwarf_entry_has_code(die))
			add_function(reader, unit, &unit->nested, die);
		if (place)
			add_qualifier(reader, unit, die, place);
		read_nested(reader, unit, die, &inner, false, depth);
	} else if (is_name_scope(tag)) {
		seen = seen && !(dwarf_entry_is_class(tag) &&
		                 keeps_definitions_out_of_types(unit->language));
		read_nested(reader, unit, die, &inner, seen, depth);
	} else if (dwarf_entry_is_block(tag) || tag == DW_TAG_inlined_subroutine) {
		read_nested(reader, unit, die, place, false, depth);
	}
}

static void read_nested(const struct dwarf_reader *reader, struct dwarf_unit *unit,
                        Dwarf_Die *parent, struct place *place, bool seen, unsigned depth)
{
	Dwarf_Die die;

	if (depth > DWARF_ENTRY_NESTING_MAX || dwarf_child(parent, &die) != 0)
		return;
	do {
		read_nested_entry(reader, unit, &die, place, seen, depth + 1);
	} while (dwarf_entry_next(&die));
}

static void read_unit_deep(const struct dwarf_reader *reader, struct dwarf_unit *unit)
{
	dwarf_unit_read(reader, unit);
	if (unit->read_deep)
		return;
	unit->read_deep = true;
	read_nested(reader, unit, &unit->tree, NULL, true, 0);
	range_map_seal(&unit->nested);
}

/* ---- scopes ------------------------------------------------------------------------------ */

static struct dwarf_function *find_function(const struct dwarf_reader *reader,
                                            struct dwarf_unit *unit, uint64_t address,
                                            uint64_t *end)
{
	uint64_t nested_end;
	uint32_t index;

	dwarf_unit_read(reader, unit);
	index = range_map_span(&unit->outer, address, end);
	if (index == RANGE_MAP_NONE) {
		read_unit_deep(reader, unit);
		index = range_map_span(&unit->nested, address, &nested_end);
		*end = nested_end < *end ? nested_end : *end;
	}
	return index == RANGE_MAP_NONE ? NULL : &unit->functions[index];
}

bool dwarf_unit_function(const struct dwarf_reader *reader, struct dwarf_unit *unit,
                         uint64_t address, uint64_t *low, uint64_t *high)
{
	dwarf_unit_read(reader, unit);
	const struct range *piece = range_map_segment(&unit->outer, address);

	if (!piece)
		return false;
	*low = piece->low;
	*high = piece->high;
	return true;
}

bool dwarf_unit_between(const struct dwarf_reader *reader, struct dwarf_unit *unit,
                        uint64_t address, uint64_t *end)
{
	dwarf_unit_read(reader, unit);
	return unit->outer.count && !unit->read_deep &&
	       range_map_span(&unit->outer, address, end) == RANGE_MAP_NONE;
}

static uint32_t add_scope(const struct dwarf_reader *reader, struct dwarf_function *function,
                          Dwarf_Die *die, uint32_t caller)
{
	uint32_t index = (uint32_t)function->count;

	function->scopes = mem_grow(function->scopes, &function->capacity, function->count + 1,
	                            sizeof *function->scopes);
	function->scopes[function->count++] = (struct dwarf_scope){.die = *die, .caller = caller};
	dwarf_unit_add_code(reader, &function->map, die, index);
	return index;
}

static void add_inlined(const struct dwarf_reader *reader, struct dwarf_function *function,
                        Dwarf_Die *parent, uint32_t caller, unsigned depth)
{
	Dwarf_Die die;

	if (depth > DWARF_ENTRY_NESTING_MAX || dwarf_child(parent, &die) != 0)
		return;
	do {
		int tag = dwarf_tag(&die);

		if (tag == DW_TAG_inlined_subroutine)
			add_inlined(reader, function, &die,
			            add_scope(reader, function, &die, caller), depth + 1);
		else if (dwarf_entry_is_block(tag))
			add_inlined(reader, function, &die, caller, depth + 1);
	} while (dwarf_entry_next(&die));
}

/* Fills in the function's scopes; scope 0 is itself. */
static void expand(const struct dwarf_reader *reader, struct dwarf_function *function)
{
	if (function->count)
		return;
	add_scope(reader, function, &function->die, RANGE_MAP_NONE);
	add_inlined(reader, function, &function->die, 0, 0);
	range_map_seal(&function->map);
}

struct dwarf_scope *dwarf_unit_scopes(const struct dwarf_reader *reader, struct dwarf_unit *unit,
                                      uint64_t address, uint32_t *innermost, uint64_t *end)
{
	struct dwarf_function *function = find_function(reader, unit, address, end);
	uint64_t scope_end;

	if (!function)
		return NULL;
	expand(reader, function);
	*innermost = range_map_span(&function->map, address, &scope_end);
	*end = scope_end < *end ? scope_end : *end;
	if (*innermost == RANGE_MAP_NONE)
		*innermost = 0;
	return function->scopes;
}

/* ---- qualifiers -------------------------------------------------------------------------- */

static bool qualifies_names(int language)
{
	switch (language) {
	case DW_LANG_C:
	case DW_LANG_C89:
	case DW_LANG_C99:
	case DW_LANG_C11:
		return false;
	default:
		return true;
	}
}

static int compare_qualifiers(const void *left, const void *right)
{
	const struct dwarf_qualifier *a = left, *b = right;

	return a->die < b->die ? -1 : a->die > b->die;
}

const struct dwarf_qualifier *dwarf_unit_qualifier(const struct dwarf_reader *reader,
                                                   struct dwarf_unit *unit,
                                                   const Dwarf_Die *declaration)
{
	struct dwarf_qualifier key = {.die = declaration->addr};

	dwarf_unit_read(reader, unit);
	if (!qualifies_names(unit->language))
		return NULL;
	read_unit_deep(reader, unit);
	return unit->qualifier_count ? bsearch(&key, unit->qualifiers, unit->qualifier_count,
	                                       sizeof key, compare_qualifiers)
	                             : NULL;
}

/* An unnamed class with a call operator is a lambda. */
char *dwarf_qualifier_join(const struct dwarf_qualifier *qualifier, const char *name)
{
	const char *prefix = qualifier->prefix;
	size_t tail = strlen(UNNAMED_CLASS "::"), length = strlen(prefix);
	bool is_lambda = length >= tail && strcmp(name, "operator()") == 0 &&
	                 strcmp(prefix + length - tail, UNNAMED_CLASS "::") == 0;
	char *joined;

	if (asprintf(&joined, "%.*s%s%s", (int)(is_lambda ? length - tail : length), prefix,
	             is_lambda ? "{lambda}::" : "", name) < 0)
		return NULL;
	return joined;
}

void dwarf_unit_free(struct dwarf_unit *unit)
{
	for (size_t i = 0; i < unit->count; i++) {
		range_map_clear(&unit->functions[i].map);
		free(unit->functions[i].scopes);
	}
	free(unit->functions);
	free(unit->qualifiers);
	range_map_clear(&unit->outer);
	range_map_clear(&unit->nested);
	free(unit);
}
