/* dwarf_info.c: from an address to its frames, reading as little DWARF as will do.
 *
 *     module    index of units by address        from the unit headers' ranges, at opening
 *       unit    index of functions by address    on the first hit in the unit
 *         function  index of inlined scopes      on the first hit in the function
 *           scope   names and lines              on the first use
 *
 * Each level is a range map, so a second hit costs four binary searches (the fourth is libdw's, in
 * the unit's line table). A large program's few thousand addresses thus touch a few hundred units.
 *
 * Reading a unit goes over its outermost entries and, through namespaces, to functions; not into
 * functions or (in C and C++, where compilers put definitions outside) classes. What that misses,
 * functions within functions and members of local classes, is found by a second, deep reading of
 * the unit, made only for an address that the first one does not explain. It also serves functions
 * that do not say who they are: from gcc, those with internal linkage have no linkage name, and are
 * qualified by the namespaces and classes around them; lambdas have no line, and get their class's.
 *
 * A frame's function is the scope's; its line is, for the innermost scope, the line table's, and
 * for others where the scope within was called. A scope's name, and the line of its declaration,
 * come from its abstract origin and specification, which libdw follows, across units and into
 * split (.dwo) and shared (dwz) files.
 *
 * Made-up files: libdw checks all offsets. Here the depth of nesting is limited, entries are only
 * taken in ascending order (so that links to siblings cannot make a loop), and ranges count only
 * where the module has code, which also drops functions that the linker discarded (at address 0).
 */
#include "symbols/dwarf_info.h"

#include "base/memory.h"
#include "symbols/demangle.h"
#include "symbols/producer.h"
#include "symbols/range_map.h"
#include "symbols/source_path.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NESTING_MAX   256 /* of entries */
#define PREFIX_MAX    4096
#define SPLITS_ASKED  16 /* .dwo files opened to learn the compiler */
#define UNNAMED_CLASS "{unnamed}"

#define ORIGINS_MAX 16 /* abstract origins and specifications in a row, as in libdw */

/* A function, or one inlined into it. */
struct scope {
	Dwarf_Die die;
	uint32_t caller; /* the scope that it is inlined into; RANGE_MAP_NONE: it is the function */
	bool described;  /* the rest is filled in */
	struct symbol_frame call; /* its name; file and line of the call that was inlined */
};

struct function {
	Dwarf_Die die;
	struct scope *scopes; /* none until it is asked for */
	size_t count, capacity;
	struct range_map map; /* of indices into scopes */
};

/* Where a function is declared that does not say so itself: its name (it has no linkage name) or
 * its line (a lambda's is that of its class). */
struct qualifier {
	const void *die;    /* address of its entry */
	const char *prefix; /* "space::Class::" */
	unsigned line;      /* of the class; 0: none */
};

struct unit {
	Dwarf_Die header; /* of the unit that has lines and ranges */
	Dwarf_Die tree;   /* of the unit that has the functions: another one with split DWARF */
	int language;
	uint64_t code_bytes;
	bool read, read_deep;
	struct function *functions;
	size_t count, capacity;
	struct range_map outer;       /* of indices into functions: from the first reading */
	struct range_map nested;      /* from the deep one */
	struct qualifier *qualifiers; /* ascending */
	size_t qualifier_count, qualifier_capacity;
};

struct dwarf_info {
	Dwarf *dwarf;
	struct text_pool *pool;
	uint64_t code_low, code_high;
	struct unit *units;
	size_t count, capacity;
	struct range_map map; /* of indices into units */
	bool searched_rangeless;
	struct range_map rangeless; /* the same, for units whose header names no ranges */
};

/* ---- entries ----------------------------------------------------------------------------- */

/* Adds the entry's code to the map; returns how many bytes that were. */
static uint64_t add_ranges(const struct dwarf_info *info, struct range_map *map, Dwarf_Die *die,
                           uint32_t value)
{
	Dwarf_Addr base, low, high;
	uint64_t bytes = 0;

	for (ptrdiff_t next = 0; (next = dwarf_ranges(die, next, &base, &low, &high)) > 0;) {
		if (low >= high || low < info->code_low || high > info->code_high)
			continue;
		if (!range_map_add(map, low, high, value))
			break;
		bytes += high - low;
	}
	return bytes;
}

