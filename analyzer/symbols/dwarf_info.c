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
 * A frame's function is the scope's; its line is, for the innermost scope, the line table's, and
 * for others where the scope within was called. A scope's name, and the line of its declaration,
 * come from its abstract origin and specification, which libdw follows, across units and into
 * split (.dwo) and shared (dwz) files.
 */
#include "symbols/dwarf_info.h"

#include "base/memory.h"
#include "symbols/demangle.h"
#include "symbols/dwarf_entry.h"
#include "symbols/dwarf_unit.h"
#include "symbols/producer.h"
#include "symbols/source_path.h"

#include <dwarf.h>
#include <stdlib.h>

#define SPLITS_ASKED 16 /* .dwo files opened to learn the compiler */

struct dwarf_info {
	Dwarf *dwarf;
	struct dwarf_reader reader;
	struct dwarf_unit **units; /* they stay where they are */
	size_t count, capacity;
	struct range_map map; /* of indices into units */
	bool searched_rangeless;
	struct range_map rangeless; /* the same, for units whose header names no ranges */
};

/* ---- the module's units ------------------------------------------------------------------- */

static struct dwarf_unit *add_unit(struct dwarf_info *info, Dwarf_Die *header)
{
	struct dwarf_unit *unit = mem_zero(sizeof *unit);

	unit->header = unit->tree = *header;
	info->units = mem_grow(info->units, &info->capacity, info->count + 1, sizeof *info->units);
	info->units[info->count++] = unit;
	return unit;
}

static void index_units(struct dwarf_info *info)
{
	Dwarf_CU *cu = NULL;
	Dwarf_Die header;

	while (dwarf_get_units(info->dwarf, cu, &cu, NULL, NULL, &header, NULL) == 0) {
		int tag = header.addr ? dwarf_tag(&header) : DW_TAG_invalid;

		struct dwarf_unit *unit;

		if (tag != DW_TAG_compile_unit && tag != DW_TAG_partial_unit &&
		    tag != DW_TAG_skeleton_unit)
			continue;
		unit = add_unit(info, &header);
		unit->code_bytes = dwarf_unit_add_code(&info->reader, &info->map, &header,
		                                       (uint32_t)(info->count - 1));
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
		struct dwarf_unit *unit = info->units[i];

		if (unit->code_bytes || dwarf_entry_has_code(&unit->header) ||
		    dwarf_tag(&unit->header) == DW_TAG_partial_unit)
			continue;
		dwarf_unit_read(&info->reader, unit);
		for (size_t j = 0; j < unit->count; j++)
			dwarf_unit_add_code(&info->reader, &info->rangeless,
			                    &unit->functions[j].die, (uint32_t)i);
	}
	range_map_seal(&info->rangeless);
}

static struct dwarf_unit *find_unit(struct dwarf_info *info, uint64_t address)
{
	uint32_t index = range_map_find(&info->map, address);

	if (index == RANGE_MAP_NONE) {
		index_rangeless_units(info);
		index = range_map_find(&info->rangeless, address);
	}
	return index == RANGE_MAP_NONE ? NULL : info->units[index];
}

/* The unit that the entry lies in, looked for first in `near`; one of a shared (dwz) file is added
 * when it is met. */
static struct dwarf_unit *unit_of(struct dwarf_info *info, struct dwarf_unit *near,
                                  const Dwarf_Die *die)
{
	Dwarf_Die header;

	if (near->tree.cu == die->cu)
		return near;
	for (size_t i = 0; i < info->count; i++)
		if (info->units[i]->header.cu == die->cu || info->units[i]->tree.cu == die->cu)
			return info->units[i];
	if (dwarf_cu_info(die->cu, NULL, NULL, &header, NULL, NULL, NULL, NULL) != 0 ||
	    !header.addr)
		return NULL;
	return add_unit(info, &header);
}

/* ---- names and lines ----------------------------------------------------------------------- */

/* Where the function is declared, if its own entries leave that open; NULL: nowhere in particular.
 */
static const struct dwarf_qualifier *find_qualifier(struct dwarf_info *info,
                                                    struct dwarf_unit *unit, const Dwarf_Die *die)
{
	Dwarf_Die declaration = dwarf_entry_declaration(die);
	struct dwarf_unit *declaring = unit_of(info, unit, &declaration);

	return declaring ? dwarf_unit_qualifier(&info->reader, declaring, &declaration) : NULL;
}

static const char *qualify(struct dwarf_info *info, struct dwarf_unit *unit, const Dwarf_Die *die,
                           const char *name)
{
	const struct dwarf_qualifier *qualifier = find_qualifier(info, unit, die);
	char *qualified = qualifier ? dwarf_qualifier_join(qualifier, name) : NULL;
	const char *kept = text_pool_keep(info->reader.pool, qualified ? qualified : name);

	free(qualified);
	return kept;
}

