/* symbols.c: the resolver: its modules, and for each where its names come from.
 *
 *     path, build-id ─→ module file ─→ debug information (in it, or in its companion) ─→ frames
 *                                  └─→ symbol tables, linkage table ────────────────────→ names
 *
 * A module is opened when it is added: that decides its state. What its file says is read as
 * addresses are asked for. The file at the path counts only if it is the one that ran; if it is
 * not, or is gone, a debug file kept under the recorded build-id takes its place.
 *
 * Where the cache knows the build-id, the file is not opened until an address is asked for that the
 * cache does not know: opening a large file's debug information is most of the work. Samples are of
 * any instruction, so each run asks for addresses that none before it did. Once a file has been
 * opened, the cache is therefore told more than was asked: the functions asked about, or all that
 * there is to know, where that is little or the file will be met again.
 */
#include "symbols/symbols.h"

#include "base/memory.h"
#include "symbols/debug_file.h"
#include "symbols/demangle.h"
#include "symbols/dwarf_info.h"
#include "symbols/elf_image.h"
#include "symbols/elf_names.h"
#include "symbols/symbol_cache.h"
#include "symbols/text_pool.h"

#include <stdlib.h>
#include <string.h>

struct module {
	const char *path; /* in the pool */
	struct build_id recorded;
	struct elf_image file;    /* what ran, or its debug file in its place */
	struct elf_image debug;   /* its companion, if it has one */
	struct dwarf_info *dwarf; /* NULL: none */
	struct elf_names names;
	struct symbol_cache *cache; /* NULL: none */
	uint64_t *asked;            /* addresses that the cache did not know */
	size_t asked_count, asked_capacity;
	bool opened, names_read;
	struct symbol_module_info info;
};

struct symbols {
	struct module **modules;
	size_t count, capacity;
	struct text_pool pool;
	const char *debug_root; /* in the pool */
	const char *cache_root; /* in the pool; NULL: no cache */
};

/* ---- opening a module --------------------------------------------------------------------- */

static bool is_vdso(const char *path)
{
	return strcmp(path, "[vdso]") == 0 || strcmp(path, "linux-vdso.so.1") == 0;
}

/* Opens the file that ran. False: info.state says why not. */
static bool open_file(struct module *module, const char *debug_root)
{
	bool opened = is_vdso(module->path) ? elf_image_open_vdso(&module->file)
	                                    : elf_image_open(&module->file, module->path);

	if (opened &&
	    (module->recorded.length == 0 || build_id_equal(&module->file.id, &module->recorded)))
		return true;
	module->info.state = opened ? SYMBOLS_CHANGED : SYMBOLS_GONE;
	elf_image_close(&module->file);
	return debug_file_by_id(&module->file, debug_root, &module->recorded);
}

static void open_companion(struct module *module, const char *debug_root)
{
	if (elf_image_has_dwarf(&module->file))
		return;
	if (!debug_file_by_id(&module->debug, debug_root, &module->file.id))
		debug_file_by_link(&module->debug, debug_root, &module->file, module->path);
}

static void open_dwarf(struct module *module, struct text_pool *pool)
{
	const struct elf_image *debug = module->debug.elf ? &module->debug : &module->file;

	if (elf_image_has_dwarf(debug))
		module->dwarf = dwarf_info_open(debug, &module->file, pool);
	if (module->dwarf)
		dwarf_info_compiler(module->dwarf, &module->info.optimized, &module->info.producer);
}

static void open_module(struct symbols *symbols, struct module *module)
{
	module->opened = true;
	if (!open_file(module, symbols->debug_root))
		return;
	open_companion(module, symbols->debug_root);
	open_dwarf(module, &symbols->pool);
	elf_image_release_descriptor(&module->file);
	elf_image_release_descriptor(&module->debug);
	if (module->dwarf)
		module->info.state = SYMBOLS_DEBUG;
	else if (elf_names_any(&module->file) ||
	         (module->debug.elf && elf_names_any(&module->debug)))
		module->info.state = SYMBOLS_SYMTAB;
	else
		module->info.state = SYMBOLS_NONE;
}

/* ---- names -------------------------------------------------------------------------------- */