static bool has_code(Dwarf_Die *die)
{
	return dwarf_hasattr(die, DW_AT_low_pc) || dwarf_hasattr(die, DW_AT_ranges);
}

/* Steps to the next sibling; false at the last. */
static bool next_sibling(Dwarf_Die *die)
{
	Dwarf_Die next;

	if (dwarf_siblingof(die, &next) != 0 || (char *)next.addr <= (char *)die->addr)
		return false;
	*die = next;
	return true;
}

static const char *string_of(Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute attribute;

	return dwarf_formstring(dwarf_attr_integrate(die, name, &attribute));
}

static unsigned number_of(Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute attribute;
	Dwarf_Word number;

	if (dwarf_formudata(dwarf_attr_integrate(die, name, &attribute), &number) != 0 ||
	    number > UINT32_MAX)
		return 0;
	return (unsigned)number;
}

static bool is_type_scope(int tag)
{
	return tag == DW_TAG_class_type || tag == DW_TAG_structure_type ||
	       tag == DW_TAG_union_type || tag == DW_TAG_interface_type;
}

static bool is_name_scope(int tag)
{
	return tag == DW_TAG_namespace || tag == DW_TAG_module || is_type_scope(tag);
}

static bool is_block(int tag)
{
	return tag == DW_TAG_lexical_block || tag == DW_TAG_try_block ||
	       tag == DW_TAG_catch_block || tag == DW_TAG_with_stmt;
}

/* ---- units ------------------------------------------------------------------------------- */

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

static void add_function(struct dwarf_info *info, struct unit *unit, struct range_map *map,
                         Dwarf_Die *die)
{
	unit->functions = mem_grow(unit->functions, &unit->capacity, unit->count + 1,
	                           sizeof *unit->functions);
	if (add_ranges(info, map, die, (uint32_t)unit->count) == 0)
		return;
	unit->functions[unit->count++] = (struct function){.die = *die};
}

static void read_functions(struct dwarf_info *info, struct unit *unit, Dwarf_Die *parent,
                           unsigned depth)
{
	Dwarf_Die die;

	if (depth > NESTING_MAX || dwarf_child(parent, &die) != 0)
		return;
	do {
		int tag = dwarf_tag(&die);

		if (tag == DW_TAG_subprogram && has_code(&die))
			add_function(info, unit, &unit->outer, &die);
		else if (is_name_scope(tag) &&
		         !(is_type_scope(tag) && keeps_definitions_out_of_types(unit->language)))
			read_functions(info, unit, &die, depth + 1);
	} while (next_sibling(&die));
}

/* The unit's part in a .dwo file. False: it has none, or the file is not there. */
static bool split_of(const struct unit *unit, Dwarf_Die *split)
{
	uint8_t kind;

	return dwarf_cu_info(unit->header.cu, NULL, &kind, NULL, NULL, NULL, NULL, NULL) == 0 &&
	       kind == DW_UT_skeleton &&
	       dwarf_cu_info(unit->header.cu, NULL, NULL, NULL, split, NULL, NULL, NULL) == 0 &&
	       split->addr;
}

static void read_unit(struct dwarf_info *info, struct unit *unit)
{
	Dwarf_Die split;

	if (unit->read)
		return;
	unit->read = true;
	if (split_of(unit, &split))
		unit->tree = split;
	unit->language = dwarf_srclang(&unit->tree);
	read_functions(info, unit, &unit->tree, 0);
	range_map_seal(&unit->outer);
}

/* An entry that qualifies the names within it, and the ones around it. */
struct place {
	struct place *outer; /* NULL: the unit */
	Dwarf_Die *die;
	const char *prefix; /* "space::Class::"; made when it is first needed */
};

static const char *linkage_name_of(Dwarf_Die *die)
{
	const char *name = string_of(die, DW_AT_linkage_name);

	return name ? name : string_of(die, DW_AT_MIPS_linkage_name);
}

