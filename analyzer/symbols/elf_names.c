/* elf_names.c: symbols into one map from address to name.
 *
 * Many symbols may begin at one address (aliases); one of them names it: one with a size rather
 * than without, a function rather than a label, then the name with fewer leading underscores
 * (malloc, not __libc_malloc), global, weak, local, and the shorter. A symbol without a size (as
 * assemblers leave them) reaches to the next symbol or the end of its section, but never names
 * what a sized one covers.
 *
 * Stubs of the linkage table have no symbols. Each jumps through a slot of the global offset
 * table, and that slot's relocation names the function. Reading the jump out of the code works for
 * every layout that linkers use (.plt, .plt.sec, .plt.got, with and without endbr64).
 */
#include "symbols/elf_names.h"

#include "base/memory.h"
#include "symbols/mini_debug.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_LENGTH_MAX 65536 /* longer names are cut */
#define COMPARED        256   /* as far as names are looked at to choose among aliases */

struct candidate {
	uint64_t address, size, section_end;
	const char *name; /* in the file */
	uint8_t type, binding;
};

struct candidates {
	struct candidate *items;
	size_t count, capacity;
};

/* ---- reading tables ---------------------------------------------------------------------- */

static bool names_code(const struct elf_image *image, const GElf_Sym *symbol, GElf_Shdr *section)
{
	unsigned type = GELF_ST_TYPE(symbol->st_info);
	Elf_Scn *where;

	if (type != STT_FUNC && type != STT_GNU_IFUNC && type != STT_NOTYPE)
		return false;
	if (symbol->st_shndx == SHN_UNDEF || symbol->st_shndx >= SHN_LORESERVE)
		return false;
	where = elf_getscn(image->elf, symbol->st_shndx);
	return where && gelf_getshdr(where, section) && (section->sh_flags & SHF_EXECINSTR);
}

static void collect_table(struct candidates *all, const struct elf_image *image, Elf_Scn *table,
                          const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(table, NULL);
	size_t count = data && header->sh_entsize ? data->d_size / header->sh_entsize : 0;

	for (size_t i = 1; i < count; i++) {
		GElf_Sym symbol;
		GElf_Shdr section;
		const char *name;

		if (!gelf_getsym(data, (int)i, &symbol) || !names_code(image, &symbol, &section))
			continue;
		name = elf_strptr(image->elf, header->sh_link, symbol.st_name);
		if (!name || !*name)
			continue;
		all->items =
		        mem_grow(all->items, &all->capacity, all->count + 1, sizeof *all->items);
		all->items[all->count++] = (struct candidate){
		        .address = symbol.st_value,
		        .size = symbol.st_size,
		        .section_end = section.sh_addr + section.sh_size,
		        .name = name,
		        .type = GELF_ST_TYPE(symbol.st_info),
		        .binding = GELF_ST_BIND(symbol.st_info),
		};
	}
}

/* Collects the table of this type (SHT_SYMTAB, SHT_DYNSYM). False: the image has none. */
static bool collect(struct candidates *all, const struct elf_image *image, GElf_Word type)
{
	for (Elf_Scn *section = NULL; (section = elf_nextscn(image->elf, section));) {
		GElf_Shdr header;

		if (!gelf_getshdr(section, &header) || header.sh_type != type)
			continue;
		collect_table(all, image, section, &header);
		return true;
	}
	return false;
}

/* ---- choosing ---------------------------------------------------------------------------- */