static const char *function_name(struct dwarf_info *info, struct dwarf_unit *unit, Dwarf_Die *die)
{
	const char *linkage_name = dwarf_entry_linkage_name(die);
	const char *demangled = linkage_name ? demangle(info->reader.pool, linkage_name) : NULL;
	const char *name;

	if (demangled)
		return demangled;
	name = dwarf_entry_string(die, DW_AT_name);
	if (!name)
		return text_pool_keep(info->reader.pool, linkage_name);
	/* What is visible to the linker without a linkage name is extern "C". */
	if (linkage_name || dwarf_hasattr_integrate(die, DW_AT_external))
		return text_pool_keep(info->reader.pool, name);
	return qualify(info, unit, die, name);
}

static unsigned function_line(struct dwarf_info *info, struct dwarf_unit *unit, Dwarf_Die *die)
{
	unsigned line = dwarf_entry_number(die, DW_AT_decl_line);
	const struct dwarf_qualifier *qualifier = line ? NULL : find_qualifier(info, unit, die);

	return qualifier ? qualifier->line : line;
}

static const char *compilation_directory(struct dwarf_unit *unit)
{
	Dwarf_Attribute attribute;

	return dwarf_formstring(dwarf_attr(&unit->header, DW_AT_comp_dir, &attribute));
}

static const char *call_file(struct dwarf_info *info, struct dwarf_unit *unit, Dwarf_Die *die)
{
	Dwarf_Attribute attribute;
	Dwarf_Word index;
	Dwarf_Files *files;
	size_t count;

	if (dwarf_formudata(dwarf_attr(die, DW_AT_call_file, &attribute), &index) != 0 ||
	    dwarf_getsrcfiles(&unit->tree, &files, &count) != 0 || index >= count)
		return NULL;
	return source_path(info->reader.pool, compilation_directory(unit),
	                   dwarf_filesrc(files, index, NULL, NULL));
}

static struct dwarf_scope *describe(struct dwarf_info *info, struct dwarf_unit *unit,
                                    struct dwarf_scope *scope)
{
	if (scope->described)
		return scope;
	scope->described = true;
	scope->call.function = function_name(info, unit, &scope->die);
	scope->call.function_line = function_line(info, unit, &scope->die);
	if (scope->caller != RANGE_MAP_NONE) {
		scope->call.file = call_file(info, unit, &scope->die);
		scope->call.line = dwarf_entry_number(&scope->die, DW_AT_call_line);
	}
	return scope;
}

/* ---- addresses ---------------------------------------------------------------------------- */

static unsigned line_number(Dwarf_Line *line)
{
	int number;

	return dwarf_lineno(line, &number) == 0 && number > 0 ? (unsigned)number : 0;
}

static struct symbol_frame line_at(struct dwarf_info *info, struct dwarf_unit *unit,
                                   uint64_t address)
{
	Dwarf_Line *line = dwarf_getsrc_die(&unit->header, address);
	struct symbol_frame frame = {0};

	if (!line)
		return frame;
	frame.file = source_path(info->reader.pool, compilation_directory(unit),
	                         dwarf_linesrc(line, NULL, NULL));
	frame.line = line_number(line);
	return frame;
}

/* Writes the chain of callers from scope `index` outwards; `frame` has the innermost line. */
static size_t write_chain(struct dwarf_info *info, struct dwarf_unit *unit,
                          struct dwarf_scope *scopes, uint32_t index, struct symbol_frame frame,
                          struct symbol_frame *out, size_t max)
{
	size_t count = 0;