static const char *prefix_of(struct dwarf_info *info, struct place *place)
{
	const char *linkage_name, *name = NULL, *outer = "";
	char *prefix;

	if (!place)
		return "";
	if (place->prefix)
		return place->prefix;
	/* A linkage name says all; only functions have one. */
	linkage_name = linkage_name_of(place->die);
	if (linkage_name)
		name = demangle(info->pool, linkage_name);
	if (!name) {
		outer = prefix_of(info, place->outer);
		name = string_of(place->die, DW_AT_name);
	}
	if (!name)
		name = dwarf_tag(place->die) == DW_TAG_namespace ? "(anonymous namespace)"
		                                                 : UNNAMED_CLASS;
	place->prefix = "";
	if (strlen(outer) < PREFIX_MAX && asprintf(&prefix, "%s%s::", outer, name) >= 0) {
		place->prefix = text_pool_keep(info->pool, prefix);
		free(prefix);
	}
	return place->prefix;
}

static void add_qualifier(struct dwarf_info *info, struct unit *unit, Dwarf_Die *die,
                          struct place *place)
{
	bool in_class = is_type_scope(dwarf_tag(place->die));

	if (dwarf_hasattr(die, DW_AT_linkage_name) && dwarf_hasattr(die, DW_AT_decl_line))
		return;
	unit->qualifiers = mem_grow(unit->qualifiers, &unit->qualifier_capacity,
	                            unit->qualifier_count + 1, sizeof *unit->qualifiers);
	unit->qualifiers[unit->qualifier_count++] = (struct qualifier){
	        .die = die->addr,
	        .prefix = prefix_of(info, place),
	        .line = in_class ? number_of(place->die, DW_AT_decl_line) : 0,
	};
}

static void read_nested(struct dwarf_info *info, struct unit *unit, Dwarf_Die *parent,
                        struct place *place, bool seen, unsigned depth);

/* `seen`: the first reading has taken functions at this place. */
static void read_nested_entry(struct dwarf_info *info, struct unit *unit, Dwarf_Die *die,
                              struct place *place, bool seen, unsigned depth)
{
	int tag = dwarf_tag(die);
	struct place inner = {.outer = place, .die = die};

	if (tag == DW_TAG_subprogram) {
		if (!seen && has_code(die))
			add_function(info, unit, &unit->nested, die);
		if (place)
			add_qualifier(info, unit, die, place);
		read_nested(info, unit, die, &inner, false, depth);
	} else if (is_name_scope(tag)) {
		seen = seen &&
		       !(is_type_scope(tag) && keeps_definitions_out_of_types(unit->language));
		read_nested(info, unit, die, &inner, seen, depth);
	} else if (is_block(tag) || tag == DW_TAG_inlined_subroutine) {
		read_nested(info, unit, die, place, false, depth);
	}
}

static void read_nested(struct dwarf_info *info, struct unit *unit, Dwarf_Die *parent,
                        struct place *place, bool seen, unsigned depth)
{
	Dwarf_Die die;

	if (depth > NESTING_MAX || dwarf_child(parent, &die) != 0)
		return;
	do {
		read_nested_entry(info, unit, &die, place, seen, depth + 1);
	} while (next_sibling(&die));
}

static void read_unit_deep(struct dwarf_info *info, struct unit *unit)
{
	read_unit(info, unit);
	if (unit->read_deep)
		return;
	unit->read_deep = true;
	read_nested(info, unit, &unit->tree, NULL, true, 0);
	range_map_seal(&unit->nested);
}

static struct function *find_function(struct dwarf_info *info, struct unit *unit, uint64_t address)
{
	uint32_t index;

	read_unit(info, unit);
	index = range_map_find(&unit->outer, address);
	if (index == RANGE_MAP_NONE) {
		read_unit_deep(info, unit);
		index = range_map_find(&unit->nested, address);
	}
	return index == RANGE_MAP_NONE ? NULL : &unit->functions[index];
}

/* ---- the module's units ------------------------------------------------------------------- */

static void add_unit(struct dwarf_info *info, Dwarf_Die *header)
{
	struct unit *unit;

	info->units = mem_grow(info->units, &info->capacity, info->count + 1, sizeof *info->units);
	unit = &info->units[info->count];
	*unit = (struct unit){.header = *header, .tree = *header};
	unit->code_bytes = add_ranges(info, &info->map, header, (uint32_t)info->count);
	info->count++;
}