static int by_rank(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

static size_t underscores(const char *name)
{
	size_t count;

	/* "_Z" and "_R" begin mangled names of the source. */
	if (name[0] == '_' && (name[1] == 'Z' || name[1] == 'R'))
		return 0;
	for (count = 0; count < COMPARED && name[count] == '_'; count++)
		;
	return count;
}

static int binding_rank(uint8_t binding)
{
	return binding == STB_GLOBAL ? 2 : binding == STB_WEAK ? 1 : 0;
}

/* By address, and at one address the best name first. */
static int best_first(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;
	int order;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	if ((order = by_rank(b->size != 0, a->size != 0)))
		return order;
	if ((order = by_rank(b->type != STT_NOTYPE, a->type != STT_NOTYPE)))
		return order;
	if ((order = by_rank((int64_t)underscores(a->name), (int64_t)underscores(b->name))))
		return order;
	if ((order = by_rank(binding_rank(b->binding), binding_rank(a->binding))))
		return order;
	if ((order = by_rank((int64_t)strnlen(a->name, COMPARED),
	                     (int64_t)strnlen(b->name, COMPARED))))
		return order;
	return strncmp(a->name, b->name, COMPARED);
}

static void add_name(struct elf_names *names, uint64_t low, uint64_t high, struct elf_name name)
{
	names->names =
	        mem_grow(names->names, &names->capacity, names->count + 1, sizeof *names->names);
	names->names[names->count] = name;
	if (range_map_add(&names->map, low, high, (uint32_t)names->count))
		names->count++;
}

static uint64_t end_of_symbol(const struct candidate *symbol, uint64_t next_address)
{
	uint64_t end = symbol->address + symbol->size;

	if (symbol->size)
		return end > symbol->address ? end : UINT64_MAX;
	return next_address < symbol->section_end ? next_address : symbol->section_end;
}

static void choose(struct elf_names *names, struct candidates *all)
{
	uint64_t covered = 0; /* by sized symbols */

	if (all->count)
		qsort(all->items, all->count, sizeof *all->items, best_first);
	for (size_t i = 0, next; i < all->count; i = next) {
		const struct candidate *best = &all->items[i];
		uint64_t end;

		for (next = i + 1; next < all->count; next++)
			if (all->items[next].address != best->address)
				break;
		if (best->size == 0 && best->address < covered)
			continue;
		end = end_of_symbol(best,
		                    next < all->count ? all->items[next].address : UINT64_MAX);
		if (best->size && end > covered)
			covered = end;
		add_name(names, best->address, end, (struct elf_name){.name = best->name});
	}
}

/* ---- the procedure linkage table --------------------------------------------------------- */

struct slot {
	uint64_t address; /* in the global offset table */
	const char *name; /* in the file */
};

struct slots {
	struct slot *items;
	size_t count, capacity;
};

static int by_address(const void *left, const void *right)
{
	const struct slot *a = left, *b = right;

	return a->address < b->address ? -1 : a->address > b->address;
}

static const char *relocated_symbol(const struct elf_image *module, Elf_Scn *symbols,
                                    uint64_t index)
{
	GElf_Shdr header;
	GElf_Sym symbol;
	Elf_Data *data = elf_getdata(symbols, NULL);

	if (!data || index > INT32_MAX || !gelf_getshdr(symbols, &header) ||
	    !gelf_getsym(data, (int)index, &symbol))
		return NULL;
	return elf_strptr(module->elf, header.sh_link, symbol.st_name);
}

static void collect_slots_of(struct slots *slots, const struct elf_image *module, Elf_Scn *section,
                             const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	Elf_Scn *symbols = elf_getscn(module->elf, header->sh_link);
	size_t count = data && header->sh_entsize ? data->d_size / header->sh_entsize : 0;

	for (size_t i = 0; symbols && i < count; i++) {
		GElf_Rela relocation;
		const char *name;

		if (!gelf_getrela(data, (int)i, &relocation))
			continue;
		if (GELF_R_TYPE(relocation.r_info) != R_X86_64_JUMP_SLOT &&
		    GELF_R_TYPE(relocation.r_info) != R_X86_64_GLOB_DAT)
			continue;
		name = relocated_symbol(module, symbols, GELF_R_SYM(relocation.r_info));
		if (!name || !*name)
			continue;
		slots->items = mem_grow(slots->items, &slots->capacity, slots->count + 1,
		                        sizeof *slots->items);
		slots->items[slots->count++] = (struct slot){relocation.r_offset, name};
	}
}

static const struct slot *find_slot(const struct slots *slots, uint64_t address)
{
	struct slot key = {.address = address};

	return bsearch(&key, slots->items, slots->count, sizeof key, by_address);
}

/* The slot that the stub in `code` jumps through: jmp *displacement(%rip) is ff 25 displacement. */
static const struct slot *slot_of_stub(const struct slots *slots, const uint8_t *code, size_t size,
                                       uint64_t address)
{
	for (size_t i = 0; i + 6 <= size; i++) {
		int32_t displacement;

		if (code[i] != 0xff || code[i + 1] != 0x25)
			continue;
		memcpy(&displacement, code + i + 2, sizeof displacement);
		return find_slot(slots, address + i + 6 + (uint64_t)(int64_t)displacement);
	}
	return NULL;
}

static void add_stubs(struct elf_names *names, const struct elf_image *module, const char *table,
                      const struct slots *slots)
{
	GElf_Shdr header;
	Elf_Scn *section = elf_image_section(module, table, &header);
	Elf_Data *data =
	        section && header.sh_type == SHT_PROGBITS ? elf_getdata(section, NULL) : NULL;
	/* lld leaves the size of an entry out. */
	size_t step = header.sh_entsize >= 8 && header.sh_entsize <= 64 ? header.sh_entsize : 16;

	if (!data || !data->d_buf)
		return;
	for (size_t at = 0; at + step <= data->d_size; at += step) {
		const uint8_t *code = (const uint8_t *)data->d_buf + at;
		uint64_t address = header.sh_addr + at;
		const struct slot *slot = slot_of_stub(slots, code, step, address);

		if (slot)
			add_name(names, address, address + step,
			         (struct elf_name){.name = slot->name, .is_stub = true});
	}
}

static void read_linkage_table(struct elf_names *names, const struct elf_image *module)
{
	static const char *const tables[] = {".plt", ".plt.sec", ".plt.got", ".plt.bnd"};
	struct slots slots = {0};
	GElf_Ehdr file;

	if (!gelf_getehdr(module->elf, &file) || file.e_machine != EM_X86_64)
		return;
	for (Elf_Scn *section = NULL; (section = elf_nextscn(module->elf, section));) {
		GElf_Shdr header;

		if (gelf_getshdr(section, &header) && header.sh_type == SHT_RELA)
			collect_slots_of(&slots, module, section, &header);
	}
	if (slots.count) {
		qsort(slots.items, slots.count, sizeof *slots.items, by_address);
		for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
			add_stubs(names, module, tables[i], &slots);
	}
	free(slots.items);
}

/* ---- all together ------------------------------------------------------------------------ */

static bool table_names_code(const struct elf_image *image, Elf_Scn *table, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(table, NULL);
	size_t count = data && header->sh_entsize ? data->d_size / header->sh_entsize : 0;
	GElf_Shdr section;
	GElf_Sym symbol;

	for (size_t i = 1; i < count; i++)
		if (gelf_getsym(data, (int)i, &symbol) && names_code(image, &symbol, &section))
			return true;
	return false;
}

static bool any_table_names_code(const struct elf_image *image)
{
	for (Elf_Scn *section = NULL; (section = elf_nextscn(image->elf, section));) {
		GElf_Shdr header;

		if (gelf_getshdr(section, &header) &&
		    (header.sh_type == SHT_SYMTAB || header.sh_type == SHT_DYNSYM) &&
		    table_names_code(image, section, &header))
			return true;
	}
	return false;
}

bool elf_names_any(const struct elf_image *image)
{
	struct elf_image mini;
	bool any;

	if (any_table_names_code(image))
		return true;
	if (!mini_debug_open(&mini, image))
		return false;
	any = any_table_names_code(&mini);
	elf_image_close(&mini);
	return any;
}

void elf_names_read(struct elf_names *names, const struct elf_image *module,
                    const struct elf_image *debug)
{
	struct candidates all = {0};

	names->mini = ELF_IMAGE_CLOSED;
	if (!collect(&all, module, SHT_SYMTAB) && !(debug && collect(&all, debug, SHT_SYMTAB))) {
		collect(&all, module, SHT_DYNSYM);
		if (mini_debug_open(&names->mini, module))
			collect(&all, &names->mini, SHT_SYMTAB);
	}
	choose(names, &all);
	free(all.items);
	read_linkage_table(names, module);
	range_map_seal(&names->map);
}

const char *elf_names_find(const struct elf_names *names, uint64_t address, struct text_pool *pool,
                           uint64_t *end)
{
	uint32_t index = range_map_span(&names->map, address, end);
	const struct elf_name *found;
	const char *kept;
	char *text;
	int length;

	if (index == RANGE_MAP_NONE)
		return NULL;
	found = &names->names[index];
	length = (int)strnlen(found->name, NAME_LENGTH_MAX);
	/* A symbol's version ("memcpy@@GLIBC_2.14") is no part of the function's name. */
	if (length && memchr(found->name + 1, '@', (size_t)length - 1))
		length = (int)strcspn(found->name + 1, "@") + 1;
	if (asprintf(&text, "%.*s%s", length, found->name, found->is_stub ? "@plt" : "") < 0)
		return NULL;
	kept = text_pool_keep(pool, text);
	free(text);
	return kept;
}

void elf_names_clear(struct elf_names *names)
{
	range_map_clear(&names->map);
	free(names->names);
	elf_image_close(&names->mini);
	*names = (struct elf_names){.mini = ELF_IMAGE_CLOSED};
}