/* The name in the symbol tables, and how far it holds, as range_map_span. */
static const char *name_at(struct symbols *symbols, struct module *module, uint64_t address,
                           uint64_t *end)
{
	const char *name, *demangled;

	*end = UINT64_MAX;
	if (!module->file.elf)
		return NULL;
	if (!module->names_read) {
		module->names_read = true;
		elf_names_read(&module->names, &module->file,
		               module->debug.elf ? &module->debug : NULL);
	}
	name = elf_names_find(&module->names, address, &symbols->pool, end);
	demangled = name ? demangle(&symbols->pool, name) : NULL;
	return demangled ? demangled : name;
}

/* The function that really is there has a symbol even where it has no debug information: puts its
 * name to frames that have none. Returns how many they are then. */
static size_t complete(struct symbols *symbols, struct module *at, uint64_t address,
                       struct symbol_frame *frames, size_t count, uint64_t *end)
{
	struct symbol_frame *last = &frames[count ? count - 1 : 0];

	*end = UINT64_MAX;
	if (count && last->function)
		return count;
	if (count == 0)
		*last = (struct symbol_frame){0};
	last->function = name_at(symbols, at, address, end);
	return count ? count : last->function != NULL;
}

static size_t resolve(struct symbols *symbols, struct module *at, uint64_t address,
                      struct symbol_frame *out, size_t max)
{
	uint64_t end;

	if (max == 0)
		return 0;
	size_t count = at->dwarf ? dwarf_info_resolve(at->dwarf, address, out, max) : 0;
	return complete(symbols, at, address, out, count, &end);
}

/* ---- what the cache is told --------------------------------------------------------------- */

/* Modules of no more code than this are kept whole: at once, and where it is to be expected that
 * the same file is asked again, since its debug information came with a distribution, or it was
 * asked before. What is rebuilt after each run should not cost more than it was asked for. */
#define WHOLE_BYTES       (256u << 10)
#define WHOLE_AGAIN_BYTES (4u << 20)

struct keeping {
	struct symbols *symbols;
	struct module *module;
};

static void keep_span(void *context, uint64_t low, uint64_t high, const struct symbol_frame *known,
                      size_t count)
{
	const struct keeping *keeping = context;
	struct symbol_frame frames[DWARF_SPAN_FRAMES];

	for (uint64_t end; low < high; low = end) {
		memcpy(frames, known, count * sizeof *frames);
		size_t named =
		        complete(keeping->symbols, keeping->module, low, frames, count, &end);
		end = end < high ? end : high;
		symbol_cache_add(keeping->module->cache, low, end, frames, named);
	}
}