static void index_units(struct dwarf_info *info)
{
	Dwarf_CU *cu = NULL;
	Dwarf_Die header;

	while (dwarf_get_units(info->dwarf, cu, &cu, NULL, NULL, &header, NULL) == 0) {
		int tag = header.addr ? dwarf_tag(&header) : DW_TAG_invalid;

		if (tag == DW_TAG_compile_unit || tag == DW_TAG_partial_unit ||
		    tag == DW_TAG_skeleton_unit)
			add_unit(info, &header);
	}
	range_map_seal(&info->map);
}

/* Some compilers give a unit no ranges; their functions then stand for it. */
static void index_rangeless_units(struct dwarf_info *info)
{
	if (info->searched_rangeless)
		return;
	info->searched_rangeless = true;
	for (size_t i = 0; i < info->count; i++) {
		struct unit *unit = &info->units[i];

		if (unit->code_bytes || has_code(&unit->header) ||
		    dwarf_tag(&unit->header) == DW_TAG_partial_unit)
			continue;
		read_unit(info, unit);
		for (size_t j = 0; j < unit->count; j++)
			add_ranges(info, &info->rangeless, &unit->functions[j].die, (uint32_t)i);
	}
	range_map_seal(&info->rangeless);
}

static struct unit *find_unit(struct dwarf_info *info, uint64_t address)
{
	uint32_t index = range_map_find(&info->map, address);

	if (index == RANGE_MAP_NONE) {
		index_rangeless_units(info);
		index = range_map_find(&info->rangeless, address);
	}
	return index == RANGE_MAP_NONE ? NULL : &info->units[index];
}

static struct unit *unit_of(struct dwarf_info *info, const Dwarf_Die *die)
{
	for (size_t i = 0; i < info->count; i++)
		if (info->units[i].header.cu == die->cu || info->units[i].tree.cu == die->cu)
			return &info->units[i];
	return NULL;
}

/* ---- scopes ------------------------------------------------------------------------------- */

static uint32_t add_scope(struct dwarf_info *info, struct function *function, Dwarf_Die *die,
                          uint32_t caller)
{
	uint32_t index = (uint32_t)function->count;

	function->scopes = mem_grow(function->scopes, &function->capacity, function->count + 1,
	                            sizeof *function->scopes);
	function->scopes[function->count++] = (struct scope){.die = *die, .caller = caller};
	add_ranges(info, &function->map, die, index);
	return index;
}

static void add_inlined(struct dwarf_info *info, struct function *function, Dwarf_Die *parent,
                        uint32_t caller, unsigned depth)
{
	Dwarf_Die die;

	if (depth > NESTING_MAX || dwarf_child(parent, &die) != 0)
		return;
	do {
		int tag = dwarf_tag(&die);

		if (tag == DW_TAG_inlined_subroutine)
			add_inlined(info, function, &die, add_scope(info, function, &die, caller),
			            depth + 1);
		else if (is_block(tag))
			add_inlined(info, function, &die, caller, depth + 1);
	} while (next_sibling(&die));
}

/* Fills in the function's scopes; scope 0 is itself. */
static void expand(struct dwarf_info *info, struct function *function)
{
	if (function->count)
		return;
	add_scope(info, function, &function->die, RANGE_MAP_NONE);
	add_inlined(info, function, &function->die, 0, 0);
	range_map_seal(&function->map);
}

/* The entry that declares the function: the end of its chain of origins. */
static Dwarf_Die declaration_of(const Dwarf_Die *die)
{
	Dwarf_Die found = *die;

	for (int i = 0; i < ORIGINS_MAX; i++) {
		Dwarf_Attribute attribute;
		Dwarf_Die origin;

		if (!dwarf_attr(&found, DW_AT_abstract_origin, &attribute) &&
		    !dwarf_attr(&found, DW_AT_specification, &attribute))
			break;
		if (!dwarf_formref_die(&attribute, &origin))
			break;
		found = origin;
	}
	return found;
}

static int compare_qualifiers(const void *left, const void *right)
{
	const struct qualifier *a = left, *b = right;

	return a->die < b->die ? -1 : a->die > b->die;
}