	for (;;) {
		struct dwarf_scope *scope = describe(info, unit, &scopes[index]);

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
	struct dwarf_unit *unit = find_unit(info, address);
	struct dwarf_scope *scopes;
	struct symbol_frame frame;
	uint32_t innermost;
	uint64_t end;

	if (!unit || max == 0)
		return 0;
	frame = line_at(info, unit, address);
	scopes = dwarf_unit_scopes(&info->reader, unit, address, &innermost, &end);
	if (!scopes) {
		out[0] = frame;
		return frame.file != NULL;
	}
	return write_chain(info, unit, scopes, innermost, frame, out, max);
}

/* ---- spans -------------------------------------------------------------------------------- */

/* The row of a unit's line table that an address lies in. Rows are sorted; of several at one
 * address the last is the one that libdw's look-up answers with. */
struct row {
	const struct dwarf_unit *unit; /* NULL: none yet */
	Dwarf_Lines *lines;
	size_t count, next; /* next: the first row above */
	const char *source, *path;
};

static uint64_t row_address(const struct row *row, size_t index)
{
	Dwarf_Addr address = UINT64_MAX;

	if (index < row->count)
		dwarf_lineaddr(dwarf_onesrcline(row->lines, index), &address);
	return address;
}

static void row_begin(struct row *row, struct dwarf_unit *unit, uint64_t address)
{
	size_t low = 0, high;

	*row = (struct row){.unit = unit};
	if (dwarf_getsrclines(&unit->header, &row->lines, &row->count) != 0)
		row->count = 0;
	for (high = row->count; low < high;) {
		size_t middle = low + (high - low) / 2;

		if (row_address(row, middle) <= address)
			low = middle + 1;
		else
			high = middle;
	}
	row->next = low;
}

/* Addresses come ascending for as long as the unit is the same. */
static struct symbol_frame row_at(struct dwarf_info *info, struct row *row, struct dwarf_unit *unit,
                                  uint64_t address, uint64_t *end)
{
	struct symbol_frame frame = {0};
	Dwarf_Line *line;
	bool past;

	if (row->unit != unit)
		row_begin(row, unit, address);
	while (row_address(row, row->next) <= address)
		row->next++;
	*end = row_address(row, row->next);
	line = row->next ? dwarf_onesrcline(row->lines, row->next - 1) : NULL;
	if (!line || dwarf_lineendsequence(line, &past) != 0 || past)
		return frame;
	const char *source = dwarf_linesrc(line, NULL, NULL);
	if (source != row->source) {
		row->source = source;
		row->path = source_path(info->reader.pool, compilation_directory(unit), source);
	}
	frame.file = row->path;
	frame.line = line_number(line);
	return frame;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

void dwarf_info_each_span(struct dwarf_info *info, uint64_t low, uint64_t high,
                          dwarf_span_taker *take, void *context)
{
	struct symbol_frame frames[DWARF_SPAN_FRAMES];
	struct row row = {0};

	low = low > info->reader.code_low ? low : info->reader.code_low;
	high = least(high, info->reader.code_high);
	for (uint64_t end; low < high; low = end) {
		uint32_t index = range_map_span(&info->map, low, &end), innermost;
		uint64_t row_end, scope_end;

		end = least(end, high);
		if (index == RANGE_MAP_NONE) {
			index_rangeless_units(info);
			index = range_map_span(&info->rangeless, low, &scope_end);
			end = least(end, scope_end);
			if (index == RANGE_MAP_NONE)
				take(context, low, end, frames, 0);
			continue;
		}
		struct dwarf_unit *unit = info->units[index];
		if (dwarf_unit_between(&info->reader, unit, low, &scope_end)) {
			end = least(end, scope_end);
			continue;
		}
		struct symbol_frame frame = row_at(info, &row, unit, low, &row_end);
		struct dwarf_scope *scopes =
		        dwarf_unit_scopes(&info->reader, unit, low, &innermost, &scope_end);
		end = least(end, least(row_end, scope_end));
		frames[0] = frame;
		size_t count = scopes ? write_chain(info, unit, scopes, innermost, frame, frames,
		                                    DWARF_SPAN_FRAMES)
		                      : frame.file != NULL;
		if (count < DWARF_SPAN_FRAMES)
			take(context, low, end, frames, count);
	}
}

bool dwarf_info_function(struct dwarf_info *info, uint64_t address, uint64_t *low, uint64_t *high)
{
	uint32_t index = range_map_find(&info->map, address);

	return index != RANGE_MAP_NONE &&
	       dwarf_unit_function(&info->reader, info->units[index], address, low, high);
}

uint64_t dwarf_info_code_bytes(const struct dwarf_info *info)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < info->count; i++)
		sum += info->units[i]->code_bytes;
	return sum;
}

/* ---- the whole ---------------------------------------------------------------------------- */

/* The producer of a unit; that of a split one is in its .dwo file, which costs opening it. */
static const char *producer_of(const struct dwarf_unit *unit, unsigned *splits_left)
{
	Dwarf_Die die = unit->header;
	const char *producer = dwarf_entry_string(&die, DW_AT_producer);

	if (producer || *splits_left == 0 || !dwarf_unit_split(unit, &die))
		return producer;
	--*splits_left;
	return dwarf_entry_string(&die, DW_AT_producer);
}

void dwarf_info_compiler(const struct dwarf_info *info, int *optimized, const char **producer)
{
	uint64_t bytes[3] = {0}, total, largest = 0; /* bytes by verdict + 1 */
	unsigned splits_left = SPLITS_ASKED;

	*producer = "";
	for (size_t i = 0; i < info->count; i++) {
		const struct dwarf_unit *unit = info->units[i];
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
	*producer = text_pool_keep(info->reader.pool, *producer);
}

struct dwarf_info *dwarf_info_open(const struct elf_image *debug, const struct elf_image *module,
                                   struct text_pool *pool)
{
	struct dwarf_info *info = mem_zero(sizeof *info);

	info->reader.pool = pool;
	info->dwarf = dwarf_begin_elf(debug->elf, DWARF_C_READ, NULL);
	if (!info->dwarf) {
		free(info);
		return NULL;
	}
	elf_image_code_span(module, &info->reader.code_low, &info->reader.code_high);
	index_units(info);
	return info;
}

void dwarf_info_close(struct dwarf_info *info)
{
	if (!info)
		return;
	for (size_t i = 0; i < info->count; i++)
		dwarf_unit_free(info->units[i]);
	free(info->units);
	range_map_clear(&info->map);
	range_map_clear(&info->rangeless);
	dwarf_end(info->dwarf);
	free(info);
}