static int ascending(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static void keep_functions(struct keeping *keeping)
{
	const struct module *module = keeping->module;
	uint64_t low, high, told = 0;

	for (size_t i = 0; i < module->asked_count; i++) {
		if (module->asked[i] < told ||
		    !dwarf_info_function(module->dwarf, module->asked[i], &low, &high))
			continue;
		dwarf_info_each_span(module->dwarf, low, high, keep_span, keeping);
		told = high;
	}
}

/* Addresses that no span holds; those that one does hold are not kept twice. */
static void keep_addresses(struct symbols *symbols, struct module *module)
{
	struct symbol_frame frames[DWARF_SPAN_FRAMES];

	for (size_t i = 0; i < module->asked_count; i++) {
		uint64_t address = module->asked[i];
		size_t count = resolve(symbols, module, address, frames, DWARF_SPAN_FRAMES);

		/* A chain that may be cut off is not kept. */
		if (count < DWARF_SPAN_FRAMES)
			symbol_cache_add(module->cache, address, address + 1, frames, count);
	}
}

static void keep_asked(struct symbols *symbols, struct module *module)
{
	struct keeping keeping = {symbols, module};

	if (!module->asked_count)
		return;
	qsort(module->asked, module->asked_count, sizeof *module->asked, ascending);
	struct symbol_module_info ignored;
	bool again = module->debug.elf || symbol_cache_has_module(module->cache, &ignored);
	if (dwarf_info_code_bytes(module->dwarf) > (again ? WHOLE_AGAIN_BYTES : WHOLE_BYTES))
		keep_functions(&keeping);
	else if (symbol_cache_begin_whole(module->cache))
		dwarf_info_each_span(module->dwarf, 0, UINT64_MAX, keep_span, &keeping);
	keep_addresses(symbols, module);
}

/* ---- modules ------------------------------------------------------------------------------ */

static void free_module(struct symbols *symbols, struct module *module)
{
	keep_asked(symbols, module);
	symbol_cache_close(module->cache, &module->info);
	free(module->asked);
	dwarf_info_close(module->dwarf);
	elf_names_clear(&module->names);
	elf_image_close(&module->debug);
	elf_image_close(&module->file);
	free(module);
}

static struct module *new_module(struct symbols *symbols, const char *path,
                                 const struct build_id *recorded)
{
	struct module *module = mem_zero(sizeof *module);

	module->path = text_pool_keep(&symbols->pool, path);
	module->recorded = *recorded;
	module->file = module->debug = module->names.mini = ELF_IMAGE_CLOSED;
	module->info = (struct symbol_module_info){SYMBOLS_NONE, -1, ""};
	if (symbols->cache_root && recorded->length > 1 && !is_vdso(path))
		module->cache = symbol_cache_open(symbols->cache_root, recorded);
	if (!module->cache || !symbol_cache_has_module(module->cache, &module->info))
		open_module(symbols, module);
	return module;
}

static int find_module(const struct symbols *symbols, const char *path,
                       const struct build_id *recorded)
{
	for (size_t i = 0; i < symbols->count; i++) {
		const struct module *module = symbols->modules[i];

		if (strcmp(module->path, path) == 0 &&
		    module->recorded.length == recorded->length &&
		    memcmp(module->recorded.bytes, recorded->bytes, recorded->length) == 0)
			return (int)i;
	}
	return -1;
}

static int add_module(struct symbols *symbols, const char *path, const struct build_id *recorded)
{
	symbols->modules = mem_grow(symbols->modules, &symbols->capacity, symbols->count + 1,
	                            sizeof *symbols->modules);
	symbols->modules[symbols->count] = new_module(symbols, path, recorded);
	return (int)symbols->count++;
}

int symbols_module(struct symbols *symbols, const char *path, const uint8_t *build_id,
                   size_t build_id_length, struct symbol_module_info *info)
{
	struct build_id recorded = {.length = 0};
	int handle;

	/* No linker makes longer ones; what is cut off is not compared. */
	recorded.length = build_id_length < BUILD_ID_MAX ? build_id_length : BUILD_ID_MAX;
	if (recorded.length)
		memcpy(recorded.bytes, build_id, recorded.length);
	handle = find_module(symbols, path, &recorded);
	if (handle < 0)
		handle = add_module(symbols, path, &recorded);
	if (info)
		*info = symbols->modules[handle]->info;
	return handle;
}

/* ---- resolving ---------------------------------------------------------------------------- */

/* For an address that the cache does not know. That its file has gone does not make what it knows
 * less true. */
static void open_late(struct symbols *symbols, struct module *module)
{
	struct symbol_module_info cached = module->info;

	if (module->opened)
		return;
	open_module(symbols, module);
	module->info = cached;
}

size_t symbols_resolve(struct symbols *symbols, int module, uint64_t address,
                       struct symbol_frame *out, size_t max)
{
	struct module *at = symbols->modules[module];
	size_t count;

	if (at->cache && symbol_cache_find(at->cache, address, out, max, &count))
		return count;
	open_late(symbols, at);
	if (at->cache && at->dwarf) {
		at->asked = mem_grow(at->asked, &at->asked_capacity, at->asked_count + 1,
		                     sizeof *at->asked);
		at->asked[at->asked_count++] = address;
	}
	return resolve(symbols, at, address, out, max);
}

/* ---- the whole ---------------------------------------------------------------------------- */

struct symbols *symbols_open(void)
{
	struct symbols *symbols = mem_zero(sizeof *symbols);

	symbols_debug_root(symbols, DEBUG_FILE_ROOT);
	return symbols;
}

void symbols_debug_root(struct symbols *symbols, const char *directory)
{
	symbols->debug_root = text_pool_keep(&symbols->pool, directory);
}

void symbols_cache(struct symbols *symbols, const char *directory)
{
	symbols->cache_root = text_pool_keep(&symbols->pool, directory);
}

void symbols_close(struct symbols *symbols)
{
	if (!symbols)
		return;
	for (size_t i = 0; i < symbols->count; i++)
		free_module(symbols, symbols->modules[i]);
	free(symbols->modules);
	text_pool_clear(&symbols->pool);
	free(symbols);
}