/* An unnamed class with a call operator is a lambda. */
static char *join_name(const char *prefix, const char *name)
{
	size_t tail = strlen(UNNAMED_CLASS "::"), length = strlen(prefix);
	bool is_lambda = length >= tail && strcmp(name, "operator()") == 0 &&
	                 strcmp(prefix + length - tail, UNNAMED_CLASS "::") == 0;
	char *joined;

	if (asprintf(&joined, "%.*s%s%s", (int)(is_lambda ? length - tail : length), prefix,
	             is_lambda ? "{lambda}::" : "", name) < 0)
		return NULL;
	return joined;
}

/* Where the function is declared, if its own entries leave that open; NULL: nowhere in particular.
 */
static const struct qualifier *find_qualifier(struct dwarf_info *info, const Dwarf_Die *die)
{
	Dwarf_Die declaration = declaration_of(die);
	struct qualifier key = {.die = declaration.addr};
	struct unit *unit = unit_of(info, &declaration);

	if (!unit)
		return NULL;
	read_unit(info, unit);
	if (!qualifies_names(unit->language))
		return NULL;
	read_unit_deep(info, unit);
	return unit->qualifier_count ? bsearch(&key, unit->qualifiers, unit->qualifier_count,
	                                       sizeof key, compare_qualifiers)
	                             : NULL;
}

static const char *qualify(struct dwarf_info *info, const Dwarf_Die *die, const char *name)
{
	const struct qualifier *qualifier = find_qualifier(info, die);
	char *qualified = qualifier ? join_name(qualifier->prefix, name) : NULL;
	const char *kept = text_pool_keep(info->pool, qualified ? qualified : name);

	free(qualified);
	return kept;
}

static const char *function_name(struct dwarf_info *info, Dwarf_Die *die)
{
	const char *linkage_name = linkage_name_of(die);
	const char *demangled = linkage_name ? demangle(info->pool, linkage_name) : NULL;
	const char *name;

	if (demangled)
		return demangled;
	name = string_of(die, DW_AT_name);
	if (!name)
		return text_pool_keep(info->pool, linkage_name);
	/* What is visible to the linker without a linkage name is extern "C". */
	if (linkage_name || dwarf_hasattr_integrate(die, DW_AT_external))
		return text_pool_keep(info->pool, name);
	return qualify(info, die, name);
}

static unsigned function_line(struct dwarf_info *info, Dwarf_Die *die)
{
	unsigned line = number_of(die, DW_AT_decl_line);
	const struct qualifier *qualifier = line ? NULL : find_qualifier(info, die);

	return qualifier ? qualifier->line : line;
}

static const char *compilation_directory(struct unit *unit)
{
	Dwarf_Attribute attribute;

	return dwarf_formstring(dwarf_attr(&unit->header, DW_AT_comp_dir, &attribute));
}

static const char *call_file(struct dwarf_info *info, struct unit *unit, Dwarf_Die *die)
{
	Dwarf_Attribute attribute;
	Dwarf_Word index;
	Dwarf_Files *files;
	size_t count;

	if (dwarf_formudata(dwarf_attr(die, DW_AT_call_file, &attribute), &index) != 0 ||
	    dwarf_getsrcfiles(&unit->tree, &files, &count) != 0 || index >= count)
		return NULL;
	return source_path(info->pool, compilation_directory(unit),
	                   dwarf_filesrc(files, index, NULL, NULL));
}

static struct scope *describe(struct dwarf_info *info, struct unit *unit, struct scope *scope)
{
	if (scope->described)
		return scope;
	scope->described = true;
	scope->call.function = function_name(info, &scope->die);
	scope->call.function_line = function_line(info, &scope->die);
	if (scope->caller != RANGE_MAP_NONE) {
		scope->call.file = call_file(info, unit, &scope->die);
		scope->call.line = number_of(&scope->die, DW_AT_call_line);
	}
	return scope;
}

/* ---- addresses ---------------------------------------------------------------------------- */

static struct symbol_frame line_at(struct dwarf_info *info, struct unit *unit, uint64_t address)
{
	Dwarf_Line *line = dwarf_getsrc_die(&unit->header, address);
	struct symbol_frame frame = {0};
	int number;

	if (!line)
		return frame;
	frame.file = source_path(info->pool, compilation_directory(unit),
	                         dwarf_linesrc(line, NULL, NULL));
	if (dwarf_lineno(line, &number) == 0 && number > 0)
		frame.line = (unsigned)number;
	return frame;
}

/* Writes the chain of callers from scope `index` outwards; `frame` has the innermost line. */
static size_t write_chain(struct dwarf_info *info, struct unit *unit, struct scope *scopes,
                          uint32_t index, struct symbol_frame frame, struct symbol_frame *out,
                          size_t max)
{
	size_t count = 0;

	for (;;) {
		struct scope *scope = describe(info, unit, &scopes[index]);

		frame.function = scope->call.function;
		frame.function_line = scope->call.function_line;
		if (count + 1 < max || scope->caller == RANGE_MAP_NONE)
			out[count++] = frame;
		if (scope->caller == RANGE_MAP_NONE)
			return count;
		frame = scope->call;
		index = scope->caller;
	}
}

size_t dwarf_info_resolve(struct dwarf_info *info, uint64_t address, struct symbol_frame *out,
                          size_t max)
{
	struct unit *unit = find_unit(info, address);
	struct function *function;
	struct symbol_frame frame;
	uint32_t innermost;

	if (!unit || max == 0)
		return 0;
	frame = line_at(info, unit, address);
	function = find_function(info, unit, address);
	if (!function) {
		out[0] = frame;
		return frame.file != NULL;
	}
	expand(info, function);
	innermost = range_map_find(&function->map, address);
	return write_chain(info, unit, function->scopes,
	                   innermost == RANGE_MAP_NONE ? 0 : innermost, frame, out, max);
}

/* ---- the whole ---------------------------------------------------------------------------- */

/* The producer of a unit; that of a split one is in its .dwo file, which costs opening it. */
static const char *producer_of(const struct unit *unit, unsigned *splits_left)
{
	Dwarf_Die die = unit->header;
	const char *producer = string_of(&die, DW_AT_producer);

	if (producer || *splits_left == 0 || !split_of(unit, &die))
		return producer;
	--*splits_left;
	return string_of(&die, DW_AT_producer);
}

void dwarf_info_compiler(const struct dwarf_info *info, int *optimized, const char **producer)
{
	uint64_t bytes[3] = {0}, total, largest = 0; /* bytes by verdict + 1 */
	unsigned splits_left = SPLITS_ASKED;

	*producer = "";
	for (size_t i = 0; i < info->count; i++) {
		const struct unit *unit = &info->units[i];
		const char *maker = unit->code_bytes ? producer_of(unit, &splits_left) : NULL;
		enum producer_verdict verdict = maker ? producer_judge(maker) : PRODUCER_UNKNOWN;

		if (verdict == PRODUCER_ASSEMBLER)
			continue;
		bytes[verdict + 1] += unit->code_bytes;
		if (maker && unit->code_bytes > largest) {
			largest = unit->code_bytes;
			*producer = maker;
		}
	}
	total = bytes[0] + bytes[1] + bytes[2];
	*optimized = bytes[2] > total / 2 ? 1 : bytes[1] > total / 2 ? 0 : -1;
	*producer = text_pool_keep(info->pool, *producer);
}

struct dwarf_info *dwarf_info_open(const struct elf_image *debug, const struct elf_image *module,
                                   struct text_pool *pool)
{
	struct dwarf_info *info = mem_zero(sizeof *info);

	info->pool = pool;
	info->dwarf = dwarf_begin_elf(debug->elf, DWARF_C_READ, NULL);
	if (!info->dwarf) {
		free(info);
		return NULL;
	}
	elf_image_code_span(module, &info->code_low, &info->code_high);
	index_units(info);
	return info;
}

static void clear_unit(struct unit *unit)
{
	for (size_t i = 0; i < unit->count; i++) {
		range_map_clear(&unit->functions[i].map);
		free(unit->functions[i].scopes);
	}
	free(unit->functions);
	free(unit->qualifiers);
	range_map_clear(&unit->outer);
	range_map_clear(&unit->nested);
}

void dwarf_info_close(struct dwarf_info *info)
{
	if (!info)
		return;
	for (size_t i = 0; i < info->count; i++)
		clear_unit(&info->units[i]);
	free(info->units);
	range_map_clear(&info->map);
	range_map_clear(&info->rangeless);
	dwarf_end(info->dwarf);
	free(info);
}
